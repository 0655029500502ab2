"""Chat completions: what comes back, and every recorded reply at every cut."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from recordings import CUTS, bodies, pieces, streams

from kit.errors import IncompleteError, KitError, UnavailableError, UnusableError
from kit.events import (
    Event,
    Message,
    Reasoning,
    ReasoningDelta,
    Replied,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from kit.providers.dialects.decoder import Decoder
from kit.providers.dialects.openai_chat import OpenAIChat


def read(*chunks: dict[str, Any], done: bool = False) -> tuple[list[Event], Replied]:
    reader = OpenAIChat().reader()
    events = [event for chunk in chunks for event in reader.feed("message", chunk)]
    if done:
        reader.done()
    return events, reader.close()


def chunk(finish: str | None = None, **delta: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def test_words_and_thoughts_are_told_apart_in_every_shape() -> None:
    thinking = {"type": "thinking", "thinking": [{"type": "text", "text": "c"}]}
    events, reply = read(
        {"choices": []},
        {"choices": None},
        {"choices": [{"index": 0}]},
        chunk(content=None, reasoning_content="a"),
        chunk(content="", reasoning="b"),
        chunk(content=[thinking, {"type": "text", "text": "d"}]),
        chunk(content="e", tool_calls=None),
        {"choices": [{"index": 1, "delta": {"content": "another choice"}}]},
        chunk("stop"),
    )
    assert events == [
        ReasoningDelta(text="a"),
        ReasoningDelta(text="b"),
        ReasoningDelta(text="c"),
        TextDelta(text="d"),
        TextDelta(text="e"),
    ]
    assert reply == Replied(message=Message("assistant", (Reasoning("abc"), Text("de"))))


def test_tool_calls_grow_by_index_else_by_id() -> None:
    def call(**piece: Any) -> dict[str, Any]:
        return chunk(tool_calls=[piece])

    _, reply = read(
        call(index=0, id="a", function={"name": "f", "arguments": None}),
        call(index=0, id="other", function={"name": "g", "arguments": '{"x":'}),
        call(index=0, function={"arguments": "1}"}),
        call(id="b", function={"name": "h", "arguments": {"y": "é"}}),
        call(function={"name": "i", "arguments": "{"}),
        call(function={"arguments": "}"}),
        call(index=7, id="a", function={"name": "j"}),
        chunk("stop"),
    )
    assert reply.message.parts == (
        ToolCall("a", "f", '{"x":1}'),
        ToolCall("b", "h", '{"y": "é"}'),
        ToolCall("call_3", "i", "{}"),
        ToolCall("call_4", "j", ""),
    )
    assert reply.finish == "tool_calls"


def test_the_old_single_function_call_is_a_tool_call() -> None:
    _, reply = read(
        chunk(function_call={"name": "f", "arguments": "{"}),
        chunk("function_call", function_call={"arguments": "}"}),
    )
    assert reply == Replied(
        message=Message("assistant", (ToolCall("call_1", "f", "{}"),)), finish="tool_calls"
    )


def test_a_thought_before_a_tool_call_is_kept_for_deepseek() -> None:
    calls = [{"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}]
    _, reply = read(chunk(reasoning_content="hm"), chunk("tool_calls", tool_calls=calls))
    assert reply.message.parts[0] == Reasoning("hm", raw={"reasoning_content": "hm"})


def test_reasoning_details_are_joined_and_kept_for_openrouter() -> None:
    first = {"type": "reasoning.text", "index": 0, "text": "a", "signature": None}
    second = {"type": "reasoning.text", "index": 0, "text": "b", "signature": "s"}
    secret = {"type": "reasoning.encrypted", "index": 0, "data": "x"}
    _, reply = read(
        chunk(reasoning="a", reasoning_details=[first]),
        chunk(reasoning="b", reasoning_details=[second, secret, secret]),
        chunk("stop", content="c"),
    )
    joined = {"type": "reasoning.text", "index": 0, "text": "ab", "signature": "s"}
    assert reply.message.parts == (
        Reasoning("ab", raw={"reasoning_details": [joined, secret, secret]}),
        Text("c"),
    )


def test_a_refusal_is_no_text() -> None:
    events, reply = read(chunk(refusal="I can"), chunk("stop", refusal="not"))
    assert events == []
    assert reply == Replied(finish="refusal", refusal="I cannot")


@pytest.mark.parametrize(
    ("finish", "expected"),
    [
        ("stop", "stop"),
        ("eos", "stop"),
        ("length", "length"),
        ("content_filter", "filter"),
        ("tool_calls", "stop"),
    ],
)
def test_the_finish_is_the_houses_word(finish: str, expected: str) -> None:
    assert read(chunk(content="x"), chunk(finish), chunk(None))[1].finish == expected


def test_of_a_whole_body_the_message_counts_and_in_a_stream_the_delta() -> None:
    choice = {"delta": {"content": ""}, "message": {"content": "all"}, "finish_reason": "stop"}
    reader = OpenAIChat().reader()
    assert list(reader.whole({"choices": [choice]})) == [TextDelta(text="all")]
    assert reader.close().message.text == "all"
    assert read(chunk(content="all"), {"choices": [choice]})[1].message.text == "all"


def test_a_stream_is_whole_by_its_finish_or_by_done_alone() -> None:
    assert read(chunk(content="x"), done=True)[1] == Replied(
        message=Message("assistant", (Text("x"),))
    )
    with pytest.raises(IncompleteError):
        read(chunk(content="x"))


def test_a_whole_stream_that_says_nothing_is_no_answer() -> None:
    with pytest.raises(UnusableError):
        read(chunk(content=""), chunk("stop"), done=True)
    assert read(chunk("length"))[1] == Replied(finish="length")


@pytest.mark.parametrize(
    "bad",
    [
        {"error": {"message": "boom", "code": 502}},
        {"error": "boom"},
        {"object": "error", "message": "boom", "code": 503},
        {"choices": [{"delta": {}, "finish_reason": "error", "error": {"message": "boom"}}]},
        {"choices": [{"delta": {}, "finish_reason": "error"}]},
    ],
)
def test_an_error_in_the_stream_is_raised(bad: dict[str, Any]) -> None:
    with pytest.raises(UnavailableError):
        read(chunk(content="x"), bad)


USAGE = {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([chunk("stop")], None),
        ([chunk("stop"), {"choices": [], "usage": USAGE}], Usage(3, 5)),
        ([chunk("stop") | {"usage": USAGE}, {"usage": None}], Usage(3, 5)),
        ([chunk("stop") | {"x_groq": {"usage": USAGE}}], Usage(3, 5)),
        (
            [chunk("stop") | {"usage": USAGE}, {"usage": {**USAGE, "completion_tokens": 6}}],
            Usage(3, 6),
        ),
        ([chunk("stop") | {"usage": {"prompt_tokens": None}}], Usage()),
        (
            [
                chunk("stop")
                | {
                    "usage": USAGE
                    | {
                        "total_tokens": 15,
                        "prompt_tokens_details": {"cached_tokens": 2},
                        "completion_tokens_details": {"reasoning_tokens": 7},
                    }
                }
            ],
            Usage(3, 12, 7, 2),
        ),
        (
            [
                chunk("stop")
                | {"usage": USAGE | {"completion_tokens_details": {"reasoning_tokens": 4}}}
            ],
            Usage(3, 5, 4),
        ),
    ],
)
def test_usage_is_found_wherever_it_stands(
    chunks: list[dict[str, Any]], expected: Usage | None
) -> None:
    assert read(chunk(content="x"), *chunks)[1].usage == expected


# --- recorded replies ---------------------------------------------------------------------------
def decoded(chunks: Any) -> tuple[list[Event], Replied | KitError]:
    decoder = Decoder(OpenAIChat().reader())
    events: list[Event] = []
    try:
        for chunk_ in chunks:
            events.extend(decoder.feed(chunk_))
        events.extend(decoder.rest())
        return events, decoder.close()
    except KitError as error:
        return events, error


FINISHES = {"content_filter": "filter", "function_call": "tool_calls", "eos": "stop"}


def seen(events: list[Event], end: Replied | KitError) -> dict[str, Any]:
    """What arrived, in the words of the recordings."""
    shown = {
        "text": "".join(one.text for one in events if isinstance(one, TextDelta)),
        "reasoning": "".join(one.text for one in events if isinstance(one, ReasoningDelta)),
    }
    if isinstance(end, KitError):
        return shown | {"end": type(end).__name__}
    calls = [part for part in end.message.parts if isinstance(part, ToolCall)]
    thoughts = [part.text for part in end.message.parts if isinstance(part, Reasoning)]
    assert (end.message.text, "".join(thoughts)) == (shown["text"], shown["reasoning"])
    return shown | {
        "calls": [(call.id, call.name, call.arguments) for call in calls],
        "refusal": end.refusal,
        "finish": end.finish,
        "usage": end.usage and (end.usage.input_tokens, end.usage.reasoning_tokens),
        "output": end.usage and end.usage.output_tokens,
    }


def meant(choice: dict[str, Any], usage: dict[str, Any] | None) -> dict[str, Any]:
    calls = choice.get("tool_calls") or []
    finish = choice.get("finish_reason") or "stop"
    finish = "refusal" if choice.get("refusal") else FINISHES.get(finish, finish)
    if calls and finish == "stop":
        finish = "tool_calls"
    thought = ((usage or {}).get("completion_tokens_details") or {}).get("reasoning_tokens")
    output = (usage or {}).get("completion_tokens")
    if usage and thought and usage["total_tokens"] == usage["prompt_tokens"] + output + thought:
        output += thought
    return {
        "text": choice.get("text") or "",
        "reasoning": choice.get("reasoning") or "",
        "calls": [
            (call["id"] or f"call_{number}", call["name"], call["arguments"])
            for number, call in enumerate(calls, 1)
        ],
        "refusal": choice.get("refusal") or "",
        "finish": finish,
        "usage": usage and (usage["prompt_tokens"], thought),
        "output": output,
    }


def ended(expected: dict[str, Any], choice: dict[str, Any]) -> dict[str, Any]:
    """What a user gets of a recording: its answer, or the error that it holds."""
    full = meant(choice, expected["usage"])
    shown = {"text": full["text"], "reasoning": full["reasoning"]}
    if error := expected.get("error"):
        rejected = error.get("status_code", error.get("code")) == 400
        return shown | {"end": "RejectedError" if rejected else "UnavailableError"}
    silent = not (full["text"].strip() or full["calls"] or full["refusal"])
    if silent and full["finish"] == "stop":
        return shown | {"end": "UnusableError"}
    return full


@pytest.mark.parametrize("cut", CUTS)
def test_all_recorded_streams_are_read_as_recorded(reference: Path, cut: str) -> None:
    most = 16_384 if cut == "1" else 1_000_000  # byte by byte, a long one only costs time
    entries = [one for one in streams(reference, "openai-chat") if one["bytes"] < most]
    assert len(entries) > 190
    wrong = {}
    for entry in entries:
        data = (reference / "wire/streams" / entry["file"]).read_bytes()
        events, end = decoded(pieces(data, cut, entry.get("chunk_sizes") or ()))
        expected = entry["expected"]
        wanted = ended(expected, (expected["choices"] or [{}])[0])
        if seen(events, end) != wanted:
            wrong[entry["id"]] = (seen(events, end), wanted)
        if isinstance(end, Replied):
            assert (end.model, end.id) == (expected["model"] or "", expected["id"] or "")
            assert expected["complete"]
    assert wrong == {}


def test_all_recorded_bodies_are_read_as_recorded(reference: Path) -> None:
    entries = [one for one in bodies(reference, "openai-chat") if "choices" in one["body"]]
    assert len(entries) > 100
    wrong = []
    for entry in entries:
        got = seen(*decoded([json.dumps(entry["body"]).encode()]))
        wanted = ended(entry["expected"], entry["expected"])
        message = entry["body"]["choices"][0].get("message") or {}
        if function := (message.get("function_call") or {}).get("name"):
            arguments = message["function_call"]["arguments"]
            call = {"id": "", "name": function, "arguments": arguments}
            wanted = meant(entry["expected"] | {"tool_calls": [call]}, entry["expected"]["usage"])
        if got != wanted:
            wrong.append((entry["provider"], got, wanted))
    assert wrong == []
