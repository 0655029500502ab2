"""What the Messages API answers, read event by event. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field

from kit.dataclass import dataclass
from kit.events import (
    Event,
    Finish,
    Json,
    Message,
    Part,
    Reasoning,
    Replied,
    Text,
    ToolCall,
    Usage,
)
from kit.providers.dialects.fields import count, table, tables, text
from kit.providers.dialects.growth import Growth
from kit.providers.dialects.replies import cut, settled
from kit.providers.dialects.trouble import in_stream

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
