"""Figures of many calls in one: sums, shares, percentiles. Pure; what is unknown stays unknown."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.trace.entry import RECORDED, Figures
from kit.trace.runs import Run
from kit.trace.ulid import made_at

Counted: TypeAlias = tuple[Run, tuple[Figures, ...]]


@dataclass(frozen=True, slots=True)
class Sum:
    """``told`` is the sum of what is known, None when nothing is; ``untold`` counts the rest."""

    told: float | None
    untold: int

    @property
    def whole(self) -> float | None:
        """The sum, when all of it is known."""
        return None if self.untold else self.told


@dataclass(frozen=True, slots=True)
class Spread:
    """The middle and the slow end, in seconds: the smallest value that half, or 95 of a hundred,
    do not pass."""

    p50: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Stats:
    """``calls`` are requests that left, ``retries`` those of them that repeat another. ``failures``
    counts by status the calls of which nothing came in the end. ``agreement`` is the share of valid
    votes that went to the winner of their run."""

    runs: int
    statuses: Mapping[str, int]
    calls: int
    retries: int
    replies: int
    cancelled: int
    failures: Mapping[str, int]
    input_tokens: Sum
    output_tokens: Sum
    reasoning_tokens: Sum
    cached_tokens: Sum
    cost_usd: Sum
    latency: Spread
    first_token: Spread
    agreement: float | None


Key: TypeAlias = Callable[[Run, Figures], str]

BY: Mapping[str, Key] = {
    "profile": lambda _, call: call.profile,
    "model": lambda _, call: call.model,
    "pattern": lambda run, _: run.pattern,
    "day": lambda run, _: time.strftime("%Y-%m-%d", time.localtime(made_at(run.id))),
}
"""What calls can be grouped by. A day is one of this machine's calendar."""


def grouped(counted: Iterable[Counted], by: str) -> dict[str, Stats]:
    """The groups in the order of their names. A run counts in each group that has a call of it."""
    key = BY[by]
    groups: dict[str, list[Counted]] = {}
    for run, figures in counted:
        parts: dict[str, list[Figures]] = {}
        for each in figures:
            parts.setdefault(key(run, each), []).append(each)
        for name, some in parts.items():
            groups.setdefault(name, []).append((run, tuple(some)))
    return {name: stats(groups[name]) for name in sorted(groups)}


def stats(counted: Sequence[Counted]) -> Stats:
    made = [each for _, figures in counted for each in figures]
    replied = [each for each in made if each.replied]
    votes = [each.agreed for each in made if each.agreed is not None]
    return Stats(
        runs=len(counted),
        statuses=_counts(run.status for run, _ in counted),
        calls=sum(each.sent for each in made),
        retries=sum(max(each.sent - 1, 0) for each in made),
        replies=len(replied),
        cancelled=sum(each.status == "cancelled" for each in made),
        failures=_counts(each.status for each in made if each.status not in _NO_FAILURE),
        input_tokens=_sum(each.input_tokens for each in replied),
        output_tokens=_sum(each.output_tokens for each in replied),
        reasoning_tokens=_sum(each.reasoning_tokens for each in replied),
        cached_tokens=_sum(each.cached_tokens for each in replied),
        cost_usd=_sum(each.cost_usd for each in replied),
        latency=_spread(each.latency_s for each in replied),
        first_token=_spread(each.first_s for each in made),
        agreement=sum(votes) / len(votes) if votes else None,
    )


_NO_FAILURE = ("ok", "cancelled", "open", RECORDED)


def _counts(words: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(words).items(), key=lambda item: (-item[1], item[0])))


def _sum(values: Iterable[float | None]) -> Sum:
    every = list(values)
    told = [each for each in every if each is not None]
    return Sum(sum(told) if told else None, len(every) - len(told))


def _spread(values: Iterable[float | None]) -> Spread:
    told = sorted(each for each in values if each is not None)
    return Spread(_percentile(told, 50), _percentile(told, 95))


def _percentile(ordered: Sequence[float], share: int) -> float | None:
    """By nearest rank: always a value that was measured."""
    return ordered[math.ceil(len(ordered) * share / 100) - 1] if ordered else None
