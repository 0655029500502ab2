"""The Responses API of OpenAI, and of the many that serve it too. Pure.

Nothing is kept at the server: reasoning travels encrypted, in the reply and back again.
Facts: developers.openai.com/api/docs/api-reference/responses.
"""

from __future__ import annotations

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
from kit.providers.dialects.schemas import strict
from kit.providers.dialects.told import told
from kit.providers.dialects.wire import Quirks

_ENCRYPTED = "reasoning.encrypted_content"
_THOUGHTLESS = re.compile(r"(?:^|/)(?:chat)?gpt-[34]")  # refuse to encrypt what they do not have
_PARAGRAPH = "\n\n"  # between two parts of a summary
_DELTAS = {  # event → (type of its item, what grows)
    "response.output_text.delta": ("message", "text"),
    "response.refusal.delta": ("message", "refusal"),
    "response.reasoning_text.delta": ("reasoning", "thinking"),
    "response.reasoning_summary_text.delta": ("reasoning", "thinking"),
    "response.function_call_arguments.delta": ("function_call", "arguments"),
}
_UNFINISHED = frozenset({"queued", "in_progress", "cancelled"})


class OpenAIResponses:
    path: str = "/responses"

    def encode(self, request: Request, quirks: Quirks) -> dict[str, Json]:
        """``stop`` and ``seed`` are unknown to OpenAI here, and refused aloud where asked for."""
        head, rest = _split(request.messages)
        fields = {
            "model": request.model,
            "instructions": "\n\n".join(message.text for message in head),
            "input": [item for message in rest for item in _items(message)],
            "tools": [_tool(tool) for tool in request.tools],
            "tool_choice": _choice(request),
            "max_output_tokens": request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
            "stop": list(request.stop),
            "reasoning": _reasoning(request, quirks),
            "text": _format(request, quirks),
            "include": [] if _THOUGHTLESS.search(request.model or "") else [_ENCRYPTED],
            "store": False,
            "stream": True,
        }
        return payload(fields, quirks, request.options)

    def reader(self) -> ResponsesReader:
        return ResponsesReader()


# --- what is sent -------------------------------------------------------------------------------
def _split(messages: tuple[Message, ...]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    """The system messages at the start, and what follows."""
    first = next((i for i, one in enumerate(messages) if one.role != "system"), len(messages))
    return messages[:first], messages[first:]


def _choice(request: Request) -> str | None:
    return request.tool_choice if request.tools and request.tool_choice != "auto" else None


def _reasoning(request: Request, quirks: Quirks) -> Json:
    """Summaries are told to verified organisations only."""
    effort = request.reasoning_effort
    if effort in (None, "none") or "reasoning.summary" in quirks.dropped:
        return {"effort": effort} if effort else None
    return {"effort": effort, "summary": "auto"}


def _format(request: Request, quirks: Quirks) -> Json:
    if request.schema is None or not quirks.native_schema:
        return None
    schema = dict(request.schema)
    named = {"type": "json_schema", "name": "answer", "schema": schema}
    return {"format": {**named, "strict": strict(schema)}}


def _tool(tool: Tool) -> dict[str, Json]:
    """``strict`` is on here unless denied, and then refuses most schemas."""
    return {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
        "strict": False,
    }


def _items(message: Message) -> list[Json]:
    """A message becomes several items: what was said together, each call, each result."""
    items: list[Json] = []
    for spoken, parts in groupby(message.parts, key=lambda part: isinstance(part, _SPOKEN)):
        if spoken:
            said = {"role": _ROLES[message.role], "content": _content(list(parts))}
            items.append({"type": "message", **said})  # llama.cpp cannot do without the type
        else:
            items += [item for part in parts if (item := _item(part))]
    while items and items[-1].get("type") == "reasoning":
        items.pop()  # a thought that led to nothing is refused without its following item
    return items


_SPOKEN = (Text, Attachment)
_ROLES = {"system": "system", "user": "user", "assistant": "assistant", "tool": "user"}


def _content(parts: list[Part]) -> Json:
    """Plain text where nothing is attached: every server takes that from every role."""
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    return [_spoken(part) for part in parts]


def _spoken(part: Part) -> Json:
    match part:
        case Text(text=said):
            return {"type": "input_text", "text": said}
        case Attachment(media_type=kind) if kind.startswith("image/"):
            return {"type": "input_image", "image_url": _url(part)}
        case Attachment(data="", url=url):
            return {"type": "input_file", "file_url": url}
        case Attachment(name=name):
            return {"type": "input_file", "filename": name or "file.pdf", "file_data": _url(part)}
    return None


def _url(part: Attachment) -> str:
    return f"data:{part.media_type};base64,{part.data}" if part.data else part.url


def _item(part: Part) -> dict[str, Json] | None:
    match part:
        case Reasoning(raw=raw) if raw and raw.get("type") == "reasoning":
            return dict(raw)
        case ToolCall(id=id_, name=name, arguments=arguments):
            return {
                "type": "function_call",
                "call_id": id_,
                "name": name,
                "arguments": arguments or "{}",
            }
        case ToolResult(id=id_, output=output):
            return {"type": "function_call_output", "call_id": id_, "output": output}
        case _:
            return None


# --- what comes back ----------------------------------------------------------------------------
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
