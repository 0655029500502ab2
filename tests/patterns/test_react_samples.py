"""Loops side by side: braided into one pattern, their answers put to a vote."""

from dataclasses import replace

from loops import ADD, QUESTION, call, calls

from kit.errors import BudgetError, UnmetError
from kit.events import Replied, VoteCast
from kit.patterns.play import play
from kit.patterns.reacting.braid import braided
from kit.patterns.reacting.sampling import sampled
from kit.patterns.reacting.terms import Terms
from kit.patterns.steps import Call, Steps, made

TERMS = Terms((ADD,))
ADDING = calls(call("add", {"a": 1, "b": 2}))


def two(name: str) -> Steps[str]:
    first = yield from made(Call(QUESTION))
    second = yield from made(Call(QUESTION))
    return f"{name}: {first.text} {second.text}"


def test_braided_patterns_take_turns_and_keep_their_places() -> None:
    values, sent, _ = play(braided([two("a"), two("b")]), "1", "2", "3", "4")
    assert values == ["a: 1 3", "b: 2 4"]
    assert len(sent) == 4


def test_the_answer_of_most_loops_wins() -> None:
    """Three of five are needed: three loops begin at once, then as many as could end it."""
    replies = [ADDING] * 3 + ["ANSWER: 3", "ANSWER: 4", "ANSWER: 3"] + [ADDING, "ANSWER: 3"]
    outcome, _, events = play(sampled(QUESTION, TERMS, 5), *replies, tools=lambda _: "3")
    assert (outcome.answer, outcome.error) == ("3", None)
    assert outcome.detail["votes"] == [{"answer": "3", "count": 3}, {"answer": "4", "count": 1}]
    assert outcome.detail["samples"] == 4
    assert outcome.detail["rounds"] == 8
    assert [each.vote for each in events if isinstance(each, VoteCast)] == ["3", "4", "3", "3"]


def test_loops_that_come_to_no_answer_abstain() -> None:
    endless: list[Replied | str] = [ADDING, "never mind"]
    terms = replace(TERMS, max_tool_calls=1)
    outcome, *_ = play(
        sampled(QUESTION, terms, 2),
        ADDING,
        ADDING,
        *(["forced"] * 2),
        *endless,
        tools=lambda _: "3",
    )
    assert isinstance(outcome.error, UnmetError)
    assert outcome.detail["votes"] == []


def test_a_limit_ends_the_vote() -> None:
    outcome, sent, _ = play(
        sampled(QUESTION, TERMS, 5), "ANSWER: 3", BudgetError("--max-calls"), "ANSWER: 3"
    )
    assert isinstance(outcome.error, BudgetError)
    assert outcome.answer == "3"
    assert len(sent) == 3
