"""The Chat Completions dialect: OpenAI's, and that of some fifty other hosts. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

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
from kit.providers.dialects.chat_reader import ChatReader
from kit.providers.dialects.wire import Quirks

_GIVEN_BACK = ("reasoning_content", "reasoning_details")  # message fields that hosts want again


class OpenAIChat:
    """``quirks`` decide the name of the token limit, and what a host does not know."""

    path: str = "/chat/completions"

    def encode(self, request: Request, quirks: Quirks) -> dict[str, Json]:
        fields = {
            "model": request.model,
            "messages": _messages(request.messages, quirks.system_role),
            "tools": [_tool(tool) for tool in request.tools],
            "tool_choice": _choice(request),
            quirks.max_tokens_field: request.max_tokens,
            "temperature": request.temperature,
            "top_p": request.top_p,
            "seed": request.seed,
            "stop": list(request.stop),
            "reasoning_effort": request.reasoning_effort,
            "response_format": _format(request, quirks),
            "stream": True,
            "stream_options": _counted(quirks),
            **quirks.body,
        }
        kept = {name: value for name, value in fields.items() if name not in quirks.dropped}
        said = {name: value for name, value in kept.items() if value not in (None, "", [], {})}
        return said | dict(request.options)

    def reader(self) -> ChatReader:
        return ChatReader()


# --- what is sent -------------------------------------------------------------------------------
def _counted(quirks: Quirks) -> Json:
    """Usage at the end of a stream, which some hosts tell only when they are asked."""
    streamed = "stream" not in quirks.dropped
    return {"include_usage": True} if streamed and quirks.stream_options else None


def _choice(request: Request) -> str | None:
    return request.tool_choice if request.tools and request.tool_choice != "auto" else None


def _format(request: Request, quirks: Quirks) -> Json:
    if request.schema is None or not quirks.native_schema:
        return None
    schema = dict(request.schema)
    wanted = {"name": "answer", "schema": schema, "strict": _closed(schema)}
    return {"type": "json_schema", "json_schema": wanted}


def _closed(schema: Json) -> bool:
    """Strict mode takes only objects that name all their properties and require every one."""
    if isinstance(schema, list):
        return all(_closed(one) for one in schema)
    if not isinstance(schema, Mapping):
        return True
    properties = schema.get("properties")
    if schema.get("type") == "object" or isinstance(properties, Mapping):
        required = set(schema.get("required", ()))
        if schema.get("additionalProperties") is not False or required != set(properties or ()):
            return False
    return all(_closed(one) for one in schema.values())


def _tool(tool: Tool) -> dict[str, Json]:
    about = {
        "name": tool.name,
        "description": tool.description,
        "parameters": dict(tool.parameters),
    }
    return {"type": "function", "function": about}


def _messages(messages: tuple[Message, ...], system_role: str) -> list[dict[str, Json]]:
    led = _led(messages) if system_role == "user" else messages
    turns = [turn for message in led for turn in _turns(message)]
    return [turn | {"role": system_role} if turn["role"] == "system" else turn for turn in turns]


def _led(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """For models that take no system message: what it says stands before the user's first words."""
    system = "\n\n".join(message.text for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    if not system:
        return tuple(rest)
    at = next((i for i, message in enumerate(rest) if message.role == "user"), None)
    if at is None:
        return (Message("user", (Text(system),)), *rest)
    rest[at] = Message("user", (Text(f"{system}\n\n"), *rest[at].parts))
    return tuple(rest)


def _turns(message: Message) -> Iterator[dict[str, Json]]:
    """Each result of a tool is a turn of its own, before what was said beside it."""
    for part in message.parts:
        if isinstance(part, ToolResult):
            yield {"role": "tool", "tool_call_id": part.id, "content": part.output}
    if message.role == "assistant":
        yield _assistant(message)
    elif any(isinstance(part, Text | Attachment) for part in message.parts):
        role = "user" if message.role == "tool" else message.role
        yield {"role": role, "content": _content(message)}


def _assistant(message: Message) -> dict[str, Json]:
    calls = [
        {
            "id": part.id,
            "type": "function",
            "function": {"name": part.name, "arguments": part.arguments or "{}"},
        }
        for part in message.parts
        if isinstance(part, ToolCall)
    ]
    content = None if calls and not message.text else message.text
    turn: dict[str, Json] = {"role": "assistant", "content": content}
    for part in message.parts:
        if isinstance(part, Reasoning) and part.raw:
            turn |= {name: part.raw[name] for name in _GIVEN_BACK if name in part.raw}
    return turn | ({"tool_calls": calls} if calls else {})


def _content(message: Message) -> Json:
    """Plain text where nothing is attached: every server takes that."""
    if any(isinstance(part, Attachment) for part in message.parts):
        return [piece for part in message.parts if (piece := _piece(part))]
    return message.text


def _piece(part: Part) -> dict[str, Json] | None:
    match part:
        case Text(text=said) if said:
            return {"type": "text", "text": said}
        case Attachment(media_type=kind) if kind.startswith("image/"):
            return {"type": "image_url", "image_url": {"url": _url(part)}}
        case Attachment(name=name):
            about = {"filename": name or "file.pdf", "file_data": _url(part)}
            return {"type": "file", "file": about}
        case _:
            return None


def _url(part: Attachment) -> str:
    return f"data:{part.media_type};base64,{part.data}" if part.data else part.url
