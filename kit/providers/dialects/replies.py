"""What a reply must hold to be an answer. Pure."""

from __future__ import annotations

from kit.errors import IncompleteError, UnusableError
from kit.events import Finish, Message, ToolCall


def settled(finish: Finish, message: Message) -> Finish:
    """How it ended, seen from what it holds: servers say ``stop`` beside tool calls, too.

    Raises UnusableError for a reply that ended well and says nothing.
    """
    if finish not in ("stop", "tool_calls"):
        return finish
    if any(isinstance(part, ToolCall) for part in message.parts):
        return "tool_calls"
    if not message.text.strip():
        raise UnusableError("the model's reply holds no answer", hint="ask again")
    return "stop"


def cut() -> IncompleteError:
    return IncompleteError("the connection ended before the reply did", hint="ask again")
