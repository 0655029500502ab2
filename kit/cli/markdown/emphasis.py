"""Which runs of ``*``, ``_`` and ``~~`` are emphasis (CommonMark §6.2)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

SPAN = 1000
"""So many characters lie at most between the two ends of an emphasis."""
BOLD, DIM, ITALIC, UNDERLINE, STRUCK, CODE = "1", "2", "3", "4", "9", "36"


@dataclass(slots=True)
class Node:
    """A piece of the source, ``text[start:end]``: text to show, or a run of delimiters."""

    text: str
    start: int
    end: int
    style: str = ""
    run: str = ""  # the character of a run of delimiters
    count: int = 0  # how many of them are not matched yet
    opens: bool = False
    closes: bool = False

    @property
    def shown(self) -> str:
        return self.run * self.count if self.run else self.text


def flank(node: Node, prev: str, following: str) -> None:
    """CommonMark §6.2; and one ``*`` after a letter or a digit opens nothing."""
    space_before, space_after = not prev.strip(), not following.strip()
    mark_before = not space_before and not prev.isalnum()
    mark_after = not space_after and not following.isalnum()
    left = not space_after and (not mark_after or space_before or mark_before)
    right = not space_before and (not mark_before or space_after or mark_after)
    if node.run == "_":
        node.opens = left and (not right or mark_before)
        node.closes = right and (not left or mark_after)
    else:
        node.opens = left and not (node.count == 1 and prev.isalnum())
        node.closes = right
    if node.run == "~" and node.count != 2:
        node.opens = node.closes = False


def close(openers: list[Node], nodes: list[Node], closer: Node) -> None:
    whole = closer.count
    while closer.count and (found := _opener(openers, closer, whole)) is not None:
        opener = openers[found]
        del openers[found + 1 :]
        count = 2 if min(opener.count, closer.count) >= 2 else 1
        _emphasise(nodes, opener, closer, count)
        if not opener.count:
            openers.pop()


def _opener(openers: list[Node], closer: Node, whole: int) -> int | None:
    for index in range(len(openers) - 1, -1, -1):
        opener = openers[index]
        if closer.start - opener.start > SPAN:
            return None
        if opener.run == closer.run and not _odd_sum(opener, closer, whole):
            return index
    return None


def _odd_sum(opener: Node, closer: Node, whole: int) -> bool:
    """CommonMark's rules 9 and 10: ``*a**b*`` is one emphasis."""
    size = opener.end - opener.start
    both = opener.closes or closer.opens
    return both and (size + whole) % 3 == 0 and not (size % 3 == 0 and whole % 3 == 0)


def _emphasise(nodes: list[Node], opener: Node, closer: Node, count: int) -> None:
    style = _style_of(opener.run, count)
    for node in reversed(nodes):
        if node is opener:
            break
        node.style = combined(node.style, style)
    opener.count -= count
    closer.count -= count


def _style_of(run: str, count: int) -> str:
    return STRUCK if run == "~" else {1: ITALIC, 2: BOLD}.get(count, f"{BOLD};{ITALIC}")


@lru_cache(maxsize=256)
def combined(style: str, more: str) -> str:
    """Both styles at once."""
    if not style or not more:
        return style or more
    return ";".join(sorted({*style.split(";"), *more.split(";")} - {""}, key=int))


def assume_closed(nodes: list[Node], starts: set[int]) -> None:
    """Show what these openers would emphasise if they closed at the end: most do."""
    style = ""
    for node in nodes if starts else ():
        node.style = combined(node.style, style)
        if node.run and node.start in starts:
            style = combined(style, _style_of(node.run, node.count))
            node.count = max(node.count - 3, 0)
