"""A pattern played on given replies: no network, no event loop. The tests' door and replay's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from kit.errors import KitError
from kit.events import Checked, Event, Message, Replied, Text
from kit.patterns.steps import Call, Cancel, Check, Start, Steps, Wait

T = TypeVar("T")
Given = str | Replied | KitError


def play(
    steps: Steps[T], *replies: Given, checks: Iterable[Checked | bool] = ()
) -> tuple[T, list[Call], list[Event]]:
    """The outcome, the calls in the order of their start, and the events that the pattern showed.

    The n-th call that is started gets the n-th reply (a string, a Replied or the error that it
    ended with); calls finish in the order of their start. The n-th check gets the n-th of
    ``checks`` (True: it passed). Running out of either is a LookupError.
    """
    source: Iterable[Given] = iter(replies)
    results = iter(checks)
    calls: list[Call] = []
    events: list[Event] = []
    answer: Call | Checked | None = None
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
