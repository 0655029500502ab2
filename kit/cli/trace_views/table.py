"""Many runs as a table: one line a run, as a person or a script wants it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import (
    aligned,
    cost,
    dim,
    fitted,
    if_wide,
    moment,
    one_line,
    seconds,
    status,
)
from kit.trace.runs import Run

_SHORT_ID = 10  # the part of the name that tells the time: two runs rarely share a millisecond


def listing(runs: Sequence[Run], terminal: Terminal) -> Iterator[str]:
    """For a terminal: columns that fit it. For a pipe: id, start, status, pattern, models, seconds,
    dollars, prompt; whole, between tabs, without a heading."""
    if not terminal.out_tty:
        return ("\t".join(_values(run)) for run in runs)
    short = _telling(runs)
    rows = [[*_short(run, short, terminal), one_line(run.prompt)] for run in runs]
    return aligned(fitted([_heading(terminal), *rows], terminal.width)) if rows else iter(())


def _values(run: Run) -> list[str]:
    values = (run.id, run.started, run.status, run.pattern, ",".join(run.models))
    elapsed = "" if run.elapsed_s is None else f"{run.elapsed_s:.3f}"
    cost = (run.usage or {}).get("cost_usd")
    return [one_line(each) for each in (*values, elapsed, f"{cost or ''}", run.prompt)]


def _heading(terminal: Terminal) -> list[str]:
    names = ("run", "started", "status", "pattern", "time")
    return [dim(name, terminal) for name in (*names, *if_wide("cost", terminal), "prompt")]


def _short(run: Run, length: int, terminal: Terminal) -> list[str]:
    return [
        run.id[:length],
        moment(run.started),
        status(run.status, terminal),
        one_line(run.pattern),
        seconds(run.elapsed_s),
        *if_wide(cost(run), terminal),
    ]


def _telling(runs: Sequence[Run]) -> int:
    """How many characters of the names tell these runs apart."""
    lengths = range(_SHORT_ID, 26)
    return next((n for n in lengths if len({run.id[:n] for run in runs}) == len(runs)), 26)
