"""The Messages API of Anthropic, in both of its versions. Pure.

Facts: platform.claude.com/docs/en/api/messages and …/api/migration-2026-10-21.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from kit.events import (
    Attachment,
    Event,
    Finish,
    Json,
    Message,
    Part,
    Reasoning,
    Replied,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from kit.providers.dialects.complaints import in_stream
from kit.providers.dialects.fields import count, table, tables, text
from kit.providers.dialects.growth import Growth
from kit.providers.dialects.payload import payload
from kit.providers.dialects.replies import cut, settled
from kit.providers.dialects.schemas import closed
from kit.providers.dialects.wire import Quirks

_MAX_TOKENS = 4096  # the API wants a number; this is the house's default
_THOUGHTS = frozenset({"thinking", "redacted_thinking"})
_CHOICES: Mapping[str, Json] = {"none": {"type": "none"}, "required": {"type": "any"}}
_EFFORTS = {"minimal": "low"}  # the others are called the same
_FINISHES: Mapping[str, Finish] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "refusal": "refusal",
}  # all others, pause_turn among them, are a stop
_DELTAS = {  # delta type → (type of its block, field that grows)
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("thinking", "signature"),
    "input_json_delta": ("tool_use", "partial_json"),
}
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


# --- what is sent -------------------------------------------------------------------------------
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


# --- what comes back ----------------------------------------------------------------------------
@dataclass(slots=True)
class _Block:
    """A content block while it grows; ``start`` as it was announced."""

    start: Mapping[str, Json]
    grown: Growth = field(default_factory=Growth)

    def part(self, finish: Finish) -> Part | None:
        match self.start.get("type"):
            case "text" if said := self.grown.joined("text"):
                return Text(said)
            case "thinking":
                return self._thought(finish)
            case "redacted_thinking":
                return Reasoning("", raw=self.start)
            case "tool_use":
                return ToolCall(text(self.start, "id"), text(self.start, "name"), self._arguments())
            case _:
                return None

    def _thought(self, finish: Finish) -> Reasoning:
        thought, signature = self.grown.joined("thinking"), self.grown.joined("signature")
        if not signature and finish == "length":
            return Reasoning(thought)  # cut before it was signed: it would be refused
        return Reasoning(thought, raw={**self.start, "thinking": thought, "signature": signature})

    def _arguments(self) -> str:
        return self.grown.joined("partial_json") or json.dumps(
            self.start.get("input") or {}, ensure_ascii=False
        )


class MessagesReader:
    """Whole only after ``message_stop``. Unknown events, blocks and deltas are passed over."""

    def __init__(self) -> None:
        self._blocks: dict[Json, _Block] = {}
        self._message: dict[str, Json] = {}  # id, model, stop_reason, stop_details
        self._usage: dict[str, Json] = {}  # cumulative: the last number said of each kind stands
        self._ended = False

    def feed(self, event: str, data: Mapping[str, Json]) -> Iterable[Event]:
        match data.get("type") or event:
            case "message_start":
                self._blocks.clear()  # a second one: a gateway began anew
                self._note(table(data, "message"), data)
            case "content_block_start":
                return self._open(data.get("index"), table(data, "content_block"))
            case "content_block_delta":
                return self._grow(data.get("index"), table(data, "delta"))
            case "message_delta":
                self._note(table(data, "delta"), data)
            case "message_stop":
                self._ended = True
            case "error":
                raise in_stream(data)
        return ()

    def done(self) -> None:
        """Only some gateways send ``[DONE]``; it proves nothing here."""

    def whole(self, body: Mapping[str, Json]) -> Iterable[Event]:
        if body.get("error"):
            raise in_stream(body)
        self._note(body, body)
        self._ended = True
        blocks = enumerate(tables(body, "content"))
        return [event for index, block in blocks for event in self._open(index, block)]

    def close(self) -> Replied:
        if not self._ended:
            raise cut()
        finish = _FINISHES.get(text(self._message, "stop_reason"), "stop")
        parts = tuple(part for block in self._blocks.values() if (part := block.part(finish)))
        message = Message("assistant", parts)
        finish = settled(finish, message)
        return Replied(
            message=message,
            finish=finish,
            usage=_usage(self._usage),
            model=text(self._message, "model"),
            id=text(self._message, "id"),
            refusal=self._refusal(message) if finish == "refusal" else "",
        )

    def _note(self, message: Mapping[str, Json], data: Mapping[str, Json]) -> None:
        usage = {**table(message, "usage"), **table(data, "usage")}
        self._usage |= {name: count for name, count in usage.items() if count is not None}
        self._message |= {name: value for name, value in message.items() if value is not None}

    def _open(self, index: Json, start: Mapping[str, Json]) -> list[Event]:
        block = self._blocks[index] = _Block(start)
        names = ("text", "thinking", "signature")
        return [event for name in names for event in block.grown.add(name, text(start, name))]

    def _grow(self, index: Json, delta: Mapping[str, Json]) -> Iterable[Event]:
        kind = text(delta, "type")
        if kind not in _DELTAS:
            return ()
        of, name = _DELTAS[kind]
        return self._blocks.setdefault(index, _Block({"type": of})).grown.add(
            name, text(delta, name)
        )

    def _refusal(self, message: Message) -> str:
        return text(table(self._message, "stop_details"), "explanation") or message.text


def _usage(raw: Mapping[str, Json]) -> Usage | None:
    """``input_tokens`` counts what the cache did not serve; ours counts all."""
    if not raw:
        return None
    read, written = count(raw, "cache_read_input_tokens"), count(raw, "cache_creation_input_tokens")
    fresh = count(raw, "input_tokens")
    return Usage(
        input_tokens=None if fresh is None else fresh + (read or 0) + (written or 0),
        output_tokens=count(raw, "output_tokens"),
        reasoning_tokens=count(table(raw, "output_tokens_details"), "thinking_tokens"),
        cached_tokens=read,
        cache_write_tokens=written,
    )
