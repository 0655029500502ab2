"""Requests that real programs sent, read into kit's words and written again: the same meaning."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import pytest
from recordings import bodies, streams

from kit.events import Message, Part, Reasoning, Request, Text, Tool, ToolCall, ToolResult
from kit.providers.dialects.anthropic import Anthropic
from kit.providers.dialects.openai_responses import OpenAIResponses
from kit.providers.dialects.wire import Dialect, Quirks

Body = dict[str, Any]
Told = tuple[str, tuple[Any, ...]]  # who, and what in our parts
COMMON = {"model", "temperature", "top_p", "tools", "tool_choice", "stream"}
FIELDS = {
    "anthropic": COMMON | {"max_tokens", "messages", "system", "stop_sequences"},
    "openai-responses": COMMON | {"max_output_tokens", "input", "instructions", "include", "store"},
}


class Inexpressible(Exception):
    """A server's own tool, a forced tool, a document: not in kit's words."""


def _blocks(content: Any) -> list[Body]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _part(block: Body) -> Part:
    match block:
        case {"type": "text" | "input_text" | "output_text", "text": text}:
            return Text(text)
        case {"type": "tool_use", "id": id_, "name": name, "input": value}:
            return ToolCall(id_, name, json.dumps(value, sort_keys=True))
        case {"type": "function_call", "call_id": id_, "name": name, "arguments": value}:
            return ToolCall(id_, name, value)
        case {"type": "tool_result", "tool_use_id": id_, "content": output}:
            return ToolResult(id_, "".join(one["text"] for one in _blocks(output)))
        case {"type": "function_call_output", "call_id": id_, "output": str(output)}:
            return ToolResult(id_, output)
        case {"type": "reasoning"}:
            return Reasoning("", raw=block)
    raise Inexpressible(block)


def _told(body: Body) -> Iterator[Told]:
    """Who said what: a system text at first, then every turn or item."""
    if lead := body.get("system") or body.get("instructions"):
        yield "system", (Text("".join(block["text"] for block in _blocks(lead))),)
    entries = body.get("messages", body.get("input", []))
    for entry in [{"role": "user", "content": entries}] if isinstance(entries, str) else entries:
        if "role" in entry:
            yield entry["role"], tuple(_part(block) for block in _blocks(entry["content"]))
        else:
            part = _part(entry)
            yield "tool" if isinstance(part, ToolResult) else "assistant", (part,)


def _merged(told: Iterator[Told]) -> list[Told]:
    """Turns of one speaker are one; what leads is one system text; texts side by side are one."""
    named = [("user" if who == "tool" else who, parts) for who, parts in told]
    return [
        (who, tuple(_flat(chain.from_iterable(parts for _, parts in group))))
        for who, group in groupby(named, key=lambda pair: pair[0])
    ]


def _flat(parts: Iterator[Part]) -> Iterator[Part]:
    for is_text, run in groupby(parts, key=lambda part: isinstance(part, Text)):
        if is_text:
            yield Text("".join(part.text for part in run if isinstance(part, Text)).strip())
        else:
            yield from run


def _tools(body: Body) -> tuple[Tool, ...]:
    for tool in body.get("tools", ()):
        if "description" not in tool or "defer_loading" in tool:
            raise Inexpressible(tool)
    return tuple(
        Tool(one["name"], one["description"], one.get("input_schema") or one["parameters"])
        for one in body.get("tools", ())
    )


def _choice(body: Body) -> Any:
    choice = body.get("tool_choice") or "auto"
    kind = choice.get("type") if isinstance(choice, dict) else choice
    if kind not in {"auto", "none", "any", "required"}:
        raise Inexpressible(choice)
    return "required" if kind == "any" else kind


def request(body: Body) -> Request:
    """The body in kit's words. Turns or items of one speaker are one message."""
    return Request(
        tuple(Message(who, parts) for who, parts in _merged(_told(body))),  # type: ignore[arg-type]  # a role
        model=body.get("model"),
        temperature=body.get("temperature"),
        max_tokens=body.get("max_tokens", body.get("max_output_tokens")),
        top_p=body.get("top_p"),
        stop=tuple(body.get("stop_sequences", ())),
        tools=_tools(body),
        tool_choice=_choice(body),
    )


@pytest.mark.parametrize(
    ("name", "dialect", "least"),
    [("anthropic", Anthropic(), 15), ("openai-responses", OpenAIResponses(), 40)],
)
def test_a_recorded_request_means_the_same_when_kit_writes_it(
    reference: Path, name: str, dialect: Dialect, least: int
) -> None:
    checked = 0
    for entry in streams(reference, name) + bodies(reference, name):
        body = entry["request"] or {}
        if not body or not set(body) <= FIELDS[name]:
            continue
        try:
            recorded = request(body)
        except Inexpressible:
            continue
        assert request(dialect.encode(recorded, Quirks())) == recorded
        checked += 1
    assert checked >= least
