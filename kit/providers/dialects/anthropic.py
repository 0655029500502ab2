"""The Messages API of Anthropic, in both of its versions. Pure.

Facts: platform.claude.com/docs/en/api/messages and …/api/migration-2026-10-21.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from kit.events import (
    Attachment,
    Json,
    Message,
    Part,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from kit.providers.dialects.messages_reader import MessagesReader
from kit.providers.dialects.payload import payload
from kit.providers.dialects.schemas import closed
from kit.providers.dialects.wire import Quirks

_MAX_TOKENS = 4096  # the API wants a number; this is the house's default
_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_CHOICES: Mapping[str, Json] = {"none": {"type": "none"}, "required": {"type": "any"}}
_EFFORTS = {"minimal": "low"}  # the others are called the same
_BUDGETED = re.compile(r"claude-(?:instant|[23]|[a-z]+-4(?![-.](?:[6-9]|[1-9]\d)(?!\d)))")
"""Claude before 4.6, which knows no adaptive thinking. A list that can no longer grow."""


class Anthropic:
    """``quirks.version`` is the anthropic-version that will be sent with the body."""

    path: str = "/v1/messages"

    def encode(self, request: Request, quirks: Quirks) -> dict[str, Json]:
        """A seed is unknown to this API, and refused aloud where asked for; so is a temperature
        since 2026-10-21 (the quirks drop the default one)."""
        fields = {
            "model": request.model,
            "max_tokens": request.max_tokens or _MAX_TOKENS,
            "system": "\n\n".join(m.text for m in request.messages if m.role == "system"),
            "messages": _turns(request.messages),
            "tools": [_tool(tool) for tool in request.tools],
            "tool_choice": _CHOICES.get(request.tool_choice) if request.tools else None,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "stop_sequences": list(request.stop),
            "seed": request.seed,
            "thinking": _thinking(request),
            "output_config": _output(request, quirks),
            "stream": True,
        }
        return payload(fields, quirks, request.options)

    def reader(self) -> MessagesReader:
        return MessagesReader()


def _thinking(request: Request) -> Json:
    """Adaptive thinking with the effort, where it is known to be taken: forced tools exclude it,
    and hosts that only speak like Anthropic may not know it."""
    model = request.model or ""
    if request.reasoning_effort == "none":
        return {"type": "disabled"}
    if not request.reasoning_effort or request.tool_choice == "required":
        return None
    return {"type": "adaptive"} if "claude" in model and not _BUDGETED.search(model) else None


def _output(request: Request, quirks: Quirks) -> dict[str, Json]:
    config: dict[str, Json] = {}
    if (effort := request.reasoning_effort) and effort != "none":
        config["effort"] = _EFFORTS.get(effort, effort)
    if request.schema is not None and quirks.native_schema and closed(request.schema):
        config["format"] = {"type": "json_schema", "schema": dict(request.schema)}
    return config


def _tool(tool: Tool) -> dict[str, Json]:
    return {
        "name": tool.name,
        "description": tool.description,
        "input_schema": dict(tool.parameters),
    }


def _turns(messages: Iterable[Message]) -> list[Json]:
    """User and assistant in turn. Results of tools stand first in the turn after their calls."""
    spoken = [(_speaker(message), _blocks(message)) for message in messages]
    turns = []
    for role, group in groupby((pair for pair in spoken if pair[1]), key=lambda pair: pair[0]):
        blocks = [block for _, some in group for block in some]
        if role == "user":
            blocks.sort(key=lambda block: block["type"] != "tool_result")
        turns.append({"role": role, "content": blocks})
    return turns


def _speaker(message: Message) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _blocks(message: Message) -> list[dict[str, Json]]:
    if message.role == "system":
        return []
    blocks = [block for part in message.parts if (block := _block(part))]
    while blocks and blocks[-1]["type"] in _THOUGHTS:
        blocks.pop()  # a thought that led to nothing: the API refuses a turn that ends with one
    return blocks


def _block(part: Part) -> dict[str, Json] | None:
    match part:
        case Text(text=said) if said.strip():  # blank text is refused
            return {"type": "text", "text": said}
        case Reasoning(raw=raw) if raw and raw.get("type") in _THOUGHTS:
            return dict(raw)
        case Attachment():
            return _attached(part)
        case ToolCall(id=id_, name=name, arguments=arguments):
            return {"type": "tool_use", "id": id_, "name": name, "input": _input(arguments)}
        case ToolResult(id=id_, output=output, failed=failed):
            result = {"type": "tool_result", "tool_use_id": id_, "content": output}
            return result | ({"is_error": True} if failed else {})
        case _:
            return None


def _attached(part: Attachment) -> dict[str, Json]:
    source = (
        {"type": "base64", "media_type": part.media_type, "data": part.data}
        if part.data
        else {"type": "url", "url": part.url}
    )
    if part.media_type.startswith("image/"):
        return {"type": "image", "source": source}
    return {"type": "document", "source": source} | ({"title": part.name} if part.name else {})


def _input(arguments: str) -> Json:
    """The API wants an object; what a model wrote may be none, and its own fault."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
