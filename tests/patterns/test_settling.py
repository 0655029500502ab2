"""The first reply that passes a check; a stronger model where the vote settles nothing."""

from __future__ import annotations

import pytest
from polls import JUDGE, Panel, Said

from kit.errors import AuthError, BudgetError, UnavailableError, UnmetError
from kit.events import Checked, Message, Request, Text
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import consensus
from kit.patterns.plan import Member
from kit.patterns.play import play
from kit.patterns.steps import Check
from kit.patterns.stopping import Decided, Never, Risk

QUESTION = Request((Message("user", (Text("q"),)),), profile="m")
BOSS = Request((Message("user", (Text("q"),)),), profile="boss")


def best(replies: list[Said], checks: list[bool], **terms):
    slots = [Member("m")] * len(replies)
    given = {"check": "test", "rule": Never(), "reading": Reading("text"), **terms}
    return play(consensus(lambda _: QUESTION, slots, Terms(**given)), *replies, checks=checks)


# --- best -----------------------------------------------------------------------------------------
def test_the_first_reply_that_passes_wins_and_no_more_is_asked():
    outcome, calls, events = best(["one", "two", "three", "four"], [False, True])
    detail = outcome.detail
    assert (outcome.answer, outcome.error, len(calls)) == ("two", None, 2)
    assert (detail["stopped"], detail["chosen_by"], detail["asked"]) == ("check", "check", 2)
    found = [event for event in events if isinstance(event, Checked)]
    assert [(each.call, each.passed) for each in found] == [("1", False), ("2", True)]


def test_when_none_passes_the_most_common_reply_is_the_best_so_far():
    outcome, _, _ = best(["one", "two", "two", "three"], [False] * 4)
    assert isinstance(outcome.error, UnmetError)
    assert "no reply passes the check" in outcome.error.message
    assert (outcome.answer, outcome.detail["stopped"]) == ("two", "all")


def test_what_is_no_answer_is_not_checked():
    outcome, _, _ = best(["", UnavailableError("503"), "three"], [True])
    assert (outcome.answer, outcome.detail["abstained"]) == ("three", 2)


def test_without_any_answer_there_is_no_quorum():
    outcome, _, _ = best([UnavailableError("503")] * 3, [])
    assert "no quorum" in outcome.error.message
    outcome, _, _ = best([AuthError("bad key")] * 3, [])
    assert isinstance(outcome.error, AuthError)


def test_the_check_sees_what_would_be_printed():
    seen: list[str] = []

    async def check(asked: Check) -> Checked:
        seen.append(asked.text)
        return Checked(asked.call, asked.command, asked.text == "7", 0)

    replies = ["I think\nANSWER: 6.0", "well\nANSWER: 7"]
    terms = {"check": "test", "rule": Never()}
    held = Panel(replies, check=check).hold(reading=Reading("number"), **terms)
    assert (seen, held.outcome.answer) == (["6", "7"], "7")
    seen.clear()
    Panel(["**bold** it is", "7"], check=check).hold(**terms)
    assert seen == ["**bold** it is", "7"]


def test_all_at_once_are_cancelled_when_one_passes():
    async def check(asked: Check) -> Checked:
        return Checked(passed=True)

    held = Panel(["one", "two", "three"], check=check).hold(check="t", rule=Never(), spare=100)
    assert held.outcome.answer == "one"
    assert held.outcome.detail["asked"] == 3


# --- escalation -----------------------------------------------------------------------------------
def escalated(*replies: Said, said: Said = "the boss's word", **terms):
    panel = Panel(replies, {"boss": lambda _: said})
    return panel.hold(escalate=BOSS, **{"rule": Never(), **terms})


def test_a_split_vote_goes_to_the_stronger_model():
    held = escalated("a b", "a b", "c d", "e f")
    detail = held.outcome.detail
    assert (held.outcome.answer, held.outcome.error) == ("the boss's word", None)
    assert (detail["escalated"], detail["chosen_by"], detail["asked"]) == (True, "escalation", 4)
    assert held.votes == [("a b", 2), ("c d", 1), ("e f", 1)]
    assert detail["agreement"] == 0.5
    assert held.asked["boss"] == ["q"]


def test_two_thirds_are_enough():
    held = escalated("a b", "a b", "c d")
    assert (held.outcome.answer, held.outcome.detail["escalated"]) == ("a b", False)
    assert "boss" not in held.asked
    assert not escalated(*["a b"] * 9, rule=Risk(0.05)).outcome.detail["escalated"]


def test_a_vote_that_stopped_early_is_trusted():
    held = escalated("a b", "a b", "c d", "c d", *["a b"] * 3, "e f", "g h", rule=Decided())
    assert held.outcome.detail["stopped"] == "decided"
    assert not held.outcome.detail["escalated"]


@pytest.mark.parametrize(
    ("replies", "terms"),
    [
        (["a b", "c d", "e f", "g h"], {"min_agreement": 0.5}),
        (["a b", "a b", "a b", "c d"], {"min_agreement": 0.9}),
        (["a b", "a b", "a b", "c d"], {"unanimous": True}),
        (["a b", "c d"], {"on_tie": "error"}),
        ([UnavailableError("503")] * 3, {}),
        ([AuthError("401")] * 3, {}),
    ],
)
def test_what_a_vote_has_not_reached_goes_there_too(replies, terms):
    held = escalated(*replies, **terms)
    assert (held.outcome.answer, held.outcome.error) == ("the boss's word", None)


def test_the_agreement_that_was_asked_for_takes_the_place_of_two_thirds():
    held = escalated("a b", "a b", "c d", "e f", min_agreement=0.5)
    assert not held.outcome.detail["escalated"]


@pytest.mark.parametrize("said", ["", UnavailableError("down")])
def test_a_stronger_model_that_gives_nothing_leaves_the_vote_as_it_was(said):
    held = escalated("a b", "a b", "c d", "e f", said=said)
    assert (held.outcome.answer, held.outcome.error) == ("a b", None)
    assert not held.outcome.detail["escalated"]
    assert "boss did not settle it" in held.notes[-1]
    held = escalated("a b", "c d", said=said, on_tie="error")
    assert isinstance(held.outcome.error, UnmetError)


def test_its_answer_is_read_as_the_others_are():
    reading = Reading("choice", ("yes", "no"))
    held = escalated("yes", "no", said="Hm.\nANSWER: (B)", reading=reading)
    assert held.outcome.answer == "no"
    held = escalated("yes", "no", said="who knows", reading=reading)
    assert (held.outcome.answer, held.outcome.detail["escalated"]) == ("yes", False)


def test_nobody_is_asked_after_a_limit_was_reached():
    for terms in ({}, {"min_agreement": 0.6, "spare": 9}):
        held = escalated("a b", BudgetError("enough"), "c d", **terms)
        assert isinstance(held.outcome.error, BudgetError)
        assert "boss" not in held.asked


def test_its_answer_must_pass_the_check_too():
    async def check(asked: Check) -> Checked:
        return Checked(passed="boss" in asked.text)

    panel = Panel(["one", "two"], {"boss": lambda _: "boss it is"}, check=check)
    held = panel.hold(escalate=BOSS, check="t", rule=Never())
    assert (held.outcome.answer, held.outcome.error) == ("boss it is", None)
    panel = Panel(["one", "two"], {"boss": lambda _: "no idea"}, check=check)
    held = panel.hold(escalate=BOSS, check="t", rule=Never())
    assert isinstance(held.outcome.error, UnmetError)
    assert "does not pass the check" in held.notes[-1]


def test_what_a_judge_has_picked_is_not_taken_further():
    panel = Panel(["a b", "c d"], {"boss": lambda _: "x", "judge": lambda _: "ANSWER: A"})
    held = panel.hold(picker=JUDGE, escalate=BOSS, rule=Never())
    assert held.outcome.detail["chosen_by"] == "judge"
    assert "boss" not in held.asked


def test_a_judges_choice_settles_a_tie():
    panel = Panel(["a b", "c d"], {"judge": lambda _: "ANSWER: A"})
    assert panel.hold(picker=JUDGE, rule=Never(), on_tie="error").outcome.error is None


def test_ballots_that_came_before_a_limit_are_all_counted():
    """The one that met the limit stands first in the plan, the others were under way."""
    slots = [Member("m")] * 3
    terms = Terms(rule=Never(), reading=Reading("text"))
    steps = consensus(lambda _: QUESTION, slots, terms)
    outcome, _, _ = play(steps, BudgetError("enough"), "a b", "a b")
    assert (outcome.answer, outcome.detail["stopped"]) == ("a b", "budget")
