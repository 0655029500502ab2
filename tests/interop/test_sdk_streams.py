"""The vendors' SDKs and kit read the same streams to the same text, tool calls and usage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import replies
import sdks
from loopback import Server
from recordings import streams

from kit.errors import KitError
from kit.events import Reasoning, ReasoningDelta, Replied, Request, Text, TextDelta, ToolCall, Usage
from kit.providers import DIALECTS, named
from kit.providers.dialects.decoder import Decoder

Told = dict[str, Any]
OPENAI = ("chatcmpl", "resp")  # its refusals are a part of the reply, Anthropic's stand beside it
HELLO = {"messages": [{"role": "user", "content": "Hello"}]}


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    sdks.alone(monkeypatch)


# --- what each of them tells ----------------------------------------------------------------------
def told(reply: Replied) -> Told:
    """What kit says was answered. Arguments are compared as JSON where they are some."""
    usage = reply.usage or Usage()
    return {
        "id": reply.id,
        "model": reply.model,
        "text": reply.message.text or (reply.refusal if reply.id.startswith(OPENAI) else ""),
        "calls": [
            (part.id, part.name, _json(part.arguments))
            for part in reply.message.parts
            if isinstance(part, ToolCall)
        ],
        "usage": (usage.input_tokens, usage.output_tokens),
        "cached": usage.cached_tokens or 0,
    }


def _json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except ValueError:
        return text


def chat(client: Any) -> Told:
    """The loop of the SDK's documentation."""
    text, calls, usage, about = "", {}, None, ("", "")
    for part in sdks.ask_chat(client, HELLO):
        about = (about[0] or part.id or "", about[1] or part.model or "")
        usage = part.usage or usage
        for choice in part.choices:
            if choice.index or choice.delta is None:
                continue
            text += choice.delta.content or choice.delta.refusal or ""
            for call in choice.delta.tool_calls or ():
                grown = calls.setdefault(call.index, ["", "", ""])
                grown[0] = grown[0] or call.id
                grown[1] = grown[1] or call.function.name
                grown[2] += call.function.arguments or ""
    details = usage and usage.prompt_tokens_details
    return {
        "id": about[0],
        "model": about[1],
        "text": text,
        "calls": [(id_, name, _json(arguments)) for id_, name, arguments in calls.values()],
        "usage": (usage.prompt_tokens, usage.completion_tokens) if usage else (None, None),
        "cached": (details.cached_tokens or 0) if details else 0,
    }


def responses(client: Any) -> Told:
    """The response that the last event carries."""
    *_, last = sdks.ask_responses(client, {"input": "Hello"})
    whole = last.response
    items = [one for one in whole.output if one.type == "function_call"]
    spoken = [part for one in whole.output if one.type == "message" for part in one.content]
    return {
        "id": whole.id,
        "model": whole.model,
        "text": "".join(getattr(p, "text", "") or getattr(p, "refusal", "") for p in spoken),
        "calls": [(one.call_id, one.name, _json(one.arguments)) for one in items],
        "usage": (whole.usage.input_tokens, whole.usage.output_tokens),
        "cached": whole.usage.input_tokens_details.cached_tokens,
    }


def messages(client: Any) -> Told:
    """The message that the SDK's own accumulator makes."""
    with client.messages.stream(model=sdks.MODEL, max_tokens=4096, **HELLO) as stream:
        whole = stream.get_final_message()
    calls = [block for block in whole.content if block.type == "tool_use"]
    usage = whole.usage
    read, written = usage.cache_read_input_tokens or 0, usage.cache_creation_input_tokens or 0
    return {
        "id": whole.id,
        "model": whole.model,
        "text": "".join(block.text for block in whole.content if block.type == "text"),
        "calls": [(one.id, one.name, one.input) for one in calls],
        "usage": (usage.input_tokens + read + written, usage.output_tokens),
        "cached": read,
    }


SDKS: dict[str, tuple[Callable[..., Any], Callable[[Any], Told]]] = {
    "openai-chat": (sdks.openai, chat),
    "openai-responses": (sdks.openai, responses),
    "anthropic": (sdks.anthropic, messages),
}


# --- over a socket --------------------------------------------------------------------------------
@pytest.mark.parametrize("dialect", SDKS)
def test_a_stream_is_read_alike_by_the_sdk_and_by_kit(server: Server, dialect: str) -> None:
    server.default = replies.streamed(replies.REPLIES[dialect]())
    opened, ask = SDKS[dialect]
    base = server.url if dialect == "anthropic" else server.base
    by_sdk = ask(opened(base))
    *events, last = sdks.kit(Request(()), dialect, base)
    assert isinstance(last, Replied)
    assert told(last) == by_sdk
    assert told(last) == {
        "id": last.id,
        "model": "m-1",
        "text": "I look 🌍.",
        "calls": [("call_1", "weather", {"city": "Oslo"})],
        "usage": (20, 9),
        "cached": 16,
    }
    assert last.finish == "tool_calls"
    assert "".join(one.text for one in events if isinstance(one, TextDelta)) == "I look 🌍."


@pytest.mark.parametrize(
    ("dialect", "thought"), [("openai-responses", "encrypted_content"), ("anthropic", "signature")]
)
def test_a_thought_comes_whole_and_can_be_given_back(
    server: Server, dialect: str, thought: str
) -> None:
    server.default = replies.streamed(replies.REPLIES[dialect]())
    base = server.url if dialect == "anthropic" else server.base
    *events, last = sdks.kit(Request(()), dialect, base)
    assert isinstance(last, Replied)
    (reasoning,) = (part for part in last.message.parts if isinstance(part, Reasoning))
    assert reasoning.text == "Oslo is north."
    assert reasoning.raw is not None
    assert reasoning.raw[thought]
    shown = "".join(one.text for one in events if isinstance(one, ReasoningDelta))
    assert shown == "Oslo is north."
    assert [type(part) for part in last.message.parts] == [Reasoning, Text, ToolCall]


# --- recorded -------------------------------------------------------------------------------------
VENDORS = {
    "openai-chat": ("openai", "azure"),
    "openai-responses": ("openai", "azure"),
    "anthropic": ("anthropic",),
}
DIFFERENT = {  # what kit understands otherwise, as the recordings' own expectations do
    "anthropic/anthropic-18": "a gateway ends it with [DONE], which the SDK takes for broken JSON",
    "anthropic/anthropic-20": "it begins anew in the middle; the SDK keeps both beginnings",
    "openai-responses/openai-17": "edited by hand: its deltas and its whole text differ",
}


class Replaying:
    """An SDK whose transport answers with ``data``: its parser is all that is asked."""

    def __init__(self, opened: Callable[..., Any]) -> None:
        httpx = pytest.importorskip("httpx2")
        self.data = b""
        named = {"content-type": "text/event-stream"}
        transport = httpx.MockTransport(
            lambda request: httpx.Response(200, headers=named, content=self.data)
        )
        self.client = opened("http://127.0.0.1:9", http_client=httpx.Client(transport=transport))

    def told(self, ask: Callable[[Any], Told], data: bytes) -> Told | None:
        """None when the SDK raised, whatever it raised, or told of nothing."""
        self.data = data
        try:
            said = ask(self.client)
        except Exception:  # raw JSONDecodeErrors leave it too
            return None
        return said if said["text"].strip() or said["calls"] else None


def read(dialect: str, data: bytes) -> Told | None:
    """None when kit says that there is no answer in it."""
    decoder = Decoder(named(DIALECTS[dialect])().reader())
    try:
        list(decoder.feed(data))
        said = told(decoder.close())
    except KitError:
        return None
    return said if said["text"].strip() or said["calls"] else None


@pytest.mark.parametrize("dialect", SDKS)
def test_recorded_streams_are_read_alike(reference: Path, dialect: str) -> None:
    opened, ask = SDKS[dialect]
    sdk, wrong = Replaying(opened), {}
    theirs = [one for one in streams(reference, dialect) if one["provider"] in VENDORS[dialect]]
    for entry in theirs:
        data = (reference / "wire/streams" / entry["file"]).read_bytes()
        by_kit = read(dialect, data)
        if not entry["expected"]["complete"]:  # which an SDK may take for an answer
            assert by_kit is None, entry["id"]
        elif by_kit != (by_sdk := sdk.told(ask, data)):
            wrong[entry["id"]] = by_kit, by_sdk
    assert {name: pair for name, pair in wrong.items() if name not in DIFFERENT} == {}
    assert len(theirs) > 35
