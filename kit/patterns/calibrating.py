"""Ask the members of a panel questions whose answers are known, and learn what each is worth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import BudgetError, KitError, StoppedError, UnmetError
from kit.events import Json, Noted, Request
from kit.patterns import answers, calibration
from kit.patterns.answers import Vote
from kit.patterns.ask import flaw
from kit.patterns.ballots import Reading
from kit.patterns.calibration import Record
from kit.patterns.judging import hopeless
from kit.patterns.plan import Member
from kit.patterns.steps import Call, Outcome, Start, Steps, Wait
from kit.patterns.stopping import Poll


@dataclass(frozen=True, slots=True)
class Item:
    """A question, its label as a vote, and the kind that replies to it are read as."""

    prompt: str
    label: Vote
    kind: str


def item(prompt: str, label: Json, reading: Reading) -> Item:
    """ValueError when the label cannot be read as an answer of its own."""
    text = {True: "yes", False: "no"}[label] if isinstance(label, bool) else label
    marked = f"ANSWER: {text if isinstance(text, str) else json.dumps(text)}"
    kind = reading.kind or answers.auto([marked], reading.choices)
    vote = reading.vote(marked, kind)
    if vote is None:
        raise ValueError(f"the answer {label!r} is no {kind}")
    return Item(prompt, vote, kind)


@dataclass(slots=True)
class Sheet:
    """What was answered: for each item the votes, each with its member."""

    items: Sequence[Item]
    votes: list[list[tuple[str, Vote]]]
    failures: dict[str, KitError] = field(default_factory=dict)  # the last of each member
    halt: KitError | None = None

    def take(self, call: Call, at: int, reading: Reading) -> None:
        """Read a finished call as an answer to the item at this place."""
        name, fault = call.request.profile, call.error or flaw(call.reply)
        if fault:
            self.failures[name] = fault
            self.halt = fault if isinstance(fault, (BudgetError, StoppedError)) else self.halt
        elif vote := reading.vote(call.text, self.items[at].kind):
            self.votes[at].append((name, vote))

    def asks(self, name: str) -> bool:
        """Whether this member is still asked."""
        failure = self.failures.get(name)
        return self.halt is None and not (failure and hopeless(failure))

    def records(self) -> dict[str, Record]:
        """By profile, for those that gave a valid answer."""
        valid = Counter(name for _, name, _ in self._each())
        right = Counter(name for item, name, vote in self._each() if vote.key == item.label.key)
        return {name: Record(right[name], valid[name]) for name in sorted(valid)}

    def agreements(self, weights: dict[str, float]) -> list[tuple[float, bool]]:
        """For each item that was answered: the winner's share, and whether the winner is right."""
        found = []
        for item, votes in zip(self.items, self.votes, strict=True):
            poll = Poll([weights[name] for name, _ in votes], [vote.key for _, vote in votes])
            if votes:
                found.append((round(poll.agreement, 6), poll.leader == item.label.key))
        return found

    def _each(self) -> Iterator[tuple[Item, str, Vote]]:
        for item, votes in zip(self.items, self.votes, strict=True):
            yield from ((item, name, vote) for name, vote in votes)


def calibrate(
    items: Sequence[Item],
    members: Sequence[Member],
    request: Callable[[str, str], Request],
    reading: Reading,
    at_once: int = 64,
) -> Steps[Outcome]:
    """Put every item to every member, as often as its count says. ``request`` makes one from a
    profile and a prompt. The answer is the calibration as JSON."""
    sheet = Sheet(items, [[] for _ in items])
    waiting = _plan(items, members)
    open_calls: dict[Call, int] = {}
    while True:
        begun = {}
        for at, name in waiting:
            if sheet.asks(name):
                begun[Call(request(name, items[at].prompt))] = at
            if len(open_calls) + len(begun) >= at_once:
                break
        if begun:
            yield Start(tuple(begun))
        open_calls |= begun
        if not open_calls:
            break
        call = yield Wait(tuple(open_calls))
        sheet.take(call, open_calls.pop(call), reading)
    for name, failure in sheet.failures.items():
        yield Noted(text=f"{name}: {failure.message}")
    return _outcome(sheet, len(reading.choices))


def _plan(items: Sequence[Item], members: Iterable[Member]) -> Iterator[tuple[int, str]]:
    """Who is asked what: item by item, so that a run that ends early has compared all members."""
    names = [member.profile for member in members for _ in range(member.count or 1)]
    return ((at, name) for at in range(len(items)) for name in names)


def _outcome(sheet: Sheet, choices: int) -> Outcome:
    records = sheet.records()
    classes = calibration.classes((item.label.key for item in sheet.items), choices)
    weights = {
        name: calibration.weight(record.accuracy, classes) for name, record in records.items()
    }
    report = calibration.report(records, sheet.agreements(weights), classes)
    if not records:
        failures = list(sheet.failures.values())
        nothing = UnmetError("no answer could be read: there is nothing to learn from")
        return Outcome("", report, sheet.halt or (failures[0] if failures else nothing))
    return Outcome(json.dumps(report, indent=2, ensure_ascii=False), report, sheet.halt)
