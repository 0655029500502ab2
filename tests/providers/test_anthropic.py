"""The Messages API: what is sent, and recorded replies at every cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import CUTS, bodies, outcome, replayed, streams

from kit.errors import IncompleteError, KitError, UnusableError
from kit.events import (
    Attachment,
    Event,
    Message,
    Reasoning,
    ReasoningDelta,
    Replied,
    Request,
    Text,
    TextDelta,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
)
from kit.providers.dialects.anthropic import Anthropic
from kit.providers.dialects.wire import Quirks

OLD, NEW = Quirks(version="2023-06-01"), Quirks(version="2026-10-21")
FINISH = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "tool_use": "tool_calls",
    "refusal": "refusal",
}
NOTHING_SAID = {"anthropic/anthropic-01", "anthropic/anthropic-16"}
BEGUN_ANEW = {"anthropic/anthropic-20"}  # what was shown before cannot be taken back


def user(*parts: str | Attachment) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def encoded(*messages: Message, quirks: Quirks = OLD, **settings: Any) -> dict[str, Any]:
    return Anthropic().encode(Request(messages, model="claude-opus-5-5", **settings), quirks)


def fed(*frames: dict[str, Any]) -> tuple[list[Event], Replied]:
    reader = Anthropic().reader()
    events = [event for frame in frames for event in reader.feed("message", frame)]
    return events, reader.close()


START = {"type": "message_start", "message": {"id": "m1", "model": "claude", "content": []}}
STOP = {"type": "message_stop"}


def block(index: int, start: dict[str, Any], *deltas: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "content_block_start", "index": index, "content_block": start},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def ended(reason: str, **rest: Any) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason, **rest}}


# --- what is sent -------------------------------------------------------------------------------
def test_a_plain_question_carries_no_more_than_the_api_needs() -> None:
    assert encoded(user("Hi")) == {
        "model": "claude-opus-5-5",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "stream": True,
    }


def test_every_setting_has_its_field() -> None:
    body = encoded(
        Message("system", (Text("Be brief."),)),
        user("Hi"),
        Message("system", (Text("In French."),)),
        quirks=Quirks(version="2023-06-01", native_schema=True),
        temperature=0.0,
        top_p=0.9,
        max_tokens=7,
        seed=3,
        stop=("END",),
        reasoning_effort="minimal",
        schema={"type": "object", "additionalProperties": False},
        tools=(Tool("now", "The time.", {"type": "object", "properties": {}}),),
        tool_choice="none",
    )
    assert body == {
        "model": "claude-opus-5-5",
        "max_tokens": 7,
        "system": "Be brief.\n\nIn French.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Hi"}]}],
        "tools": [
            {
                "name": "now",
                "description": "The time.",
                "input_schema": {"type": "object", "properties": {}},
            }
        ],
        "tool_choice": {"type": "none"},
        "stop_sequences": ["END"],
        "seed": 3,
        "thinking": {"type": "adaptive"},
        "output_config": {
            "effort": "low",
            "format": {
                "type": "json_schema",
                "schema": {"type": "object", "additionalProperties": False},
            },
        },
        "temperature": 0.0,
        "top_p": 0.9,
        "stream": True,
    }


def test_no_version_drops_a_field_by_itself() -> None:
    """Which field an API refuses is its host's quirk, and never one of what was asked for."""
    body = encoded(user("Hi"), quirks=NEW, temperature=0.7, top_p=0.9)
    assert (body["temperature"], body["top_p"]) == (0.7, 0.9)


def test_quirks_drop_and_add_fields_and_options_have_the_last_word() -> None:
    quirks = Quirks(dropped=frozenset({"temperature"}), body={"service_tier": "auto", "top_k": 1})
    body = encoded(user("Hi"), quirks=quirks, temperature=0.7, options={"top_k": 5})
    assert (body.get("temperature"), body["service_tier"], body["top_k"]) == (None, "auto", 5)


def test_a_schema_that_the_server_would_refuse_is_not_sent() -> None:
    quirks = Quirks(native_schema=True)
    assert "output_config" not in encoded(user("Hi"), quirks=quirks, schema={"type": "object"})


@pytest.mark.parametrize(
    ("model", "choice", "effort", "thinking"),
    [
        ("claude-opus-5-5", "auto", "high", {"type": "adaptive"}),
        ("anthropic/claude-sonnet-4.6", "auto", "high", {"type": "adaptive"}),
        ("claude-sonnet-4-6", "required", "high", None),
        ("claude-sonnet-4-5-20250929", "auto", "high", None),
        ("claude-sonnet-4-20250514", "auto", "high", None),
        ("claude-haiku-4.5", "auto", "high", None),
        ("claude-3-7-sonnet-latest", "auto", "high", None),
        ("deepseek-v4-flash", "auto", "high", None),
        ("claude-opus-5-5", "auto", "none", {"type": "disabled"}),
        ("claude-opus-5-5", "auto", None, None),
    ],
)
def test_thinking_is_adaptive_only_where_it_is_known_to_be(
    model: str, choice: Any, effort: str | None, thinking: object
) -> None:
    tools = (Tool("now", "", {"type": "object"}),)
    request = Request(
        (user("Hi"),), model=model, tools=tools, tool_choice=choice, reasoning_effort=effort
    )
    body = Anthropic().encode(request, OLD)
    asked = {"effort": effort} if effort not in (None, "none") else None
    assert (body.get("thinking"), body.get("output_config")) == (thinking, asked)


def test_a_tool_loop_gives_thoughts_back_unchanged_and_pairs_calls_with_results() -> None:
    thought = {"type": "thinking", "thinking": "Two calls.", "signature": "c2ln"}
    hidden = {"type": "redacted_thinking", "data": "eHl6"}
    body = encoded(
        user("Time and sum?"),
        Message(
            "assistant",
            (
                Reasoning("Two calls.", raw=thought),
                Reasoning("", raw=hidden),
                Reasoning("of another provider", raw={"type": "reasoning", "id": "rs_1"}),
                Text("Let me see."),
                ToolCall("t1", "now", ""),
                ToolCall("t2", "sum", '{"a": 1}'),
                ToolCall("t3", "sum", '{"a": '),
            ),
        ),
        user("Hurry."),
        Message("tool", (ToolResult("t1", "12:00"),)),
        Message("tool", (ToolResult("t2", "1"), ToolResult("t3", "not JSON", failed=True))),
    )
    assert body["messages"] == [
        {"role": "user", "content": [{"type": "text", "text": "Time and sum?"}]},
        {
            "role": "assistant",
            "content": [
                thought,
                hidden,
                {"type": "text", "text": "Let me see."},
                {"type": "tool_use", "id": "t1", "name": "now", "input": {}},
                {"type": "tool_use", "id": "t2", "name": "sum", "input": {"a": 1}},
                {"type": "tool_use", "id": "t3", "name": "sum", "input": {}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "12:00"},
                {"type": "tool_result", "tool_use_id": "t2", "content": "1"},
                {
                    "type": "tool_result",
                    "tool_use_id": "t3",
                    "content": "not JSON",
                    "is_error": True,
                },
                {"type": "text", "text": "Hurry."},
            ],
        },
    ]


def test_attachments_are_images_or_documents_by_data_or_address() -> None:
    body = encoded(
        user(
            "What is it?",
            Attachment("image/png", data="aWk="),
            Attachment("image/jpeg", url="https://example.org/a.jpg"),
            Attachment("application/pdf", data="cGRm", name="a.pdf"),
        )
    )
    assert body["messages"][0]["content"][1:] == [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": "image/png", "data": "aWk="},
        },
        {"type": "image", "source": {"type": "url", "url": "https://example.org/a.jpg"}},
        {
            "type": "document",
            "source": {"type": "base64", "media_type": "application/pdf", "data": "cGRm"},
            "title": "a.pdf",
        },
    ]


def test_what_the_api_refuses_is_left_out() -> None:
    thought = {"type": "thinking", "thinking": "Hm", "signature": "c2ln"}
    body = encoded(
        user("Hi", "  "),
        Message("assistant", (Reasoning("Hm", raw=thought),)),  # cut before it said a word
        Message("assistant", (Text(""),)),
        user("Hello?"),
    )
    said = [{"type": "text", "text": "Hi"}, {"type": "text", "text": "Hello?"}]
    assert body["messages"] == [{"role": "user", "content": said}]


# --- what comes back ----------------------------------------------------------------------------
def test_blocks_keep_their_order_and_thoughts_their_signatures() -> None:
    events, replied = fed(
        START,
        {"type": "ping"},
        *block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "One "},
            {"type": "thinking_delta", "thinking": "call."},
            {"type": "signature_delta", "signature": "c2ln"},
        ),
        *block(1, {"type": "redacted_thinking", "data": "eHl6"}),
        *block(2, {"type": "text", "text": ""}, {"type": "text_delta", "text": "Let me."}),
        *block(3, {"type": "server_tool_use", "id": "s1", "name": "web", "input": {}}),
        *block(
            4,
            {"type": "tool_use", "id": "t1", "name": "sum", "input": {}},
            {"type": "input_json_delta", "partial_json": ""},
            {"type": "input_json_delta", "partial_json": '{"a":'},
            {"type": "input_json_delta", "partial_json": "1}"},
            {"type": "delta_of_tomorrow", "text": "?"},
        ),
        *block(5, {"type": "tool_use", "id": "t2", "name": "now", "input": {}}),
        {"type": "event_of_tomorrow"},
        ended("tool_use"),
        STOP,
    )
    assert events == [
        ReasoningDelta(text="One "),
        ReasoningDelta(text="call."),
        TextDelta(text="Let me."),
    ]
    assert replied == Replied(
        message=Message(
            "assistant",
            (
                Reasoning(
                    "One call.",
                    raw={"type": "thinking", "thinking": "One call.", "signature": "c2ln"},
                ),
                Reasoning("", raw={"type": "redacted_thinking", "data": "eHl6"}),
                Text("Let me."),
                ToolCall("t1", "sum", '{"a":1}'),
                ToolCall("t2", "now", "{}"),
            ),
        ),
        finish="tool_calls",
        usage=None,
        model="claude",
        id="m1",
    )


def test_usage_is_the_sum_of_what_was_read_and_written_and_the_last_word_of_each() -> None:
    start = {"input_tokens": 5, "cache_read_input_tokens": 90, "cache_creation_input_tokens": 7}
    _, replied = fed(
        {"type": "message_start", "message": {"usage": {**start, "output_tokens": 1}}},
        *block(0, {"type": "text", "text": "Hi"}),
        {
            **ended("end_turn"),
            "usage": {
                "input_tokens": None,
                "output_tokens": 20,
                "output_tokens_details": {"thinking_tokens": 8},
            },
        },
        STOP,
    )
    assert replied.usage == Usage(102, 20, 8, 90, 7)


@pytest.mark.parametrize(
    ("reason", "finish"),
    [
        ("pause_turn", "stop"),
        ("model_context_window_exceeded", "length"),
        ("reason_of_tomorrow", "stop"),
        ("tool_use", "stop"),  # only the server's own tools were used
    ],
)
def test_each_stop_reason_is_one_of_ours(reason: str, finish: str) -> None:
    _, replied = fed(START, *block(0, {"type": "text", "text": "Hi"}), ended(reason), STOP)
    assert replied.finish == finish


def test_a_refusal_says_why() -> None:
    _, replied = fed(START, ended("refusal", stop_details={"explanation": "Not that."}), STOP)
    assert (replied.finish, replied.refusal) == ("refusal", "Not that.")


def test_a_thought_that_was_cut_before_its_signature_is_not_given_back() -> None:
    thought = block(0, {"type": "thinking", "thinking": "Hm"})
    _, replied = fed(START, *thought, ended("max_tokens"), STOP)
    assert replied.message.parts == (Reasoning("Hm"),)


def test_a_gateway_that_begins_anew_leaves_nothing_of_its_first_try() -> None:
    first = [*block(0, {"type": "text", "text": "Hi"}), *block(1, {"type": "text", "text": "!"})]
    again = block(0, {"type": "text", "text": "Hello"})
    _, replied = fed(START, *first, START, *again, ended("end_turn"), STOP)
    assert replied.message.parts == (Text("Hello"),)


def test_without_message_stop_the_reply_is_not_whole() -> None:
    with pytest.raises(IncompleteError):
        fed(START, *block(0, {"type": "text", "text": "Hi"}), ended("end_turn"))


def test_a_whole_reply_that_says_nothing_is_unusable() -> None:
    with pytest.raises(UnusableError):
        fed(START, ended("end_turn"), STOP)


def test_an_error_in_the_stream_is_raised_after_what_was_said() -> None:
    reader = Anthropic().reader()
    reader.feed("message_start", START)
    error = {"type": "overloaded_error", "message": "Overloaded"}
    with pytest.raises(KitError, match="Overloaded") as raised:
        reader.feed("error", {"type": "error", "error": error, "request_id": "req_1"})
    assert raised.value.request_id == "req_1"


def test_an_error_as_the_whole_body_is_raised() -> None:
    with pytest.raises(KitError, match="Overloaded"):
        Anthropic().reader().whole({"type": "error", "error": {"message": "Overloaded"}})


# --- recorded replies ---------------------------------------------------------------------------
def facts(end: Any) -> Any:
    """A Replied in the terms of the recordings."""
    if not isinstance(end, Replied):
        return end
    parts = end.message.parts
    return {
        "text": end.message.text,
        "thinking": "".join(part.text for part in parts if isinstance(part, Reasoning)),
        "calls": [
            {"id": part.id, "name": part.name, "input": json.loads(part.arguments)}
            for part in parts
            if isinstance(part, ToolCall)
        ],
        "finish": end.finish,
        "usage": end.usage,
    }


def wanted(expected: dict[str, Any]) -> dict[str, Any]:
    return {
        "text": expected["text"],
        "thinking": expected.get("thinking") or "",
        "calls": expected.get("tool_calls") or [],
        "finish": FINISH[expected["stop_reason"]],
        "usage": usage(expected["usage"]),
    }


def usage(raw: dict[str, Any]) -> Usage:
    read, written = raw.get("cache_read_input_tokens"), raw.get("cache_creation_input_tokens")
    return Usage(
        raw["input_tokens"] + (read or 0) + (written or 0),
        raw["output_tokens"],
        (raw.get("output_tokens_details") or {}).get("thinking_tokens"),
        read,
        written,
    )


@pytest.mark.parametrize("cut", CUTS)
def test_every_recorded_stream_is_understood_at_every_cut(reference: Path, cut: str) -> None:
    seen, expected = {}, {}
    for entry in streams(reference, "anthropic"):
        name, what = entry["id"], entry["expected"]
        data = (reference / "wire/streams" / entry["file"]).read_bytes()
        got = replayed(Anthropic(), data, cut, entry.get("chunk_sizes", ()))
        seen[name] = (got["text"], got["reasoning"], facts(got["end"]))
        end: Any = wanted(what)
        if not what["complete"]:
            end = "IncompleteError"
        elif name in NOTHING_SAID:
            end = "UnusableError"
        thought = what.get("thinking", "")
        shown = "I will call the tool." + thought if name in BEGUN_ANEW else thought
        expected[name] = (what["text"], shown, end)
    assert seen == expected


def test_every_recorded_body_is_understood(reference: Path) -> None:
    for entry in bodies(reference, "anthropic"):
        reader, what = Anthropic().reader(), entry["expected"]
        got = outcome(reader, reader.whole(entry["body"]))
        says_nothing = not what["text"] and not what["tool_calls"]
        end = "UnusableError" if says_nothing else wanted(what)
        assert (got["text"], got["reasoning"], facts(got["end"])) == (
            what["text"],
            what["thinking"] or "",
            end,
        )
