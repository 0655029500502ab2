"""Breaks styled text into rows, greedily: more text never changes a row that was full."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from kit.cli.markdown.cells import fit, width
from kit.cli.markdown.inline import Piece

Row: TypeAlias = list[Piece]

_WIDE = (
    r"\u1100-\u115f\u2e80-\u2fff\u3003-\ua4cf\ua960-\ua97f"
    r"\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003fffd"
)
_CLOSING = r"、。，．！？：；）」』】〉》"
_UNITS = re.compile(rf"\n|[ \t]+|[{_WIDE}][{_CLOSING}]*|[^\n \t{_WIDE}]+")
_BREAKS_AFTER = re.compile(rf"[{_WIDE}][{_CLOSING}]*")


def wrap(pieces: Iterable[Piece], room: int) -> list[Row]:
    """Rows of at most ``room`` columns; at least one, the last may be empty and may end in blanks.
    Blanks at the start of a line stay, those at a break go. A word wider than a row is cut;
    Chinese, Japanese and Korean break between characters."""
    rows: list[Row] = [[]]
    used = 0
    gap: Row = []
    for unit in _units(pieces):
        text = unit[0].text
        if text == "\n":
            rows.append([])
            used, gap = 0, []
        elif text.isspace() and text[0] in " \t":
            gap = [*gap, *unit] if used or len(text) > 1 else []  # one blank is no indentation
        else:
            used = _set(unit, gap, rows, used, room)
            gap = []
    _join(rows[-1], gap)
    return rows


def _set(unit: Row, gap: Row, rows: list[Row], used: int, room: int) -> int:
    """One unbreakable unit, on this row or on the next; the columns then used."""
    wide = sum(width(piece.text) for piece in unit)
    between = sum(width(piece.text) for piece in gap)
    if used and used + between + wide > room:
        rows.append([])
        used = 0
    elif gap and between + wide <= room:
        _join(rows[-1], gap)
        used += between
    if used + wide <= room:
        _join(rows[-1], unit)
        return used + wide
    return _cut(unit, rows, room)


def _cut(unit: Row, rows: list[Row], room: int) -> int:
    used = 0
    for text, style in unit:
        rest = text
        while rest:
            part = fit(rest, room - used) or ("" if used else rest[0])
            _join(rows[-1], [Piece(part, style)] if part else [])
            used += width(part)
            rest = rest[len(part) :]
            if rest:
                rows.append([])
                used = 0
    return used


def _units(pieces: Iterable[Piece]) -> Iterator[Row]:
    """Newlines, runs of blanks, and words: a word may be of several pieces ("in**line**")."""
    word: Row = []
    for text, style in pieces:
        for part in _UNITS.findall(text.replace("\t", "    ")):
            if part == "\n" or part[0] == " ":
                if word:
                    yield word
                    word = []
                yield [Piece(part, style)]
                continue
            if word and (_BREAKS_AFTER.fullmatch(part) or _BREAKS_AFTER.fullmatch(word[-1].text)):
                yield word
                word = []
            word.append(Piece(part, style))
    if word:
        yield word


def _join(row: Row, pieces: Row) -> None:
    """Append, neighbours of one style made one piece."""
    for text, style in pieces:
        if row and row[-1].style == style:
            row[-1] = Piece(row[-1].text + text, style)
        else:
            row.append(Piece(text, style))


def merged(*parts: Iterable[Piece]) -> Row:
    """One row of several, blanks at its end included."""
    row: Row = []
    for part in parts:
        _join(row, [piece for piece in part if piece.text])
    return row


def joined(*parts: Iterable[Piece]) -> Row:
    """One row of several, without blanks at its end."""
    row = merged(*parts)
    while row and not (stripped := row[-1].text.rstrip(" ")):
        row.pop()
    if row:
        row[-1] = Piece(stripped, row[-1].style)
    return row


def row_width(row: Iterable[Piece]) -> int:
    return sum(width(piece.text) for piece in row)
