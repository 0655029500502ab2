"""What a provider can do, found out with three tiny calls."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing
from dataclasses import field, replace
from typing import Any, cast

from kit.dataclass import dataclass
from kit.errors import KitError, TimedOutError
from kit.events import (
    CallSent,
    Json,
    Message,
    ReasoningDelta,
    Replied,
    Request,
    Text,
    TextDelta,
    Tool,
    ToolCall,
    Usage,
)
from kit.patterns.requests import in_shape
from kit.patterns.structure import Shape
from kit.providers import Provider

FEW, MORE = 64, 256  # tokens: for words; for a tool call or an object, where some models think
WEATHER = Tool(
    "weather",
    "The weather of a city, now.",
    {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
)
CAPITAL = Shape(
    {
        "type": "object",
        "properties": {"capital": {"type": "string"}},
        "required": ["capital"],
        "additionalProperties": False,
    }
)


@dataclass(slots=True)
class Probe:
    """Seconds; None is unknown. ``why`` says for a False or a None what happened instead.
    ``error``: the first call failed, and nothing else was tried."""

    model: str = ""
    latency_s: float | None = None
    first_token_s: float | None = None
    streaming: bool | None = None
    tools: bool | None = None
    schema: bool | None = None
    calls: int = 0
    usages: list[Usage] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)
    error: KitError | None = None


@dataclass(slots=True)
class _Heard:
    reply: Replied
    latency: float
    first: float | None
    pieces: int


async def probed(provider: Provider, name: str, timeout: float) -> Probe:
    """``timeout`` bounds each call, in seconds, however much arrives."""
    probe = Probe()
    try:
        await _words(provider, name, timeout, probe)
    except KitError as error:
        probe.error = error
        return probe
    probe.tools = await _can("tools", _tool(name), provider, timeout, probe)
    probe.schema = await _can("schema", _object(name), provider, timeout, probe)
    return probe


async def _words(provider: Provider, name: str, timeout: float, probe: Probe) -> None:
    heard = await _heard(provider, _request(name, "Count from 1 to 5.", FEW), timeout, probe)
    probe.model = heard.reply.model or probe.model
    probe.latency_s, probe.first_token_s = heard.latency, heard.first
    probe.streaming = heard.pieces > 1
    if not probe.streaming:
        probe.why["streaming"] = "the answer came in one piece" if heard.pieces else "no text came"


async def _can(
    what: str, request: Request, provider: Provider, timeout: float, probe: Probe
) -> bool | None:
    """True, False, or None where the answer does not tell."""
    try:
        heard = await _heard(provider, request, timeout, probe)
    except KitError as error:
        probe.why[what] = error.message
        return None if error.exit in (3, 5, 6) else False
    if _used_tool(heard.reply) if what == "tools" else _fits(heard.reply):
        return True
    if heard.reply.finish == "length":
        probe.why[what] = f"{MORE} tokens were not enough to tell"
        return None
    probe.why[what] = "the model did not call the tool" if what == "tools" else _misfit(heard.reply)
    return False


def _used_tool(reply: Replied) -> bool:
    return any(isinstance(part, ToolCall) for part in reply.message.parts)


def _fits(reply: Replied) -> bool:
    return not CAPITAL.read(reply.message.text)[1]


def _misfit(reply: Replied) -> str:
    return CAPITAL.read(reply.message.text)[1][0]


async def _heard(provider: Provider, request: Request, timeout: float, probe: Probe) -> _Heard:
    """One call, to its end."""
    began = time.monotonic()
    first: float | None = None
    pieces, reply = 0, Replied()
    try:
        async with asyncio.timeout(timeout):
            # every provider's stream is a generator, or at least can be closed as one
            async with aclosing(cast("Any", provider.stream(request))) as events:
                async for event in events:
                    match event:
                        case CallSent(model=model):
                            probe.calls, probe.model = probe.calls + 1, probe.model or model
                        case TextDelta() | ReasoningDelta():
                            first = time.monotonic() - began if first is None else first
                            pieces += 1
                        case Replied():
                            reply = event
                            probe.usages.append(event.usage or Usage())
    except TimeoutError as error:
        raise TimedOutError(
            f"no whole answer within {timeout:g} s", hint="--timeout sets how long to wait"
        ) from error
    return _Heard(reply, time.monotonic() - began, first, pieces)


async def tiny(provider: Provider, name: str, timeout: float) -> None:
    """One call, whose answer does not matter. Raises KitError when it fails."""
    await _heard(provider, _request(name, "Say: ok", FEW), timeout, Probe())


def _request(name: str, words: str, tokens: int) -> Request:
    return Request((Message("user", (Text(words),)),), profile=name, max_tokens=tokens)


def _tool(name: str) -> Request:
    words = "What is the weather in Paris? Call the tool weather."
    return replace(_request(name, words, MORE), tools=(WEATHER,))


def _object(name: str) -> Request:
    return in_shape(_request(name, "What is the capital of France?", MORE), CAPITAL)


def usage(probe: Probe) -> dict[str, Json]:
    """Sums over the calls; unknown when one of them did not say."""

    def total(kind: str) -> Json:
        values = [getattr(each, kind) for each in probe.usages]
        return sum(values) if values and None not in values else None

    kinds = ("input_tokens", "output_tokens", "cost_usd")
    return {"calls": probe.calls, **{kind: total(kind) for kind in kinds}}
