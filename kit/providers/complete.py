"""A request made whole with what its profile says, and which of it somebody asked for. Pure."""

from __future__ import annotations

import json
from dataclasses import replace

from kit.dataclass import dataclass
from kit.errors import ConfigError
from kit.events import (
    Attachment,
    Json,
    Message,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)
from kit.providers.config.profiles import Profile

TEMPERATURE, MAX_TOKENS = 0.7, 4096
_FIELDS = {  # what a setting is called in the bodies of the dialects
    "max_tokens": ("max_completion_tokens", "max_output_tokens"),
    "stop": ("stop_sequences",),
    "reasoning_effort": ("reasoning", "thinking", "output_config"),
}
_SETTINGS = ("temperature", "max_tokens", "top_p", "seed", "stop", "reasoning_effort")


@dataclass(frozen=True, slots=True)
class Whole:
    """``asked``: the settings and raw fields that the request or the profile names, under all
    names that a body may have for them. The others are kit's own wishes and may be left out when
    a server refuses them: so is a schema's own field, since its words stand in the prompt too."""

    request: Request
    asked: frozenset[str]


def complete(request: Request, profile: Profile) -> Whole:
    """The request's own word wins, then the profile's, then the defaults. ConfigError without a
    model."""
    model = request.model or profile.model
    if not model:
        raise ConfigError(
            f"profile {profile.name!r} names no model",
            hint=f"add -m MODEL, or: kit profile set {profile.name} model=MODEL",
        )
    said = {name: _said(request, profile, name) for name in _SETTINGS}
    options = {**profile.extra, **request.options}
    asked = {name for name, value in said.items() if value not in (None, ())} | {*options}
    said["temperature"] = TEMPERATURE if said["temperature"] is None else said["temperature"]
    if said["max_tokens"] is None and not options.keys() & {*_FIELDS["max_tokens"]}:
        said["max_tokens"] = MAX_TOKENS
    messages = _with_system(request.messages, profile.system)
    whole = replace(request, messages=messages, model=model, options=options, **said)
    return Whole(whole, frozenset(asked.union(*(_FIELDS.get(name, ()) for name in asked))))


def worst_input(request: Request) -> int | None:
    """No tokenizer in use makes more tokens than there are bytes, nor a message cost eight more;
    what an attachment costs is unknown."""
    tools = sum(_tool(tool) for tool in request.tools)
    schema = _size(json.dumps(dict(request.schema))) if request.schema else 0
    sizes = [_weight(part) for message in request.messages for part in message.parts]
    if any(size is None for size in sizes):
        return None
    return sum(size or 0 for size in sizes) + 8 * len(request.messages) + tools + schema


def _tool(tool: Tool) -> int:
    about = json.dumps(dict(tool.parameters), ensure_ascii=False)
    return _size(tool.name) + _size(tool.description) + _size(about) + 100


def _said(request: Request, profile: Profile, name: str) -> Json:
    value = getattr(request, name)
    return getattr(profile, name) if value in (None, ()) else value


def _with_system(messages: tuple[Message, ...], system: str | None) -> tuple[Message, ...]:
    if not system or any(message.role == "system" for message in messages):
        return messages
    return Message("system", (Text(system),)), *messages


def _weight(part: Text | Reasoning | Attachment | ToolCall | ToolResult) -> int | None:
    match part:
        case Text(text) | Reasoning(text):
            return _size(text)
        case ToolCall(_, name, arguments):
            return _size(name) + _size(arguments)
        case ToolResult(_, output):
            return _size(output)
        case Attachment():
            return None


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
