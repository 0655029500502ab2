"""Which Markdown block a line belongs to, told as soon as enough of the line has arrived.

``place`` is pure: it looks at the start of one line and at the line before it, so it can be asked
about half a line, and answers None while more characters could change the answer. CommonMark and
GFM tables, with three simplifications: indentation of lists is kept as written, a quote's inside
is text, and a line of a leading-pipe table starts with its pipe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

Kind: TypeAlias = Literal[
    "blank",
    "paragraph",
    "heading",
    "item",
    "quote",
    "code",
    "fence",  # the line that opens or closes code
    "table",
    "divider",  # | --- | --- | below a line that may be a table's head
    "underline",  # === or --- below a line that may be a heading
    "rule",
    "html",  # shown as it stands, like indented code
]

ENOUGH = 2000
"""So many characters of a line decide what it is, however long it is: then it is text."""
_LONG = "\0"  # stands for the rest of such a line; no text has it, the Sanitiser sees to that


@dataclass(frozen=True, slots=True)
class Line:
    kind: Kind
    skip: int = 0  # characters of markup before the line's text
    opens: bool = True  # starts a block; False: goes on with the one before
    indent: int = 0  # columns before the marker or the text
    marker: str = ""  # "-", "3.", the backticks of a fence, the "###" of a heading
    word: str = ""  # after a fence: what language its code is in
    hang: int = 0  # columns where the text of the enclosing list item stands; 0 outside lists
    depth: int = 0  # of quotes
    head: bool = False  # the line before may become a table's head or a heading


START = Line("blank")


class _Seen(NamedTuple):
    """The start of a line: its text without indentation, how many characters and columns that is,
    and the columns of the list item that it belongs to."""

    bare: str
    lead: int
    indent: int
    hang: int


def place(text: str, *, ended: bool, before: Line) -> Line | None:
    """What the line that starts with ``text`` is, after the line ``before``. None: not known yet
    (never when ``ended``)."""
    bare = text.lstrip(" \t")
    lead = len(text) - len(bare)
    indent = len(text[:lead].expandtabs(4))
    if len(bare) > ENOUGH:
        ended, bare = True, bare[:ENOUGH] + _LONG
    if before.kind in ("code", "fence") and before.marker:
        return _in_code(text, bare, ended, before)
    if not bare:
        return Line("blank", hang=before.hang) if ended else None
    if not ended and _undecided(bare, before):
        return None
    seen = _Seen(bare, lead, indent, before.hang if indent >= 2 else 0)
    for rule in (_indented, _below_head, _marked, _table, _literal):
        if found := rule(seen, before):
            return found
    return _paragraph(seen, before)


def _in_code(text: str, bare: str, ended: bool, before: Line) -> Line | None:
    mark = before.marker
    if re.fullmatch(rf"{re.escape(mark[0])}*[ \t]*", bare):
        if not ended:
            return None
        if len(bare.rstrip()) >= len(mark):
            return Line("fence", opens=False, hang=before.hang)
    skip = min(len(text) - len(text.lstrip(" ")), before.indent)
    return Line("code", skip, False, before.indent, mark, hang=before.hang)


# What a line may be, in the order of trying: its pattern, then what could still become that.
_FENCE = re.compile(r"(`{3,})[^`\0]*|(~{3,})[^\0]*")
_LANGUAGE = re.compile(r"[ \t]*\{?\.?([\w+#-]*)")  # also of {.python} and {python}
_RULE = re.compile(r"([-*_])(?: *\1){2,} *")
_HEADING = re.compile(r"(#{1,6})(?:[ \t]+|$)")
_ITEM = re.compile(r"([-*+]|(\d{1,9})[.)])(?:[ \t]+|$)")
_QUOTE = re.compile(r"(?:> ?)+")
_DIVIDER = re.compile(r"(?=.*\|)\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *")
_UNDERLINE = re.compile(r"=+ *|--+ *")
_HTML = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*(?:[ />]|$)|<!--")
_UNDECIDED = re.compile(
    r"`{1,2}|`{3,}[^`]*|~{1,2}|~{3,}.*|[-*_](?: *[-*_])*[ \t]*|#{1,6}[ \t]*|[+][ \t]*"
    r"|\d{1,9}(?:[.)][ \t]*)?|[> ]+|=+ *|</?[A-Za-z0-9-]*|<!-?"
)
_MAYBE_DIVIDER = re.compile(r"[-:| ]+")
_TEXT = ("paragraph", "item", "quote")
_PIPED, _BARE = "|", "a|b"  # the marker of a table whose lines start with a pipe, or need none


def _undecided(bare: str, before: Line) -> bool:
    pattern = _MAYBE_DIVIDER if before.head and bare[0] in "-:|" else None
    return bool((pattern and pattern.fullmatch(bare)) or _UNDECIDED.fullmatch(bare))


def _indented(seen: _Seen, before: Line) -> Line | None:
    """Code by indentation, outside lists; shown as it stands."""
    if seen.indent >= 4 and not seen.hang and before.kind in ("blank", "html"):
        return Line("html", opens=before.kind == "blank")
    return None


def _below_head(seen: _Seen, before: Line) -> Line | None:
    if before.head and _DIVIDER.fullmatch(seen.bare):
        marker = _PIPED if before.kind == "table" else _BARE
        return Line("divider", opens=False, marker=marker, hang=before.hang)
    if before.head and before.kind == "paragraph" and _UNDERLINE.fullmatch(seen.bare):
        return Line("underline", opens=False, marker=seen.bare[0], hang=before.hang)
    return None


def _marked(seen: _Seen, before: Line) -> Line | None:
    """The blocks that say what they are with their first characters."""
    bare, lead, indent, hang = seen
    if found := _FENCE.fullmatch(bare):
        marker = found[1] or found[2]
        word = _LANGUAGE.match(bare, len(marker))
        return Line("fence", 0, True, indent, marker, word[1] if word else "", hang)
    if _RULE.fullmatch(bare):
        return Line("rule")
    if found := _HEADING.match(bare):
        return Line("heading", lead + found.end(), marker=found[1])
    if found := _QUOTE.match(bare):
        depth = found[0].count(">")
        same = before.kind == "quote" and before.depth == depth
        return Line("quote", lead + found.end(), not same, indent, hang=hang, depth=depth)
    if (found := _ITEM.match(bare)) and not _interrupts(found, before):
        text_at = indent + len(found[1]) + 1
        return Line("item", lead + found.end(), True, indent, found[1], hang=text_at)
    return None


def _interrupts(item: re.Match[str], before: Line) -> bool:
    """A number that only happens to start a line of a paragraph ("... in\n1999. Then")."""
    return before.kind == "paragraph" and item[2] not in (None, "1")


def _table(seen: _Seen, before: Line) -> Line | None:
    piped = seen.bare[0] == "|"
    if before.kind in ("divider", "table") and before.marker:
        goes_on = piped or before.marker == _BARE
        return Line("table", 0, False, marker=before.marker, hang=seen.hang) if goes_on else None
    if not piped:
        return None
    first = before.kind != "table"
    return Line("table", 0, first, hang=seen.hang, head=first)


def _literal(seen: _Seen, before: Line) -> Line | None:
    if before.kind == "html":
        return Line("html", opens=False)
    if before.kind in _TEXT:
        return None
    return Line("html") if _HTML.match(seen.bare) else None


def _paragraph(seen: _Seen, before: Line) -> Line:
    """Text: of the block before, if that is text too, or of a new one."""
    if before.kind in _TEXT:
        # Code that came without a fence: a script is nothing without its indentation.
        kept = before.kind == "paragraph" and not seen.hang
        return replace(before, skip=0 if kept else seen.lead, opens=False, head=False)
    return Line("paragraph", seen.lead, True, seen.hang, hang=seen.hang, head=True)
