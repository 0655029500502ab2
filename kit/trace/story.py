"""All that a run did, put together from its records once: for every view and for the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field

from kit.dataclass import dataclass
from kit.events import (
    Checked,
    Compared,
    Drafted,
    Event,
    Json,
    Judged,
    Noted,
    RunFinished,
    RunStarted,
    Scored,
    ToolStarted,
    ToolUsed,
    VoteCast,
    VoteClosed,
)
from kit.trace.calls import Called, hear, seconds
from kit.trace.records import decode


@dataclass(slots=True)
class Tooled:
    """One use of a tool as far as it came. Times are seconds since 1970; without an end it may
    have happened."""

    call: str
    id: str
    name: str
    arguments: Mapping[str, Json]
    approved: str = ""
    began: float | None = None
    ended: float | None = None
    output: str = ""
    error: str = ""

    @property
    def status(self) -> str:
        """ok, failed or open."""
        return ("failed" if self.error else "ok") if self.ended is not None else "open"

    @property
    def seconds(self) -> float | None:
        return self.ended - self.began if self.ended and self.began else None


@dataclass(frozen=True, slots=True)
class Trial:
    """A check: a command that judged a text. ``began`` is the record before: not later than it."""

    began: float | None
    ended: float | None
    checked: Checked


@dataclass(slots=True)
class Draft:
    """A text that a refinement has written, and what was made of it."""

    made: Drafted
    judged: list[Judged] = field(default_factory=list)
    scored: Scored | None = None


@dataclass(slots=True)
class Story:
    """``other`` holds events of the run that none of the rest tells, in their order."""

    started: RunStarted = RunStarted()  # frozen: one empty value serves all
    calls: list[Called] = field(default_factory=list)
    votes: list[VoteCast] = field(default_factory=list)
    closed: VoteClosed | None = None
    tools: list[Tooled] = field(default_factory=list)
    checks: list[Trial] = field(default_factory=list)
    drafts: dict[int, Draft] = field(default_factory=dict)  # by number, in their order
    compared: list[Compared] = field(default_factory=list)
    best: int = 0  # the number of the draft that is the best in the end
    notes: list[str] = field(default_factory=list)
    other: list[Event] = field(default_factory=list)
    result: Mapping[str, Json] = field(default_factory=dict)
    begin: float | None = None
    end: float | None = None  # the last record

    def duty(self, call: str) -> str:
        """What a call of a refinement was for: the draft that it wrote or judged, and how."""
        for number, draft in self.drafts.items():
            if draft.made.call == call:
                return f"draft {number}"
            for each in draft.judged:
                if each.call == call:
                    return f"judges {number}: {worth(each.score)}"
        return "compares" if any(each.call == call for each in self.compared) else ""


def worth(score: float | None) -> str:
    return "no score" if score is None else f"{score:.2f}"


def story(records: Iterable[Mapping[str, Json]]) -> Story:
    """In the order in which things began."""
    told, by_id, now = Story(), dict[str, Called](), None
    for record in records:
        event, before, now = decode(record), now, seconds(record) or now
        if event is None:
            continue
        told.begin = told.begin or now
        told.end = max(told.end or 0.0, now) if now else told.end
        if event.call:
            hear(_called(told, by_id, event.call), event, now)
        _tell(told, event, before, now)
    return told


def _called(told: Story, by_id: dict[str, Called], name: str) -> Called:
    if name not in by_id:
        by_id[name] = Called(name)
        told.calls.append(by_id[name])
    return by_id[name]


def _tell(told: Story, event: Event, before: float | None, now: float | None) -> None:
    match event:
        case RunStarted():
            told.started = event
        case RunFinished(result=result):
            told.result = result
        case VoteCast():
            told.votes.append(event)
        case VoteClosed():
            told.closed = event
        case ToolStarted():
            told.tools.append(_begun(event, now))
        case ToolUsed():
            _used(told, event, now)
        case Checked():
            told.checks.append(Trial(before, now, event))
        case Drafted() | Judged() | Scored():
            _drafted(told, event)
        case Compared():
            told.compared.append(event)
        case Noted(call="", text=text):
            told.notes.append(text)
        case _ if not event.call:
            told.other.append(event)


def _drafted(told: Story, event: Drafted | Judged | Scored) -> None:
    draft = told.drafts.setdefault(event.draft, Draft(Drafted(draft=event.draft)))
    match event:
        case Drafted():
            draft.made = event
        case Judged():
            draft.judged.append(event)
        case Scored():
            draft.scored = event
            told.best = event.draft if event.best else told.best


def _begun(event: ToolStarted, now: float | None) -> Tooled:
    return Tooled(event.call, event.id, event.name, event.arguments, event.approved, began=now)


def _used(told: Story, event: ToolUsed, now: float | None) -> None:
    """A use that was refused has an end and no start."""
    same = (
        use
        for use in reversed(told.tools)
        if use.ended is None and (use.call, use.id) == (event.call, event.id)
    )
    if (use := next(same, None)) is None:
        use = Tooled(event.call, event.id, event.name, event.arguments, began=now)
        told.tools.append(use)
    use.ended, use.output, use.error = now, event.output, event.error
