"""Calls of tools written in plain text, for models that know no other way. Pure.

The form is the one that most open models were trained on: JSON between <tool_call> marks. What
comes close to it (a fence around the JSON, a missing end, Action: and Action Input:) is read too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from kit.events import Message, Part, Reasoning, Request, Text, Tool, ToolCall, ToolResult
from kit.patterns.reacting.arguments import parsed

OPEN, CLOSE = "<tool_call>", "</tool_call>"
_CALL = re.compile(r"<tool_call>(.*?)(?:</tool_call>|(?=<tool_call>)|\Z)", re.DOTALL)
_IMAGINED = re.compile(r"<tool_response\b|^Observation:", re.MULTILINE)
_FENCE = re.compile(r"\A\s*```[\w-]*\s*\n(.*?)\n?\s*(?:```\s*)?\Z", re.DOTALL)
_ACTION = re.compile(
    r"^Action:[ \t]*(?P<name>[^\n]+?)[ \t]*\n+Action Input:[ \t]*(?P<arguments>.*?)\s*\Z",
    re.DOTALL | re.MULTILINE,
)
_TRAILING = re.compile(r",(\s*[}\]])")


def instruction(tools: Sequence[Tool]) -> str:
    """What a model is told of its tools, and of how to call them."""
    rows = "\n".join(json.dumps(_face(tool), ensure_ascii=False) for tool in tools)
    return (
        f"You have these tools, one a line:\n{rows}\n"
        "To use one, end your reply with its name and arguments as JSON between marks:\n"
        f'{OPEN}{{"name": "…", "arguments": {{…}}}}{CLOSE}\n'
        "The result comes in the next message, between <tool_response> marks. Never write a result "
        "yourself. When you know the answer, give it without any call."
    )


def spoken(request: Request) -> Request:
    """The same request with its tools, calls and results in words, and told where to stop."""
    messages = tuple(_spoken(message) for message in request.messages)
    stop = tuple(dict.fromkeys((*request.stop, CLOSE)))
    silent = request.tool_choice == "none"
    return replace(
        request,
        messages=messages,
        tools=(),
        tool_choice="auto",
        stop=request.stop if silent else stop,
    )


def heard(message: Message) -> Message:
    """A reply with its calls as parts; what follows an imagined result is left out."""
    text = message.text
    if imagined := _IMAGINED.search(text):
        text = text[: imagined.start()]
    calls = list(_marked(text)) or list(_classic(text))
    if not calls:
        return message
    rest = _ACTION.sub("", _CALL.sub("", text)).strip()
    thoughts = [part for part in message.parts if isinstance(part, Reasoning)]
    said: list[Part] = [Text(rest)] if rest else []
    return Message(message.role, (*thoughts, *said, *calls))


def unmarked(text: str) -> str:
    """A last answer without calls that nobody will make."""
    return _CALL.sub("", text).strip()


def _face(tool: Tool) -> dict[str, object]:
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters}


def _spoken(message: Message) -> Message:
    if not any(isinstance(part, ToolCall | ToolResult) for part in message.parts):
        return message
    role = "user" if message.role == "tool" else message.role
    return Message(role, tuple(_words(part) for part in message.parts))


def _words(part: Part) -> Part:
    match part:
        case ToolCall(_, name, arguments):
            return Text(f'\n{OPEN}{{"name": {json.dumps(name)}, "arguments": {arguments}}}{CLOSE}')
        case ToolResult(_, output):
            return Text(f"<tool_response>\n{output}\n</tool_response>\n")
        case _:
            return part


def _marked(text: str) -> Iterator[ToolCall]:
    for number, found in enumerate(_CALL.finditer(text), 1):
        yield _call(found[1], f"call_{number}")


def _call(written: str, id_: str) -> ToolCall:
    """One that cannot be read keeps what was written as its arguments, and is never made."""
    if fenced := _FENCE.match(written):
        written = fenced[1]
    value = _object(written)
    if value is None:
        return ToolCall(id_, "", written.strip())
    arguments = value.get("arguments", value.get("parameters", {}))
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(id_, str(value.get("name") or ""), text)


def _object(written: str) -> dict[str, object] | None:
    """JSON, with a comma too many or a brace too few forgiven."""
    for text in (written, _TRAILING.sub(r"\1", written), written + "}", written.rstrip()[:-1]):
        try:
            value = parsed(text)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            return value
    return None


def _classic(text: str) -> Iterator[ToolCall]:
    if found := _ACTION.search(text):
        yield ToolCall("call_1", found["name"].strip("`\"' "), found["arguments"].strip("` \n"))
