"""The pattern consensus, played on given replies; no network, no event loop."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import AuthError, BudgetError, RejectedError, UnavailableError, UnmetError
from kit.events import Event, Message, Noted, Replied, Request, Text, TextDelta, VoteCast
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import consensus
from kit.patterns.plan import Member, plan
from kit.patterns.play import Given, play
from kit.patterns.run import run
from kit.patterns.steps import Outcome, Steps
from kit.patterns.stopping import Decided, Never, Risk


def vote(planned: int = 5, members: str = "m", **terms: object) -> Steps[Outcome]:
    slots = tuple(Member(members[slot % len(members)]) for slot in range(planned))
    return consensus(
        lambda name: Request((Message("user", (Text("q"),)),), profile=name),
        slots,
        Terms(**terms),  # type: ignore[arg-type]  # a test's shorthand
    )


def played(*replies: Given, **terms: object) -> Outcome:
    planned = int(str(terms.pop("planned", len(replies))))
    outcome, _, _ = play(vote(planned, **terms), *replies)
    return outcome


def test_the_answer_that_most_give_wins() -> None:
    outcome = played("A", "B", "A", "C", "A")
    assert (outcome.answer, outcome.error) == ("A", None)
    detail = outcome.detail
    assert (detail["agreement"], detail["unique"], detail["asked"]) == (0.6, 3, 5)
    assert detail["votes"] == [
        {"answer": "A", "count": 3, "weight": 3.0},
        {"answer": "B", "count": 1, "weight": 1.0},
        {"answer": "C", "count": 1, "weight": 1.0},
    ]


def test_no_more_is_asked_than_is_needed() -> None:
    outcome, calls, _ = play(vote(9), *["yes"] * 9)
    assert len(calls) == 3
    assert outcome.detail["stopped"] == "risk"
    assert outcome.detail["risk"]["alpha"] == 0.05
    assert 0 < outcome.detail["risk"]["bound"] <= 0.05
    assert (outcome.detail["planned"], outcome.detail["asked"]) == (9, 3)


def test_a_failed_member_never_kills_the_vote() -> None:
    outcome = played("A", RejectedError("bad request"), "A", "A", "B", rule=Never())
    assert (outcome.answer, outcome.error) == ("A", None)
    assert (outcome.detail["failed"], outcome.detail["answered"]) == (1, 4)
    assert outcome.detail["samples"][1]["error"] == "bad request"


@pytest.mark.parametrize(
    "reply",
    ["", "  \n", Replied(message=Message("assistant", (Text("A"),)), finish="length"),
     Replied(finish="refusal", refusal="no")],
)  # fmt: skip
def test_what_is_no_answer_abstains(reply: Given) -> None:
    outcome = played(reply, reply, "B", rule=Never())
    assert (outcome.answer, outcome.error) == ("B", None)
    assert (outcome.detail["abstained"], outcome.detail["agreement"]) == (2, 1.0)


def test_a_tie_goes_to_the_first_seen_and_is_told() -> None:
    for _ in range(3):
        outcome = played("B", "A", "A", "B", rule=Never())
        assert (outcome.answer, outcome.detail["tie"]) == ("B", True)
    assert outcome.error is None
    outcome = played("B", "A", "A", "B", rule=Never(), on_tie="error")
    assert isinstance(outcome.error, UnmetError)
    assert outcome.answer == "B"


def test_a_tie_may_be_extended() -> None:
    outcome, calls, _ = play(vote(2, rule=Never(), on_tie="extend"), "A", "B", "B", "A", "B")
    assert (outcome.answer, outcome.detail["tie"]) == ("B", False)
    assert len(calls) == 5


def test_unanimity_ends_at_the_first_dissent_and_counts_the_answers() -> None:
    outcome, calls, _ = play(vote(5, unanimous=True), "A", "A", "B", "A", "A")
    assert isinstance(outcome.error, UnmetError)
    assert "2 distinct answers" in outcome.error.message
    assert len(calls) == 5
    assert outcome.detail["stopped"] == "futile"
    assert played("A", "a.", "A", unanimous=True).error is None
    error = played("A", "B", "A", unanimous=True, need=3).error
    assert error is not None
    assert "not unanimous" in error.message


def test_an_agreement_that_cannot_be_reached_any_more_ends_it() -> None:
    outcome, calls, _ = play(vote(9, min_agreement=0.9), *"ABABABABA")
    assert isinstance(outcome.error, UnmetError)
    assert outcome.detail["stopped"] == "futile"
    assert len(calls) < 9
    assert played("A", "A", "A", planned=9, min_agreement=0.9).error is None


def test_too_few_valid_answers_are_no_quorum() -> None:
    down = UnavailableError("503")
    outcome = played("A", *[down] * 8)
    assert isinstance(outcome.error, UnmetError)
    assert "503" in outcome.error.message
    assert outcome.answer == "A"
    outcome = played("A", "A", "A", "A", *[down] * 5, need=5)
    assert isinstance(outcome.error, UnmetError)
    outcome, calls, _ = play(vote(9, need=5), *["A"] * 9)
    assert (outcome.error, len(calls)) == (None, 5)


def test_what_failures_decided_still_needs_its_quorum() -> None:
    """Two votes of nine cannot be overturned by the last one, but are less than a third."""
    outcome = played("A", "A", *[""] * 7)
    assert isinstance(outcome.error, UnmetError)
    assert "no quorum: 2 of 9" in outcome.error.message
    outcome, calls, _ = play(vote(9), "A", *[""] * 6, "A", "A")
    assert (outcome.error, outcome.answer, len(calls)) == (None, "A", 9)


def test_a_key_that_nobody_takes_is_the_reason_itself() -> None:
    outcome = played(*[AuthError("401")] * 3)
    assert isinstance(outcome.error, AuthError)


def test_a_budget_ends_it_with_the_tally_so_far() -> None:
    spent = BudgetError("enough")
    outcome = played("A", "A", spent, spent, spent, rule=Never())
    assert outcome.error is spent
    assert (outcome.answer, outcome.detail["stopped"]) == ("A", "budget")


def test_text_is_the_first_full_reply_that_voted_for_it() -> None:
    outcome = played("It is Paris!", "it is paris", "It is Rome.", rule=Never())
    assert (outcome.answer, outcome.detail["kind"]) == ("It is Paris!", "text")
    assert outcome.detail["votes"][0]["count"] == 2


def test_a_marked_value_is_printed_alone_and_whole_on_request() -> None:
    replies = ["I think.\nANSWER: 42", "So:\nANSWER: 42.0", "ANSWER: 41"]
    assert played(*replies, rule=Never()).answer == "42"
    assert played(*replies, rule=Never(), full=True).answer == "I think.\nANSWER: 42"


def test_choices_are_voted_by_letter_or_words() -> None:
    reading = Reading("choice", ("yes", "no"))
    outcome = played("Yes.", "ANSWER: (A)", "no", "maybe", rule=Never(), reading=reading)
    assert (outcome.answer, outcome.detail["abstained"]) == ("yes", 1)


def test_three_replies_that_never_repeat_are_told_once() -> None:
    texts = ["one fine day", "two red birds", "three blue ships", "four old men", "five lines"]
    _, _, events = play(vote(5), *texts)
    assert sum(isinstance(event, Noted) for event in events) == 1


def test_ballots_are_shown_in_the_order_of_the_plan() -> None:
    _, calls, events = play(vote(5, rule=Never()), "A", "B", "A", "A", "B")
    cast = [event for event in events if isinstance(event, VoteCast)]
    assert [event.slot for event in cast] == [0, 1, 2, 3, 4]
    assert [event.call for event in cast] == [call.id for call in calls]


# --- the plan -------------------------------------------------------------------------------------
def test_a_plan_is_spread_evenly_and_the_seed_fixes_its_order() -> None:
    members = [Member("a"), Member("b", 3), Member("c")]
    slots = plan(members, 9, seed=7)
    assert sorted(member.profile for member in slots) == ["a"] * 3 + ["b"] * 3 + ["c"] * 3
    assert slots == plan(members, 9, seed=7)
    assert any(slots != plan(members, 9, seed=seed) for seed in range(8, 20))


# --- whatever the order of arrival ----------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(
    replies=st.lists(st.sampled_from(["A", "B", "C", ""]), min_size=1, max_size=20),
    seed=st.integers(0, 1000),
)
def test_launched_is_used_and_the_answer_does_not_hang_on_arrival(
    replies: list[str], seed: int
) -> None:
    chance = random.Random(seed)
    asked = iter(replies)

    async def stream(request: Request) -> AsyncIterator[Event]:
        text = next(asked)
        for _ in range(chance.randrange(6)):
            await asyncio.sleep(0)
        yield TextDelta(text=text)
        yield Replied(message=Message("assistant", (Text(text),)))

    planned = len(replies)
    live = asyncio.run(run(vote(planned, rule=Risk(0.05)), stream))
    quiet, calls, _ = play(vote(planned, rule=Risk(0.05)), *replies)
    assert live.detail["cancelled"] == 0
    assert live.detail["asked"] == len(calls) == quiet.detail["asked"]
    assert (live.answer, live.detail["votes"]) == (quiet.answer, quiet.detail["votes"])


def test_all_at_once_cancels_the_rest_and_never_counts_them() -> None:
    async def stream(request: Request) -> AsyncIterator[Event]:
        number = next(order)
        await asyncio.sleep(0 if number < 5 else 3600)
        yield TextDelta(text="A")
        yield Replied(message=Message("assistant", (Text("A"),)))

    order = iter(range(9))
    outcome = asyncio.run(run(vote(9, rule=Decided(), spare=100), stream))
    assert (outcome.answer, outcome.detail["asked"], outcome.detail["cancelled"]) == ("A", 9, 4)
    assert outcome.detail["votes"] == [{"answer": "A", "count": 5, "weight": 5.0}]
