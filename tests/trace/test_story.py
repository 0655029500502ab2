"""The story of a run: what its records add up to, whatever is missing of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
import recorded
from recorded import BEGIN, Moment

from kit import events as ev
from kit.trace.phases import phases
from kit.trace.records import encode
from kit.trace.runs import records
from kit.trace.story import Story, story
from kit.trace.waterfall import waterfall


def told(*moments: Moment) -> Story:
    times = (f"2025-11-22T08:26:{40 + at:06.3f}Z" for at, _ in moments)
    return story({"t": t, **encode(event)} for t, (_, event) in zip(times, moments, strict=True))


def spans(made: Story, at: int = 0) -> list[tuple[str, float, float]]:
    end = made.end or 0.0
    return [
        (each.kind, round(each.begin - BEGIN, 3), round(each.end - BEGIN, 3))
        for each in phases(made.calls[at], end)
    ]


def test_a_call_queues_is_tried_pauses_waits_and_speaks() -> None:
    made = told(
        (0.0, ev.CallStarted("1")),
        (0.5, ev.CallSent("1")),
        (0.7, ev.CallRetried("1", "HTTP 503", 1.0)),
        (1.7, ev.CallSent("1", 2)),
        (2.0, ev.ReasoningDelta("1", "hm")),
        (2.5, ev.TextDelta("1", "4")),
        (3.0, ev.Replied("1")),
    )
    assert spans(made) == [
        ("queue", 0.0, 0.5),
        ("tried", 0.5, 0.7),
        ("pause", 0.7, 1.7),
        ("first", 1.7, 2.0),
        ("stream", 2.0, 3.0),
    ]
    assert made.calls[0].attempts == 2


def test_a_call_without_an_end_goes_on_to_the_last_record() -> None:
    made = told((0.0, ev.CallStarted("1")), (0.5, ev.CallSent("1")), (4.0, ev.Noted("", "x")))
    assert spans(made) == [("queue", 0.0, 0.5), ("first", 0.5, 4.0)]


def test_a_call_of_no_length_has_one_phase() -> None:
    assert spans(told((1.0, ev.CallStarted("1")), (1.0, ev.CallFailed("1")))) == [
        ("queue", 1.0, 1.0)
    ]


def test_f19_a_clock_that_was_set_back_makes_no_phase_negative() -> None:
    made = told(
        (5.0, ev.CallStarted("1")),
        (5.5, ev.CallSent("1")),
        (1.0, ev.TextDelta("1", "4")),
        (2.0, ev.Replied("1")),
    )
    assert spans(made) == [("queue", 5.0, 5.5)]


def test_a_tool_that_began_and_did_not_end_is_open() -> None:
    made = told(
        (0.0, ev.ToolStarted("1", "a", "clock", {"zone": "UTC"}, "readonly")),
        (0.1, ev.ToolStarted("1", "b", "shell")),
        (0.3, ev.ToolUsed("1", "a", "clock", {"zone": "UTC"}, "05:00")),
        (0.4, ev.ToolUsed("1", "c", "http", output="no", error="refused")),
        (9.0, ev.Noted("", "still there")),
    )
    assert [(use.name, use.status, use.seconds, use.approved) for use in made.tools] == [
        ("clock", "ok", pytest.approx(0.3), "readonly"),
        ("shell", "open", None, ""),
        ("http", "failed", 0.0, ""),
    ]
    chart = waterfall(made)
    ends = [round(row.phases[0].end - BEGIN, 1) for row in chart.rows if row.phases]
    assert ends == [0.3, 9.0, 0.4]


def test_the_best_draft_is_the_last_that_became_it() -> None:
    """A duel may give the first place back to an earlier draft."""
    made = told(
        (0.0, ev.Drafted("1", 1, 0, 0, "a")),
        (0.1, ev.Scored("1", 1, 0, 0.5, best=True)),
        (0.2, ev.Drafted("2", 2, 1, 1, "b")),
        (0.3, ev.Scored("2", 2, 1, 0.8, best=True)),
        (0.4, ev.Scored("1", 1, 0, 0.5, best=True)),
    )
    assert made.best == 1
    assert [made.duty(each) for each in ("1", "2", "3")] == ["draft 1", "draft 2", ""]


def test_what_calls_tools_and_checks_did_is_in_the_order_of_their_start(tmp_path: Path) -> None:
    made = story(records(recorded.recorded(tmp_path, recorded.a_refinement())))
    kinds = [type(row.of).__name__ for row in waterfall(made).rows]
    assert kinds == ["Called", "Trial", "Called"] * 3 + ["Called"]


def test_a_kind_of_a_later_release_is_passed_over() -> None:
    assert story([{"kind": "run.dreamt", "call": "1", "t": "x"}, {"kind": "text", "call": "1",
                 "text": "hi"}]).calls[0].words == "hi"  # fmt: skip


FIXTURES = Path(__file__).parent / "fixtures"


@pytest.mark.parametrize(
    ("name", "moments"),
    [
        ("tools", recorded.with_tools()),
        ("drafts", recorded.a_refinement()),
        ("blob", recorded.a_vote(4, "Count the words. " * 300)),
    ],
)
def test_f14_runs_of_release_0_1_0_are_read_whole(
    name: str, moments: Iterable[Moment], tmp_path: Path
) -> None:
    """The files are kept as that release wrote them."""
    kept = story(records(FIXTURES / f"schema1-{name}.jsonl"))
    assert kept == story(records(recorded.recorded(tmp_path, moments)))
