"""A pattern played on given replies: no network, no event loop. The tests' door and replay's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from kit.errors import KitError
from kit.events import Checked, Event, Message, Replied, Text, ToolUsed
from kit.patterns.steps import Call, Cancel, Check, Start, Steps, ToolUse, Use, Wait

T = TypeVar("T")
Given = str | Replied | KitError


def play(
    steps: Steps[T],
    *replies: Given,
    checks: Iterable[Checked | bool] = (),
    tools: Iterable[str | ToolUsed] | Callable[[ToolUse], str | ToolUsed] = (),
) -> tuple[T, list[Call], list[Event]]:
    """The outcome, the calls in the order of their start, and the events that the pattern showed.

    The n-th call that is started gets the n-th reply (a string, a Replied or the error that it
    ended with); calls finish in the order of their start. The n-th check gets the n-th of
    ``checks`` (True: it passed), the n-th use of a tool the n-th of ``tools``: what it observed, or
    the whole event; a function from the use answers them all. Running out is a LookupError.
    """
    source: Iterable[Given] = iter(replies)
    results = iter(checks)
    uses = tools if callable(tools) else _in_turn(iter(tools))
    calls: list[Call] = []
    events: list[Event] = []
    answer: Call | Checked | tuple[ToolUsed, ...] | None = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            return end.value, calls, events
        answer = None
        match step:
            case Start(started):
                for call in started:
                    calls.append(call)
                    call.id = str(len(calls))
                    give(call, next(iter(source), None))
            case Wait(waited):
                answer = min(waited, key=lambda call: int(call.id))
            case Cancel():
                pass
            case Check():
                answer = checked(step, next(results, None))
                events.append(answer)
            case Use(wanted):
                answer = tuple(used(use, uses(use)) for use in wanted)
                events.extend(answer)
            case event:
                events.append(event)


def give(call: Call, reply: Given | None) -> None:
    """Finish a call with this reply."""
    match reply:
        case None:
            raise LookupError(f"no reply is left for call {call.id}")
        case str():
            call.text = reply
            call.reply = Replied(call.id, Message("assistant", (Text(reply),)))
        case Replied():
            call.text = reply.message.text
            call.reply = reply
        case KitError():
            call.error = reply


def checked(check: Check, result: Checked | bool | None) -> Checked:
    """What this check comes back with."""
    match result:
        case None:
            raise LookupError(f"no result is left for the check {check.command!r}")
        case bool():
            return Checked(check.call, check.command, result, code=0 if result else 1)
        case _:
            return result


def _in_turn(given: Iterator[str | ToolUsed]) -> Callable[[ToolUse], str | ToolUsed]:
    def answered(use: ToolUse) -> str | ToolUsed:
        for each in given:
            return each
        raise LookupError(f"no result is left for the tool {use.name!r}")

    return answered


def used(use: ToolUse, result: str | ToolUsed) -> ToolUsed:
    """What this use of a tool comes back with."""
    if isinstance(result, ToolUsed):
        return result
    return ToolUsed(use.call, use.id, use.name, use.arguments, output=result)
