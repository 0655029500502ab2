"""The provider without a network."""

import asyncio

import pytest

from kit.errors import ConfigError, UnavailableError, UnusableError
from kit.events import (
    CallSent,
    Message,
    Reasoning,
    ReasoningDelta,
    Replied,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from kit.providers.fake import FakeProvider, Scripted

ASKED = Request((Message("user", (Text("hi"),)),))

FREE = Usage(cost_usd=0.0)


def heard(provider, request=ASKED):
    """The events of one call, and the error that ended it."""

    async def listen():
        events = []
        try:
            async for event in provider.stream(request):
                events.append(event)  # noqa: PERF401  # those before an error count
        except Exception as error:
            return events, error
        return events, None

    return asyncio.run(listen())


def test_it_answers_in_order_word_by_word():
    provider = FakeProvider(["the first answer", "second"])
    assert heard(provider) == (
        [
            CallSent(model="fake", reserve_usd=0.0),
            TextDelta(text="the "),
            TextDelta(text="first "),
            TextDelta(text="answer"),
            Replied(
                message=Message("assistant", (Text("the first answer"),)), usage=FREE, model="fake"
            ),
        ],
        None,
    )
    events, _ = heard(provider, Request(ASKED.messages, model="m-2"))
    assert events[-1] == Replied(
        message=Message("assistant", (Text("second"),)), usage=FREE, model="m-2"
    )
    assert [request.model for request in provider.requests] == [None, "m-2"]


def test_it_raises_when_the_script_runs_out():
    provider = FakeProvider(["one"])
    heard(provider)
    events, error = heard(provider)
    assert events == [CallSent(model="fake", reserve_usd=0.0)]
    assert isinstance(error, UnusableError)
    assert error.message == "the script has run out after 1 replies"


def test_added_responses_have_tool_calls_reasoning_and_usage():
    usage = Usage(input_tokens=3, output_tokens=4, cost_usd=0.5)
    provider = FakeProvider().add_response(
        "let me see",
        reasoning="it is simple",
        tool_calls=[{"name": "calc", "arguments": {"x": 1}}],
        usage=usage,
    )
    events, error = heard(provider)
    assert error is None
    assert events[0] == CallSent(model="fake", reserve_tokens=7, reserve_usd=0.5)
    assert "".join(e.text for e in events if isinstance(e, ReasoningDelta)) == "it is simple"
    assert events[-1] == Replied(
        message=Message(
            "assistant",
            (
                Reasoning("it is simple"),
                Text("let me see"),
                ToolCall("call_1", "calc", '{"x": 1}'),
            ),
        ),
        finish="tool_calls",
        usage=usage,
        model="fake",
    )


def test_an_error_comes_after_the_text_before_it():
    boom = UnavailableError("gone")
    provider = FakeProvider([boom, Scripted("half an", error=boom)])
    assert heard(provider) == ([CallSent(model="fake", reserve_usd=0.0)], boom)
    events, error = heard(provider)
    assert events == [
        CallSent(model="fake", reserve_usd=0.0),
        TextDelta(text="half "),
        TextDelta(text="an"),
    ]
    assert error is boom


def test_replies_of_a_profile_are_tables():
    provider = FakeProvider(
        [
            {"text": "cut off", "finish": "length", "usage": {"input_tokens": 1}},
            {"error": "unavailable"},
            {"tool_calls": [{"name": "clock", "arguments": {}}]},
        ]
    )
    events, _ = heard(provider)
    assert events[-1].finish == "length"
    assert events[-1].usage == Usage(input_tokens=1, cost_usd=0.0)
    assert isinstance(heard(provider)[1], UnavailableError)
    events, _ = heard(provider)
    assert events[-1].message.parts == (ToolCall("call_1", "clock", "{}"),)


@pytest.mark.parametrize(
    "table", [{"txt": "a"}, {"error": "boom"}, {"usage": {"tokens": 1}}, {"tool_calls": [{}]}]
)
def test_a_wrong_table_is_a_configuration_error(table):
    with pytest.raises(ConfigError):
        FakeProvider([table])


def test_parallel_calls_get_different_answers():
    async def ask_all():
        provider = FakeProvider([{"text": "a", "delay": 0.01}, "b", "c"])

        async def one():
            return [event async for event in provider.stream(ASKED)][-1].message.text

        return await asyncio.gather(one(), one(), one())

    assert asyncio.run(ask_all()) == ["a", "b", "c"]
