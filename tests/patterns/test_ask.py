"""The pattern ask, played on given replies."""

import pytest

from kit.errors import IncompleteError, RefusedError, RejectedError, UnavailableError
from kit.events import Message, Replied, Request, Text
from kit.patterns.ask import ask
from kit.patterns.play import play

MAIN, OTHER, THIRD = (
    Request((Message("user", (Text("hi"),)),), profile=name) for name in ("main", "other", "third")
)


def test_the_answer_is_the_text_of_the_reply() -> None:
    outcome, calls, _ = play(ask(MAIN), "hello")
    assert (outcome.answer, outcome.error) == ("hello", None)
    assert outcome.detail == {"finish": "stop", "profile": "main", "fallbacks": []}
    assert [call.request for call in calls] == [MAIN]


def test_a_fallback_answers_when_the_first_is_unavailable() -> None:
    outcome, calls, _ = play(
        ask(MAIN, [OTHER, THIRD]), UnavailableError("down"), UnavailableError("down too"), "here"
    )
    assert outcome.answer == "here"
    assert outcome.detail == {"finish": "stop", "profile": "third", "fallbacks": ["other", "third"]}
    assert len(calls) == 3


def test_a_fallback_is_not_asked_when_the_request_was_refused() -> None:
    outcome, calls, _ = play(ask(MAIN, [OTHER]), RejectedError("no such model"))
    assert isinstance(outcome.error, RejectedError)
    assert len(calls) == 1


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (Replied(message=Message("assistant", (Text("cut"),)), finish="length"), IncompleteError),
        (Replied(finish="refusal", refusal="I cannot"), RefusedError),
        (Replied(finish="filter"), RefusedError),
    ],
)
def test_a_reply_that_is_no_whole_answer_says_why(reply: Replied, error: type) -> None:
    outcome, _, _ = play(ask(MAIN), reply)
    assert type(outcome.error) is error
    assert outcome.answer == reply.message.text
