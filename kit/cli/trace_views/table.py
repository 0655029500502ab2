"""Runs as a table: one line a run, and one run with one line a call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kit.cli.markdown.cells import shorten
from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import (
    aligned,
    columns,
    dim,
    if_wide,
    moment,
    money,
    one_line,
    seconds,
    status,
    tokens,
)
from kit.trace.calls import Called
from kit.trace.runs import Run

_SHORT_ID = 10  # the part of the name that tells the time: two runs rarely share a millisecond

_SHORT_VOTE = 24


def listing(runs: Sequence[Run], terminal: Terminal) -> Iterator[str]:
    """For a terminal: columns that fit it. For a pipe: id, start, status, pattern, models, seconds,
    dollars, prompt; whole, between tabs, without a heading."""
    if not terminal.out_tty:
        return ("\t".join(_values(run)) for run in runs)
    short = _telling(runs)
    rows = [[*_short(run, short, terminal), one_line(run.prompt)] for run in runs]
    return aligned(_fitted([_heading(terminal), *rows], terminal.width)) if rows else iter(())


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
        *if_wide(_cost(run), terminal),
    ]


def _telling(runs: Sequence[Run]) -> int:
    """How many characters of the names tell these runs apart."""
    lengths = range(_SHORT_ID, 26)
    return next((n for n in lengths if len({run.id[:n] for run in runs}) == len(runs)), 26)


def _fitted(rows: list[list[str]], width: int) -> list[list[str]]:
    """The last column shortened to what the others leave, but to no less than 12."""
    *others, _ = zip(*rows, strict=True)
    taken = sum(max(map(columns, column)) + 2 for column in others)
    room = max(width - taken, 12)
    return [[*row[:-1], row[-1] if "\x1b" in row[-1] else shorten(row[-1], room)] for row in rows]


def _cost(run: Run) -> str:
    cost = (run.usage or {}).get("cost_usd")
    return money(cost) if isinstance(cost, (int, float)) else ""


def overview(run: Run, made: Sequence[Called], terminal: Terminal) -> Iterator[str]:
    """What was asked and what came of it, each call on a line, then the answer."""
    facts = [[dim(name, terminal), value] for name, value in _facts(run, terminal) if value]
    yield from aligned(_fitted(facts, terminal.width) if terminal.out_tty else facts)
    if made:
        heading = ("call", "status", "profile", "model", "time", "tokens", "cost", "vote")
        yield ""
        rows = [_call(call, terminal) for call in made]
        yield from aligned([[dim(name, terminal) for name in heading], *rows])
    if run.answer:
        yield ""
        yield clean(run.answer).rstrip("\n")


def _facts(run: Run, terminal: Terminal) -> list[tuple[str, str]]:
    ended = f" (exit {run.exit})" if run.exit else ""
    return [
        ("run", run.id),
        ("status", status(run.status, terminal) + ended),
        ("error", one_line(run.error)),
        ("pattern", one_line(run.pattern)),
        ("started", one_line(run.started)),
        ("time", seconds(run.elapsed_s)),
        ("cost", _cost(run)),
        ("profiles", one_line(", ".join(run.profiles))),
        ("models", one_line(", ".join(run.models))),
        ("prompt", one_line(run.prompt)),
    ]


def _call(call: Called, terminal: Terminal) -> list[str]:
    return [
        one_line(call.id),
        status(call.status, terminal),
        one_line(call.request.profile),
        one_line(call.model),
        seconds(call.seconds),
        tokens(call.usage, terminal),
        money(call.usage.cost_usd),
        voted(call, terminal),
    ]


def voted(call: Called, terminal: Terminal) -> str:
    """The vote, or why there is none; empty where nobody voted. In short on a terminal."""
    if call.ballot is None:
        return ""
    vote, reason = call.ballot.vote, call.ballot.reason
    text = one_line(f"={vote}" if vote is not None else f"abstains: {reason}")
    return shorten(text, _SHORT_VOTE) if terminal.out_tty else text
