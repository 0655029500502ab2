"""The state of a vote: its terms, the ballots by slot, and the box that counts them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from math import ceil

from kit.dataclass import dataclass
from kit.errors import KitError
from kit.events import Request
from kit.patterns import answers, stopping
from kit.patterns.answers import Vote
from kit.patterns.calibration import Curve
from kit.patterns.judging import Groups, Judge
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
    could end it; ``need``: valid answers (None: a third of the plan once it is used up).

    ``judge`` says which free texts are the same vote; ``picker`` chooses where the vote leaves it
    open, in an order drawn from ``seed``; the first reply that passes the command ``check`` wins;
    ``escalate`` is put to a stronger model when the vote is unmet. ``curve``: how often answers of
    such an agreement were right.
    """

    rule: Rule = field(default_factory=stopping.Risk)
    reading: Reading = field(default_factory=Reading)
    unanimous: bool = False
    min_agreement: float = 0.0
    need: int | None = None
    on_tie: str = "first"
    spare: int = 0
    at_once: int = 64
    full: bool = False
    judge: Judge | None = None
    picker: Judge | None = None
    check: str = ""
    escalate: Request | None = None
    curve: Curve = ()
    seed: int = 0


@dataclass(slots=True)
class Ballot:
    """One slot of the plan: its call and, once counted, its vote or why there is none."""

    member: Member
    call: Call
    vote: Vote | None = None
    reason: str = ""
    skipped: bool = False  # never asked: its member is down

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
    failures: dict[str, int] = field(default_factory=dict)  # in a row and for good, by profile
    down: dict[str, KitError] = field(default_factory=dict)  # profiles that are asked no more
    groups: Groups | None = None
    chosen: Ballot | None = None  # the winner, when it is not the votes that made it
    chosen_by: str = "vote"  # or "judge", "check", "escalation"

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
    def quorum(self) -> int:
        """Valid answers that a vote needs which used up its plan."""
        return self.terms.need or ceil(self.poll.planned / 3)

    @property
    def asked(self) -> list[Ballot]:
        return [ballot for ballot in self.ballots if not ballot.skipped]

    @property
    def leader(self) -> Ballot | None:
        """The first ballot for what the votes elect."""
        key = stopping.winner(self.terms.rule, self.poll)
        return self.first[key] if key is not None else None

    @property
    def winner(self) -> Ballot | None:
        return self.chosen or self.leader

    @property
    def agreement(self) -> float:
        """The winner's share of the valid votes, by weight; the leader's, when a stronger model
        answered instead."""
        if self.chosen is None or self.chosen.vote is None or self.chosen_by == "escalation":
            return self.poll.agreement
        return self.poll.votes[self.chosen.vote.key] / sum(self.poll.votes.values())

    def choose(self, ballot: Ballot, by: str) -> None:
        self.chosen, self.chosen_by = ballot, by
