"""What a recorded run had made of its calls, checks and tools, read from its events. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import BudgetError, KitError, StoppedError, rebuilt
from kit.events import (
    CallCancelled,
    CallFailed,
    CallStarted,
    Checked,
    Event,
    Json,
    Replied,
    Request,
    RunFinished,
    RunStarted,
    TextDelta,
    ToolStarted,
    ToolUsed,
)
from kit.patterns.steps import UNNEEDED, Call
from kit.patterns.using import CUT

End = Replied | CallFailed | CallCancelled


@dataclass(slots=True)
class Made:
    """One call as far as the record tells. ``request`` None: it never got its turn."""

    id: str
    request: Request | None = None
    end: End | None = None
    said: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All that was said, as the pattern saw it."""
        match self.end:
            case Replied(message=message):
                return "".join(self.said) or message.text
            case CallFailed(text=text) | CallCancelled(text=text):
                return text
            case None:
                return "".join(self.said)


@dataclass(slots=True)
class Past:
    """A run put together from its events, which stand in ``log`` in the order they happened."""

    log: tuple[Event, ...]
    started: RunStarted = field(default_factory=RunStarted)
    finished: RunFinished | None = None
    calls: dict[str, Made] = field(default_factory=dict)
    checks: list[Checked] = field(default_factory=list)
    begun: list[ToolStarted] = field(default_factory=list)
    used: list[ToolUsed] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Past:
        past = cls(tuple(events))
        for event in past.log:
            past._hear(event)
        return past

    def _hear(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started = event
            case RunFinished():
                self.finished = event
            case CallStarted(call, request):
                self._made(call).request = request
            case TextDelta(call, text):
                self._made(call).said.append(text)
            case Replied(call=call) | CallFailed(call=call) | CallCancelled(call=call):
                self._made(call).end = event
            case Checked():
                self.checks.append(event)
            case ToolStarted():
                self.begun.append(event)
            case ToolUsed():
                self.used.append(event)
            case _:
                pass

    def _made(self, call: str) -> Made:
        return self.calls.setdefault(call, Made(call))

    def settled_uses(self) -> Iterator[tuple[str, ToolUsed]]:
        """Each use of a tool that came to its end, and who had let it ("" when nobody had)."""
        begun = list(self.begun)
        for used in self.used:
            start = next((each for each in begun if _same(each, used)), None)
            if start:
                begun.remove(start)
            if not used.error.startswith(CUT):
                yield (start.approved or "allowed") if start else "", used

    def unsettled(self) -> list[ToolStarted]:
        """The tools with side effects that began their work and whose end is not recorded: nobody
        knows what they have done."""
        ended = [used for used in self.used if not used.error.startswith(CUT)]
        left = []
        for each in self.begun:
            end = next((used for used in ended if _same(each, used)), None)
            if end:
                ended.remove(end)
            elif each.approved != "readonly":
                left.append(each)
        return left

    @property
    def result(self) -> dict[str, Json]:
        """The object of ``--json``; empty for a run that never came to its end."""
        return dict(self.finished.result) if self.finished else {}

    @property
    def status(self) -> str:
        """That of ``--json``, or "" for a run that never came to its end."""
        return str(self.result.get("status", ""))

    def in_order(self) -> Iterator[Made]:
        """The calls in the order of their start."""
        return iter(sorted(self.calls.values(), key=lambda made: (len(made.id), made.id)))

    def error(self, made: Made) -> KitError | None:
        """The error that ended this call, as its pattern saw it."""
        match made.end:
            case CallFailed() as failed:
                return raised(failed, self.signal)
            case CallCancelled(reason=reason):
                brake = self.result.get("error") or {}
                if brake.get("type") == "BudgetError" and brake.get("message") == reason:
                    return BudgetError(reason, hint=brake.get("hint") or "")
                return StoppedError(reason, signal=0 if reason == UNNEEDED else self.signal)
            case _:
                return None

    @property
    def signal(self) -> int:
        """What ended the run, when it was a signal."""
        code = self.result.get("exit")
        return code - 128 if isinstance(code, int) and code > 128 else 0

    def finish(self, call: Call, made: Made) -> None:
        """Let a call of the same pattern end as it did then."""
        call.text = made.text
        call.error = self.error(made)
        call.reply = made.end if isinstance(made.end, Replied) else None


def _same(start: ToolStarted, end: ToolUsed) -> bool:
    return (start.call, start.id, start.name) == (end.call, end.id, end.name)


def raised(failed: CallFailed, signal: int = 0) -> KitError:
    """The error that this event recorded."""
    return rebuilt(
        failed.error, failed.message, hint=failed.hint, http_status=failed.http_status,
        signal=signal,
    )  # fmt: skip
