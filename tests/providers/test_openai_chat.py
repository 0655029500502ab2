"""Chat completions: what is sent."""

from __future__ import annotations

from typing import Any

import pytest

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
from kit.providers.dialects.openai_chat import OpenAIChat
from kit.providers.dialects.wire import Quirks

HELLO = (Message("user", (Text("Hello"),)),)
PLAIN = Quirks(stream_options=False)


def encoded(*messages: Message, quirks: Quirks = PLAIN, **rest: Any) -> dict[str, Any]:
    return OpenAIChat().encode(Request(messages or HELLO, model="m", **rest), quirks)


def sent(*messages: Message) -> list[Any]:
    turns: list[Any] = encoded(*messages)["messages"]
    return turns


def test_a_plain_question_sends_only_what_was_said() -> None:
    assert encoded() == {
        "model": "m",
        "messages": [{"role": "user", "content": "Hello"}],
        "stream": True,
    }


def test_every_field_has_its_place() -> None:
    tool = Tool("calc", "adds", {"type": "object"})
    body = encoded(
        Message("system", (Text("Be brief"),)),
        *HELLO,
        quirks=Quirks(max_tokens_field="max_completion_tokens", native_schema=True),
        temperature=0.0,
        max_tokens=5,
        top_p=0.5,
        seed=0,
        stop=("END",),
        reasoning_effort="low",
        schema={"type": "string"},
        tools=(tool,),
        tool_choice="required",
    )
    assert body == {
        "model": "m",
        "messages": [
            {"role": "system", "content": "Be brief"},
            {"role": "user", "content": "Hello"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "calc",
                    "description": "adds",
                    "parameters": {"type": "object"},
                },
            }
        ],
        "tool_choice": "required",
        "max_completion_tokens": 5,
        "temperature": 0.0,
        "top_p": 0.5,
        "seed": 0,
        "stop": ["END"],
        "reasoning_effort": "low",
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": {"type": "string"}, "strict": True},
        },
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_quirks_drop_and_add_and_the_users_own_fields_win() -> None:
    quirks = Quirks(
        dropped=frozenset({"temperature", "top_p", "stream_options"}), body={"a": 1, "b": 1}
    )
    body = encoded(quirks=quirks, temperature=1.0, top_p=0.5, options={"top_p": 0.9, "b": 2})
    assert body == encoded(options={"a": 1, "b": 2, "top_p": 0.9})


def test_tools_that_are_not_there_cannot_be_chosen() -> None:
    assert "tool_choice" not in encoded(tool_choice="required")


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, False),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "array", "items": {"type": "object"}}},
                "required": ["a"],
                "additionalProperties": False,
            },
            False,
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "integer"}},
                "required": ["a"],
                "additionalProperties": False,
            },
            True,
        ),
    ],
)
def test_a_schema_is_strict_only_where_strict_servers_take_it(
    schema: dict[str, Any], strict: bool
) -> None:
    body = encoded(quirks=Quirks(native_schema=True), schema=schema)
    assert body["response_format"]["json_schema"]["strict"] is strict


def test_images_and_files_stand_beside_the_words() -> None:
    message = Message(
        "user",
        (
            Text("What is this?"),
            Attachment("image/png", data="QUJD"),
            Attachment("image/png", url="https://host/a.png"),
            Attachment("application/pdf", data="QUJD", name="a.pdf"),
        ),
    )
    assert sent(message)[0]["content"] == [
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QUJD"}},
        {"type": "image_url", "image_url": {"url": "https://host/a.png"}},
        {
            "type": "file",
            "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,QUJD"},
        },
    ]


def test_a_tool_is_called_and_answered() -> None:
    assert sent(
        Message("assistant", (Reasoning("hm"), ToolCall("1", "now", ""), ToolCall("2", "f", "{"))),
        Message("tool", (ToolResult("1", "noon"), ToolResult("2", "bad", failed=True))),
        Message("assistant", (Reasoning("hm"), Text("It is noon."))),
    ) == [
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "now", "arguments": "{}"}},
                {"id": "2", "type": "function", "function": {"name": "f", "arguments": "{"}},
            ],
        },
        {"role": "tool", "tool_call_id": "1", "content": "noon"},
        {"role": "tool", "tool_call_id": "2", "content": "bad"},
        {"role": "assistant", "content": "It is noon."},
    ]


def test_reasoning_goes_back_only_in_the_hosts_own_field() -> None:
    own = Reasoning("hm", raw={"reasoning_content": "hm"})
    foreign = Reasoning("hm", raw={"type": "thinking", "thinking": "hm", "signature": "s"})
    turn, other = sent(Message("assistant", (own, Text("a"))), Message("assistant", (foreign,)))
    assert turn == {"role": "assistant", "content": "a", "reasoning_content": "hm"}
    assert other == {"role": "assistant", "content": ""}


def test_the_system_speaks_in_the_role_that_the_host_knows() -> None:
    turns = (Message("system", (Text("Be brief"),)), *HELLO)
    body = encoded(*turns, quirks=Quirks(system_role="developer"))
    assert body["messages"] == [
        {"role": "developer", "content": "Be brief"},
        {"role": "user", "content": "Hello"},
    ]


def test_where_nobody_may_be_the_system_its_words_lead_the_users() -> None:
    quirks = Quirks(system_role="user")
    brief, french = (Message("system", (Text(text),)) for text in ("Be brief", "In French"))
    said = Message("assistant", (Text("Oui"),))
    assert encoded(brief, *HELLO, said, french, *HELLO, quirks=quirks)["messages"] == [
        {"role": "user", "content": "Be brief\n\nIn French\n\nHello"},
        {"role": "assistant", "content": "Oui"},
        {"role": "user", "content": "Hello"},
    ]
    seen = Message("user", (Attachment("image/png", "aGk="), Text("What is it?")))
    (turn,) = encoded(brief, seen, quirks=quirks)["messages"]
    assert [piece["type"] for piece in turn["content"]] == ["text", "image_url", "text"]
    assert encoded(brief, quirks=quirks)["messages"] == [{"role": "user", "content": "Be brief"}]
    assert encoded(quirks=quirks) == encoded(quirks=Quirks())
