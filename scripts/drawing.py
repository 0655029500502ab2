"""Draws the screen of a terminal as SVG: text that is read aloud, no address, no font of its own.

Each run of text has its place and its length, so that columns stand under each other in whatever
font is there. Blocks (█ ░) and lines (│ ─) are shapes: glyphs would leave gaps between the rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from pyte.screens import Char

CELL, ROW, SIZE, EDGE = 8.4, 19, 14, 16  # pixels: a column, a row, the letters, around it all
BASE, MIDDLE = 14, 9.5  # pixels from the top of a row: where letters stand, where lines run
FONTS = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"
PAPER, INK, FRAME = "#15181e", "#e4e6ea", "#6b7280"
COLOURS = {
    "default": INK, "black": "#7d8797", "red": "#ff8a80", "green": "#7fd88f", "brown": "#f2c46d",
    "blue": "#82b1ff", "magenta": "#e0a3f5", "cyan": "#6fd3e3", "white": "#cdd2da",
    "brightblack": "#9aa3b2", "brightred": "#ffada6", "brightgreen": "#a5e8b1",
    "brightbrown": "#ffdb98", "brightblue": "#adccff", "brightmagenta": "#efc6fb",
    "brightcyan": "#a1e6f1", "brightwhite": "#ffffff",
}  # fmt: skip
"""The sixteen by pyte's names, each readable on PAPER; the others come as six digits."""

GAP = 2  # pixels above and below a bar, which stays one of its own
FAINT = 0.66  # the strength of what a terminal dims
BLOCKS = {"█": 1.0, "▓": 0.75, "▒": 0.5, "░": 0.25}
LINES = {"─": "h", "│": "v", "┼": "hv"}
Cell = tuple[int, int, Char]  # column, columns that it takes, what stands there
Row = Sequence[Char]


def svg(rows: Sequence[Row], title: str) -> str:
    """``rows`` as pyte holds them: after a wide character an empty cell; ``blink`` is read as
    faint. The description is the text of the rows."""
    wide = round(max(map(len, rows)) * CELL + 2 * EDGE)
    high = len(rows) * ROW + 2 * EDGE
    drawn = (_row(row, EDGE + ROW * at) for at, row in enumerate(rows))
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" '
        f'viewBox="0 0 {wide} {high}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title>',
        f'<desc id="d">{escape(text(rows))}</desc>',
        f'<rect x=".5" y=".5" width="{wide - 1}" height="{high - 1}" rx="6" fill="{PAPER}" '
        f'stroke="{FRAME}"/>',
        f'<g font-family="{FONTS}" font-size="{SIZE}" fill="{INK}">',
        *filter(None, drawn),
        "</g>",
        "</svg>\n",
    ])  # fmt: skip


def text(rows: Sequence[Row]) -> str:
    return "\n".join("".join(char.data for char in row).rstrip() for row in rows)


def _row(row: Row, top: float) -> str:
    after = [*row[1:], Char(" ")]
    cells = ((at, 1 + (not after[at].data), char) for at, char in enumerate(row) if char.data)
    return "".join(_run(list(run), top) for _, run in groupby(cells, _look))


def _look(cell: Cell) -> tuple[object, ...]:
    """What is drawn in one go: the same style, and letters, a block or a line."""
    _, _, char = cell
    shape = char.data if char.data in BLOCKS or char.data in LINES else ""
    return (shape, *char[1:])


def _run(run: list[Cell], top: float) -> str:
    char = run[0][2]
    ink = COLOURS.get(char.fg, f"#{char.fg}")
    paper = PAPER if char.bg == "default" else COLOURS.get(char.bg, f"#{char.bg}")
    ink, paper = (paper, ink) if char.reverse else (ink, paper)
    under = _box(run, top, paper) if paper != PAPER else ""
    if char.data in BLOCKS:
        return under + _box(run, top, ink, BLOCKS[char.data], GAP)
    if char.data in LINES:
        return under + _line(run, top, ink)
    return under + "".join(_letters(words, top, ink) for words in _words(run))


def _box(run: list[Cell], top: float, ink: str, strength: float = 1.0, gap: int = 0) -> str:
    left, wide = _place(run)
    weak = f' opacity="{strength:g}"' if strength < 1 else ""
    place = f'x="{left}" y="{top + gap:g}" width="{wide}" height="{ROW - 2 * gap}"'
    return f'<rect {place} fill="{ink}"{weak}/>'


def _line(run: list[Cell], top: float, ink: str) -> str:
    left, wide = _place(run)
    shape = LINES[run[0][2].data]
    path = f"M{left} {top + MIDDLE:g}h{wide}" if "h" in shape else ""
    if "v" in shape:
        path += "".join(f"M{_figure(EDGE + (at + 0.5) * CELL)} {top:g}v{ROW}" for at, _, _ in run)
    return f'<path d="{path}" stroke="{ink}"{_faint(run[0][2])}/>'


def _words(run: list[Cell]) -> Iterator[list[Cell]]:
    """Split at two spaces or more, and where wide characters begin or end."""
    for _, part in groupby(run, lambda cell: cell[1]):
        cells = list(part)
        gaps = "".join(" " if char.data == " " else "x" for _, _, char in cells)
        yield from (cells[found.start() : found.end()] for found in re.finditer("x+(?: x+)*", gaps))


def _letters(words: list[Cell], top: float, ink: str) -> str:
    left, wide = _place(words)
    char = words[0][2]
    face = "" if ink == INK else f' fill="{ink}"'
    face += ' font-weight="700"' if char.bold else ""
    face += ' font-style="italic"' if char.italics else ""
    if lines := "underline " * char.underscore + "line-through" * char.strikethrough:
        face += f' text-decoration="{lines.strip()}"'
    said = escape("".join(char.data for _, _, char in words), quote=False)
    place = f'x="{left}" y="{top + BASE:g}" textLength="{wide}"'
    return f"<text {place}{face}{_faint(char)}>{said}</text>"


def _faint(char: Char) -> str:
    return f' opacity="{FAINT}"' if char.blink else ""


def _place(run: list[Cell]) -> tuple[str, str]:
    """Where it begins, and how wide it is."""
    (first, _, _), (last, takes, _) = run[0], run[-1]
    return _figure(EDGE + first * CELL), _figure((last + takes - first) * CELL)


def _figure(pixels: float) -> str:
    return f"{round(pixels, 1):g}"
