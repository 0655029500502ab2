"""A conversation that fits: old observations give way to a line, calls keep their results. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kit.errors import KitError, RejectedError
from kit.events import Attachment, Message, Part, Reasoning, Text, ToolCall, ToolResult

FULL = 0.75
"""The share of the window that a conversation may fill."""
KEPT = 3
"""The newest observations, which stay as they are."""
CHARACTERS = 4
"""Of a text to a token: the usual estimate."""
_SMALL = 200  # characters: less than a stub saves
_TOO_LONG = re.compile(
    r"context[ _-]?(length|size|window)|maximum context|too (long|many tokens)|exceeds? the (avail|"
    r"max|limit)|prompt is too long",
    re.IGNORECASE,
)


def fitting(messages: Sequence[Message], window: int) -> tuple[Message, ...]:
    """The messages, with as many of the oldest observations left out as must be."""
    said = tuple(messages)
    room = window * FULL
    for place in _old(said):
        if tokens(said) <= room:
            break
        said = _stubbed(said, place)
    return said


def emptied(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The messages with nothing but the newest observation: for a server that refused more."""
    said = tuple(messages)
    for place in _old(said, kept=1):
        said = _stubbed(said, place)
    return said


def overflows(error: KitError | None) -> bool:
    """Whether a server refused a request because it is too long."""
    return isinstance(error, RejectedError) and bool(_TOO_LONG.search(error.message))


def tokens(messages: Sequence[Message]) -> int:
    """About how many these are; attachments are not counted."""
    return sum(_length(part) for message in messages for part in message.parts) // CHARACTERS


def _length(part: Part) -> int:
    match part:
        case Text(text) | Reasoning(text):
            return len(text)
        case ToolCall(_, name, arguments):
            return len(name) + len(arguments)
        case ToolResult(_, output):
            return len(output)
        case Attachment():
            return 0


def _old(messages: Sequence[Message], kept: int = KEPT) -> list[tuple[int, int]]:
    """Where the observations stand that may go, the oldest first."""
    places = [
        (at, index)
        for at, message in enumerate(messages)
        for index, part in enumerate(message.parts)
        if isinstance(part, ToolResult)
    ]
    old = places[: max(len(places) - kept, 0)]
    return [(at, index) for at, index in old if _length(messages[at].parts[index]) > _SMALL]


def _stubbed(messages: tuple[Message, ...], place: tuple[int, int]) -> tuple[Message, ...]:
    at, index = place
    message = messages[at]
    part = message.parts[index]
    assert isinstance(part, ToolResult)  # as _old found it
    line = f"[{len(part.output)} characters left out to save room; use the tool again if need be]"
    parts = (*message.parts[:index], replace(part, output=line), *message.parts[index + 1 :])
    return (*messages[:at], replace(message, parts=parts), *messages[at + 1 :])
