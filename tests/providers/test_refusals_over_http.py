"""Refusals as providers send them, through a real connection: the right error, in one line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from loopback import Server, error

from kit.errors import (
    AuthError,
    KitError,
    QuotaError,
    RateLimitError,
    RefusedError,
    RejectedError,
    UnavailableError,
)
from kit.events import Message, Request, Text
from kit.providers import open_provider
from kit.providers.config.profiles import Profile
from kit.providers.credentials.secret import Secret

KEY = "sk-test-0123456789abcdef0123"
ASKED = Request((Message("user", (Text("hi"),)),))
GOOGLE = {"code": 400, "message": "API key not valid.", "status": "INVALID_ARGUMENT"}
UPSTREAM = {"provider_name": "Acme", "raw": '{"error": {"message": "too busy"}}'}

CASES: list[tuple[int, Any, type[KitError], str]] = [
    (400, {"error": {"message": "Unknown model", "code": None}}, RejectedError, "Unknown model"),
    (401, {"error": {"message": f"Incorrect API key: {KEY}"}}, AuthError, "Incorrect API key"),
    (403, {"error": {"message": "Not in your country"}}, AuthError, "Not in your country"),
    (404, {"error": {"message": "The model `x` does not exist"}}, RejectedError, "kit models"),
    (402, {"error": {"message": "Insufficient credits", "code": 402}}, QuotaError, "credits"),
    (
        429,
        {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
        QuotaError,
        "exceeded your current quota",
    ),
    (429, {"error": {"message": "Rate limit reached"}}, RateLimitError, "Rate limit reached"),
    (
        529,
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        UnavailableError,
        "Overloaded",
    ),
    (400, [{"error": GOOGLE}], AuthError, "API key not valid"),
    (400, {"code": "invalid", "error": "Incorrect API key provided"}, AuthError, "Incorrect"),
    (404, {"error": "model 'x' not found"}, RejectedError, "model 'x' not found"),
    (422, {"detail": [{"loc": ["body", "n"], "msg": "too big"}]}, RejectedError, "body.n: too big"),
    (400, {"object": "error", "message": "bad value", "code": 40}, RejectedError, "bad value"),
    (400, {"message": "at the top"}, RejectedError, "at the top"),
    (400, {"errors": ["the first", "the second"]}, RejectedError, "the first"),
    (
        502,
        {"error": {"message": "Provider returned error", "metadata": UPSTREAM}},
        UnavailableError,
        "Acme: too busy",
    ),
    (
        400,
        {"error": {"message": "filtered", "code": "content_filter"}},
        RefusedError,
        "filtered",
    ),
    (503, b"<html><head><title>Down</title></head></html>", UnavailableError, "Down"),
    (500, b"", UnavailableError, "500 Internal Server Error"),
    (413, b"Request Entity Too Large", RejectedError, "Request Entity Too Large"),
    (400, b'{"error": {"message": "cut', RejectedError, "cut"),
    (400, {"error": {"message": "two\nlines\x1b[31m"}}, RejectedError, "two lines"),
]


def refused(server: Server) -> KitError:
    """The error that one call ends with."""
    profile = Profile(
        "p", api="openai-chat", base_url=server.base, model="m", retries=0, timeout=10.0
    )

    async def go() -> None:
        provider = open_provider(profile, Secret(KEY))
        try:
            async for _ in provider.stream(ASKED):
                pass
        finally:
            await provider.aclose()  # type: ignore[attr-defined]  # an Endpoint

    with pytest.raises(KitError) as caught:
        asyncio.run(go())
    return caught.value


def assert_one_human_line(found: KitError) -> None:
    said = f"{found.message}; {found.hint}"
    assert said.isprintable()
    assert 20 < len(found.message) < 700
    assert not found.message.endswith(".")
    assert "127.0.0.1" in found.message
    assert KEY not in said


@pytest.mark.parametrize(("status", "body", "kind", "words"), CASES)
def test_a_refusal_is_one_line_of_the_right_kind(
    server: Server, status: int, body: Any, kind: type[KitError], words: str
) -> None:
    server.script(error(status, body, {"x-request-id": "req-7"}))
    found = refused(server)
    assert (type(found), found.http_status, len(server.requests)) == (kind, status, 1)
    assert words in f"{found.message}; {found.hint}"
    assert (found.request_id, "request req-7" in found.message) == ("req-7", True)
    assert_one_human_line(found)


EXITS = {400: {3, 4}, 401: {3}, 402: {4}, 403: {3, 4}, 404: {3, 4}, 408: {5}, 409: {5}, 413: {4},
         422: {3, 4}, 429: {4, 5}}  # fmt: skip


def test_every_recorded_refusal_arrives_as_one_line_with_its_exit_code(
    server: Server, reference: Path
) -> None:
    """Each shape once: by provider and status."""
    entries = json.loads((reference / "wire/errors.json").read_text())
    shapes = {
        (entry["provider"], entry["status"]): entry for entry in entries if entry["status"] >= 400
    }
    for (_, status), entry in shapes.items():
        server.script(error(status, entry["body"].encode()))
        if status in (400, 422):  # a repaired request meets the same refusal
            server.default = error(status, entry["body"].encode())
        found = refused(server)
        assert found.code in EXITS.get(status, {4, 5} if status >= 500 else {4}), entry["body"]
        assert_one_human_line(found)
