"""The real llama.cpp server, with a small model, answers ``kit`` in each dialect."""

from __future__ import annotations

import json
import signal
from typing import Any

import embedded
import pytest
from command import Kit

pytestmark = pytest.mark.model

DIALECTS = ("openai-chat", "openai-responses", "anthropic")
HELPFUL = ("-s", "You are a helpful assistant.", "--temperature", "0", "--max-tokens", "24")
CAPITAL = "What is the capital of Japan?"
CITY: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string", "enum": ["Tokyo", "Kyoto"]}},
    "required": ["city"],
    "additionalProperties": False,
}


def speaking(dialect: str, kit: Kit, url: str) -> Kit:
    kit.configure(
        f'[profiles.m]\nprovider = "llama-cpp"\napi = "{dialect}"\nbase_url = "{url}"\n'
        'model = "m"\nkey = "none"\n'
    )
    return kit


@pytest.fixture(params=DIALECTS)
def asked(request: pytest.FixtureRequest, kit: Kit, llama_server: str) -> Kit:
    """kit with one profile, in each dialect."""
    return speaking(request.param, kit, llama_server)


def test_it_answers_and_tells_its_usage(asked: Kit) -> None:
    ran = asked("ask", "--json", *HELPFUL, CAPITAL)
    assert ran.code in {0, 6}, ran.err  # at its limit of tokens, when it has its talkative moment
    result = ran.object
    assert result["answer"]
    assert result["usage"]["calls"] == 1
    assert result["usage"]["input_tokens"] == 27, ran.out
    assert 1 <= result["usage"]["output_tokens"] <= 24
    assert result["detail"]["finish"] == ("length" if ran.code else "stop")


def test_a_conversation_goes_on(asked: Kit) -> None:
    """What the server said comes back to it, as an item, a turn or a block of its own."""
    assert asked("ask", *HELPFUL, CAPITAL).code in {0, 6}
    ran = asked("ask", "-c", "--max-tokens", "8", "And of France?")
    assert ran.code in {0, 6}
    assert ran.out.strip()


@pytest.mark.parametrize("dialect", ["openai-chat", "anthropic"])
def test_the_limit_of_tokens_is_6_with_the_text(dialect: str, kit: Kit, llama_server: str) -> None:
    """Its Responses API calls such an answer completed, as if nothing were missing."""
    ran = speaking(dialect, kit, llama_server)("ask", "--max-tokens", "3", "Count to twenty.")
    assert ran.code == 6
    assert ran.out.strip()
    assert "--max-tokens" in ran.err


def test_a_schema_is_kept_by_the_server_itself(kit: Kit, llama_server: str) -> None:
    asked = speaking("openai-chat", kit, llama_server)
    schema = ("--schema", json.dumps(CITY), "--repairs", "0")
    ran = asked("ask", "--max-tokens", "40", *schema, "Name a city.")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["city"] in CITY["properties"]["city"]["enum"]


@pytest.mark.parametrize(
    ("dialect", "option"),
    [
        ("openai-chat", 'messages="none"'),
        ("openai-responses", "input=7"),
        ("anthropic", "messages=[7]"),
    ],
)
def test_a_bad_request_is_4_and_says_why(
    dialect: str, option: str, kit: Kit, llama_server: str
) -> None:
    ran = speaking(dialect, kit, llama_server)("ask", "--option", option, "hello")
    assert (ran.code, ran.out) == (4, "")
    assert "refused the request" in ran.err
    embedded.healthy(llama_server)


def test_four_answers_at_once_are_one_vote(kit: Kit, llama_server: str) -> None:
    asked = speaking("openai-chat", kit, llama_server)
    plan = ("-n", "4", "--stop", "none", "--choices", "Tokyo,Kyoto", "--speed", "max")
    ran = asked("consensus", "--json", *plan, *HELPFUL, CAPITAL)
    result = ran.object
    assert (ran.code, result["answer"]) == (0, "Tokyo")
    assert (result["detail"]["answered"], result["usage"]["calls"]) == (4, 4)


def test_it_streams_and_ctrl_c_closes_the_request(asked: Kit) -> None:
    """A part of a story that is never told to its end is on stdout."""
    story = ("--max-tokens", "1500", "--temperature", "0", "Tell a very long story of a dragon.")
    process = asked.start("ask", *story)
    assert process.stdout is not None
    assert process.stdout.read(5)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == 130
    assert asked.records()[-1]["result"]["status"] == "cancelled"
    assert asked("ask", *HELPFUL, CAPITAL).code in {0, 6}
