"""The same conversations twice: in kit's words, and as a user of each vendor's SDK writes them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from kit.events import (
    Attachment,
    Message,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolResult,
)

PIXEL = base64.b64encode(b"\x89PNG\r\n\x1a\n pixel").decode()
PAPER = base64.b64encode(b"%PDF-1.4 paper").decode()
LINK = "https://example.org/cat.png"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "people": {"type": "integer"}},
    "required": ["city", "people"],
    "additionalProperties": False,
}
PLACE: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
}
WEATHER = Tool("weather", "The weather of a city", PLACE)
CLOCK = Tool("clock", "The time", {"type": "object", "properties": {}})
THOUGHT = {"type": "thinking", "thinking": "Oslo is north.", "signature": "c2lnbmVk"}
HIDDEN = {"type": "redacted_thinking", "data": "aGlkZGVu"}
SEALED = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "c2VhbGVk"}


@dataclass(frozen=True)
class Conversation:
    """``chat``, ``responses`` and ``messages`` are the arguments of the SDKs' create methods, but
    for the model and the limits; None where an API cannot say it."""

    name: str
    request: Request
    chat: dict[str, Any] | None
    responses: dict[str, Any] | None
    messages: dict[str, Any] | None


def said(role: Any, *parts: Any) -> Message:
    return Message(role, tuple(Text(one) if isinstance(one, str) else one for one in parts))


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any, **more: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content, **more}


def _chat_tool(tool: Tool) -> dict[str, Any]:
    about = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": about}


def _responses_tool(tool: Tool) -> dict[str, Any]:
    about = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "strict": False, **about}


def _messages_tool(tool: Tool) -> dict[str, Any]:
    about = {"name": tool.name, "description": tool.description}
    return {**about, "input_schema": tool.parameters}


HI = user("Hello, wörld 🌍")

CONVERSATIONS = (
    Conversation(
        "plain",
        Request((said("user", "Hello, wörld 🌍"),)),
        {"messages": [HI]},
        {"input": "Hello, wörld 🌍"},
        {"messages": [HI]},
    ),
    Conversation(
        "system",
        Request((said("system", "Be brief."), said("user", "Hello, wörld 🌍"))),
        {"messages": [{"role": "system", "content": "Be brief."}, HI]},
        {"instructions": "Be brief.", "input": [HI]},
        {"system": "Be brief.", "messages": [HI]},
    ),
    Conversation(
        "multi-turn",
        Request((said("user", "1 + 1?"), said("assistant", "2"), said("user", "And + 1?"))),
        {"messages": [user("1 + 1?"), assistant("2"), user("And + 1?")]},
        {"input": [user("1 + 1?"), assistant("2"), user("And + 1?")]},
        {"messages": [user("1 + 1?"), assistant("2"), user("And + 1?")]},
    ),
    Conversation(
        "tools offered",
        Request((said("user", "Oslo?"),), tools=(WEATHER, CLOCK)),
        {"messages": [user("Oslo?")], "tools": [_chat_tool(WEATHER), _chat_tool(CLOCK)]},
        {"input": "Oslo?", "tools": [_responses_tool(WEATHER), _responses_tool(CLOCK)]},
        {
            "messages": [user("Oslo?")],
            "tools": [_messages_tool(WEATHER), _messages_tool(CLOCK)],
            "tool_choice": {"type": "auto"},
        },
    ),
    Conversation(
        "a tool required",
        Request((said("user", "Oslo?"),), tools=(WEATHER,), tool_choice="required"),
        {
            "messages": [user("Oslo?")],
            "tools": [_chat_tool(WEATHER)],
            "tool_choice": "required",
        },
        {"input": "Oslo?", "tools": [_responses_tool(WEATHER)], "tool_choice": "required"},
        {
            "messages": [user("Oslo?")],
            "tools": [_messages_tool(WEATHER)],
            "tool_choice": {"type": "any"},
        },
    ),
    Conversation(
        "tools with results",
        Request(
            (
                said("user", "Oslo, and the time?"),
                said(
                    "assistant",
                    "I look.",
                    ToolCall("call_1", "weather", '{"city": "Oslo"}'),
                    ToolCall("call_2", "clock", "{}"),
                ),
                said("tool", ToolResult("call_1", "rain"), ToolResult("call_2", "stopped", True)),
            ),
            tools=(WEATHER, CLOCK),
        ),
        {
            "messages": [
                user("Oslo, and the time?"),
                assistant(
                    "I look.",
                    tool_calls=[
                        {
                            "id": "call_1",
                            "type": "function",
                            "function": {"name": "weather", "arguments": '{"city":"Oslo"}'},
                        },
                        {
                            "id": "call_2",
                            "type": "function",
                            "function": {"name": "clock", "arguments": "{}"},
                        },
                    ],
                ),
                {"role": "tool", "tool_call_id": "call_1", "content": "rain"},
                {"role": "tool", "tool_call_id": "call_2", "content": "stopped"},
            ],
            "tools": [_chat_tool(WEATHER), _chat_tool(CLOCK)],
        },
        {
            "input": [
                user("Oslo, and the time?"),
                assistant("I look."),
                {
                    "type": "function_call",
                    "call_id": "call_1",
                    "name": "weather",
                    "arguments": '{"city":"Oslo"}',
                },
                {
                    "type": "function_call",
                    "call_id": "call_2",
                    "name": "clock",
                    "arguments": "{}",
                },
                {"type": "function_call_output", "call_id": "call_1", "output": "rain"},
                {"type": "function_call_output", "call_id": "call_2", "output": "stopped"},
            ],
            "tools": [_responses_tool(WEATHER), _responses_tool(CLOCK)],
        },
        {
            "messages": [
                user("Oslo, and the time?"),
                assistant(
                    [
                        {"type": "text", "text": "I look."},
                        {
                            "type": "tool_use",
                            "id": "call_1",
                            "name": "weather",
                            "input": {"city": "Oslo"},
                        },
                        {"type": "tool_use", "id": "call_2", "name": "clock", "input": {}},
                    ]
                ),
                user(
                    [
                        {"type": "tool_result", "tool_use_id": "call_1", "content": "rain"},
                        {
                            "type": "tool_result",
                            "tool_use_id": "call_2",
                            "content": "stopped",
                            "is_error": True,
                        },
                    ]
                ),
            ],
            "tools": [_messages_tool(WEATHER), _messages_tool(CLOCK)],
        },
    ),
    Conversation(
        "an image, one by address, and a paper",
        Request(
            (
                said(
                    "user",
                    "What are these?",
                    Attachment("image/png", data=PIXEL),
                    Attachment("image/png", url=LINK),
                    Attachment("application/pdf", data=PAPER, name="paper.pdf"),
                ),
            )
        ),
        {
            "messages": [
                user(
                    [
                        {"type": "text", "text": "What are these?"},
                        {
                            "type": "image_url",
                            "image_url": {"url": f"data:image/png;base64,{PIXEL}"},
                        },
                        {"type": "image_url", "image_url": {"url": LINK, "detail": "auto"}},
                        {
                            "type": "file",
                            "file": {
                                "filename": "paper.pdf",
                                "file_data": f"data:application/pdf;base64,{PAPER}",
                            },
                        },
                    ]
                )
            ]
        },
        {
            "input": [
                user(
                    [
                        {"type": "input_text", "text": "What are these?"},
                        {
                            "type": "input_image",
                            "detail": "auto",
                            "image_url": f"data:image/png;base64,{PIXEL}",
                        },
                        {"type": "input_image", "detail": "auto", "image_url": LINK},
                        {
                            "type": "input_file",
                            "filename": "paper.pdf",
                            "file_data": f"data:application/pdf;base64,{PAPER}",
                        },
                    ]
                )
            ]
        },
        {
            "messages": [
                user(
                    [
                        {"type": "text", "text": "What are these?"},
                        {
                            "type": "image",
                            "source": {"type": "base64", "media_type": "image/png", "data": PIXEL},
                        },
                        {"type": "image", "source": {"type": "url", "url": LINK}},
                        {
                            "type": "document",
                            "title": "paper.pdf",
                            "source": {
                                "type": "base64",
                                "media_type": "application/pdf",
                                "data": PAPER,
                            },
                        },
                    ]
                )
            ]
        },
    ),
    Conversation(
        "a schema",
        Request((said("user", "A city?"),), schema=SCHEMA),
        {
            "messages": [user("A city?")],
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "city", "schema": SCHEMA, "strict": True},
            },
        },
        {
            "input": "A city?",
            "text": {
                "format": {"type": "json_schema", "name": "city", "schema": SCHEMA, "strict": True}
            },
        },
        {
            "messages": [user("A city?")],
            "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
        },
    ),
    Conversation(
        "stop",
        Request((said("user", "Count"),), stop=("3",)),
        {"messages": [user("Count")], "stop": "3"},
        None,
        {"messages": [user("Count")], "stop_sequences": ["3"]},
    ),
    Conversation(
        "seed",
        Request((said("user", "Count"),), seed=0),
        {"messages": [user("Count")], "seed": 0},
        None,
        None,
    ),
    Conversation(
        "sampling",
        Request((said("user", "Count"),), top_p=0.5),
        {"messages": [user("Count")], "top_p": 0.5},
        {"input": "Count", "top_p": 0.5},
        None,
    ),
    Conversation(
        "reasoning effort",
        Request((said("user", "Think"),), reasoning_effort="high"),
        {"messages": [user("Think")], "reasoning_effort": "high"},
        {"input": "Think", "reasoning": {"effort": "high", "summary": "auto"}},
        {
            "messages": [user("Think")],
            "thinking": {"type": "adaptive"},
            "output_config": {"effort": "high"},
        },
    ),
    Conversation(
        "no reasoning",
        Request((said("user", "Quick"),), reasoning_effort="none"),
        {"messages": [user("Quick")], "reasoning_effort": "none"},
        {"input": "Quick", "reasoning": {"effort": "none"}},
        {"messages": [user("Quick")], "thinking": {"type": "disabled"}},
    ),
    Conversation(
        "thoughts given back",
        Request(
            (
                said("user", "Oslo?"),
                said(
                    "assistant",
                    Reasoning("Oslo is north.", raw=THOUGHT),
                    Reasoning("", raw=HIDDEN),
                    ToolCall("call_1", "weather", '{"city": "Oslo"}'),
                ),
                said("tool", ToolResult("call_1", "rain")),
            ),
            tools=(WEATHER,),
        ),
        None,
        None,
        {
            "messages": [
                user("Oslo?"),
                assistant(
                    [
                        THOUGHT,
                        HIDDEN,
                        {
                            "type": "tool_use",
                            "id": "call_1",
                            "name": "weather",
                            "input": {"city": "Oslo"},
                        },
                    ]
                ),
                user([{"type": "tool_result", "tool_use_id": "call_1", "content": "rain"}]),
            ],
            "tools": [_messages_tool(WEATHER)],
        },
    ),
    Conversation(
        "sealed thoughts given back",
        Request(
            (
                said("user", "Oslo?"),
                said("assistant", Reasoning("", raw=SEALED), "Rain."),
                said("user", "And Rome?"),
            )
        ),
        None,
        {"input": [user("Oslo?"), SEALED, assistant("Rain."), user("And Rome?")]},
        None,
    ),
    Conversation(
        "a raw field",
        Request((said("user", "Hello"),), options={"service_tier": "flex", "top_p": 0.25}),
        {"messages": [user("Hello")], "service_tier": "flex", "top_p": 0.25},
        {"input": "Hello", "service_tier": "flex", "top_p": 0.25},
        None,
    ),
)
