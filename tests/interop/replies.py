"""Replies of the three dialects, as their vendors send them: for a client that reads them whole."""

from __future__ import annotations

from typing import Any

from loopback import EVENTS, LAST, Script, chunk, event, head


def chat() -> list[bytes]:
    """Reasoning-free text, one tool call in fragments, usage in a chunk of its own."""
    call = {"index": 0, "id": "call_1", "type": "function"}
    first = {"role": "assistant", "content": "", "refusal": None}
    named = {**call, "function": {"name": "weather", "arguments": ""}}
    return [
        _chunk(first),
        _chunk({"content": "I lo"}),
        _chunk({"content": "ok 🌍."}),
        _chunk({"tool_calls": [named]}),
        _chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"city": '}}]}),
        _chunk({"tool_calls": [{"index": 0, "function": {"arguments": '"Oslo"}'}}]}),
        _chunk({}, finish="tool_calls"),
        _chunk(None, usage=CHAT_USAGE),
        event(b"[DONE]"),
    ]


CHAT_USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 9,
    "total_tokens": 29,
    "prompt_tokens_details": {"cached_tokens": 16},
    "completion_tokens_details": {"reasoning_tokens": 4},
}


def _chunk(delta: Any, finish: str | None = None, usage: Any = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    return event(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": "m-1",
            "choices": [] if delta is None else [choice],
            "usage": usage,
        }
    )


def messages() -> list[bytes]:
    """A signed thought, text, one tool call in fragments, cumulative usage."""
    start = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m-1"}
    usage = {"input_tokens": 4, "cache_read_input_tokens": 16, "cache_creation_input_tokens": 0}
    tool = {"type": "tool_use", "id": "call_1", "name": "weather", "input": {}}
    return [
        _named(
            "message_start",
            message={
                **start,
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {**usage, "output_tokens": 1},
            },
        ),
        *_block(
            0,
            {"type": "thinking", "thinking": "", "signature": ""},
            {"type": "thinking_delta", "thinking": "Oslo "},
            {"type": "thinking_delta", "thinking": "is north."},
            {"type": "signature_delta", "signature": "c2ln"},
        ),
        _named("ping"),
        *_block(
            1,
            {"type": "text", "text": ""},
            {"type": "text_delta", "text": "I lo"},
            {"type": "text_delta", "text": "ok 🌍."},
        ),
        *_block(
            2,
            tool,
            {"type": "input_json_delta", "partial_json": ""},
            {"type": "input_json_delta", "partial_json": '{"city": '},
            {"type": "input_json_delta", "partial_json": '"Oslo"}'},
        ),
        _named(
            "message_delta",
            delta={"stop_reason": "tool_use", "stop_sequence": None},
            usage={"output_tokens": 9},
        ),
        _named("message_stop"),
    ]


def _block(index: int, start: Any, *deltas: Any) -> list[bytes]:
    grown = [_named("content_block_delta", index=index, delta=delta) for delta in deltas]
    opened = _named("content_block_start", index=index, content_block=start)
    return [opened, *grown, _named("content_block_stop", index=index)]


def _named(name: str, /, **fields: Any) -> bytes:
    return f"event: {name}\n".encode() + event({"type": name, **fields})


def responses() -> list[bytes]:
    """A sealed thought with a summary, text, one function call, usage in the last event."""
    thought = {"id": "rs_1", "type": "reasoning", "encrypted_content": "c2VhbGVk"}
    thought["summary"] = [{"type": "summary_text", "text": "Oslo is north."}]  # type: ignore[assignment]  # JSON
    part = {"type": "output_text", "text": "I look 🌍.", "annotations": []}
    text = {"id": "m_1", "type": "message", "role": "assistant", "status": "completed"}
    call = {"id": "fc_1", "type": "function_call", "call_id": "call_1", "name": "weather"}
    whole = [
        thought,
        {**text, "content": [part]},
        {**call, "arguments": '{"city": "Oslo"}', "status": "completed"},
    ]
    usage = {
        "input_tokens": 20,
        "input_tokens_details": {"cached_tokens": 16},
        "output_tokens": 9,
        "output_tokens_details": {"reasoning_tokens": 4},
        "total_tokens": 29,
    }
    about = {"item_id": "m_1", "output_index": 1, "content_index": 0}
    events = [
        ("response.created", {"response": _response("in_progress", [], None)}),
        ("response.output_item.added", {"output_index": 0, "item": {**thought, "summary": []}}),
        (
            "response.reasoning_summary_part.added",
            {
                "item_id": "rs_1",
                "output_index": 0,
                "summary_index": 0,
                "part": {"type": "summary_text", "text": ""},
            },
        ),
        (
            "response.reasoning_summary_text.delta",
            {
                "item_id": "rs_1",
                "output_index": 0,
                "summary_index": 0,
                "delta": "Oslo is north.",
            },
        ),
        ("response.output_item.done", {"output_index": 0, "item": thought}),
        ("response.output_item.added", {"output_index": 1, "item": {**text, "content": []}}),
        ("response.content_part.added", {**about, "part": {**part, "text": ""}}),
        ("response.output_text.delta", {**about, "delta": "I lo", "logprobs": []}),
        ("response.output_text.delta", {**about, "delta": "ok 🌍.", "logprobs": []}),
        ("response.output_text.done", {**about, "text": "I look 🌍.", "logprobs": []}),
        ("response.content_part.done", {**about, "part": part}),
        ("response.output_item.done", {"output_index": 1, "item": whole[1]}),
        (
            "response.output_item.added",
            {"output_index": 2, "item": {**call, "arguments": "", "status": "in_progress"}},
        ),
        (
            "response.function_call_arguments.delta",
            {"item_id": "fc_1", "output_index": 2, "delta": '{"city": "Oslo"}'},
        ),
        (
            "response.function_call_arguments.done",
            {
                "item_id": "fc_1",
                "output_index": 2,
                "name": "weather",
                "arguments": '{"city": "Oslo"}',
            },
        ),
        ("response.output_item.done", {"output_index": 2, "item": whole[2]}),
        ("response.completed", {"response": _response("completed", whole, usage)}),
    ]
    return [
        _named(name, sequence_number=number, **fields)
        for number, (name, fields) in enumerate(events)
    ]


def _response(status: str, output: list[Any], usage: Any) -> dict[str, Any]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": "m-1",
        "status": status,
        "output": output,
        "usage": usage,
        "error": None,
        "incomplete_details": None,
        "instructions": None,
        "metadata": {},
        "parallel_tool_calls": True,
        "temperature": 0.7,
        "tool_choice": "auto",
        "tools": [],
        "top_p": 1.0,
    }


def streamed(pieces: list[bytes]) -> Script:
    """The script of a server that sends these events and closes the answer well."""
    named = EVENTS | {"Transfer-Encoding": "chunked"}
    return [head(200, named), *(chunk(piece) for piece in pieces), LAST]


REPLIES = {"openai-chat": chat, "openai-responses": responses, "anthropic": messages}
