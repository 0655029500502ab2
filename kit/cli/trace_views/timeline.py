"""One run as a chart: a row a call, waiting for its turn, for the first words, and speaking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import (
    aligned,
    columns,
    if_wide,
    money,
    one_line,
    seconds,
    status,
    tokens,
)
from kit.cli.trace_views.table import voted
from kit.trace.calls import Called
from kit.trace.runs import Run

WIDTH = 40  # of the bars in a pipe, where no terminal says how wide
_BLOCKS = ("░", "▒", "█")
_ASCII = (".", "-", "#")


def timeline(run: Run, made: Sequence[Called], terminal: Terminal) -> Iterator[str]:
    marks = _BLOCKS if terminal.unicode else _ASCII
    times = [t for call in made for t in (call.began, call.last) if t is not None]
    if not times:
        yield f"run {run.id} made no call"
        return
    begin, end = min(times), max(times)
    names = [[f"#{one_line(call.id)}", one_line(call.model)] for call in made]
    figures = [_figures(call, terminal) for call in made]
    room = _room([[*a, *b] for a, b in zip(names, figures, strict=True)], terminal)
    bars = [[_bar(call, begin, end, room, marks)] for call in made]
    yield from aligned([[*a, *b, *c] for a, b, c in zip(names, bars, figures, strict=True)])
    waiting, thinking, speaking = marks
    yield f"{seconds(end - begin)} in all; {waiting} waits, {thinking} sent, {speaking} answers"


def _room(cells: Sequence[Sequence[str]], terminal: Terminal) -> int:
    """Columns for the bars, beside the other cells of each row."""
    taken = sum(max(map(columns, column)) + 2 for column in zip(*cells, strict=True))
    return max(10, min(60, terminal.width - taken)) if terminal.out_tty else WIDTH


def _bar(call: Called, begin: float, end: float, room: int, marks: Sequence[str]) -> str:
    """Each column shows what the call did in the middle of its slice of time; it shows a call
    that was shorter than a column, too."""
    if call.began is None:
        return " " * room
    step = (end - begin) / room or 1.0
    bar = "".join(_mark(call, begin + (at + 0.5) * step, end, marks) for at in range(room))
    if not bar.isspace():
        return bar
    at = max(0, min(int((call.began - begin) / step), room - 1))
    return " " * at + marks[2] + " " * (room - at - 1)


def _mark(call: Called, t: float, end: float, marks: Sequence[str]) -> str:
    last = call.ended or end
    if t < (call.began or 0) or t >= last:
        return " "
    if t < (call.sent or last):
        return marks[0]
    return marks[1] if t < (call.first or last) else marks[2]


def _figures(call: Called, terminal: Terminal) -> list[str]:
    first = seconds(call.first - call.began) if call.first and call.began else ""
    return [
        seconds(call.seconds),
        *if_wide(f"first {first}" if first else "", terminal),
        tokens(call.usage, terminal),
        *if_wide(money(call.usage.cost_usd), terminal),
        voted(call, terminal) or ("" if call.status == "ok" else status(call.status, terminal)),
    ]
