"""Times, amounts and texts of a run as a person reads them; texts of others made harmless."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from kit.cli.markdown.cells import shorten, width
from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.events import Usage
from kit.trace.amounts import money, seconds
from kit.trace.runs import Run

__all__ = ["money", "seconds"]  # beside what stands here
_COLOURS = {
    "ok": "32",
    "recorded": "32",
    "running": "36",
    "open": "36",
    "cancelled": "33",
    "interrupted": "33",
}
_FAILED = "31"
_DIM = "2"


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def cost(run: Run) -> str:
    """In dollars; empty where it is unknown."""
    usd = (run.usage or {}).get("cost_usd")
    return money(usd) if isinstance(usd, (int, float)) else ""


def tokens(usage: Usage, terminal: Terminal) -> str:
    """In and out, ``?`` for what the provider did not tell; empty when it told nothing."""
    told = [usage.input_tokens, usage.output_tokens]
    if told == [None, None]:
        return ""
    return ("→" if terminal.unicode else ">").join("?" if n is None else str(n) for n in told)


def moment(started: str) -> str:
    """A time of the trace (UTC) on the clock of this machine."""
    try:
        return datetime.fromisoformat(started).astimezone().strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return one_line(started)


def status(word: str, terminal: Terminal) -> str:
    return painted(one_line(word), _COLOURS.get(word, _FAILED), terminal)


def dim(text: str, terminal: Terminal) -> str:
    return painted(text, _DIM, terminal)


def painted(text: str, code: str, terminal: Terminal) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if terminal.out_style and text and code else text


def if_wide(cell: str, terminal: Terminal) -> list[str]:
    """A cell that gives way on a narrow terminal; a pipe is never narrow."""
    return [cell] if terminal.width >= 100 or not terminal.out_tty else []


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Cells of plain text in columns two apart; colours may be in the cells."""
    wide = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell + " " * (room - columns(cell)) for cell, room in zip(row, wide, strict=True))
        yield "  ".join(cells).rstrip()


def columns(cell: str) -> int:
    """What a cell takes of the line: its own colours, which ``painted`` adds, take nothing."""
    return width(clean(cell))


def fitted(rows: Sequence[Sequence[str]], wide: int) -> list[list[str]]:
    """The last column shortened to what the others leave, but to no less than 12."""
    *others, _ = zip(*rows, strict=True)
    taken = sum(max(map(columns, column)) + 2 for column in others)
    room = max(wide - taken, 12)
    return [[*row[:-1], row[-1] if "\x1b" in row[-1] else shorten(row[-1], room)] for row in rows]
