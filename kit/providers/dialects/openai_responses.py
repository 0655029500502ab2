"""The Responses API of OpenAI, and of the many that serve it too. Pure.

Nothing is kept at the server: reasoning travels encrypted, in the reply and back again.
Facts: developers.openai.com/api/docs/api-reference/responses.
"""

from __future__ import annotations

import re
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
from kit.providers.dialects.payload import payload
from kit.providers.dialects.responses_reader import ResponsesReader
from kit.providers.dialects.schemas import strict
from kit.providers.dialects.wire import Quirks

_ENCRYPTED = "reasoning.encrypted_content"
_THOUGHTLESS = re.compile(r"(?:^|/)(?:chat)?gpt-[34]")  # refuse to encrypt what they do not have


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
