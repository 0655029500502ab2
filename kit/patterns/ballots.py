"""The state of a vote: its terms, the ballots by slot, and the box that counts them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from kit.errors import KitError
from kit.patterns import answers, stopping
from kit.patterns.answers import Vote
from kit.patterns.plan import Member
from kit.patterns.steps import Call
from kit.patterns.stopping import Poll, Rule


@dataclass(frozen=True, slots=True)
class Reading:
    """How a vote is read from a reply. ``kind`` "" is decided once, from the first replies."""

    kind: str = ""
    choices: tuple[str, ...] = ()
    field: str = ""

    def vote(self, reply: str, kind: str) -> Vote | None:
        return answers.read(reply, kind, self.choices, self.field)

    def settled(self, replies: Sequence[str], *, final: bool) -> str:
        """The kind, once two replies can be read (or none will follow); "" until then."""
        readable = [reply for reply in replies if reply.strip()]
        return answers.auto(readable[:2], self.choices) if final or len(readable) > 1 else ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the vote must satisfy and how it is held. ``spare``: calls in flight beyond those that
    could end it; ``need``: valid answers (None: a third of the plan once it is used up)."""

    rule: Rule = field(default_factory=stopping.Risk)
    reading: Reading = field(default_factory=Reading)
    unanimous: bool = False
    min_agreement: float = 0.0
    need: int | None = None
    on_tie: str = "first"
    spare: int = 0
    at_once: int = 64
    full: bool = False


@dataclass(slots=True)
class Ballot:
    """One slot of the plan: its call and, once counted, its vote or why there is none."""

    member: Member
    call: Call
    vote: Vote | None = None
    reason: str = ""

    @property
    def finished(self) -> bool:
        return self.call.reply is not None or self.call.error is not None


@dataclass(slots=True)
class Box:
    """The state of the vote: ballots by slot, of which the first ``len(poll.ballots)`` count."""

    terms: Terms
    poll: Poll
    kind: str
    ballots: list[Ballot] = field(default_factory=list)
    first: dict[str, Ballot] = field(default_factory=dict)  # vote → the first ballot for it
    stopped: str = ""
    halt: KitError | None = None

    @property
    def counted(self) -> int:
        return len(self.poll.ballots)

    @property
    def open(self) -> list[Ballot]:
        return [ballot for ballot in self.ballots if not ballot.finished]

    @property
    def due(self) -> Ballot | None:
        """The ballot to be counted next, when its reply is there."""
        ballot = self.ballots[self.counted] if self.counted < len(self.ballots) else None
        return ballot if ballot and ballot.finished else None

    @property
    def valid(self) -> int:
        return sum(self.poll.counts.values())

    @property
    def winner(self) -> Ballot | None:
        key = stopping.winner(self.terms.rule, self.poll)
        return self.first[key] if key is not None else None
