"""A pattern played on given replies: no network, no event loop. The tests' door and replay's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from kit.errors import KitError
from kit.events import Event, Message, Replied, Text
from kit.patterns.steps import Call, Cancel, Start, Steps, Wait

T = TypeVar("T")
Given = str | Replied | KitError


def play(steps: Steps[T], *replies: Given) -> tuple[T, list[Call], list[Event]]:
    """The outcome, the calls in the order of their start, and the events that the pattern showed.

    The n-th call that is started gets the n-th reply (a string, a Replied or the error that it
    ended with); calls finish in the order of their start. Running out of replies is a LookupError.
    """
    source: Iterable[Given] = iter(replies)
    calls: list[Call] = []
    events: list[Event] = []
    answer: Call | None = None
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
