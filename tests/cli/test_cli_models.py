"""``kit models``: what providers list, where it is shown, and what TAB makes of it."""

from __future__ import annotations

import json
import os
import sys

import pexpect
import pytest
from command import KEY, Kit
from loopback import Server, refusal, response

LIST = {
    "object": "list",
    "data": [
        {"id": "small", "owned_by": "acme", "context_window": 8192, "shutdown_date": "2026-12-11"},
        {"id": "large", "owned_by": "acme", "max_model_len": 131072},
        {"id": "odd\x1b[31m\n", "owned_by": None},
    ],
}


def test_ids_stand_one_a_line_in_a_pipe(kit: Kit, server: Server) -> None:
    server.script(response(LIST))
    ran = kit.serve(server.url)("models")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "large\nodd\\u{1b}[31m\\n\nsmall\n"
    (seen,) = server.requests
    assert (seen.method, seen.path) == ("GET", "/v1/models")
    assert seen.headers["authorization"] == f"Bearer {KEY}"


def test_what_is_known_of_each_is_shown_when_asked_for(kit: Kit, server: Server) -> None:
    server.default = response({"data": LIST["data"][:2]})
    kit.serve(server.url)
    wide = "large  131072 tokens  acme\nsmall  8192 tokens    acme  until 2026-12-11\n"
    assert kit("models", "-v").out == wide
    assert kit("models", "--json").object == [
        {"id": "large", "context": 131072, "owner": "acme", "shutdown_date": None},
        {"id": "small", "context": 8192, "owner": "acme", "shutdown_date": "2026-12-11"},
    ]
    server.default = response({"data": [{"id": "bare"}]})
    assert kit("models", "-v").out == "bare\n"


def test_a_terminal_is_shown_what_is_known(kit: Kit, server: Server) -> None:
    server.default = response(LIST)
    kit.serve(server.url)
    child = pexpect.spawn(
        sys.executable, ["-m", "kit", "models"], env={**kit.env(), "TERM": "xterm"},
        encoding="utf-8", timeout=30, dimensions=(24, 100),
    )  # type: ignore[arg-type]  # env takes str  # fmt: skip
    shown = str(child.read())
    child.close()
    assert "small            8192 tokens    acme  until 2026-12-11" in shown
    assert "\x1b" not in shown


def test_anthropic_is_asked_page_by_page(kit: Kit, server: Server) -> None:
    server.script(
        response({"data": [{"id": "claude-b"}], "has_more": True, "last_id": "claude-b"}),
        response({"data": [{"id": "claude-a"}], "has_more": False}),
    )
    ran = kit.serve(server.url, api_version="2023-06-01")(
        "models", "--base-url", server.url, "--api", "anthropic", KIT_KEY_ONE_OFF=KEY
    )
    assert (ran.code, ran.out) == (0, "claude-a\nclaude-b\n")
    assert [seen.path for seen in server.requests] == [
        "/v1/models?limit=1000",
        "/v1/models?limit=1000&after_id=claude-b",
    ]
    assert server.requests[0].headers["x-api-key"] == KEY
    assert server.requests[0].headers["anthropic-version"] == "2023-06-01"


def test_ollama_and_azure_are_asked_at_their_addresses(kit: Kit, server: Server) -> None:
    server.default = response({"object": "list", "data": [{"id": "llama3.2:1b"}]})
    ran = kit("models", "-p", "ollama", OLLAMA_HOST=f"127.0.0.1:{server.port}")
    assert (ran.code, ran.out, server.requests[-1].path) == (0, "llama3.2:1b\n", "/v1/models")
    deployment = f"{server.url}/openai/deployments/d"
    kit.configure(f'[profiles.a]\nprovider = "azure"\nbase_url = "{deployment}"\n')
    assert kit("models", KIT_KEY_A=KEY).code == 0
    assert server.requests[-1].path == "/openai/models?api-version=2024-10-21"
    assert server.requests[-1].headers["api-key"] == KEY


def test_who_needs_no_network_answers_too(kit: Kit) -> None:
    assert kit("models", "-p", "fake").out == "fake\n"
    assert kit("models", "-p", "local").out == "smollm2-135m\n"
    kit.configure('[profiles.f]\napi = "fake"\nmodel = "mine"\n')
    assert kit("models").out == "mine\n"


def test_a_class_of_ones_own_may_tell(kit: Kit) -> None:
    (kit.home / "own.py").write_text(
        "class Dumb:\n    async def stream(self, request):\n        yield\n"
        "class Knows(Dumb):\n    async def models(self):\n        return [{'id': 'mine'}]\n"
    )
    assert kit("models", "--api", f"{kit.home}/own.py:Knows").out == "mine\n"
    ran = kit("models", "--api", f"{kit.home}/own.py:Dumb")
    assert (ran.code, ran.out) == (2, "")
    assert "cannot list its models" in ran.err


@pytest.mark.parametrize(
    ("status", "message", "code", "said"),
    [
        (401, f"Incorrect API key provided: {KEY}", 3, "did not accept the key"),
        (404, "Not Found", 4, "m does not list its models (404); check base_url"),
    ],
)
def test_a_list_that_is_refused_is_an_error(
    kit: Kit, server: Server, status: int, message: str, code: int, said: str
) -> None:
    server.script(refusal(status, message))
    ran = kit.serve(server.url)("models")
    assert (ran.code, ran.out, len(server.requests)) == (code, "", 1)
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert KEY not in ran.err


def test_a_server_that_is_not_ready_is_asked_again(kit: Kit, server: Server) -> None:
    server.script(refusal(503, "loading"), response(LIST))
    ran = kit.serve(server.url, retries=1)("models", "-q")
    assert (ran.code, len(ran.out.splitlines()), len(server.requests)) == (0, 3, 2)
    server.default = refusal(503, "loading")
    ran = kit("models")
    assert (ran.code, ran.out, len(server.requests)) == (5, "", 4)
    assert "loading" in ran.err


def test_without_a_key_or_a_provider_it_is_3_and_without_a_server_5(kit: Kit) -> None:
    assert kit("models").code == 3
    assert kit("models", "-p", "groq").code == 3
    assert kit("models", "-p", "nobody").code == 2
    kit.serve("http://127.0.0.1:9/v1")
    assert kit("models").code == 5


def test_an_empty_list_is_said_to_be_one(kit: Kit, server: Server) -> None:
    server.default = response({"data": []})
    ran = kit.serve(server.url)("models")
    assert (ran.code, ran.out, ran.err) == (0, "", "kit: m lists no models\n")
    assert kit("models", "-q", "--json").out == "[]\n"


# --- TAB ------------------------------------------------------------------------------------------
def offered(kit: Kit, *words: str) -> list[str]:
    return kit("complete", *words).out.split("\n")[:-1]


def test_tab_offers_what_was_listed_and_asks_nobody(kit: Kit, server: Server) -> None:
    server.script(
        response({"data": [{"id": "mixtral"}, {"id": "mistral"}, {"id": "llama"}]}),
        response({"data": [{"id": "other-1"}]}),
    )
    kit.serve(server.url, "one").serve(server.url, "two")
    assert offered(kit, "models", "", "ask", "-m") == []
    kit("models", "-p", "one")
    kit("models", "-p", "two")
    assert offered(kit, "models", "mi", "ask", "-p", "one", "-m") == ["mistral", "mixtral"]
    two = ("consensus", "-p", "one", "-p", "two/x", "--model")
    assert offered(kit, "models", "", *two) == ["other-1"]
    assert offered(kit, "models", "", "ask", "-m") == ["llama", "mistral", "mixtral", "other-1"]
    assert "one/llama" in offered(kit, "profiles", "one/l", "ask", "-p")
    kit.configure(f'default_profile = "two"\n{kit.toml}')
    assert offered(kit, "models", "", "ask", "-m") == ["other-1"]
    assert len(server.requests) == 2


def test_what_was_listed_is_kept_in_private_and_may_be_broken(kit: Kit, server: Server) -> None:
    server.default = response({"data": [{"id": "a"}]})
    kit.serve(server.url)("models")
    path = kit.home / "cache" / "kit" / "models.json"
    assert json.loads(path.read_text()) == {"m": ["a"]}
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.stat(path.parent).st_mode & 0o777 == 0o700
    for text in ("{", "[]", '{"m": 3}', '{"m": [1, null, "a\\u001b"]}'):
        path.write_text(text)
        assert offered(kit, "models", "", "ask", "-m") == []
    kit("models", "--base-url", server.url, "--api", "openai-chat", KIT_KEY_ONE_OFF=KEY)
    assert "one-off" not in path.read_text()


def test_a_cache_that_cannot_be_written_costs_nothing(kit: Kit, server: Server) -> None:
    server.default = response({"data": [{"id": "a"}]})
    (kit.home / "cache").write_text("a file")
    ran = kit.serve(server.url)("models")
    assert (ran.code, ran.out, ran.err) == (0, "a\n", "")
