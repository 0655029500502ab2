"""Sums, shares and percentiles of calls: exact where all is known, and unknown stays unknown."""

from __future__ import annotations

from pathlib import Path

import pytest
import shelves

from kit.events import Usage
from kit.trace.entry import Figures, entry
from kit.trace.runs import Run
from kit.trace.stats import Spread, Stats, Sum, grouped, stats

NONE = Sum(None, 0)


def known(*paths: Path) -> list[tuple[Run, tuple[Figures, ...]]]:
    return [(each.run, each.figures) for each in map(entry, paths)]


def test_a_vote_is_counted_call_by_call(tmp_path: Path) -> None:
    assert stats(known(shelves.vote(tmp_path))) == Stats(
        runs=1,
        statuses={"ok": 1},
        calls=4,
        retries=1,
        replies=2,
        cancelled=0,
        failures={"unavailable": 1},
        input_tokens=Sum(30, 0),
        output_tokens=Sum(11, 0),
        reasoning_tokens=Sum(2, 1),
        cached_tokens=Sum(None, 2),
        cost_usd=Sum(0.001, 1),
        latency=Spread(0.2, 0.4),
        first_token=Spread(0.1, 0.3),
        agreement=0.5,
    )


def test_of_nothing_nothing_is_known() -> None:
    unknown = Spread(None, None)
    assert stats([]) == Stats(
        0, {}, 0, 0, 0, 0, {}, NONE, NONE, NONE, NONE, NONE, unknown, unknown, None
    )


def test_groups_share_no_call_and_lose_none(tmp_path: Path) -> None:
    whole = known(shelves.vote(tmp_path), shelves.ask(tmp_path, usage=Usage(1, 2)))
    by_profile = grouped(whole, "profile")
    assert {name: each.calls for name, each in by_profile.items()} == {"a": 2, "b": 2, "m": 1}
    assert {name: each.agreement for name, each in by_profile.items()} == {
        "a": 1.0, "b": 0.0, "m": None,
    }  # fmt: skip
    assert list(grouped(whole, "model")) == ["a-1", "b-1", "m-1"]
    by_pattern = grouped(whole, "pattern")
    assert {name: (each.runs, each.replies) for name, each in by_pattern.items()} == {
        "ask": (1, 1), "consensus": (1, 2),
    }  # fmt: skip
    assert by_pattern["ask"].cost_usd == Sum(None, 1)


@pytest.mark.parametrize(
    ("count", "p50", "p95"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (20, 10, 19), (100, 50, 95)]
)
def test_a_percentile_is_always_a_value_that_was_measured(count: int, p50: int, p95: int) -> None:
    figures = tuple(Figures(replied=True, latency_s=n) for n in range(count, 0, -1))
    told = stats([(Run("x", Path("x")), figures)])
    assert told.latency == Spread(p50, p95)
    assert told.first_token == Spread(None, None)


def test_what_another_run_has_paid_for_counts_there() -> None:
    recorded = Figures("a", "m", "recorded", agreed=True)
    told = stats([(Run("x", Path("x")), (recorded,))])
    assert (told.calls, told.replies, told.failures, told.input_tokens) == (0, 0, {}, NONE)
    assert told.agreement == 1.0
