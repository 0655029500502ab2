"""A request's messages out of what a caller gives. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeAlias

from kit.errors import UsageError
from kit.events import Message, Request, Text
from kit.patterns.structure import Shape

Prompt: TypeAlias = str | Message | Sequence[Message]


def messages(prompt: Prompt, system: str | None = None) -> tuple[Message, ...]:
    """``system`` takes the place of what the prompt has of that kind. UsageError for a prompt that
    says nothing."""
    if isinstance(prompt, str):
        prompt = Message("user", (Text(prompt),) if prompt.strip() else ())
    said = (prompt,) if isinstance(prompt, Message) else tuple(prompt)
    if not any(message.parts for message in said):
        raise UsageError("the prompt is empty")
    if system is None:
        return said
    rest = (message for message in said if message.role != "system")
    return (Message("system", (Text(system),)), *rest)


def told(request: Request, line: str) -> Request:
    """The same request with a line more at its end: how to write the answer."""
    if not line:
        return request
    *before, last = request.messages
    asked = replace(last, parts=(*last.parts, Text(f"\n\n{line}")))
    return replace(request, messages=(*before, asked))


def in_shape(request: Request, shape: Shape) -> Request:
    """The request for an answer of this shape: by the provider's own means where it has them, and
    in words for all others."""
    return replace(told(request, shape.instruction()), schema=shape.schema)
