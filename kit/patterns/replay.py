"""A pattern played once more on what its run recorded: the same order, no network. Pure.

Replies are given out in the recorded order of finishing, and only as far as the record had them
when it shows the pattern's next move; so the pattern sees what it saw then. The first step that is
not the recorded one ends the replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn, TypeAlias

from kit.errors import IncompleteError, KitError, StoppedError, UnmetError
from kit.events import (
    CallCancelled,
    CallFailed,
    CallRetried,
    CallSent,
    CallStarted,
    Checked,
    Event,
    Noted,
    ReasoningDelta,
    Replied,
    RunFinished,
    RunStarted,
    TextDelta,
    ToolStarted,
    ToolUsed,
)
from kit.patterns.canonical import canonical
from kit.patterns.differing import changed, event_differs, request_differs
from kit.patterns.recorded import Past
from kit.patterns.steps import (
    UNNEEDED,
    Call,
    Cancel,
    Check,
    Outcome,
    Start,
    Steps,
    ToolUse,
    Use,
    Wait,
)

Answer: TypeAlias = Call | Checked | tuple[ToolUsed, ...] | None

_PASSED_BY = (
    CallSent, CallRetried, TextDelta, ReasoningDelta, RunStarted, ToolStarted, ToolUsed,
)  # fmt: skip
_ENDS = (Replied, CallFailed, CallCancelled)


def replayed(steps: Steps[Outcome], past: Past) -> Outcome:
    """What the pattern returns on its record.

    UnmetError names the first divergence; IncompleteError when the record ends before the pattern
    does, as that of a killed run.
    """
    return Replay(past).take(steps)


class Replay:
    """One replay on its way: ``at`` is the place in the record, ``fresh`` what has ended there and
    was not given out yet."""

    def __init__(self, past: Past) -> None:
        self.past = past
        self.at = 0
        self.calls: dict[str, Call] = {}
        self.fresh: dict[str, None] = {}
        self.used: list[ToolUsed] = list(past.used)

    def take(self, steps: Steps[Outcome]) -> Outcome:
        answer: Answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                return self.compared(end.value)
            except KitError as error:
                return self.compared(Outcome(error=error))
            answer = None
            match step:
                case Start(calls):
                    self.start(calls)
                case Wait(calls):
                    answer = self.next_of(calls)
                case Cancel(calls):
                    self.cancel(calls)
                case Check():
                    answer = self.checked(step)
                case Use(uses):
                    answer = tuple(self.used_as(each) for each in uses)
                case event:
                    self.shown(event)

    # --- calls ----------------------------------------------------------------------------------
    def start(self, calls: Sequence[Call]) -> None:
        for call in calls:
            call.id = str(len(self.calls) + 1)
            self.calls[call.id] = call
            made = self.past.calls.get(call.id)
            if made is None:
                self.beyond(f"pattern: call {call.id}, which was never made, is wanted now")
            elif made.request and (why := request_differs(made.request, call.request)):
                self.differs(f"call {call.id}", why)

    def next_of(self, calls: Sequence[Call]) -> Call:
        wanted = {call.id: call for call in calls}
        if not self._ended(wanted):
            self.advance()
        ended = self._ended(wanted)
        if ended is None:
            self.beyond(f"pattern: it waits for call {', '.join(wanted)} where {self._instead()}")
        self.fresh.pop(ended, None)
        return wanted[ended]

    def _ended(self, wanted: dict[str, Call]) -> str | None:
        first = next((name for name in self.fresh if name in wanted), None)
        done = (name for name, call in wanted.items() if call.reply or call.error)
        return first or next(done, None)

    def cancel(self, calls: Sequence[Call]) -> None:
        for call in calls:
            if call.reply is None and call.error is None:
                made = self.past.calls.get(call.id)
                call.error = StoppedError(UNNEEDED, signal=0)
                call.text = made.text if made else ""
        self.advance()

    def advance(self) -> None:
        """Let end what had ended before the pattern's next move."""
        while self.at < len(self.past.log) and not self._pattern_moves(self.past.log[self.at]):
            event = self.past.log[self.at]
            self.at += 1
            call = self.calls.get(event.call)
            if isinstance(event, _ENDS) and call and call.reply is None and call.error is None:
                self.past.finish(call, self.past.calls[call.id])
                self.fresh[call.id] = None

    def _pattern_moves(self, event: Event) -> bool:
        match event:
            case CallStarted(call):
                return call not in self.calls
            case Noted(call=name):
                noted = self.calls.get(name)  # a provider notes something before its call has ended
                return noted is None or noted.reply is not None or noted.error is not None
            case _:
                return not isinstance(event, (*_PASSED_BY, *_ENDS))

    def _instead(self) -> str:
        """What the record has at this place."""
        if self.at == len(self.past.log):
            return "the record has nothing more"
        event = self.past.log[self.at]
        if isinstance(event, CallStarted):
            return f"call {event.call} was started"
        return f"the record has {event.kind}"

    # --- what the pattern does itself -----------------------------------------------------------
    def shown(self, event: Event) -> None:
        if isinstance(event, ToolUsed):  # one that the pattern itself refuses
            self.used_as(event)
            return
        then = self.moved()
        if then is None:
            self.beyond(f"pattern: it shows {event.kind} where the record has nothing more")
        if why := event_differs(then, event):
            self.differs("the event " + event.kind, why)

    def checked(self, check: Check) -> Checked:
        then = self.moved()
        if not isinstance(then, Checked):
            self.beyond(f"pattern: the check {check.command!r} is wanted, which was never run")
        if then.command != check.command:
            self.differs("a check", f"parameter check: {changed(then.command, check.command)}")
        return then

    def moved(self) -> Event | None:
        """The pattern's next recorded move, which is then behind it."""
        self.advance()
        if self.at == len(self.past.log) or isinstance(self.past.log[self.at], RunFinished):
            return None
        self.at += 1
        return self.past.log[self.at - 1]

    def used_as(self, use: ToolUse | ToolUsed) -> ToolUsed:
        """What came of this use of a tool: it is not used again."""
        named = (use.call, use.id, use.name)
        then = next((each for each in self.used if (each.call, each.id, each.name) == named), None)
        if then is None:
            self.beyond(f"pattern: the tool {use.name!r} is wanted, which was not used there")
        if canonical(then.arguments) != canonical(use.arguments):
            why = f"parameter arguments: {changed(dict(then.arguments), dict(use.arguments))}"
            self.differs(f"the tool {use.name!r}", why)
        self.used.remove(then)
        return then

    # --- the end --------------------------------------------------------------------------------
    def compared(self, outcome: Outcome) -> Outcome:
        """Itself: its answer and its figures must be the recorded ones, if the run has an end."""
        if not self.past.finished:
            return outcome
        result = self.past.result
        left = self.moved()
        if left is not None:
            self.differs("the end", f"pattern: it ends where the record has {left.kind}")
        if outcome.answer != result.get("answer"):
            why = f"pattern: the answer {changed(result.get('answer'), outcome.answer)}"
            self.differs("the end", why)
        detail = result.get("detail") or {}
        for name, now in outcome.detail.items():
            if canonical(now) != canonical(detail.get(name)):
                why = f"pattern: {name} {changed(detail.get(name), now)}"
                self.differs("the end", why)
        return outcome

    def beyond(self, why: str) -> NoReturn:
        """The record does not go on: a killed run's just ends, another's contradicts."""
        if self.past.finished is None:
            raise IncompleteError(
                "the run was interrupted: up to there its record replays the same",
                hint="kit trace resume goes on from it",
            )
        self.differs("", why)

    def differs(self, where: str, why: str) -> NoReturn:
        place = f" at {where}" if where else ""
        raise UnmetError(f"the replay goes another way{place}: {why}")
