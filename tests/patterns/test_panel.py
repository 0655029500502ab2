"""Members of a panel that are down, and one that is out of line."""

from __future__ import annotations

import pytest
from polls import Panel

from kit.errors import (
    AuthError,
    QuotaError,
    RateLimitError,
    RejectedError,
    TimedOutError,
    UnavailableError,
)
from kit.events import VoteCast
from kit.patterns.ballots import Reading
from kit.patterns.plan import Member
from kit.patterns.stopping import Never, Risk

A, B, C = Member("a"), Member("b"), Member("c")


def panel(members: list[Member], **replies) -> Panel:
    return Panel(replies, members=members)


# --- down -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "error",
    [AuthError("bad key"), QuotaError("no money"), RejectedError("no model", http_status=404)],
)
def test_a_member_that_is_down_keeps_its_slots_as_abstentions(error):
    held = panel([A, B] * 5, a=[error] * 5, b=["x y"] * 5).hold(rule=Never(), at_once=2)
    detail = held.outcome.detail
    assert (len(held.asked["a"]), len(held.asked["b"])) == (2, 5)
    assert (detail["planned"], detail["asked"], detail["abstained"]) == (10, 7, 5)
    assert (detail["failed"], detail["answered"], detail["cancelled"]) == (2, 5, 0)
    assert held.notes == [f"a is asked no more: {error.message}"]
    assert held.outcome.answer == "x y"
    cast = [event for event in held.events if isinstance(event, VoteCast)]
    assert [event.slot for event in cast] == list(range(10))
    assert [event.reason for event in cast if event.vote is None] == [error.status] * 5
    assert [sample["error"] for sample in detail["samples"][::2]] == [error.message] * 5


@pytest.mark.parametrize(
    "error", [TimedOutError("slow"), RateLimitError("429"), RejectedError("bad", http_status=400)]
)
def test_what_may_heal_is_asked_again(error):
    held = panel([A, B] * 5, a=[error] * 5, b=["x y"] * 5).hold(rule=Never(), at_once=2)
    assert len(held.asked["a"]) == 5
    assert held.notes == []


def test_a_member_that_stays_unavailable_is_asked_no_more():
    error = UnavailableError("503")
    held = panel([A, B] * 5, a=[error] * 5, b=["x y"] * 5).hold(rule=Never(), at_once=2)
    assert (len(held.asked["a"]), len(held.asked["b"])) == (3, 5)
    assert held.notes == ["a is asked no more: 503"]
    detail = held.outcome.detail
    assert (detail["planned"], detail["asked"], detail["abstained"]) == (10, 8, 5)


def test_an_outage_that_passes_is_forgotten():
    down = UnavailableError("503")
    replies = [down, down, "x y", down, down]
    held = panel([A, B] * 5, a=replies, b=["x y"] * 5).hold(rule=Never(), at_once=2)
    assert len(held.asked["a"]) == 5


def test_failures_must_follow_one_another():
    error = AuthError("once in a while")
    replies = [error, "x y", error, "x y", error]
    held = panel([A, B] * 5, a=replies, b=["x y"] * 5).hold(rule=Never(), at_once=2)
    assert len(held.asked["a"]) == 5


def test_when_all_are_down_few_are_asked_and_the_reason_is_told():
    held = panel([A] * 9, a=[AuthError("bad key")] * 9).hold(rule=Risk(0.05))
    assert isinstance(held.outcome.error, AuthError)
    assert held.outcome.detail["asked"] < 6
    assert held.outcome.detail["kind"] == "text"


def test_the_kind_is_not_settled_by_those_who_say_nothing():
    replies = [UnavailableError("503"), "ANSWER: 42", "ANSWER: 42.0"]
    held = panel([A] * 3, a=replies).hold(rule=Never(), at_once=1, reading=Reading())
    assert (held.outcome.detail["kind"], held.outcome.answer) == ("number", "42")


# --- out of line ----------------------------------------------------------------------------------
def test_a_member_that_disagrees_far_more_often_is_named():
    held = panel([A, B, C] * 3, a=["x y"] * 3, b=["x y"] * 3, c=["z 1", "z 2", "x y"]).hold(
        rule=Never()
    )
    assert len(held.notes) == 1
    assert held.notes[0].startswith("c is out of line: 2 of its 3 answers are not the winner's")
    assert "-p c=0.5" in held.notes[0]


def test_three_ballots_are_needed_to_say_so():
    held = panel([A, B, C, A, B, C], a=["x y"] * 2, b=["x y"] * 2, c=["z 1", "z 1"]).hold(
        rule=Never()
    )
    assert held.notes == []


def test_dissent_that_all_share_is_nobodys():
    replies = ["x y", "x y", "z w"]
    held = panel([A, B, C] * 3, a=replies, b=replies, c=replies).hold(rule=Never())
    assert held.notes == []


def test_twice_as_often_as_the_others_is_not_yet_out_of_line():
    most = ["x y", "x y", "z w"]
    held = panel([A, B, C] * 3, a=most, b=most, c=["x y", "z 1", "z 2"]).hold(rule=Never())
    assert held.notes == []


def test_one_member_alone_is_never_out_of_line():
    assert panel([A] * 4, a=["x y", "z 1", "x y", "z 1"]).hold(rule=Never()).notes == []
