"""A provider with no network: it answers in the order it was told."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import field, replace

from kit.dataclass import dataclass
from kit.errors import (
    AuthError,
    ConfigError,
    IncompleteError,
    KitError,
    QuotaError,
    RateLimitError,
    RefusedError,
    RejectedError,
    TimedOutError,
    UnavailableError,
    UnusableError,
    UsageError,
)
from kit.events import (
    CallSent,
    Event,
    Finish,
    Json,
    Message,
    Part,
    Reasoning,
    ReasoningDelta,
    Replied,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)

ERRORS: Mapping[str, type[KitError]] = {
    "auth": AuthError,
    "incomplete": IncompleteError,
    "quota": QuotaError,
    "rate_limit": RateLimitError,
    "refused": RefusedError,
    "rejected": RejectedError,
    "timed_out": TimedOutError,
    "unavailable": UnavailableError,
    "unusable": UnusableError,
}


@dataclass(frozen=True, slots=True)
class Scripted:
    """One answer: ``delay`` seconds of silence, reasoning, text, then the reply, or ``error``."""

    text: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    delay: float = 0.0
    error: KitError | None = None
    finish: Finish | None = None
    usage: Usage | None = None
    refusal: str = ""

    def replied(self, model: str) -> Replied:
        parts: list[Part] = [Reasoning(self.reasoning)] if self.reasoning else []
        parts += [Text(self.text)] if self.text else []
        finish = self.finish or ("tool_calls" if self.tool_calls else "stop")
        message = Message("assistant", (*parts, *self.tool_calls))
        return Replied(
            message=message, finish=finish, usage=self.used, model=model, refusal=self.refusal
        )

    @property
    def used(self) -> Usage:
        """What the script says; money only where it says so."""
        usage = self.usage or Usage()
        return replace(usage, cost_usd=usage.cost_usd or 0.0)

    def sent(self, model: str) -> CallSent:
        """The worst case of a script is what stands in it."""
        told = (self.used.input_tokens, self.used.output_tokens)
        tokens = None if None in told else sum(each or 0 for each in told)
        return CallSent(model=model, reserve_tokens=tokens, reserve_usd=self.used.cost_usd)


@dataclass
class FakeProvider:
    """``replies``: strings, errors, Scripted answers, or tables as a profile writes them
    (``{text="…", delay=0.2, error="unavailable", finish="length", tool_calls=[{name, arguments}],
    usage={…}}``). ``requests`` holds what was asked so far."""

    replies: Sequence[str | KitError | Scripted | Mapping[str, Json]] = ()
    model: str = "fake"
    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._script = [scripted(reply) for reply in self.replies]
        self._closed = False

    def add_response(
        self,
        text: str = "",
        *,
        reasoning: str = "",
        tool_calls: Iterable[ToolCall | Mapping[str, Json]] = (),
        delay: float = 0.0,
        error: KitError | None = None,
        finish: Finish | None = None,
        usage: Usage | None = None,
        refusal: str = "",
    ) -> FakeProvider:
        """One more answer after those that are there; the provider itself, to add another."""
        calls = tuple(_call(call, index) for index, call in enumerate(tool_calls, 1))
        reply = Scripted(text, reasoning, calls, delay, error, finish, usage, refusal)
        self._script.append(reply)
        return self

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        if self._closed:
            raise UsageError("this fake provider is closed", hint="make a new one")
        model = request.model or self.model
        number = len(self.requests)
        self.requests.append(request)
        reply = self._script[number] if number < len(self._script) else None
        yield (reply or Scripted()).sent(model)
        if reply is None:
            raise UnusableError(
                f"the script has run out after {len(self._script)} replies",
                hint="give the fake provider more replies",
            )
        if reply.delay:
            await asyncio.sleep(reply.delay)
        for piece in words(reply.reasoning):
            yield ReasoningDelta(text=piece)
        for piece in words(reply.text):
            yield TextDelta(text=piece)
        if reply.error is not None:
            raise reply.error
        yield reply.replied(model)

    async def aclose(self) -> None:
        """As with a real one, later calls are a UsageError."""
        self._closed = True

    async def __aenter__(self) -> FakeProvider:
        return self

    async def __aexit__(self, *failure: object) -> None:
        await self.aclose()


def words(text: str) -> list[str]:
    """The text word by word, each with the space behind it."""
    return re.findall(r"\S+\s*|\s+", text)


def scripted(reply: str | KitError | Scripted | Mapping[str, Json]) -> Scripted:
    """ConfigError for a table with a key or an error that does not exist."""
    match reply:
        case str():
            return Scripted(reply)
        case KitError():
            return Scripted(error=reply)
        case Scripted():
            return reply
        case _:
            return _from_table(reply)


def _from_table(table: Mapping[str, Json]) -> Scripted:
    given = dict(table)
    try:
        if "error" in given:
            given["error"] = _error(given["error"])
        if "usage" in given:
            given["usage"] = Usage(**given["usage"])
        calls = given.get("tool_calls", ())
        given["tool_calls"] = tuple(_call(call, index) for index, call in enumerate(calls, 1))
        return Scripted(**given)
    except (TypeError, KeyError) as error:
        raise ConfigError(
            "a reply of the fake provider has a field that it cannot have",
            hint="fields: text, reasoning, tool_calls, delay, error, finish, usage, refusal",
        ) from error


def _error(name: str | KitError) -> KitError:
    if isinstance(name, KitError):
        return name
    if name not in ERRORS:
        raise ConfigError(f"no error is called {name!r}", hint=f"one of {', '.join(ERRORS)}")
    return ERRORS[name]("the script says so")


def _call(call: ToolCall | Mapping[str, Json], index: int) -> ToolCall:
    if isinstance(call, ToolCall):
        return call
    arguments = call.get("arguments", {})
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return ToolCall(call.get("id", f"call_{index}"), call["name"], text)
