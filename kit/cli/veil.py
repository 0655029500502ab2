"""Takes a run's keys out of what a provider says, before anybody sees it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from dataclasses import replace

from kit.errors import KitError
from kit.events import (
    Event,
    Message,
    Part,
    Reasoning,
    ReasoningDelta,
    Replied,
    Text,
    TextDelta,
    ToolCall,
)
from kit.providers.credentials.redact import RedactedStream, Redactor

Delta = TextDelta | ReasoningDelta


async def veiled(events: AsyncIterator[Event], keys: Redactor) -> AsyncGenerator[Event, None]:
    """The same events with the keys masked, also where several deltas make one up. An end of more
    than a few characters that may be a key waits for what follows."""
    veils: dict[type[Delta], RedactedStream] = {}
    try:
        async for event in events:
            for each in _masked(event, keys, veils):
                yield each
    except KitError:
        for each in _rest(veils):
            yield each
        raise
    finally:  # a custom provider may give an iterator that has nothing to close
        close = getattr(events, "aclose", None)
        if close:
            await close()


def _masked(
    event: Event, keys: Redactor, veils: dict[type[Delta], RedactedStream]
) -> Iterator[Event]:
    match event:
        case TextDelta() | ReasoningDelta():
            veil = veils.setdefault(type(event), keys.stream())
            if text := veil.feed(event.text) + veil.release():
                yield event if text == event.text else replace(event, text=text)
        case Replied():
            yield from _rest(veils)
            yield _reply(event, keys)
        case _:
            yield event


def _rest(veils: dict[type[Delta], RedactedStream]) -> Iterator[Event]:
    """What was held back; nothing more will come."""
    for kind, veil in veils.items():
        if text := veil.close():
            yield kind(text=text)


def _reply(reply: Replied, keys: Redactor) -> Replied:
    message = Message(reply.message.role, tuple(_part(each, keys) for each in reply.message.parts))
    return replace(
        reply,
        message=message,
        model=keys.clean(reply.model),
        id=keys.clean(reply.id),
        refusal=keys.clean(reply.refusal),
    )


def _part(part: Part, keys: Redactor) -> Part:
    match part:
        case Text(text=text) | Reasoning(text=text):
            return replace(part, text=keys.clean(text))
        case ToolCall(arguments=arguments):
            return replace(part, arguments=keys.clean(arguments))
        case _:
            return part
