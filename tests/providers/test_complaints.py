"""What a refusal becomes: one human sentence, the right error, how long to wait."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kit.errors import (
    AuthError,
    KitError,
    QuotaError,
    RateLimitError,
    RefusedError,
    RejectedError,
    UnavailableError,
    UnusableError,
)
from kit.providers.dialects.complaints import complaint, in_stream, retry_after

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


def complained(status: int, body: Any, **headers: str) -> KitError:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return complaint(status, named, data, host="h", now=NOW)


def said(body: Any, status: int = 400) -> str:
    return complained(status, body).message


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"message": "No.", "type": "t", "code": None}}, "No (400 t)"),
        ({"error": {"message": "No", "type": "t", "code": "c"}}, "No (400 c)"),
        ({"error": {"message": "No", "code": 400, "status": "BAD"}}, "No (400 BAD)"),
        ({"error": "No"}, "No (400)"),
        ({"code": "c", "error": "No"}, "No (400 c)"),
        ([{"error": {"message": "No", "status": "BAD"}}], "No (400 BAD)"),
        ({"error": ["No", "never"]}, "No; never (400)"),
        ({"object": "error", "message": "No", "code": "1500", "type": "t"}, "No (400 t)"),
        ({"detail": "No"}, "No (400)"),
        ({"detail": [{"loc": ["body", "x"], "msg": "No"}]}, "body.x: No (400)"),
        ({"errors": [{"message": "No", "code": 7}]}, "No (400)"),
        ({"error": {"message": '{"error": {"message": "Deep"}}'}}, "Deep (400)"),
        ({"error": {"message": "[{'loc': ('a',), 'msg': \"No\"}]"}}, "No (400)"),
        (
            {
                "error": {
                    "message": "Bad",
                    "metadata": {"provider_name": "P", "raw": '{"error":"No"}'},
                }
            },
            "Bad; P: No (400)",
        ),
        (
            {"error": {"message": "Bad", "failed_generation": "{x"}},
            "Bad; the model wrote: {x (400)",
        ),
        ({"error": {"message": "Bad", "details": [{"msg": "No", "loc": ["x"]}]}}, None),
        ({"error": {"message": None}}, "400 Bad Request"),
        ({"error": None, "message": 7}, "400 Bad Request"),
        ({}, "400 Bad Request"),
        (b"upstream\r\nis gone", "upstream is gone (400)"),
        (b"", "400 Bad Request"),
        (b"\xff\xfe", "\ufffd\ufffd (400)"),
    ],
)
def test_the_providers_words_are_found_in_every_shape(body: Any, words: str | None) -> None:
    words = words or "Bad; details: x: No (400)"
    assert said(body) == f"h refused the request: {words}"


def test_a_web_page_is_named_and_not_quoted() -> None:
    plain = b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    other = b"<!DOCTYPE html><title>Just\n a moment</title>" + b"x" * 9999
    error = complained(502, plain, content_type="text/html; charset=utf-8", CF_RAY="ray")
    assert type(error) is UnavailableError
    assert error.message == "h failed: 502 Bad Gateway (text/html) (request ray)"
    assert said(other, 403) == (
        "h does not allow this with the key: 403 Forbidden (text/html): Just a moment"
    )


def test_lines_controls_and_length_are_tamed() -> None:
    message = said({"error": {"message": "a\n\tb\x1b[2J\u202e\x9b" + "c" * 5000}})
    assert message.startswith("h refused the request: a b [2J")
    assert message.isprintable()
    assert len(message) < 500


@pytest.mark.parametrize(
    ("status", "body", "kind", "hint"),
    [
        (401, {"error": "Unauthorized"}, AuthError, "kit key set"),
        (403, {"error": "Forbidden"}, AuthError, "what the key may do"),
        (400, {"error": {"message": "API key not valid."}}, AuthError, "kit key set"),
        (400, {"code": "x", "error": "Incorrect API key provided."}, AuthError, "kit key set"),
        (402, {"error": "Payment"}, QuotaError, "add credit"),
        (429, {"error": {"message": "x", "code": "insufficient_quota"}}, QuotaError, "add credit"),
        (400, {"error": {"message": "Your credit balance is too low"}}, QuotaError, "add credit"),
        (429, {"error": {"message": "Upgrade at /settings/billing"}}, RateLimitError, "wait"),
        (400, {"error": {"message": "x", "code": "content_filter"}}, RefusedError, "prompt"),
        (404, {"error": "model 'x' not found"}, RejectedError, "kit models"),
        (400, {"error": {"code": "model_not_found", "message": "x"}}, RejectedError, "kit models"),
        (404, b"nothing here", RejectedError, "base_url"),
        (400, {"error": {"message": "prompt is too long: 9 > 5"}}, RejectedError, "shorten"),
        (422, {"detail": "x"}, RejectedError, ""),
        (408, {}, UnavailableError, "try again"),
        (409, {}, UnavailableError, "try again"),
        (500, {"error": {"message": "billing_error"}}, UnavailableError, "try again"),
        (529, {}, UnavailableError, "try again"),
        (599, {}, UnavailableError, "try again"),
    ],
)
def test_the_error_says_whose_fault_it_is_and_what_to_do(
    status: int, body: Any, kind: type[KitError], hint: str
) -> None:
    error = complained(status, body)
    assert type(error) is kind
    assert hint in error.hint
    assert error.http_status == status


def test_the_request_can_be_named_to_the_provider() -> None:
    error = complained(400, {"error": "No"}, X_Request_Id="req\n1", cf_ray="ray")
    assert (error.message, error.request_id) == (
        "h refused the request: No (400, request req 1)",
        "req 1",
    )
    assert complained(400, {"error": {"message": "No"}, "request_id": "r2"}).request_id == "r2"


def test_a_redirect_is_told_and_not_followed() -> None:
    error = complained(307, b"", Location="https://other/v1?token=secret")
    assert type(error) is RejectedError
    assert error.message == (
        "h redirects to https://other/v1 (307), and redirects are not followed"
    )


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        ({"error": {"message": "Up", "code": 502}}, UnavailableError, "h failed: Up (502)"),
        (b"", UnusableError, "h sent no API response: 200 OK, with an empty body"),
        (b"<html></html>", UnusableError, "h sent no API response: 200 OK (text/html)"),
    ],
)
def test_a_success_that_is_none_is_an_error_too(
    body: Any, kind: type[KitError], words: str
) -> None:
    error = complained(200, body)
    assert (type(error), error.message) == (kind, words)


# --- how long to wait ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 1.5 "}, 1.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after-ms": "0", "retry-after": "1"}, 1.0),
        ({"retry-after-ms": "0"}, 0.0),
        ({"retry-after-ms": "x", "retry-after": "2"}, 2.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:13:50 GMT"}, 30.0),
        ({"retry-after": "Tue, 14 Nov 2023 22:12:50 GMT"}, None),
        ({"retry-after": "Tue, 99 Nov 2023 22:12:50 GMT"}, None),
        *(({"retry-after": bad}, None) for bad in ("-1", "nan", "inf", "1e999", "", "soon", "١")),
        ({"retry-after": "9" * 400}, None),
    ],
)
def test_a_wait_is_believed_only_when_it_can_be_waited(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert retry_after(headers, NOW) == seconds


def test_the_wait_travels_with_the_error() -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "24.5s"}
    google = {"error": {"message": "You exceeded your current quota", "details": [info]}}
    waits = [complained(429, google), complained(429, google, retry_after="3")]
    assert [(type(e), getattr(e, "retry_after", 0)) for e in waits] == [
        (RateLimitError, 24.5),
        (RateLimitError, 3.0),
    ]


# --- errors inside a 200 ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("boom", UnavailableError),
        (None, UnavailableError),
        ({"message": "x"}, UnavailableError),
        ({"type": "overloaded_error", "message": "Overloaded"}, UnavailableError),
        ({"type": "error", "error": {"type": "rate_limit_error", "message": "x"}}, RateLimitError),
        ({"type": "authentication_error", "message": "x"}, AuthError),
        ({"type": "invalid_request_error", "message": "x"}, RejectedError),
        ({"type": "billing_error", "message": "x"}, QuotaError),
        ({"code": "rate_limit_exceeded", "message": "x"}, RateLimitError),
        ({"code": "insufficient_quota", "message": "x"}, QuotaError),
        ({"code": "server_error", "message": "x"}, UnavailableError),
        ({"code": 400, "message": "x"}, RejectedError),
        ({"code": "502", "message": "x"}, UnavailableError),
        ({"code": "tool_use_failed", "status_code": 400, "message": "x"}, RejectedError),
        ({"code": "content_filter", "message": "x"}, RefusedError),
    ],
)
def test_an_error_in_a_stream_has_the_class_that_its_type_means(
    error: Any, kind: type[KitError]
) -> None:
    assert type(in_stream(error)) is kind
    assert "None" not in in_stream(error).message


# --- recorded errors ----------------------------------------------------------------------------
EXITS = {401: 3, 403: 3, 429: 5, 500: 5, 501: 5, 503: 5}  # all other recorded statuses: 4
BAD_KEY = ("API key not valid", "Incorrect API key")


def test_all_recorded_errors_are_one_human_line(reference: Path) -> None:
    entries = json.loads((reference / "wire/errors.json").read_text())
    assert len(entries) == 263
    for entry in entries:
        headers, body = entry["headers"], entry["body"].encode()
        error = complaint(entry["status"], headers, body, host="the.host", now=NOW)
        line = error.message
        assert line.startswith("the.host ")
        assert line.isprintable()
        assert 15 < len(line) < 500
        assert "None" not in line
        assert "{'" not in line
        assert not line.endswith(".")
        assert str(entry["status"]) in line or entry["status"] == 200
        exit_ = EXITS.get(entry["status"], 4)
        if entry["status"] == 400 and any(words in line for words in BAD_KEY):
            exit_ = 3
        if entry["status"] == 200 and "(502)" in line:
            exit_ = 5
        assert error.code == exit_, line
