"""Who is asked and how far they are: folds events into members and votes. No output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kit.cli.screen.sanitise import visible
from kit.events import (
    CallCancelled,
    CallFailed,
    CallRetried,
    CallSent,
    CallStarted,
    Event,
    Replied,
    TextDelta,
    VoteCast,
    VoteClosed,
)

ENDED = ("done", "failed", "cancelled")


@dataclass(slots=True)
class Member:
    """One call. Times are the clock's seconds; ``tokens`` are counted pieces until it is known."""

    id: str
    profile: str = ""
    model: str = ""
    state: str = "waiting"  # waiting, streaming, retrying, or one of ENDED
    began: float = 0.0
    ended: float | None = None
    tokens: int = 0
    exact: bool = False
    vote: str | None = None
    note: str = ""

    @property
    def name(self) -> str:
        return visible("/".join(filter(None, (self.profile, self.model))) or "model")


@dataclass(slots=True)
class Board:
    members: dict[str, Member] = field(default_factory=dict)
    votes: dict[str, float] = field(default_factory=dict)
    abstained: int = 0
    closed: bool = False  # the vote

    def hear(self, event: Event, now: float) -> Member | None:
        """Take an event in; the member that it ended, if it did."""
        match event:
            case CallStarted(call=call, request=request):
                model = request.model or ""
                self.members[call] = Member(call, request.profile, model, began=now)
            case VoteCast():
                self._cast(event)
            case VoteClosed(votes=votes):
                self._close(votes)
            case _ if member := self.members.get(event.call):
                return _told(member, event, now)
            case _:
                pass
        return None

    def _cast(self, event: VoteCast) -> None:
        if event.vote is None:
            self.abstained += 1
        else:
            self.votes[event.vote] = self.votes.get(event.vote, 0) + 1
        if member := self.members.get(event.call):
            member.vote = event.vote
            member.note = member.note or event.reason

    def _close(self, votes: Mapping[str, float]) -> None:
        self.votes = dict(votes) or self.votes
        self.closed = True

    def tally(self) -> str:
        """ "42 ×5 · 41 ×2 · 1 abstained", the most first; empty before the first vote."""
        ranked = sorted(self.votes.items(), key=lambda item: -item[1])
        parts = [f"{visible(vote)} ×{count:g}" for vote, count in ranked]
        if self.abstained:
            parts.append(f"{self.abstained} abstained")
        return " · ".join(parts)

    def counts(self) -> str:
        """ "12 done · 3 streaming": how many members are in which state."""
        order = ("done", "failed", "cancelled", "streaming", "retrying", "waiting")
        states = [member.state for member in self.members.values()]
        return " · ".join(f"{states.count(state)} {state}" for state in order if state in states)


def _told(member: Member, event: Event, now: float) -> Member | None:
    match event:
        case CallSent(model=model):
            member.model = model or member.model
            member.state = "waiting"
        case TextDelta():
            member.state = "streaming"
            member.tokens += 1
        case CallRetried(reason=reason):
            member.state, member.note = "retrying", visible(reason)
        case Replied(usage=usage, model=model):
            member.model = member.model or model
            member.note = ""
            if usage and usage.output_tokens is not None:
                member.tokens, member.exact = usage.output_tokens, True
            return _end(member, "done", now)
        case CallFailed(message=message):
            member.note = visible(message)
            return _end(member, "failed", now)
        case CallCancelled():
            return _end(member, "cancelled", now)
        case _:
            pass
    return None


def _end(member: Member, state: str, now: float) -> Member:
    member.state, member.ended = state, now
    return member
