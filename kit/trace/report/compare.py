"""Two texts side by side: what the second one has that the first had not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kit.trace.amounts import plural
from kit.trace.report.markup import Content, Html, el

AROUND = 3
"""Equal lines that are shown around a change."""
_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
_MANY = 2000  # words of a line; longer ones are compared as a whole: it is quadratic

Pair = tuple[Html, Html]


def side_by_side(old: str, new: str, names: tuple[str, str]) -> Html:
    """A table of two columns with these names."""
    before, after = old.splitlines(), new.splitlines()
    heads = el("tr", [el("th", name, scope="col") for name in names])
    return el("table", el("thead", heads), el("tbody", _rows(before, after)), class_="diff")


def _rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Html]:
    from difflib import SequenceMatcher  # 4 ms, for reports that have something to compare

    groups = SequenceMatcher(None, before, after).get_grouped_opcodes(AROUND)
    seen = 0
    for group in groups:
        yield from _skipped(group[0][1] - seen)
        for tag, a, b, c, d in group:
            yield from _block(tag, before[a:b], after[c:d])
        seen = group[-1][2]
    yield from _skipped(len(before) - seen)


def _skipped(lines: int) -> Iterator[Html]:
    if lines:
        told = el("td", f"{plural(lines, 'equal line')}", colspan=2)
        yield el("tr", told, class_="skipped")


def _block(tag: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Html]:
    for at in range(max(len(old), len(new))):
        one, other = (each[at] if at < len(each) else None for each in (old, new))
        if tag == "equal":
            yield el("tr", _cell(one), _cell(other))
        else:
            left, right = _words(one, other)
            yield el("tr", _cell(left, "cut"), _cell(right, "add"))


def _cell(content: Content, tone: str | None = None) -> Html:
    return el("td", content, dir="auto", class_=None if content is None else tone)


def _words(one: str | None, other: str | None) -> tuple[Content, Content]:
    """The words that went marked in the one, those that came in the other."""
    if one is None or other is None:
        return (None if one is None else el("del", one)), (
            None if other is None else el("ins", other)
        )
    a, b = _WORDS.findall(one), _WORDS.findall(other)
    if max(len(a), len(b)) > _MANY:
        return el("del", one), el("ins", other)
    return _marked(a, b)


def _marked(a: Sequence[str], b: Sequence[str]) -> Pair:
    from difflib import SequenceMatcher  # as above

    left, right = [], []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        went, came = "".join(a[i:j]), "".join(b[k:m])
        left.append(went if tag == "equal" else el("del", went) if went else "")
        right.append(came if tag == "equal" else el("ins", came) if came else "")
    return el("span", left), el("span", right)
