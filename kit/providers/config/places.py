"""Where each key of a TOML text stands: line, column, the span of its value. Pure.

The parsers in use give no positions. This scan trusts that the text is valid TOML; of a text that
is not, it says what came before the fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import count

from kit.dataclass import dataclass

Path = tuple[str, ...]

_PART = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')"""
_KEY = re.compile(rf"{_PART}(?:[ \t]*+\.[ \t]*+{_PART})*+")
_PARTS = re.compile(_PART)
_GAP = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+")
_COMMA = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*+")
_HEAD = re.compile(r"\[\[?[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_VALUE = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?:"{0,2})'
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*+"'
    r"|'[^'\n]*+'"
    r"|[^,\]}#\r\n\[{\"']++",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Place:
    """One key as written. ``kind``: table (a header), array (``[[header]]``), key, inline (a key
    within braces). ``start`` is the offset of the key or of the header's bracket, ``value`` and
    ``end`` enclose the value (of a header: both its end). Lines and columns count from 1."""

    path: Path
    kind: str
    line: int
    column: int
    start: int
    value: int
    end: int


def scan(text: str) -> list[Place]:
    """All keys of ``text``, in its order."""
    found: list[Place] = []
    with suppress(_Lost, RecursionError):
        found.extend(_Scan(text).places())  # keeps what came before the fault
    return found


def find(text: str, path: Path) -> Place | None:
    """The first place of ``path``; where it is only implied, of what lies below it."""
    places = scan(text)
    exact = (place for place in places if place.path == path)
    below = (place for place in places if place.path[: len(path)] == path)
    return next(exact, None) or next(below, None)


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class _Lost(Exception):
    """The text is not TOML from here on."""


class _Scan:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.table: Path = ()
        self.line, self.seen = 1, 0  # lines are counted on from the last place

    def places(self) -> Iterator[Place]:
        self._skip(_GAP)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                yield self._header()
            else:
                yield from self._pair(self.table, "key")
            self._skip(_GAP)

    def _header(self) -> Place:
        start, line, column = self._mark()
        array = self.text.startswith("[[", start)
        self._skip(_HEAD)
        self.table = self._key()
        self.at = self.text.find("]", self.at) + (2 if array else 1)
        if self.at <= start:
            raise _Lost
        kind = "array" if array else "table"
        return Place(self.table, kind, line, column, start, self.at, self.at)

    def _pair(self, prefix: Path, kind: str) -> Iterator[Place]:
        start, line, column = self._mark()
        path = prefix + self._key()
        self._skip(_EQUALS, needed=True)
        value = self.at
        within = list(self._value(path))
        yield Place(path, kind, line, column, start, value, self.at)
        yield from within

    def _value(self, path: Path) -> Iterator[Place]:
        match self.text[self.at : self.at + 1]:
            case "[":
                yield from self._items("]", path)
            case "{":
                yield from self._items("}", path)
            case _:
                self._skip(_VALUE, needed=True)
                while self.text[self.at - 1] in " \t":
                    self.at -= 1

    def _items(self, closing: str, path: Path) -> Iterator[Place]:
        """A list (each item's path ends in its number) or a table within braces."""
        self.at += 1
        self._skip(_COMMA)
        for number in count():
            if self.text[self.at : self.at + 1] == closing:
                break
            item = (*path, str(number))
            yield from self._value(item) if closing == "]" else self._pair(path, "inline")
            self._skip(_COMMA)
        self.at += 1

    def _key(self) -> Path:
        start = self.at
        self._skip(_KEY, needed=True)
        return tuple(_unquoted(part) for part in _PARTS.findall(self.text, start, self.at))

    def _skip(self, pattern: re.Pattern[str], *, needed: bool = False) -> None:
        match = pattern.match(self.text, self.at)
        if match is None or (needed and match.end() == self.at):
            if needed:
                raise _Lost
            return
        self.at = match.end()

    def _mark(self) -> tuple[int, int, int]:
        """Where the scan stands: offset, line, column."""
        self.line += self.text.count("\n", self.seen, self.at)
        self.seen = self.at
        return self.at, self.line, self.at - self.text.rfind("\n", 0, self.at)


def _unquoted(part: str) -> str:
    if part[0] not in "\"'":
        return part
    if "\\" not in part or part[0] == "'":
        return part[1:-1]
    import tomllib  # only for a key with an escape in it

    try:
        return str(tomllib.loads(f"key = {part}")["key"])
    except ValueError:
        raise _Lost from None
