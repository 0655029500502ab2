"""Markdown inside a line: emphasis, code, links. Told apart: what no later text can change.

CommonMark's rules for delimiter runs, with these limits so that a stream need not wait: a construct
spans at most SPAN characters, code and links stay on their line, ``2*3`` is no emphasis, and the
backslashes of ``\\(`` and ``\\[`` stay (mathematics). HTML is shown, but ``<br>`` breaks the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from kit.cli.markdown.emphasis import CODE, DIM, SPAN, UNDERLINE, Node, assume_closed, close, flank
from kit.cli.screen.sanitise import visible


class Piece(NamedTuple):
    """Text in one style: the parameters of an SGR sequence ("1;3"), empty for none."""

    text: str
    style: str = ""


@dataclass(slots=True)
class _Parse:
    text: str
    before: str  # the character before the text, for what "left-flanking" means
    final: bool
    nodes: list[Node] = field(default_factory=list)
    openers: list[Node] = field(default_factory=list)

    def char(self, at: int) -> str:
        return self.text[at] if 0 <= at < len(self.text) else self.before if at < 0 else ""

    def window(self, at: int) -> tuple[str, bool]:
        """What a construct at ``at`` may span, and whether more of it may still come."""
        part = self.text[at : at + SPAN]
        line, newline, _ = part.partition("\n")
        return line, not (self.final or newline or len(part) == SPAN)


class Parsed(NamedTuple):
    sure: list[Piece]  # these stay as they are, whatever follows
    used: int  # so many characters of the text made them
    maybe: list[Piece]  # the best guess for the rest


def parse(text: str, *, before: str = "", final: bool) -> Parsed:
    """``final``: nothing follows, so everything is sure."""
    run = _Parse(text, before, final)
    at = 0
    while at < len(text):
        plain = _PLAIN.match(text, at)
        assert plain
        if plain.end() > at:
            run.nodes.append(Node(plain[0], at, plain.end()))
            at = plain.end()
        if at < len(text):
            found = _HANDLERS[text[at]](run, at)
            if found is None:
                break
            at = found
    used = _settled(run, at)
    if at < len(text):
        run.nodes.append(_guess(text, at))
    return _split(run, used)


def _settled(run: _Parse, at: int) -> int:
    alive = [each for each in run.openers if not run.final and at - each.start <= SPAN]
    used = min([at, *(each.start for each in alive)])
    assume_closed(run.nodes, {each.start for each in alive})
    return used


def _split(run: _Parse, used: int) -> Parsed:
    sure = [Piece(n.shown, n.style) for n in run.nodes if n.end <= used and n.shown]
    maybe = [Piece(n.shown, n.style) for n in run.nodes if n.end > used and n.shown]
    return Parsed(sure, used, maybe)


def _guess(text: str, at: int) -> Node:
    """The rest, of which it is not known what it will be: probably what it looks like."""
    if text[at] == "`":
        return Node(text[at:].lstrip("`"), at, len(text), CODE)
    hidden = text[at] in "\\*_~" and text[at:].strip(text[at]) == ""
    return Node("" if hidden else text[at:], at, len(text))


# --- the constructs: each returns where it ends, or None when more text is needed ----------------
_PLAIN = re.compile(r"(?:[^\\`*_~\[!<&h]+|h(?!ttps?://|(?:t(?:t(?:p(?:s(?::/?)?|:/?)?)?)?)?\Z))*")


def _literal(run: _Parse, at: int, length: int = 1) -> int:
    run.nodes.append(Node(run.text[at : at + length], at, at + length))
    return at + length


_KEPT = "()[]"
_ESCAPABLE = "!\"#$%&'*+,-./:;<=>?@\\^_`{|}~"


def _backslash(run: _Parse, at: int) -> int | None:
    follows = run.char(at + 1)
    if not follows:
        return _literal(run, at) if run.final else None
    if follows in _KEPT:
        return _literal(run, at, 2)
    if follows in _ESCAPABLE or follows == "\n":
        run.nodes.append(Node(follows, at, at + 2))
        return at + 2
    return _literal(run, at)


def _code(run: _Parse, at: int) -> int | None:
    window, more = run.window(at)
    ticks = len(window) - len(window.lstrip("`"))
    closing = re.compile(rf"(?<!`)`{{{ticks}}}(?!`)").search(window, ticks)
    if closing and not (more and closing.end() == len(window)):
        inside = window[ticks : closing.start()]
        if inside.strip() and inside[0] == inside[-1] == " ":
            inside = inside[1:-1]
        run.nodes.append(Node(inside, at, at + closing.end(), CODE))
        return at + closing.end()
    return None if more else _literal(run, at, ticks)


def _delimiters(run: _Parse, at: int) -> int | None:
    char = run.text[at]
    end = at
    while run.char(end) == char and end - at < SPAN:
        end += 1
    if end == len(run.text) and not run.final:
        return None
    node = Node("", at, end, run=char, count=end - at)
    flank(node, run.char(at - 1), run.char(end))
    if node.closes:
        close(run.openers, run.nodes, node)
    run.nodes.append(node)
    if node.opens and node.count == end - at:  # what has closed something opens nothing
        run.openers.append(node)
    return end


_LABEL = r"!?\[((?:\\.|[^\[\]\\]|\[[^\[\]]*\])*)\]"
_TITLE = r"""(?: +"[^"]*"| +'[^']*')?"""
_LINK = re.compile(
    _LABEL + r"\( *(<[^<>]*>|[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)" + _TITLE + r" *\)"
)
_MAYBE_LINK = re.compile(
    r"!|!?\[(?:\\.|[^\[\]\\]|\[[^\[\]]*\])*"
    r"(?:\\|\[[^\[\]]*|\](?:\( *"
    r"(?:<[^<>]*>?|[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*(?:\([^\s<>()]*)?)"
    r"""(?: +(?:"[^"]*"?|'[^']*'?)?)? *)?)?"""
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_LINKED = ("http:", "https:", "mailto:")


def _link(run: _Parse, at: int) -> int | None:
    """``text (address)``. What leads elsewhere than to the web or to a mailbox stays as typed."""
    window, more = run.window(at)
    found = _LINK.match(window)
    if not found:
        return None if more and _MAYBE_LINK.fullmatch(window) else _literal(run, at)
    address = visible(found[2].strip("<>"))
    scheme = _SCHEME.match(address)
    if not address or (scheme and scheme[0].lower() not in _LINKED):
        return _literal(run, at, found.end())
    label = "".join(piece.text for piece in parse(found[1], final=True).sure)
    end = at + found.end()
    run.nodes.append(Node(label or address, at, end, UNDERLINE))
    if label and label != address.removeprefix("mailto:"):
        run.nodes.append(Node(f" ({address})", at, end, DIM))
    return end


_ANGLE = re.compile(r"<(?:(https?://[^\s<>]*|mailto:[^\s<>]+|[^\s<>@/]+@[^\s<>@/]+)|br */?)>")
_MAYBE_ANGLE = re.compile(r"<(?:[^\s<>]*|br */?)")


def _angle(run: _Parse, at: int) -> int | None:
    window, more = run.window(at)
    if found := _ANGLE.match(window):
        end = at + found.end()
        node = Node(found[1], at, end, UNDERLINE) if found[1] else Node("\n", at, end)
        run.nodes.append(node)
        return end
    return None if more and _MAYBE_ANGLE.fullmatch(window) else _literal(run, at)


_ADDRESS = re.compile(r"https?://[^\s<>()\[\]\"'`*]*")


def _address(run: _Parse, at: int) -> int | None:
    """A bare address: its underscores are not emphasis."""
    window, more = run.window(at)
    found = _ADDRESS.match(window)
    if more and (not found or found.end() == len(window)):
        return None
    return _literal(run, at, found.end() if found else len(window))


_ENTITIES = {
    "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&#39;": "'",
    "&nbsp;": "\xa0", "&mdash;": "—", "&ndash;": "–", "&hellip;": "…", "&times;": "×",
}  # fmt: skip
_MAYBE_ENTITY = re.compile(r"&#?[a-z0-9]{0,6}")


def _entity(run: _Parse, at: int) -> int | None:
    window, more = run.window(at)
    name = window[: window.find(";") + 1]
    if name in _ENTITIES:
        run.nodes.append(Node(_ENTITIES[name], at, at + len(name)))
        return at + len(name)
    return None if more and _MAYBE_ENTITY.fullmatch(window) else _literal(run, at)


_Handler: TypeAlias = Callable[[_Parse, int], int | None]
_HANDLERS: dict[str, _Handler] = {
    "\\": _backslash, "`": _code, "*": _delimiters, "_": _delimiters, "~": _delimiters,
    "[": _link, "!": _link, "<": _angle, "&": _entity, "h": _address,
}  # fmt: skip
