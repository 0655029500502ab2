"""Replies with calls of tools, and tools, for the tests of the loop."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kit.events import Message, Part, Reasoning, Replied, Request, Text, Tool, ToolCall
from kit.patterns.reacting.terms import Offered

QUESTION = Request((Message("user", (Text("how much?"),)),))

NUMBERS = {
    "type": "object",
    "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
    "required": ["a", "b"],
}
ADD = Offered(Tool("add", "adds", NUMBERS), "readonly", tainting=False)
LOOK = Offered(
    Tool("look", "looks at a page", {"type": "object", "properties": {"at": {"type": "string"}}}),
    "readonly",
)
SEND = Offered(
    Tool("send", "sends", {"type": "object", "properties": {"text": {"type": "string"}}}),
    "write",
    tainting=False,
)


def call(name: str, arguments: Any = None, id_: str = "c1") -> ToolCall:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    return ToolCall(id_, name, text)


def calls(*wanted: ToolCall, text: str = "", thought: Mapping[str, Any] | None = None) -> Replied:
    parts: list[Part] = [Reasoning("hm", raw=thought)] if thought else []
    parts += [Text(text)] if text else []
    return Replied(message=Message("assistant", (*parts, *wanted)), finish="tool_calls")
