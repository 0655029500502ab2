"""The Responses API: what is sent, and recorded replies at every cut."""

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
from kit.providers.dialects.openai_responses import OpenAIResponses
from kit.providers.dialects.wire import Quirks

SERVERS_OWN_TOOLS_ONLY = {f"openai-responses/openai-{n}" for n in ("04", "05", "13", "14", "18")}
FOUR_IN_ONE = "openai-responses/azure-10"  # four replies were recorded into one file
MALFORMED, FAILED = "openai-responses/openai-01", "openai-responses/openai-02"


def user(*parts: str | Attachment) -> Message:
    return Message("user", tuple(Text(part) if isinstance(part, str) else part for part in parts))


def encoded(*messages: Message, quirks: Quirks | None = None, **settings: Any) -> dict[str, Any]:
    request = Request(messages, model="gpt-6.1", **settings)
    return OpenAIResponses().encode(request, quirks or Quirks())


def fed(*frames: dict[str, Any]) -> tuple[list[Event], Replied]:
    reader = OpenAIResponses().reader()
    events = [event for frame in frames for event in reader.feed("message", frame)]
    return events, reader.close()


def delta(kind: str, text: str, at: int = 0) -> dict[str, Any]:
    return {"type": f"response.{kind}.delta", "output_index": at, "delta": text}


def item(state: str, said: dict[str, Any], at: int = 0) -> dict[str, Any]:
    return {"type": f"response.output_item.{state}", "output_index": at, "item": said}


def completed(**response: Any) -> dict[str, Any]:
    return {"type": "response.completed", "response": {"id": "r1", "model": "gpt", **response}}


def spoken(*content: dict[str, str]) -> dict[str, Any]:
    return {"type": "message", "role": "assistant", "content": list(content)}


# --- what is sent -------------------------------------------------------------------------------
def test_a_plain_question_is_not_stored() -> None:
    assert encoded(user("Hi")) == {
        "model": "gpt-6.1",
        "input": [{"type": "message", "role": "user", "content": "Hi"}],
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "stream": True,
    }


def test_every_setting_has_its_field() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    body = encoded(
        Message("system", (Text("Be brief."),)),
        Message("system", (Text("Be kind."),)),
        user("Hi"),
        Message("system", (Text("In French."),)),
        quirks=Quirks(native_schema=True),
        temperature=0.0,
        top_p=0.9,
        max_tokens=7,
        seed=0,
        stop=("END",),
        reasoning_effort="low",
        schema=schema,
        tools=(Tool("now", "The time.", {"type": "object"}),),
        tool_choice="required",
    )
    assert body == {
        "model": "gpt-6.1",
        "instructions": "Be brief.\n\nBe kind.",
        "input": [
            {"type": "message", "role": "user", "content": "Hi"},
            {"type": "message", "role": "system", "content": "In French."},
        ],
        "tools": [
            {
                "type": "function",
                "name": "now",
                "description": "The time.",
                "parameters": {"type": "object"},
                "strict": False,
            }
        ],
        "tool_choice": "required",
        "max_output_tokens": 7,
        "temperature": 0.0,
        "top_p": 0.9,
        "seed": 0,
        "stop": ["END"],
        "reasoning": {"effort": "low", "summary": "auto"},
        "text": {
            "format": {"type": "json_schema", "name": "answer", "schema": schema, "strict": True}
        },
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "stream": True,
    }


def test_quirks_drop_and_add_fields_and_options_have_the_last_word() -> None:
    quirks = Quirks(dropped=frozenset({"temperature", "include"}), body={"user": "kit", "top_p": 1})
    body = encoded(user("Hi"), quirks=quirks, temperature=0.7, options={"top_p": 0.5})
    assert not {"temperature", "include"} & set(body)
    assert (body["user"], body["top_p"]) == ("kit", 0.5)


@pytest.mark.parametrize(
    ("model", "asked"),
    [("gpt-4o", False), ("openai/gpt-4.1-mini", False), ("gpt-6.1", True), ("grok-4.3", True)],
)
def test_encrypted_reasoning_is_not_asked_of_models_that_refuse(model: str, asked: bool) -> None:
    body = OpenAIResponses().encode(Request((user("Hi"),), model=model), Quirks())
    assert ("include" in body) is asked


def test_a_tool_loop_gives_encrypted_reasoning_back_unchanged() -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "Z0FB"}
    foreign = {"type": "thinking", "thinking": "of another provider", "signature": "c2ln"}
    body = encoded(
        user("Time?"),
        Message(
            "assistant",
            (
                Reasoning("", raw=thought),
                Reasoning("of another provider", raw=foreign),
                Text("Let me "),
                Text("see."),
                ToolCall("c1", "now", ""),
                ToolCall("c2", "sum", '{"a": 1}'),
            ),
        ),
        Message("tool", (ToolResult("c1", "12:00"), ToolResult("c2", "no", failed=True))),
        Message("assistant", (Reasoning("cut", raw=thought),)),
    )
    assert body["input"] == [
        {"type": "message", "role": "user", "content": "Time?"},
        thought,
        {"type": "message", "role": "assistant", "content": "Let me see."},
        {"type": "function_call", "call_id": "c1", "name": "now", "arguments": "{}"},
        {"type": "function_call", "call_id": "c2", "name": "sum", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "c1", "output": "12:00"},
        {"type": "function_call_output", "call_id": "c2", "output": "no"},
    ]


def test_attachments_are_images_or_files_by_data_or_address() -> None:
    body = encoded(
        user(
            "What is it?",
            Attachment("image/png", data="aWk="),
            Attachment("image/jpeg", url="https://example.org/a.jpg"),
            Attachment("application/pdf", data="cGRm", name="a.pdf"),
            Attachment("application/pdf", url="https://example.org/a.pdf"),
        )
    )
    assert body["input"][0]["content"] == [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": "data:image/png;base64,aWk="},
        {"type": "input_image", "image_url": "https://example.org/a.jpg"},
        {
            "type": "input_file",
            "filename": "a.pdf",
            "file_data": "data:application/pdf;base64,cGRm",
        },
        {"type": "input_file", "file_url": "https://example.org/a.pdf"},
    ]


# --- what comes back ----------------------------------------------------------------------------
def test_items_keep_their_order_and_encrypted_reasoning_is_kept() -> None:
    thought = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [{"text": "One"}, {"text": "Two"}],
        "encrypted_content": "Z0FB",
    }
    events, replied = fed(
        {"type": "response.created", "response": {"id": "r1"}},
        item("added", {"type": "reasoning", "id": "rs_1", "summary": []}),
        delta("reasoning_summary_text", "One"),
        {"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 1},
        delta("reasoning_summary_text", "Two"),
        item("done", thought),
        item("added", spoken(), at=1),
        delta("output_text", "Let ", at=1),
        delta("output_text", "me.", at=1),
        item("done", spoken({"type": "output_text", "text": "Let me."}), at=1),
        {"type": "response.event_of_tomorrow", "output_index": 1},
        item("added", {"type": "function_call", "call_id": "c1", "name": "sum"}, at=2),
        delta("function_call_arguments", '{"a":', at=2),
        {
            "type": "response.function_call_arguments.done",
            "output_index": 2,
            "arguments": '{"a":1}',
        },
        completed(
            usage={
                "input_tokens": 100,
                "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 8},
                "output_tokens": 30,
                "output_tokens_details": {"reasoning_tokens": 20},
            }
        ),
    )
    assert events == [
        ReasoningDelta(text="One"),
        ReasoningDelta(text="\n\n"),
        ReasoningDelta(text="Two"),
        TextDelta(text="Let "),
        TextDelta(text="me."),
    ]
    assert replied == Replied(
        message=Message(
            "assistant",
            (
                Reasoning("One\n\nTwo", raw=thought),
                Text("Let me."),
                ToolCall("c1", "sum", '{"a":1}'),
            ),
        ),
        finish="tool_calls",
        usage=Usage(100, 30, 20, 64, 8),
        model="gpt",
        id="r1",
    )


def test_text_that_was_not_streamed_is_shown_when_its_item_is_done() -> None:
    events, replied = fed(
        delta("output_text", "Let "),
        item("done", spoken({"type": "output_text", "text": "Let me."})),
        completed(),
    )
    assert events == [TextDelta(text="Let "), TextDelta(text="me.")]
    assert replied.message.text == "Let me."


def test_items_that_only_the_last_event_tells_are_read() -> None:
    output = [spoken({"type": "output_text", "text": "Hi"})]
    events, replied = fed(completed(output=output))
    assert (events, replied.message) == (
        [TextDelta(text="Hi")],
        Message("assistant", (Text("Hi"),)),
    )


def test_a_refusal_is_kept_apart_from_the_answer() -> None:
    events, replied = fed(
        delta("refusal", "Not "),
        item("done", spoken({"type": "refusal", "refusal": "Not that."})),
        completed(),
    )
    assert events == []
    assert (replied.finish, replied.refusal, replied.message.text) == ("refusal", "Not that.", "")


@pytest.mark.parametrize(
    ("reason", "finish"),
    [("max_output_tokens", "length"), ("content_filter", "filter"), ("of_tomorrow", "length")],
)
def test_an_incomplete_response_says_why(reason: str, finish: str) -> None:
    response = {"status": "incomplete", "incomplete_details": {"reason": reason}}
    _, replied = fed(
        delta("output_text", "Hi"), {"type": "response.incomplete", "response": response}
    )
    assert (replied.finish, replied.message.text) == (finish, "Hi")


def test_reasoning_that_only_an_id_names_is_not_given_back() -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [{"text": "Hm"}]}
    said = spoken({"type": "output_text", "text": "Hi"})
    _, replied = fed(completed(output=[thought, {"type": "reasoning", "id": "rs_2"}, said]))
    assert replied.message.parts == (Reasoning("Hm"), Text("Hi"))


def test_reasoning_that_was_cut_is_not_given_back() -> None:
    begun = {"type": "reasoning", "id": "rs_1", "encrypted_content": "Z0"}
    _, replied = fed(
        item("added", begun),
        delta("reasoning_summary_text", "Hm"),
        {"type": "response.incomplete", "response": {"output": []}},
    )
    assert (replied.finish, replied.message.parts) == ("length", (Reasoning("Hm"),))


def test_without_a_terminal_event_the_reply_is_not_whole() -> None:
    with pytest.raises(IncompleteError):
        fed(delta("output_text", "Hi"), item("done", spoken({"type": "output_text", "text": "Hi"})))


def test_a_whole_reply_that_says_nothing_is_unusable() -> None:
    with pytest.raises(UnusableError):
        fed(completed(output=[]))


@pytest.mark.parametrize(
    "frame",
    [
        {"type": "error", "code": "server_error", "message": "Too bad"},
        {"type": "error", "error": {"code": "server_error", "message": "Too bad"}},
        {
            "type": "response.failed",
            "response": {"error": {"code": "server_error", "message": "Too bad"}},
        },
    ],
)
def test_an_error_in_the_stream_is_raised(frame: dict[str, Any]) -> None:
    with pytest.raises(KitError, match="Too bad"):
        list(OpenAIResponses().reader().feed("message", frame))


def test_an_error_as_the_whole_body_is_raised() -> None:
    with pytest.raises(KitError, match="Too bad"):
        OpenAIResponses().reader().whole({"error": {"message": "Too bad"}})


# --- recorded replies ---------------------------------------------------------------------------
def facts(end: Any) -> Any:
    """A Replied in the terms of the recordings."""
    if not isinstance(end, Replied):
        return end
    parts = end.message.parts
    return {
        "text": end.message.text,
        "reasoning": "".join(part.text for part in parts if isinstance(part, Reasoning)),
        "calls": [
            (part.id, part.name, json.loads(part.arguments))
            for part in parts
            if isinstance(part, ToolCall)
        ],
        "refusal": end.refusal,
        "finish": end.finish,
        "usage": end.usage,
    }


def wanted(expected: dict[str, Any]) -> dict[str, Any]:
    calls, refusal = expected.get("tool_calls") or [], expected.get("refusal") or ""
    finish = "refusal" if refusal else "tool_calls" if calls else "stop"
    return {
        "text": expected["text"],
        "reasoning": expected.get("reasoning") or "",
        "calls": [(one["call_id"], one["name"], json.loads(one["arguments"])) for one in calls],
        "refusal": refusal,
        "finish": "length" if expected["status"] == "incomplete" else finish,
        "usage": usage(expected["usage"]),
    }


def usage(raw: dict[str, Any]) -> Usage:
    inputs, outputs = raw.get("input_tokens_details", {}), raw.get("output_tokens_details", {})
    return Usage(
        raw["input_tokens"],
        raw["output_tokens"],
        outputs.get("reasoning_tokens"),
        inputs.get("cached_tokens"),
        inputs.get("cache_write_tokens"),
        raw["cost_in_usd_ticks"] / 1e10 if "cost_in_usd_ticks" in raw else raw.get("cost"),
    )


@pytest.mark.parametrize("cut", CUTS)
def test_every_recorded_stream_is_understood_at_every_cut(reference: Path, cut: str) -> None:
    seen, expected = {}, {}
    for entry in streams(reference, "openai-responses"):
        name, what = entry["id"], entry["expected"]
        data = (reference / "wire/streams" / entry["file"]).read_bytes()
        got = replayed(OpenAIResponses(), data, cut, entry.get("chunk_sizes", ()))
        end = facts(got["end"])
        seen[name] = (got["text"], got["reasoning"], end)
        wish: Any = {MALFORMED: "IncompleteError", FAILED: "UnavailableError"}.get(name)
        if name in SERVERS_OWN_TOOLS_ONLY:
            wish = "UnusableError"
        elif name == FOUR_IN_ONE:
            wish = {**wanted(what), "calls": [], "reasoning": "", "finish": "stop"}
        expected[name] = (what["text"], what.get("reasoning", ""), wish or wanted(what))
    assert seen == expected


def test_every_recorded_body_is_understood(reference: Path) -> None:
    for entry in bodies(reference, "openai-responses"):
        reader, what = OpenAIResponses().reader(), entry["expected"]
        got = outcome(reader, reader.whole(entry["body"]))
        wish = "IncompleteError" if what["status"] == "queued" else wanted(what)
        end = facts(got["end"])
        if isinstance(wish, dict):
            wish["reasoning"] = got["reasoning"]  # the recordings do not name it
        assert (got["text"], end) == (what["text"], wish)


def test_a_summary_that_is_refused_is_not_asked_for_and_the_effort_stays() -> None:
    quirks = Quirks(dropped=frozenset({"reasoning.summary"}))
    request = Request((Message("user", (Text("Hi"),)),), model="gpt-5", reasoning_effort="low")
    assert OpenAIResponses().encode(request, quirks)["reasoning"] == {"effort": "low"}
