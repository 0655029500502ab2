"""A loop with tools held by a Python program."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kit import FakeProvider, react
from kit.errors import UnmetError, UsageError
from kit.events import ToolResult
from kit.patterns.steps import ToolUse

PAGE = Path(__file__).parent.parent / "docs" / "react.md"


def rainfall(city: str, month: int = 1) -> float:
    """Millimetres of rain in a month."""
    assert city == "Oslo"
    return 40.5 * month


async def later(what: str) -> str:
    return what.upper()


def buggy() -> str:
    raise ValueError("password=hunter2")


def wanting(*calls: tuple[str, dict[str, Any]]) -> FakeProvider:
    """A model that makes these calls at once, then says that it is done."""
    wanted = [
        {"name": name, "arguments": arguments, "id": f"c{number}"}
        for number, (name, arguments) in enumerate(calls)
    ]
    return FakeProvider().add_response(tool_calls=wanted).add_response("done")


def told(provider: FakeProvider) -> list[str]:
    """What the model was told of each call."""
    parts = provider.requests[1].messages[-1].parts
    return [re.sub(r"\[[^]]*\]\n?|\n", "", p.output) for p in parts if isinstance(p, ToolResult)]


def test_functions_and_words_are_tools() -> None:
    provider = wanting(
        ("rainfall", {"city": "Oslo", "month": "2"}),
        ("later", {"what": "hi"}),
        ("buggy", {}),
        ("calc", {"expression": "6*7"}),
    )
    result = asyncio.run(react(provider, "rain?", tools=[rainfall, later, buggy, "calc"]))
    assert (result.answer, result.detail["stopped"]) == ("done", "answer")
    assert told(provider) == ["81.0", "HI", "error: buggy raised ValueError", "42"]
    faces = {tool.name: tool for tool in provider.requests[0].tools}
    assert faces["rainfall"].description == "Millimetres of rain in a month."


def test_words_that_do_more_than_look_are_refused_or_put_to_the_program() -> None:
    argv = {"argv": ["echo", "hi"]}
    provider = wanting(("shell", argv))
    asyncio.run(react(provider, "say hi", tools=["shell"]))
    assert told(provider)[0].startswith("error: refused")
    asked: list[ToolUse] = []

    async def approve(use: ToolUse) -> bool:
        asked.append(use)
        return len(asked) > 1

    provider = wanting(("shell", argv), ("shell", argv))
    asyncio.run(react(provider, "say hi", tools=["shell"], approve=approve))
    assert told(provider)[0] == "error: refused: the user said no"
    assert "hi" in told(provider)[1]
    assert [use.arguments for use in asked] == [argv, argv]
    provider = wanting(("shell", argv))
    asyncio.run(react(provider, "say hi", tools=["shell"], allow=["exec"]))
    assert "hi" in told(provider)[0]


def test_rounds_that_are_used_up_are_an_unmet_error_with_the_answer() -> None:
    provider = wanting(("calc", {"expression": "1"}))
    with pytest.raises(UnmetError) as raised:
        asyncio.run(react(provider, "1?", tools=["calc"], max_rounds=2))
    assert raised.value.result.answer == "done"


def test_a_schema_holds_the_answer() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    result = asyncio.run(react(FakeProvider(["no", '{"n": 3}']), "3?", schema=schema))
    assert result.detail["parsed"] == {"n": 3}


def test_samples_vote() -> None:
    provider = FakeProvider(["ANSWER: 3"] * 3)
    result = asyncio.run(react(provider, "3?", samples=3))
    assert (result.answer, result.detail["agreement"]) == ("3", 1.0)


@pytest.mark.parametrize(
    "bad", [{"tools": [3]}, {"tools": ["calx"]}, {"max_rounds": 0}, {"allow": ["nothing"]}]
)
def test_what_cannot_work_is_a_usage_error(bad: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        asyncio.run(react(FakeProvider(["x"]), "x", **bad))


def test_the_example_of_the_page_runs() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", example], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "81 mm answer\n"
