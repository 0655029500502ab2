"""The calls of a run, each put together from the events that mention it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import datetime

from kit.dataclass import dataclass
from kit.events import (
    CallCancelled,
    CallFailed,
    CallRetried,
    CallSent,
    CallStarted,
    Event,
    Json,
    Message,
    Noted,
    ReasoningDelta,
    Replied,
    Request,
    TextDelta,
    Usage,
    VoteCast,
)
from kit.trace.records import decode


@dataclass(slots=True)
class Try:
    """One attempt of a call: when it left and, when another one followed, why and after what."""

    sent: float | None
    failed: float | None = None
    reason: str = ""
    wait_s: float = 0.0


@dataclass(slots=True)
class Called:
    """One call as far as it came. Times are seconds since 1970, None for what did not happen."""

    id: str
    request: Request = Request(())  # frozen: one empty request serves all
    began: float | None = None
    sent: float | None = None  # the first attempt
    first: float | None = None  # the first words, thoughts included
    ended: float | None = None
    asked: str = ""  # the model that was asked
    model: str = ""  # the one that answered, where it says so
    reasoning: str = ""
    text: str = ""
    reply: Replied | None = None
    failure: CallFailed | CallCancelled | None = None
    ballot: VoteCast | None = None
    tries: list[Try] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)  # retries and notes

    @property
    def attempts(self) -> int:
        """Requests that left."""
        return len(self.tries)

    @property
    def status(self) -> str:
        """ok, cancelled, open, or the status of the error that ended it."""
        match self.failure:
            case CallFailed(status=status):
                return status or "failed"
            case CallCancelled():
                return "cancelled"
            case _:
                return "ok" if self.reply else "open"

    @property
    def recorded(self) -> str:
        """The run whose record gave this call again, unpaid; empty for a call that was made."""
        return getattr(self.reply or self.failure, "recorded", "")  # a cancelled one has no field

    @property
    def last(self) -> float | None:
        """When it was last heard of."""
        return self.ended or self.first or self.sent or self.began

    @property
    def seconds(self) -> float | None:
        """From its start to its end, once it has ended."""
        return self.ended - self.began if self.ended and self.began else None

    @property
    def words(self) -> str:
        """All that was said, as far as it is known."""
        if self.reply:
            return self.reply.message.text or self.reply.refusal
        return max(self.text, self.failure.text if self.failure else "", key=len)

    @property
    def usage(self) -> Usage:
        return (self.reply.usage if self.reply else None) or Usage()

    @property
    def conversation(self) -> tuple[Message, ...]:
        return (*self.request.messages, *((self.reply.message,) if self.reply else ()))


def calls(records: Iterable[Mapping[str, Json]]) -> list[Called]:
    """In the order of their start."""
    found: dict[str, Called] = {}
    for record in records:
        name = record.get("call")
        if isinstance(name, str) and name:
            hear(found.setdefault(name, Called(name)), decode(record), seconds(record))
    return list(found.values())


def hear(call: Called, event: Event | None, t: float | None) -> None:
    """Add what an event says of this call; None, and events of other things, say nothing."""
    match event:
        case CallStarted(request=request):
            call.request, call.began, call.model = request, t, request.model or call.model
            call.asked = request.model or ""
        case CallSent(model=model):
            call.sent, call.model = call.sent or t, model or call.model
            call.asked = model or call.asked
            call.tries.append(Try(t))
        case TextDelta(text=text):
            call.text += text
            call.first = call.first or t
        case ReasoningDelta(text=text):
            call.reasoning += text
            call.first = call.first or t
        case Replied() as reply:
            call.reply, call.ended, call.model = reply, t, reply.model or call.model
        case CallFailed() | CallCancelled() as failure:
            call.failure, call.ended = failure, t
        case VoteCast() as ballot:
            call.ballot = ballot
        case CallRetried(reason=reason, wait_s=wait):
            call.tries[-1:] = [Try(call.tries[-1].sent if call.tries else None, t, reason, wait)]
            call.remarks.append(f"again after {wait:.1f} s: {reason}")
        case Noted(text=text):
            call.remarks.append(text)
        case _:
            pass


def seconds(record: Mapping[str, Json]) -> float | None:
    """When this was recorded, in seconds since 1970; None when it does not say."""
    try:
        return datetime.fromisoformat(record["t"]).timestamp()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
