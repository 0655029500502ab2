"""An order of turns that some servers insist on: after a result only the model speaks. Pure.

What kit says there (a note, the request for a last answer) then stands at the end of the result.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kit.errors import KitError, RejectedError
from kit.events import Message, Text, ToolResult

_ORDER = re.compile(r"\broles?\b", re.IGNORECASE)


def disliked(error: KitError | None) -> bool:
    """Whether a server refused the order of the roles."""
    return isinstance(error, RejectedError) and bool(_ORDER.search(error.message))


def merged(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Without a user's turn right after a tool's."""
    found: list[Message] = []
    for message in messages:
        last = found[-1].parts[-1] if found and found[-1].parts else None
        if message.role == "user" and isinstance(last, ToolResult):
            words = "\n\n".join(part.text for part in message.parts if isinstance(part, Text))
            said = replace(last, output=f"{last.output}\n\n{words}")
            found[-1] = replace(found[-1], parts=(*found[-1].parts[:-1], said))
        else:
            found.append(message)
    return tuple(found)
