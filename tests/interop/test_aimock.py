"""The mock servers that the vendors' formats are tested for drift against answer ``kit``."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import aimock
import pytest
import sdks
from command import KEY, Kit

from kit.events import Message, Replied, Request, Text, Tool, ToolCall

WORDS = "Oslo is the capital of Norway 🌍, and has been so since 1814."
FIXTURES: list[dict[str, Any]] = [
    {"match": {"userMessage": "capital"}, "response": {"content": WORDS}},
    {
        "match": {"userMessage": "weather"},
        "response": {"toolCalls": [{"name": "weather", "arguments": {"city": "Oslo"}}]},
    },
    {
        "match": {"userMessage": "limit"},
        "response": {"error": {"message": "too fast", "type": "rate_limit_error"}, "status": 429},
    },
    {
        "match": {"userMessage": "key"},
        "response": {
            "error": {"message": "bad key", "type": "authentication_error"},
            "status": 401,
        },
    },
    {
        "match": {"userMessage": "broken"},
        "response": {"content": WORDS},
        "truncateAfterChunks": 4,
        "chunkSize": 5,
        "latency": 20,
    },
]
FORMS = {  # form → (dialect, base URL behind the address, path that is asked)
    "openai": ("openai-chat", "/v1", "/v1/chat/completions"),
    "openai-responses": ("openai-responses", "/v1", "/v1/responses"),
    "anthropic": ("anthropic", "", "/v1/messages"),
    "azure": (
        "openai-chat",
        "/openai/deployments/D",
        "/openai/deployments/D/chat/completions",
    ),
}


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = aimock.installed(tmp_path_factory.mktemp("aimock") / "node")
    with aimock.serving(folder, FIXTURES) as url:
        yield url


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def asked(form: str, mock: str, kit: Kit) -> Kit:
    """kit with one profile, in one form."""
    api, base, _ = FORMS[form]
    provider = 'provider = "azure"\n' if form == "azure" else ""
    kit.configure(
        f'[profiles.m]\n{provider}api = "{api}"\nbase_url = "{mock}{base}"\nmodel = "m-1"\n'
        "retries = 0\n"
    )
    kit.environ["KIT_KEY_M"] = KEY
    return kit


def journal(mock: str) -> list[Any]:
    with urllib.request.urlopen(f"{mock}/__aimock/journal") as answer:
        return list(json.load(answer))


def test_it_answers_in_every_form(asked: Kit, mock: str, form: str) -> None:
    said = asked("ask", "-s", "Be brief.", "What is the capital of Norway?")
    assert (said.code, said.out, said.err) == (0, f"{WORDS}\n", "")
    last = journal(mock)[-1]
    assert last["path"].partition("?")[0] == FORMS[form][2]
    assert last["response"]["status"] == 200


def test_its_refusals_have_the_right_exit_code(asked: Kit) -> None:
    refused = asked("ask", "Is my key good?")
    assert (refused.code, refused.out) == (3, "")
    assert "bad key" in refused.err
    limited = asked("ask", "Is there a limit?")
    assert (limited.code, limited.out) == (5, "")
    assert "too fast" in limited.err


def test_its_broken_streams_are_no_answers(asked: Kit) -> None:
    ran = asked("ask", "A broken promise?")
    assert ran.code == 6
    assert WORDS.startswith(ran.out.strip())
    assert ran.out.strip() != WORDS


def test_its_tool_calls_arrive(mock: str, form: str) -> None:
    api, base, _ = FORMS[form]
    asked = Request(
        (Message("user", (Text("The weather?"),)),),
        tools=(Tool("weather", "The weather", {"type": "object", "properties": {}}),),
    )
    more = {"provider": "azure"} if form == "azure" else {}
    *_, last = sdks.kit(asked, api, f"{mock}{base}", **more)
    assert isinstance(last, Replied)
    (call,) = (part for part in last.message.parts if isinstance(part, ToolCall))
    assert (call.name, json.loads(call.arguments)) == ("weather", {"city": "Oslo"})
    assert call.id
    assert last.finish == "tool_calls"
