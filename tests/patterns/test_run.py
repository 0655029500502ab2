"""run(): the only concurrency in the house, driven by scripted streams."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from kit.errors import BudgetError, RejectedError, StoppedError, UnavailableError
from kit.events import (
    CallCancelled,
    CallFailed,
    CallSent,
    CallStarted,
    Event,
    Message,
    Noted,
    Replied,
    Request,
    Text,
    TextDelta,
    Usage,
)
from kit.patterns.budget import Budget
from kit.patterns.run import Brake, run
from kit.patterns.steps import Call, Cancel, Start, Steps, Wait, made, together


def request(text: str = "hi") -> Request:
    return Request((Message("user", (Text(text),)),))


def reply(text: str, usage: Usage | None = None) -> Replied:
    return Replied(message=Message("assistant", (Text(text),)), usage=usage)


async def echo(asked: Request) -> AsyncGenerator[Event, None]:
    """Says what it was asked, in two pieces."""
    text = asked.messages[-1].text
    yield CallSent(model="echo")
    yield TextDelta(text=text[:1])
    await asyncio.sleep(0)
    yield TextDelta(text=text[1:])
    yield reply(text)


def test_one_call_passes_the_tap_marked_with_its_id() -> None:
    events: list[Event] = []
    call = asyncio.run(run(made(Call(request("ok"))), echo, tap=events.append))
    assert call.text == "ok"
    assert events == [
        CallStarted("1", request("ok")),
        CallSent("1", model="echo"),
        TextDelta("1", "o"),
        TextDelta("1", "k"),
        Replied("1", Message("assistant", (Text("ok"),))),
    ]


def test_calls_started_together_run_at_once_and_come_back_in_order() -> None:
    inside, most = 0, 0

    async def counted(asked: Request) -> AsyncGenerator[Event, None]:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0.01)
        inside -= 1
        yield reply(asked.messages[0].text)

    calls = [Call(request(str(n))) for n in range(8)]
    done = asyncio.run(run(together(calls), counted))
    assert [call.reply.message.text for call in done if call.reply] == [str(n) for n in range(8)]
    assert most == 8
    most = 0
    asyncio.run(run(together([Call(request()) for _ in range(8)]), counted, at_once=3))
    assert most == 3


def test_wait_gives_the_next_call_that_finishes() -> None:
    async def by_length(asked: Request) -> AsyncGenerator[Event, None]:
        for _ in range(len(asked.messages[0].text)):
            await asyncio.sleep(0)
        yield reply("")

    def race() -> Steps[list[str]]:
        calls = [Call(request("x" * 40)), Call(request("x"))]
        yield Start(tuple(calls))
        first = yield Wait(tuple(calls))
        second = yield Wait(tuple(call for call in calls if call is not first))
        return [first.id, second.id]

    assert asyncio.run(run(race(), by_length)) == ["2", "1"]


def test_an_error_stays_with_its_call_and_keeps_the_text_that_came() -> None:
    async def broken(asked: Request) -> AsyncGenerator[Event, None]:
        yield TextDelta(text="half")
        raise UnavailableError("the line went dead")

    events: list[Event] = []
    call = asyncio.run(run(made(Call(request())), broken, tap=events.append))
    assert isinstance(call.error, UnavailableError)
    assert call.text == "half"
    assert events[-1] == CallFailed(
        "1", "UnavailableError", "the line went dead", "unavailable", "half"
    )


def test_a_cancelled_call_is_closed_at_once_and_told() -> None:
    closed = asyncio.Event()

    async def endless(asked: Request) -> AsyncGenerator[Event, None]:
        try:
            yield TextDelta(text="so far")
            await asyncio.sleep(3600)
        finally:
            closed.set()

    def change_of_mind() -> Steps[Call]:
        slow, quick = Call(request("slow")), Call(request("quick"))
        yield Start((slow, quick))
        yield Wait((quick,))
        yield Cancel((slow,))
        return slow

    async def either(asked: Request) -> AsyncGenerator[Event, None]:
        source = endless(asked) if asked.messages[0].text == "slow" else echo(asked)
        async with aclosing(source) as events:
            async for event in events:
                yield event

    events: list[Event] = []
    slow = asyncio.run(run(change_of_mind(), either, tap=events.append))
    assert closed.is_set()
    assert isinstance(slow.error, StoppedError)
    assert CallCancelled("1", "no longer needed", "so far") in events


def test_the_brake_closes_what_runs_refuses_what_comes_and_the_pattern_still_ends() -> None:
    brake = Brake()

    async def endless(asked: Request) -> AsyncGenerator[Event, None]:
        yield TextDelta(text="part")
        brake.pull(BudgetError("too late"))
        await asyncio.sleep(3600)

    def two() -> Steps[list[Call]]:
        first = yield from made(Call(request()))
        second = yield from made(Call(request()))
        return [first, second]

    first, second = asyncio.run(run(two(), endless, brake=brake))
    assert (first.text, str(first.error)) == ("part", "too late")
    assert (second.text, str(second.error)) == ("", "too late")


def test_a_closed_pipe_in_the_tap_ends_the_run_and_its_calls() -> None:
    closed = []

    async def watched(asked: Request) -> AsyncGenerator[Event, None]:
        try:
            yield TextDelta(text="x")
            await asyncio.sleep(3600)
        finally:
            closed.append(True)

    def gone(event: Event) -> None:
        if isinstance(event, TextDelta):
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        asyncio.run(run(made(Call(request())), watched, tap=gone))
    assert closed == [True]


def test_a_step_that_is_an_event_is_shown() -> None:
    def shows() -> Steps[str]:
        yield Noted(text="look")
        return "done"

    events: list[Event] = []
    assert asyncio.run(run(shows(), echo, tap=events.append)) == "done"
    assert events == [Noted(text="look")]


def test_parallel_calls_cannot_overshoot_the_budget_of_calls() -> None:
    left = 0

    async def counted(asked: Request) -> AsyncGenerator[Event, None]:
        nonlocal left
        yield CallSent()
        left += 1  # reached only when the request was allowed to leave
        await asyncio.sleep(0.001)
        yield reply("x")

    budget = Budget(max_calls=3)
    calls = asyncio.run(run(together([Call(request()) for _ in range(9)]), counted, budget=budget))
    assert left == 3
    assert sum(isinstance(call.error, BudgetError) for call in calls) == 6


def test_retries_are_calls_too() -> None:
    left = 0

    async def stubborn(asked: Request) -> AsyncGenerator[Event, None]:
        nonlocal left
        for attempt in range(1, 9):
            yield CallSent(attempt=attempt)
            left += 1
        raise RejectedError("never")

    call = asyncio.run(run(made(Call(request())), stubborn, budget=Budget(max_calls=3)))
    assert left == 3
    assert isinstance(call.error, BudgetError)


def test_the_worst_case_is_held_before_a_request_leaves_and_settled_after() -> None:
    budget = Budget(max_usd=1.0, max_tokens=1000)
    budget.reserve(CallSent("1", reserve_tokens=400, reserve_usd=0.6))
    with pytest.raises(BudgetError, match="--max-cost 1 is reached"):
        budget.reserve(CallSent("2", reserve_tokens=400, reserve_usd=0.6))
    budget.settle(Replied("1", usage=Usage(input_tokens=10, output_tokens=20, cost_usd=0.1)))
    budget.reserve(CallSent("3", reserve_tokens=400, reserve_usd=0.6))
    with pytest.raises(BudgetError, match="--max-tokens-total 1000 is reached"):
        budget.reserve(CallSent("4", reserve_tokens=600, reserve_usd=0.0))


def test_what_a_failed_call_held_counts_as_spent() -> None:
    budget = Budget(max_usd=1.0)
    budget.reserve(CallSent("1", reserve_usd=0.6))
    budget.release("1")
    with pytest.raises(BudgetError):
        budget.reserve(CallSent("2", reserve_usd=0.6))


def test_who_sees_a_reply_sees_its_text_though_the_stream_has_not_ended() -> None:
    """A vote counts what has come while it waits for another call."""

    async def lingering(asked: Request) -> AsyncGenerator[Event, None]:
        async for event in echo(asked):
            yield event
        if asked.messages[-1].text == "slow":
            await asyncio.Event().wait()  # a custom provider that forgets to end

    def watching() -> Steps[str]:
        slow, quick = Call(request("slow")), Call(request("quick"))
        yield Start((slow, quick))
        yield Wait((quick,))
        assert slow.reply is not None
        return slow.text

    async def within(seconds: float) -> str:
        async with asyncio.timeout(seconds):
            return await run(watching(), lingering)

    assert asyncio.run(within(20)) == "slow"
