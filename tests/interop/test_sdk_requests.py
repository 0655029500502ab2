"""What the vendors' SDKs send and what kit sends mean the same, field by field."""

from __future__ import annotations

from typing import Any

import pytest
import replies
import sdks
from conversations import CONVERSATIONS, Conversation
from loopback import Seen, Server
from meaning import meaning

HEADERS = ("authorization", "x-api-key", "api-key", "anthropic-version", "content-type")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sdks.alone(monkeypatch)


def cases(dialect: str) -> list[Any]:
    fit = [each for each in CONVERSATIONS if getattr(each, dialect) is not None]
    return [pytest.param(each, id=each.name) for each in fit]


def address(seen: Seen) -> tuple[str, str, dict[str, str | None]]:
    """Where it was sent, and what the server knows the sender by."""
    kept = {name: seen.headers.get(name) for name in HEADERS}
    return seen.method, seen.path, kept


def alike(server: Server) -> None:
    by_sdk, by_kit = server.requests
    assert address(by_kit) == address(by_sdk)
    assert meaning(by_kit.json) == meaning(by_sdk.json)


@pytest.mark.parametrize("case", cases("chat"))
def test_a_chat_means_what_the_openai_sdk_means(server: Server, case: Conversation) -> None:
    server.default = replies.streamed(replies.chat())
    sdks.ask_chat(sdks.openai(server.base), case.chat or {})
    sdks.kit(case.request, "openai-chat", server.base)
    alike(server)


@pytest.mark.parametrize("case", cases("responses"))
def test_a_response_means_what_the_openai_sdk_means(server: Server, case: Conversation) -> None:
    server.default = replies.streamed(replies.responses())
    sdks.ask_responses(sdks.openai(server.base), case.responses or {})
    sdks.kit(case.request, "openai-responses", server.base)
    alike(server)


@pytest.mark.parametrize("case", cases("messages"))
def test_a_message_means_what_the_anthropic_sdk_means(server: Server, case: Conversation) -> None:
    server.default = replies.streamed(replies.messages())
    sdks.ask_messages(sdks.anthropic(server.url), case.messages or {})
    sdks.kit(case.request, "anthropic", server.url)
    alike(server)


def test_the_older_anthropic_version_differs_in_what_it_must(server: Server) -> None:
    """The SDK no longer speaks it: the key's header, the version and temperature are all."""
    server.default = replies.streamed(replies.messages())
    case = CONVERSATIONS[0]
    sdks.ask_messages(sdks.anthropic(server.url), case.messages or {})
    sdks.kit(case.request, "anthropic", server.url, api_version="2023-06-01")
    by_sdk, by_kit = server.requests
    assert by_kit.headers["x-api-key"] == sdks.KEY
    assert by_kit.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in by_kit.headers
    assert meaning(by_kit.json) == {**meaning(by_sdk.json), "temperature": 0.7}


@pytest.mark.parametrize("slash", ["", "/"])
def test_an_azure_deployment_is_asked_as_the_openai_sdk_asks_it(server: Server, slash: str) -> None:
    server.default = replies.streamed(replies.chat())
    case = CONVERSATIONS[1]
    sdks.ask_chat(sdks.azure(server.url, "D", "2024-10-21"), case.chat or {})
    base = f"{server.url}/openai/deployments/D{slash}"
    sdks.kit(case.request, "openai-chat", base, provider="azure")
    alike(server)
    assert (
        server.requests[1].path == "/openai/deployments/D/chat/completions?api-version=2024-10-21"
    )


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_azure_v1_path_is_that_of_the_openai_sdk(server: Server, slash: str) -> None:
    """There the vendor's documentation uses the plain client, so the key is a Bearer token; kit
    sends it as the api-key that the same address takes."""
    server.default = replies.streamed(replies.chat())
    case, base = CONVERSATIONS[1], f"{server.url}/openai/v1{slash}"
    sdks.ask_chat(sdks.openai(base), case.chat or {})
    sdks.kit(case.request, "openai-chat", base, provider="azure")
    by_sdk, by_kit = server.requests
    assert by_kit.path == by_sdk.path == "/openai/v1/chat/completions"
    assert by_kit.headers["api-key"] == sdks.KEY
    assert "authorization" not in by_kit.headers
    assert meaning(by_kit.json) == meaning(by_sdk.json)
