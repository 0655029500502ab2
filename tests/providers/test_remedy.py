"""What one repeat may leave out, and what it must not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kit.providers.dialects.complaints import complaint
from kit.providers.dialects.remedy import healed as told
from kit.providers.dialects.remedy import remedy
from kit.providers.dialects.wire import Quirks

BODY = {"model": "m", "messages": [], "max_tokens": 4096, "temperature": 0.7, "stream": True}
PLAIN = {"max_tokens", "system"}  # a name and a role as they are from the start
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


NO_ROLE = "Unsupported value: 'messages[0].role' does not support '{}' with this model."
SYSTEM = {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]}


@pytest.mark.parametrize(
    ("message", "role"),
    [
        (NO_ROLE.format("system"), "user"),
        ("Developer instruction is not enabled for models/gemma-3n-e4b-it", "user"),
        ("System role not supported", "user"),
        ("This model does not support system messages", "user"),
        ("Conversation roles must alternate user/assistant/user/assistant/...", "user"),
        ("Please use a valid role: user, model.", "user"),
        ("Invalid value: 'system'. Supported values are: 'developer' and 'user'.", "developer"),
        ("'system' is not one of ['developer', 'user', 'assistant'] - 'messages.0'", "developer"),
    ],
)
def test_a_system_message_that_is_refused_is_sent_in_another_role(message: str, role: str) -> None:
    assert healed(message, **SYSTEM) == Quirks(system_role=role)
    assert healed(message) is None  # there was none


def test_a_developer_that_is_refused_becomes_the_system_where_that_is_offered() -> None:
    body = {"messages": [{"role": "developer", "content": "s"}]}
    quirks = Quirks(system_role="developer")
    unknown = "unknown variant `developer`, expected one of `system`, `user`, `assistant`"
    assert healed(unknown, quirks=quirks, **body) == Quirks()
    assert healed(NO_ROLE.format("developer"), quirks=quirks, **body) == Quirks(system_role="user")


def test_another_role_that_is_refused_is_not_the_systems() -> None:
    message = "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer'."
    assert healed(message, **SYSTEM) is None
    assert healed(NO_ROLE.format("system"), quirks=Quirks(system_role="user"), **SYSTEM) is None


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ("Encrypted content is not supported with this model.", "include"),
        (
            "Your organization must be verified to generate reasoning summaries. Please go to …",
            "reasoning.summary",
        ),
        ("Unsupported parameter: 'reasoning.summary' is not supported", "reasoning.summary"),
    ],
)
def test_what_only_a_responses_server_refuses_is_left_out(message: str, field: str) -> None:
    more = {"include": ["x"], "reasoning": {"effort": "low", "summary": "auto"}}
    assert healed(message, "reasoning", **more) == dropped(field)
    assert healed(message, "reasoning", field, **more) is None
    assert healed(message, "reasoning", reasoning={"effort": "low"}) is None


def test_who_may_not_stream_is_not_streamed_to() -> None:
    message = "Your organization must be verified to stream this model. Please go to …"
    assert healed(message, stream=True) == dropped("stream")
    assert healed(message, "stream", stream=True) is None


def test_what_is_done_otherwise_is_said() -> None:
    for after, words in [
        (Quirks(system_role="user"), "h refused system messages, which are sent as the user's"),
        (Quirks(system_role="developer"), "which are sent as developer messages from now on"),
        (Quirks(max_tokens_field="max_completion_tokens"), "wants the limit of tokens as max_c"),
        (dropped("seed", "stop"), "h refused a default of kit (seed, stop), which is left out"),
    ]:
        assert words in told("h", Quirks(), after)


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
        quirks = remedy(error.message, sent | SYSTEM, Quirks(), frozenset())
        if quirks is not None:
            healing = quirks.dropped or {quirks.max_tokens_field, quirks.system_role} - PLAIN
            found.setdefault(entry["provider"], set()).update(healing)
    assert found == {
        "anthropic": {"temperature"},
        "deepseek": {"tool_choice"},
        "azure": {"tool_choice"},
        "doubleword": {"temperature"},
        "llama.cpp": {"temperature"},
        "llama.cpp-here": {"max_tokens"},
        "openai": {"max_completion_tokens", "reasoning", "temperature", "user"},
        "openrouter": {"temperature", "user"},
        "vertexai": {"temperature", "user"},
        "xai": {"reasoning_effort"},
    }
