"""A real model uses a real tool: its calls are held to a grammar by llama.cpp."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command import Kit

pytestmark = pytest.mark.model

PAGE = Path(__file__).parents[2] / "docs" / "react.md"


def grammar() -> str:
    """The one in the docs."""
    found = re.search(r"\$ cat calc\.gbnf\n(.*?)\$ kit", PAGE.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_a_small_model_computes_with_the_tool(kit: Kit, llama_server: str) -> None:
    kit.configure(
        f'[profiles.m]\nprovider = "llama-cpp"\nbase_url = "{llama_server}"\nmodel = "m"\n'
        'key = "none"\nsystem = "You are a helpful assistant."\n'
    )
    ran = kit(
        "react", "--text-protocol", "-t", "calc", "--temperature", "0", "--max-tokens", "60",
        "--max-rounds", "3", "--option", f"grammar={grammar()}", "--json", "Use calc: 1234 * 5678",
    )  # fmt: skip
    first = ran.object["detail"]["tool_calls"][0]
    assert (first["name"], first["ok"]) == ("calc", True), ran.err
    used = next(each for each in kit.records() if each["kind"] == "tool.used")
    left, right = re.fullmatch(r"(\d+) ?\* ?(\d+)", first["arguments"]["expression"]).groups()  # type: ignore[union-attr]  # the model copies two numbers; all else is a failure
    assert used["output"] == str(int(left) * int(right))
    assert ran.code in (0, 7)  # it answers, or goes on until its rounds are used up
