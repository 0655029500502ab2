"""``kit trace stats``: what the runs cost, how long they took, how often they failed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import aligned, dim, money, one_line, seconds
from kit.cli.traces.printing import AsJson, note, put, put_json, terminal
from kit.cli.traces.since import moment
from kit.errors import UsageError
from kit.events import Json
from kit.trace.folders import cache_folder, runs_folder

if TYPE_CHECKING:
    from kit.trace import stats as figures

SHORT = "What runs cost, how long they took, how often they failed."
HELP = """\b
Examples:
  kit trace stats                        all runs
  kit trace stats last                   one
  kit trace stats --since 7d --by model
  kit trace stats --by day --json | jq -r '.[] | [.day, .cost_usd] | @tsv'

Calls, tokens, cost, times, failures, agreement: of one run or of all.
"""


class By(StrEnum):
    PROFILE = "profile"
    MODEL = "model"
    PATTERN = "pattern"
    DAY = "day"


def stats(
    run: Annotated[str | None, Argument(metavar="[RUN]", help="[all]", show_default=False)] = None,
    since: Annotated[
        str | None, Option("--since", metavar="AGE|DATE", help="only runs since: 12h, 7d, a date")
    ] = None,
    by: Annotated[By | None, Option("--by", help="a row for each of them")] = None,
    as_json: AsJson = False,
) -> None:
    from kit.trace import stats as figures  # only who counts loads it

    counted, screen = _counted(run, since), terminal()
    if not counted and not as_json:
        note("no runs are recorded there yet" if since is None else f"no runs since {since}")
    if by is None:
        whole = figures.stats(counted)
        return put_json(_object(whole), screen) if as_json else put(_facts(whole, screen))
    groups = figures.grouped(counted, by.value)
    if as_json:
        rows = [{by.value: name or None, **_object(each)} for name, each in groups.items()]
        return put_json(rows, screen)
    return put(_table(by.value, groups, screen))


def _counted(run: str | None, since: str | None) -> list[figures.Counted]:
    from kit.trace import catalogue
    from kit.trace.entry import entry
    from kit.trace.shelf import find

    folder = runs_folder(os.environ)
    if run is None:
        start = None if since is None else moment(since, time.time())
        return catalogue.counted(folder, cache_folder(os.environ), start)
    if since is not None:
        raise UsageError("--since does not go with one run", hint="leave out one of the two")
    one = entry(find(folder, run))
    return [(one.run, one.figures)]


def _object(each: figures.Stats) -> dict[str, Json]:
    """A sum of which a part is unknown is null, as in the object of a run; what is known of it
    stands under ``at_least``."""
    sums = {"input_tokens": each.input_tokens, "output_tokens": each.output_tokens}
    return {
        "runs": each.runs,
        "statuses": each.statuses,
        "calls": each.calls,
        "retries": each.retries,
        "replies": each.replies,
        "failures": sum(each.failures.values()),
        "failed": each.failures,
        "cancelled": each.cancelled,
        **{name: value.whole for name, value in sums.items()},
        "reasoning_tokens": each.reasoning_tokens.told,
        "cached_tokens": each.cached_tokens.told,
        "cost_usd": each.cost_usd.whole,
        "at_least": {n: v.told for n, v in {**sums, "cost_usd": each.cost_usd}.items()},
        "latency_p50_s": each.latency.p50,
        "latency_p95_s": each.latency.p95,
        "first_token_p50_s": each.first_token.p50,
        "first_token_p95_s": each.first_token.p95,
        "agreement": each.agreement,
    }


# --- for people ---------------------------------------------------------------------------------
def _facts(each: figures.Stats, screen: Terminal) -> Iterator[str]:
    signs = _Signs(screen)
    rows = [
        ("runs", f"{each.runs}{_in_words(each.statuses)}"),
        ("calls", f"{each.calls}{f' ({each.retries} retries)' if each.retries else ''}"),
        ("replies", str(each.replies)),
        ("failures", f"{sum(each.failures.values())}{_in_words(each.failures)}"),
        ("cancelled", str(each.cancelled)),
        ("tokens in", signs.sum(each.input_tokens)),
        ("tokens out", signs.sum(each.output_tokens)),
        ("reasoning", signs.number(each.reasoning_tokens.told)),
        ("cached", signs.number(each.cached_tokens.told)),
        ("cost", signs.sum(each.cost_usd, dollars=True)),
        ("latency", signs.spread(each.latency)),
        ("first token", signs.spread(each.first_token)),
        ("agreement", signs.share(each.agreement)),
    ]
    return aligned([[dim(name, screen), value] for name, value in rows])


def _in_words(counts: Mapping[str, int]) -> str:
    words = ", ".join(f"{count} {one_line(name) or '?'}" for name, count in counts.items())
    return f" ({words})" if words else ""


def _table(by: str, groups: Mapping[str, figures.Stats], screen: Terminal) -> Iterator[str]:
    """For a pipe: the group, then plain numbers as in JSON, between tabs, nothing for unknown."""
    if not screen.out_tty:
        return ("\t".join((one_line(name), *_plain(each))) for name, each in groups.items())
    rows = [[one_line(name) or "?", *_row(each, screen).values()] for name, each in groups.items()]
    columns = _row(next(iter(groups.values())), screen) if groups else {}
    heading = [dim(name, screen) for name in (by, *columns)]
    return aligned([heading, *rows]) if rows else iter(())


def _row(each: figures.Stats, screen: Terminal) -> dict[str, str]:
    """The cells by their headings; a narrow terminal gets the first of them."""
    signs = _Signs(screen)
    cells = {
        "calls": str(each.calls),
        "failures": str(sum(each.failures.values())),
        "in": signs.sum(each.input_tokens),
        "out": signs.sum(each.output_tokens),
        "cost": signs.sum(each.cost_usd, dollars=True),
        "p50": signs.time(each.latency.p50),
        "p95": signs.time(each.latency.p95),
    }
    if screen.width < _WIDE:
        return cells
    return cells | {
        "first p50": signs.time(each.first_token.p50),
        "first p95": signs.time(each.first_token.p95),
        "retries": str(each.retries),
        "agreement": signs.share(each.agreement),
        "runs": str(each.runs),
    }


_WIDE = 110


def _plain(each: figures.Stats) -> Iterator[str]:
    names = ("runs", "calls", "retries", "failures", "input_tokens", "output_tokens", "cost_usd",
             "latency_p50_s", "latency_p95_s", "first_token_p50_s", "first_token_p95_s",
             "agreement")  # fmt: skip
    known = _object(each)
    return ("" if known[name] is None else _number(known[name]) for name in names)


def _number(value: float) -> str:
    return f"{value:.9f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


class _Signs:
    """What stands for the unknown and for at least, where the locale has it."""

    def __init__(self, screen: Terminal) -> None:
        self.unknown = "—" if screen.unicode else "-"
        self._least = "≥ " if screen.unicode else ">="

    def sum(self, value: figures.Sum, *, dollars: bool = False) -> str:
        if value.told is None:
            return self.unknown
        return (self._least if value.untold else "") + (
            money(value.told) if dollars else str(value.told)
        )

    def number(self, value: float | None) -> str:
        return self.unknown if value is None else str(value)

    def time(self, value: float | None) -> str:
        return self.unknown if value is None else seconds(value)

    def spread(self, value: figures.Spread) -> str:
        if value.p50 is None:
            return self.unknown
        return f"p50 {seconds(value.p50)}, p95 {seconds(value.p95)}"

    def share(self, value: float | None) -> str:
        return self.unknown if value is None else f"{value:.0%}"
