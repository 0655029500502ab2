"""What a pattern on other terms would have answered, from what was recorded. Pure.

The n-th of equal requests gets what the n-th of them got. Where the pattern waits for what was
never recorded it is stopped as by a limit, so that it says what it has.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import BudgetError, KitError, StoppedError
from kit.events import CallFailed, Checked, Replied, ToolUsed
from kit.patterns.canonical import canonical
from kit.patterns.recorded import Made, Past
from kit.patterns.run import digest
from kit.patterns.steps import UNNEEDED, Call, Cancel, Check, Outcome, Start, Steps, Use, Wait

NEVER = "this was never recorded"


@dataclass(slots=True)
class Imagined:
    """``used`` are the recorded calls that were wanted, ``missing`` how many more there were (at
    least), ``checks`` those of them that are commands."""

    outcome: Outcome = field(default_factory=Outcome)
    used: list[Made] = field(default_factory=list)
    missing: int = 0
    checks: int = 0

    @property
    def cost_usd(self) -> float | None:
        """Of the calls that were used; None as soon as one is unknown."""
        replies = [made.end for made in self.used if isinstance(made.end, Replied)]
        costs = [reply.usage.cost_usd if reply.usage else None for reply in replies]
        known = [cost for cost in costs if cost is not None]
        return sum(known) if known and len(known) == len(costs) else None


def imagined(steps: Steps[Outcome], past: Past) -> Imagined:
    """What the pattern returns, and on what."""
    return _Play(past).take(steps)


class _Play:
    def __init__(self, past: Past) -> None:
        self.past = past
        self.found = Imagined()
        self.count = 0
        self.known: dict[str, deque[Made]] = {}
        self.told: dict[Call, Made] = {}  # what the record says of a call that has not ended
        for made in past.in_order():
            if made.request:
                self.known.setdefault(canonical(made.request), deque()).append(made)
        self.checks = {(each.command, each.sha256): each for each in past.checks}

    def take(self, steps: Steps[Outcome]) -> Imagined:
        answer: Call | Checked | tuple[ToolUsed, ...] | None = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                self.found.outcome = end.value
                return self.found
            except KitError as error:
                self.found.outcome = Outcome(error=error)
                return self.found
            answer = None
            match step:
                case Start(calls):
                    for call in calls:
                        self.start(call)
                case Wait(calls):
                    answer = self.next_of(calls)
                case Cancel(calls):
                    self.cancel(calls)
                case Check():
                    answer = self.checked(step)
                case Use(uses):
                    answer = tuple(
                        ToolUsed(use.call, use.id, use.name, use.arguments, error=NEVER)
                        for use in uses
                    )
                case _:
                    pass

    def start(self, call: Call) -> None:
        self.count += 1
        call.id = str(self.count)
        waiting = self.known.get(canonical(call.request))
        made = waiting.popleft() if waiting else None
        if made and _tells(made):
            self.told[call] = made

    def next_of(self, calls: Sequence[Call]) -> Call:
        """The first that has ended, else the first that the record knows. When it knows none, all
        of them are missing."""
        ended = next(filter(_ended, calls), None)
        if ended:
            return ended
        known = next((call for call in calls if call in self.told), None)
        if known:
            self.finish(known)
            return known
        self.found.missing += len(calls)
        for call in calls:
            call.error = BudgetError(NEVER)
        return calls[0]

    def finish(self, call: Call) -> None:
        made = self.told.pop(call)
        self.past.finish(call, made)
        self.found.used.append(made)

    def cancel(self, calls: Sequence[Call]) -> None:
        """What is cancelled was asked, and counts."""
        for call in calls:
            if call in self.told:
                self.finish(call)
            elif not _ended(call):
                call.error = StoppedError(UNNEEDED, signal=0)

    def checked(self, check: Check) -> Checked:
        then = self.checks.get((check.command, digest(check.text)))
        if then is None:
            self.found.checks += 1
            return Checked(check.call, check.command, output=NEVER)
        return then


def _ended(call: Call) -> bool:
    return call.reply is not None or call.error is not None


def _tells(made: Made) -> bool:
    """Whether the record says how this call would end: not when it was stopped from outside."""
    match made.end:
        case Replied():
            return True
        case CallFailed(error=error):
            return error not in ("BudgetError", "StoppedError")
        case _:
            return False
