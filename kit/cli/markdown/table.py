"""A table: waits for its end, because only then the widths of its columns are known."""

from __future__ import annotations

import re

from kit.cli.markdown.cells import width
from kit.cli.markdown.emphasis import BOLD, DIM
from kit.cli.markdown.flow import Flow
from kit.cli.markdown.inline import Piece, parse
from kit.cli.markdown.openline import OpenLine
from kit.cli.markdown.wrap import Row, joined, row_width, wrap

ROWS = 200
"""After so many rows the widths are settled, and later rows are printed as they come."""
NARROW = 3  # columns: below this a table cannot be read


class Table:
    def __init__(self, head: str = "", *, unicode: bool) -> None:
        self._rows = [head] if head else []
        self._aligns: list[str] | None = None  # known once the divider was seen
        self._widths: list[int] | None = None  # known once rows were printed
        self._bar, self._line, self._cross = (" │ ", "─", "─┼─") if unicode else (" | ", "-", "-+-")

    def line(self) -> None:
        self._rows.append("")

    def add(self, text: str) -> None:
        self._rows[-1] += text

    def divide(self, text: str) -> None:
        """The divider was read: this is a table indeed."""
        marks = [(cell[:1] == ":", cell[-1:] == ":") for cell in _cells(text)]
        names = {(True, True): "center", (False, True): "right"}
        self._aligns = [names.get(mark, "left") for mark in marks]

    def draw(self, out: OpenLine) -> None:
        if self._aligns is not None and len(self._rows) > (1 if self._widths else ROWS):
            last = self._rows.pop()
            self._print(out)
            self._rows = [last]
        if self._widths is None:
            out.show([Piece(f"... {len(self._rows)}", DIM)])

    def end(self, out: OpenLine) -> None:
        if self._aligns is None:
            self._as_text(self._rows, out)
        elif self._rows:
            self._print(out)
        self._rows = []

    def _print(self, out: OpenLine) -> None:
        cells = [[_pieces(cell) for cell in _cells(row)] for row in self._rows]
        first = self._widths is None
        if self._widths is None:
            self._widths = _widths(cells[:ROWS], len(self._aligns or ()), out.room)
        if not self._widths:
            self._as_text(self._rows, out)
            return
        for index, row in enumerate(cells):
            head = first and index == 0
            self._print_row(row, BOLD if head else "", out)
            if head:
                line = self._cross.join(self._line * wide for wide in self._widths)
                out.finish([Piece(line, DIM)])

    def _print_row(self, cells: list[Row], style: str, out: OpenLine) -> None:
        widths, aligns = self._widths or [], self._aligns or []
        filled = [*cells, *([[]] * len(widths))][: len(widths)]
        columns = [wrap(cell, wide) for cell, wide in zip(filled, widths, strict=True)]
        bar = [Piece(self._bar, DIM)]
        for index in range(max(map(len, columns))):
            parts: list[Row] = []
            for lines, wide, align in zip(columns, widths, aligns, strict=True):
                row = joined(lines[index]) if index < len(lines) else []
                parts += [bar, _aligned([Piece(t, s or style) for t, s in row], wide, align)]
            out.finish(joined(*parts[1:]))

    def _as_text(self, rows: list[str], out: OpenLine) -> None:
        flow = Flow([], [])
        for row in rows:
            flow.line()
            flow.add(row.strip())
        flow.end(out)


def _cells(row: str) -> list[str]:
    inner = row.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def _pieces(cell: str) -> Row:
    return parse(cell, final=True).sure


def _widths(cells: list[list[Row]], count: int, room: int) -> list[int]:
    """Columns for each column: what it needs, the widest ones cut so that all fit. Empty when
    there is no room for that many."""
    room -= 3 * (count - 1)
    needs = [
        max((_need(row[index]) for row in cells if index < len(row)), default=1)
        for index in range(count)
    ]
    if sum(needs) <= room:
        return needs
    most = next((cap for cap in range(room, 0, -1) if sum(min(n, cap) for n in needs) <= room), 0)
    return [min(need, most) for need in needs] if most >= NARROW else []


def _need(cell: Row) -> int:
    text = "".join(piece.text for piece in cell)
    return max(1, *(width(line) for line in text.split("\n")))


def _aligned(row: Row, wide: int, align: str) -> Row:
    free = max(wide - row_width(row), 0)
    left = {"right": free, "center": free // 2}.get(align, 0)
    return [Piece(" " * left), *row, Piece(" " * (free - left))]
