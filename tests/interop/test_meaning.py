"""The comparer of bodies: what it takes for the same, and what it never does."""

from __future__ import annotations

from typing import Any

import pytest
from meaning import meaning

CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1, "b": 2}'}}
SAME: list[tuple[Any, Any]] = [
    (
        {"messages": [{"role": "user", "content": "a"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}], "seed": None},
    ),
    ({"input": "a"}, {"input": [{"type": "message", "role": "user", "content": "a"}]}),
    ({"stop": "a", "tool_choice": "auto"}, {"stop": ["a"]}),
    ({"system": "a"}, {"system": [{"type": "text", "text": "a"}]}),
    (
        {"messages": [{"role": "assistant", "content": None, "tool_calls": [CALL]}]},
        {
            "messages": [
                {
                    "role": "assistant",
                    "tool_calls": [
                        CALL | {"function": {"name": "f", "arguments": '{"b":2,"a":1}'}}
                    ],
                }
            ]
        },
    ),
]
DIFFERENT: list[tuple[Any, Any]] = [
    ({"seed": 0}, {}),
    ({"temperature": 0}, {"temperature": 0.7}),
    ({"stop": ["a"]}, {"stop": ["a", "b"]}),
    ({"tool_choice": "required"}, {"tool_choice": "auto"}),
    (
        {"messages": [{"role": "user", "content": "a"}]},
        {"messages": [{"role": "system", "content": "a"}]},
    ),
    (
        {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]},
        {"messages": [{"role": "user", "content": "b"}, {"role": "user", "content": "a"}]},
    ),
    ({"max_tokens": 1}, {"max_completion_tokens": 1}),
    (
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True}}]},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
    ),
    (
        {"tools": [{"type": "function", "name": "f"}]},
        {"tools": [{"type": "function", "name": "f", "strict": False}]},
    ),
    (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a", "strict": True}}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}},
    ),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_a_server_answers_alike_means_the_same(one: Any, other: Any) -> None:
    assert meaning(one) == meaning(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_what_a_server_may_answer_otherwise_does_not(one: Any, other: Any) -> None:
    assert meaning(one) != meaning(other)
