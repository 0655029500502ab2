"""What a request body means: two bodies that a server must answer alike become the same value."""

from __future__ import annotations

import json
from typing import Any

Body = dict[str, Any]

# What saying nothing means too: (field, value). Facts: the vendors' API references.
DEFAULTS: tuple[tuple[str, Any], ...] = (
    ("tool_choice", "auto"),
    ("tool_choice", {"type": "auto"}),
    ("detail", "auto"),
    ("is_error", False),
    ("n", 1),
    ("parallel_tool_calls", True),
)


def meaning(body: Body) -> Body:
    """Null and default fields left out, text as a list of one text, JSON in a string as JSON,
    ``stop`` as a list. What a name is only a label for is left out."""
    plain: Body = _plain(body)
    if isinstance(plain.get("stop"), str):
        plain["stop"] = [plain["stop"]]
    if isinstance(plain.get("system"), str):
        plain["system"] = [{"type": "text", "text": plain["system"]}]
    if "messages" in plain:
        plain["messages"] = [_turn(turn) for turn in plain["messages"]]
    if "input" in plain:
        plain["input"] = [_item(item) for item in _listed(plain["input"])]
    if "tools" in plain:
        plain["tools"] = [_tool(tool) for tool in plain["tools"]]
    for place in ("response_format", "text"):
        _unlabelled(plain.get(place, {}))
    return plain


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: _plain(one) for name, one in value.items() if one is not None}
    return {name: one for name, one in kept.items() if (name, one) not in DEFAULTS}


def _listed(given: Any) -> Any:
    return [{"role": "user", "content": given}] if isinstance(given, str) else given


def _turn(turn: Body) -> Body:
    """A turn of a chat, or of Anthropic's messages."""
    turn = turn | {"content": [_block(one) for one in _texts(turn.get("content"), "text")]}
    if "tool_calls" in turn:
        turn["tool_calls"] = [_call(call) for call in turn["tool_calls"]]
    return turn


def _block(block: Body) -> Body:
    if block.get("type") == "tool_result":
        return block | {"content": _texts(block.get("content"), "text")}
    return block


def _texts(content: Any, kind: str) -> list[Body]:
    if isinstance(content, str):
        return [{"type": kind, "text": content}] if content else []
    return list(content or [])


def _call(call: Body) -> Body:
    function = call["function"]
    return call | {"function": function | {"arguments": json.loads(function["arguments"])}}


def _item(item: Body) -> Body:
    """An item of the Responses API: a message, unless it says otherwise."""
    item = {name: value for name, value in item.items() if (name, value) != ("type", "message")}
    if "arguments" in item:
        item["arguments"] = json.loads(item["arguments"])
    if "content" in item and "role" in item:
        kind = "output_text" if item["role"] == "assistant" else "input_text"
        item["content"] = _texts(item["content"], kind)
    return item


def _tool(tool: Body) -> Body:
    """A chat's tool is not strict unless it says so; one of the Responses API is."""
    if "function" in tool:
        return tool | {"function": {"strict": False} | tool["function"]}
    return tool


def _unlabelled(place: Body) -> None:
    for labelled in (place.get("json_schema"), place.get("format")):
        if labelled:
            labelled.pop("name", None)
