"""One run as a chart: a row a call, a tool or a check, each span of time as what it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap

from kit.cli.markdown.cells import shorten
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import (
    aligned,
    columns,
    dim,
    if_wide,
    money,
    one_line,
    painted,
    seconds,
    status,
    tokens,
)
from kit.cli.trace_views.overview import arguments, passed, voted
from kit.trace.calls import Called
from kit.trace.phases import WORDS, Kind
from kit.trace.runs import Run
from kit.trace.story import Story, Tooled, Trial
from kit.trace.waterfall import Row, Waterfall, waterfall

WIDTH = 40  # of the bars in a pipe, where no terminal says how wide
ROWS = 40
"""More of them are left out in the middle, on a terminal; a pipe gets all."""
LABEL = 28
_BLOCKS: dict[Kind, str] = dict(zip(WORDS, "░×·▒█▓", strict=True))
_ASCII: dict[Kind, str] = dict(zip(WORDS, ".x~-#=", strict=True))
_COLOURS: dict[Kind, str] = {"tried": "31", "stream": "32", "work": "36"}


def timeline(run: Run, told: Story, terminal: Terminal) -> Iterator[str]:
    chart = waterfall(told)
    if not chart.seconds and not any(row.phases for row in chart.rows):
        yield f"run {run.id} made no call"
        return
    marks = _BLOCKS if terminal.unicode else _ASCII
    before, after = _shown(chart.rows, terminal)
    rows = [*before, *after]
    names, figures = [_names(row) for row in rows], [_figures(row, told, terminal) for row in rows]
    room = _room([[*a, *b] for a, b in zip(names, figures, strict=True)], terminal)
    bars = [[_bar(row, chart, room, marks, terminal)] for row in rows]
    lines = list(aligned([[*a, *b, *c] for a, b, c in zip(names, bars, figures, strict=True)]))
    yield from lines[: len(before)]
    if left_out := len(chart.rows) - len(rows):
        yield dim(f"{left_out} more, which a pipe shows: kit trace show … | less", terminal)
    yield from lines[len(before) :]
    yield from _legend(chart, marks, terminal)


def _shown(rows: Sequence[Row], terminal: Terminal) -> tuple[Sequence[Row], Sequence[Row]]:
    """The first and the last rows, where they are too many to be looked at."""
    if len(rows) <= ROWS or not terminal.out_tty:
        return rows, []
    return rows[: ROWS * 3 // 4], rows[-ROWS // 4 :]


def _legend(chart: Waterfall, marks: dict[Kind, str], terminal: Terminal) -> list[str]:
    """How long it was, and what each mark that occurs means."""
    there = {phase.kind for row in chart.rows for phase in row.phases}
    words = [f"{marks[kind]} {word}" for kind, word in WORDS.items() if kind in there]
    line = "; ".join([f"{seconds(chart.seconds)} in all", *words])
    return wrap(line, terminal.width) if terminal.out_tty else [line]


def _names(row: Row) -> list[str]:
    match row.of:
        case Called(id=id, model=model):
            return [f"#{one_line(id)}", shorten(one_line(model), LABEL)]
        case Tooled(name=name):
            return ["tool", shorten(one_line(f"{name} {arguments(row.of)}"), LABEL)]
        case Trial(checked=checked):
            return ["check", shorten(one_line(checked.command), LABEL)]


def _room(cells: Sequence[Sequence[str]], terminal: Terminal) -> int:
    """Columns for the bars, beside the other cells of each row."""
    taken = sum(max(map(columns, column)) + 2 for column in zip(*cells, strict=True))
    return max(10, min(60, terminal.width - taken)) if terminal.out_tty else WIDTH


def _bar(row: Row, chart: Waterfall, room: int, marks: dict[Kind, str], terminal: Terminal) -> str:
    """Each column shows what was done in the middle of its slice of time; what was shorter than a
    column is seen, too."""
    if row.begin is None:
        return " " * room
    step = chart.seconds / room or 1.0
    slots = [_kind(row, chart.begin + (at + 0.5) * step) for at in range(room)]
    if not any(slots):
        slots[max(0, min(int((row.begin - chart.begin) / step), room - 1))] = row.phases[-1].kind
    return "".join(
        painted(marks[kind], _COLOURS.get(kind, ""), terminal) if kind else " " for kind in slots
    )


def _kind(row: Row, t: float) -> Kind | None:
    return next((phase.kind for phase in row.phases if phase.begin <= t < phase.end), None)


def _figures(row: Row, told: Story, terminal: Terminal) -> list[str]:
    match row.of:
        case Called() as call:
            return _of_call(call, told, terminal)
        case Tooled() as use:
            took, word = use.seconds, "" if use.status == "ok" else status(use.status, terminal)
        case Trial(began=began, ended=ended, checked=checked):
            took = ended - began if began and ended else None
            word = status(passed(checked), terminal)
    return [seconds(took), *if_wide("", terminal), "", *if_wide("", terminal), word]


def _of_call(call: Called, told: Story, terminal: Terminal) -> list[str]:
    first = seconds(call.first - call.began) if call.first and call.began else ""
    failed = "" if call.status == "ok" else status(call.status, terminal)
    return [
        seconds(call.seconds),
        *if_wide(f"first {first}" if first else "", terminal),
        tokens(call.usage, terminal),
        *if_wide("" if call.recorded else money(call.usage.cost_usd), terminal),
        voted(call, terminal)
        or failed
        or told.duty(call.id)
        or ("recorded" if call.recorded else ""),
    ]
