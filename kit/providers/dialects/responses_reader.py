"""What the Responses API answers, read event by event. Pure."""

from __future__ import annotations

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
from kit.providers.dialects.told import told
from kit.providers.dialects.trouble import in_stream

_PARAGRAPH = "\n\n"  # between two parts of a summary
_DELTAS = {  # event → (type of its item, what grows)
    "response.output_text.delta": ("message", "text"),
    "response.refusal.delta": ("message", "refusal"),
    "response.reasoning_text.delta": ("reasoning", "thinking"),
    "response.reasoning_summary_text.delta": ("reasoning", "thinking"),
    "response.function_call_arguments.delta": ("function_call", "arguments"),
}
_UNFINISHED = frozenset({"queued", "in_progress", "cancelled"})


@dataclass(slots=True)
class _Item:
    """An output item while it grows; ``said`` as the server last told it, whole when ``done``."""

    said: Mapping[str, Json]
    done: bool = False
    grown: Growth = field(default_factory=Growth)

    def finish(self, said: Mapping[str, Json]) -> list[Event]:
        """The whole item: what of it was not streamed is shown now."""
        self.said, self.done = said or self.said, True
        content = tables(said, "content")
        self.grown.replace("arguments", text(said, "arguments"))
        self.grown.replace("refusal", _joined(content, "refusal"))
        match said.get("type"):
            case "reasoning":
                summary = _joined(tables(said, "summary"), "text", _PARAGRAPH)
                return self.grown.complete("thinking", summary or _joined(content, "text"))
            case "message":
                return self.grown.complete("text", _joined(content, "text"))
        return []

    def part(self) -> Part | None:
        match self.said.get("type"):
            case "message" if words := self.grown.joined("text"):
                return Text(words)
            case "reasoning" if (raw := self._given_back()) or self.grown.joined("thinking"):
                return Reasoning(self.grown.joined("thinking"), raw=raw)
            case "function_call":
                id_ = text(self.said, "call_id") or text(self.said, "id")
                arguments = self.grown.joined("arguments") or "{}"
                return ToolCall(id_, text(self.said, "name"), arguments)
            case _:
                return None

    def _given_back(self) -> Mapping[str, Json] | None:
        """Only what holds its thought itself: nothing was stored that an id could name."""
        holds = self.said.get("encrypted_content") or self.said.get("content")
        return self.said if self.done and holds else None


def _joined(parts: Iterable[Mapping[str, Json]], name: str, between: str = "") -> str:
    return between.join(text(part, name) for part in parts)


class ResponsesReader:
    """Whole only after a terminal event. Unknown events and items are passed over."""

    def __init__(self) -> None:
        self._items: dict[Json, _Item] = {}  # by output_index, in the order of their coming
        self._response: Mapping[str, Json] = {}
        self._status = ""  # completed or incomplete, once it is over

    def feed(self, event: str, data: Mapping[str, Json]) -> Iterable[Event]:
        kind = text(data, "type") or event
        if kind in _DELTAS:
            of, name = _DELTAS[kind]
            return self._at(data, {"type": of}).grown.add(name, text(data, "delta"))
        match kind:
            case "response.created":
                self._items.clear()  # a gateway began anew
            case "response.output_item.added":
                self._at(data, table(data, "item"))
            case "response.output_item.done":
                return self._at(data, {}).finish(table(data, "item"))
            case "response.function_call_arguments.done":
                self._at(data, {}).grown.replace("arguments", text(data, "arguments"))
            case "response.reasoning_summary_part.added" if data.get("summary_index"):
                return self._at(data, {}).grown.add("thinking", _PARAGRAPH)
            case "response.completed" | "response.incomplete":
                return self._end(table(data, "response"), kind.removeprefix("response."))
            case "response.failed":
                raise in_stream(table(data, "response").get("error") or data)
            case "error":
                raise in_stream(data)
        return ()

    def done(self) -> None:
        """Only some gateways send ``[DONE]``; it proves nothing here."""

    def whole(self, body: Mapping[str, Json]) -> Iterable[Event]:
        if body.get("error") or body.get("status") == "failed":
            raise in_stream(body)
        if body.get("status") in _UNFINISHED:
            return ()
        return self._end(body, text(body, "status") or "completed")

    def close(self) -> Replied:
        if not self._status:
            raise cut()
        parts = tuple(part for item in self._items.values() if (part := item.part()))
        message = Message("assistant", parts)
        refusal = "".join(item.grown.joined("refusal") for item in self._items.values())
        return Replied(
            message=message,
            finish=settled(self._finish(refusal), message),
            usage=_usage(table(self._response, "usage")),
            model=text(self._response, "model"),
            id=text(self._response, "id"),
            refusal=refusal,
        )

    def _at(self, data: Mapping[str, Json], said: Mapping[str, Json]) -> _Item:
        return self._items.setdefault(data.get("output_index"), _Item(said))

    def _end(self, response: Mapping[str, Json], status: str) -> list[Event]:
        """Some servers tell all items only here, some tell none here."""
        self._response, self._status = response, status
        if any(item.done for item in self._items.values()):
            return []
        output = enumerate(tables(response, "output"))
        return [
            event
            for index, item in output
            for event in self._at({"output_index": index}, item).finish(item)
        ]

    def _finish(self, refusal: str) -> Finish:
        if self._status == "incomplete":
            reason = text(table(self._response, "incomplete_details"), "reason")
            return "filter" if reason == "content_filter" else "length"
        return "refusal" if refusal else "stop"


def _usage(raw: Mapping[str, Json]) -> Usage | None:
    if not raw:
        return None
    inputs, outputs = table(raw, "input_tokens_details"), table(raw, "output_tokens_details")
    return Usage(
        input_tokens=count(raw, "input_tokens"),
        output_tokens=count(raw, "output_tokens"),
        reasoning_tokens=count(outputs, "reasoning_tokens"),
        cached_tokens=count(inputs, "cached_tokens"),
        cache_write_tokens=count(inputs, "cache_write_tokens"),
        cost_usd=told(raw),
    )
