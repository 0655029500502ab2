"""What one repeat may leave out, and what it must not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kit.providers.complaints import complaint
from kit.providers.remedy import remedy
from kit.providers.wire import Quirks

BODY = {"model": "m", "messages": [], "max_tokens": 4096, "temperature": 0.7, "stream": True}
UNSUPPORTED = "Unsupported parameter: '{}' is not supported with this model."
RENAME = UNSUPPORTED.format("max_tokens") + " Use 'max_completion_tokens' instead."


def healed(message: str, *asked: str, quirks: Quirks | None = None, **more: Any) -> Quirks | None:
    return remedy(message, BODY | more, quirks or Quirks(), frozenset(asked))


def dropped(*names: str) -> Quirks:
    return Quirks(dropped=frozenset(names))


@pytest.mark.parametrize("asked", [(), ("max_tokens",)])
def test_the_token_limit_gets_the_name_that_the_server_wants(asked: tuple[str, ...]) -> None:
    assert healed(RENAME, *asked) == Quirks(max_tokens_field="max_completion_tokens")


def test_an_old_server_gets_the_old_name() -> None:
    quirks = Quirks(max_tokens_field="max_completion_tokens")
    body = {"model": "m", "max_completion_tokens": 5}
    for message in (
        "Unrecognized request argument supplied: max_completion_tokens",
        "body.max_completion_tokens: Extra inputs are not permitted",
    ):
        assert remedy(message, body, quirks, frozenset()) == Quirks()


@pytest.mark.parametrize(
    ("message", "name"),
    [
        (UNSUPPORTED.format("temperature"), "temperature"),
        ("temperature: range: 0..1", "temperature"),
        ("Validation: Temperature must be between 0 and 2", "temperature"),
        ("topP is not supported", "top_p"),
        ("Model x does not support parameter reasoningEffort.", "reasoning_effort"),
        ("Unknown field: stream_options.include_usage", "stream_options"),
        ("max_tokens is too large: 4096. This model supports at most 2048", "max_tokens"),
        ("'max_tokens' or 'max_completion_tokens' is too large: 4096.", "max_tokens"),
        ("Thinking mode does not support this tool_choice", "tool_choice"),
    ],
)
def test_a_refused_field_that_nobody_asked_for_is_left_out(message: str, name: str) -> None:
    more = {"top_p": 1, "reasoning_effort": "low", "stream_options": {}, "tool_choice": "none"}
    assert healed(message, **more) == dropped(name)
    assert healed(message, name, **more) is None


def test_the_name_as_it_was_sent_wins_over_a_word_that_looks_like_it() -> None:
    message = "Thinking mode does not support this tool_choice"
    assert healed(message, thinking={}, tool_choice="none") == dropped("tool_choice")


@pytest.mark.parametrize(
    "message",
    [
        UNSUPPORTED.format("top_p"),  # was not sent
        "The model `m` does not exist",
        "Invalid value: messages[0].role",
        "`tool calling` is not supported with this model",
        "tools[0].parameters.temperature is not supported",
        "max_tokens: Field required",
        "stream is not supported",
        "",
    ],
)
def test_other_refusals_have_no_remedy(message: str) -> None:
    assert healed(message) is None


def test_a_remedy_is_not_tried_twice() -> None:
    assert healed(UNSUPPORTED.format("temperature"), quirks=dropped("temperature")) is None


def test_of_two_limits_the_one_that_was_not_asked_for_goes() -> None:
    message = "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
    more = {"max_completion_tokens": 9}
    assert healed(message, "max_completion_tokens", **more) == dropped("max_tokens")
    assert healed(message, "max_completion_tokens", "max_tokens", **more) is None


def test_a_limit_that_was_asked_for_under_its_other_name_stays() -> None:
    quirks = Quirks(max_tokens_field="max_completion_tokens")
    body = {"model": "m", "max_completion_tokens": 5}
    message = "max_completion_tokens is too large"
    assert remedy(message, body, quirks, frozenset({"max_tokens"})) is None
    assert remedy(message, body, quirks, frozenset()) is not None


def test_the_messages_api_keeps_the_limit_that_it_requires() -> None:
    message = "max_tokens: 9999 > 8192, which is the maximum"
    assert healed(message, quirks=Quirks(version="2023-06-01")) is None


def test_recorded_refusals_of_a_field_are_healed(reference: Path) -> None:
    entries = json.loads((reference / "wire/errors.json").read_text())
    found: dict[str, set[str]] = {}
    for entry in entries:
        if entry["status"] not in {400, 422}:
            continue
        error = complaint(400, entry["headers"], entry["body"].encode(), host="h")
        sent = BODY | {"reasoning": {}, "reasoning_effort": "low", "tool_choice": "required"}
        quirks = remedy(error.message, sent, Quirks(), frozenset())
        if quirks is not None:
            healing = quirks.dropped or {quirks.max_tokens_field}
            found.setdefault(entry["provider"], set()).update(healing)
    assert found == {
        "anthropic": {"temperature"},
        "deepseek": {"tool_choice"},
        "azure": {"tool_choice"},
        "doubleword": {"temperature"},
        "llama.cpp": {"temperature"},
        "llama.cpp-here": {"max_tokens"},
        "openai": {"max_completion_tokens", "reasoning", "temperature"},
        "openrouter": {"temperature"},
        "vertexai": {"temperature"},
        "xai": {"reasoning_effort"},
    }
