"""When a vote may end: rules that read the ballots cast so far.

A plan is a fixed list of slots, read in an order drawn beforehand; a ballot is a vote or None (an
abstention, which uses its slot up). A rule says why the vote may end now, or "" when it may not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from math import isclose
from typing import Protocol, TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns import betting
from kit.patterns.boundaries import LARGEST, boundary

Ballot: TypeAlias = str | None
SLACK = 1e-9  # weights are floats: a lead within it of a tie is a tie


class Poll:
    """The ballots of one vote so far, in the plan's order.

    ``weights`` has one entry a slot; a plain number of slots gives each of them the weight 1.
    """

    __slots__ = ("ballots", "counts", "votes", "weights")

    def __init__(self, plan: int | Sequence[float], ballots: Sequence[Ballot] = ()) -> None:
        self.weights = (1.0,) * plan if isinstance(plan, int) else tuple(plan)
        self.ballots: list[Ballot] = []
        self.votes: dict[str, float] = {}  # the weight of each vote, the first seen first
        self.counts: dict[str, int] = {}
        for ballot in ballots:
            self.cast(ballot)

    def cast(self, ballot: Ballot) -> None:
        """Count the ballot of the next slot."""
        weight = self.weights[len(self.ballots)]
        self.ballots.append(ballot)
        if ballot is not None:
            self.votes[ballot] = self.votes.get(ballot, 0.0) + weight
            self.counts[ballot] = self.counts.get(ballot, 0) + 1

    def ahead(self, further: int) -> Poll:
        """This poll after so many further ballots, all for the leader."""
        hoped = Poll(self.weights)
        hoped.ballots, hoped.votes = self.ballots.copy(), self.votes.copy()
        hoped.counts = self.counts.copy()
        vote = self.leader or ""  # before the first vote any name will do
        for _ in range(further):
            hoped.cast(vote)
        return hoped

    @property
    def planned(self) -> int:
        return len(self.weights)

    @property
    def left(self) -> int:
        return len(self.weights) - len(self.ballots)

    @property
    def rest(self) -> float:
        """The weight of all slots that are still open."""
        return sum(self.weights[len(self.ballots) :])

    @property
    def leader(self) -> str | None:
        """The vote with the most weight; of equals the one seen first."""
        return max(self.votes, key=self.votes.__getitem__, default=None)

    @property
    def top(self) -> tuple[float, float]:
        """The weight of the leader and of its strongest rival."""
        first, second = sorted((*self.votes.values(), 0.0, 0.0))[:-3:-1]
        return first, second

    @property
    def tied(self) -> bool:
        first, second = self.top
        return first > 0 and first - second <= SLACK

    @property
    def agreement(self) -> float:
        """The leader's share of the valid votes, by weight; 0 without any."""
        total = sum(self.votes.values())
        return self.top[0] / total if total else 0.0


class Rule(Protocol):
    """Why this vote may end before its plan does ("decided", "risk", "ac", "esc"), or ""."""

    def verdict(self, poll: Poll) -> str: ...


@dataclass(frozen=True, slots=True)
class Never:
    """The whole plan is asked."""

    def verdict(self, poll: Poll) -> str:  # noqa: ARG002  # it needs no look
        return ""


@dataclass(frozen=True, slots=True)
class Decided:
    """Ends once the open slots cannot even bring a tie: no risk at all."""

    def verdict(self, poll: Poll) -> str:
        first, second = poll.top
        return "decided" if first - second > poll.rest + SLACK else ""


@dataclass(frozen=True, slots=True)
class Risk:
    """Ends when the chance that the whole plan would elect another is proven to be <= ``alpha``.

    The chance is over the order of the slots, which must be uniformly random, and holds for every
    tally. Up to 64 equal slots: stored boundaries. Beyond, or with weights: betting.
    """

    alpha: float = 0.05

    def verdict(self, poll: Poll) -> str:
        if decided := Decided().verdict(poll):
            return decided
        return "risk" if poll.votes and self._safe(poll) else ""

    def bound(self, poll: Poll) -> float:
        """The proven bound of a stop for "risk" under this plan."""
        return boundary(self.alpha, poll.planned)[1] if _tabled(poll) else self.alpha

    def _safe(self, poll: Poll) -> bool:
        if not _tabled(poll):
            return betting.further(poll.ballots, poll.weights, self.alpha) == 0
        b, _ = boundary(self.alpha, poll.planned)
        lead, rival = sorted((*poll.counts.values(), 0))[:-3:-1]
        return rival < len(b) and lead >= b[rival]


def _tabled(poll: Poll) -> bool:
    weights = poll.weights
    return len(weights) <= LARGEST and all(isclose(weights[0], weight) for weight in weights)


@dataclass(frozen=True, slots=True)
class AdaptiveConsistency:
    """Ends when P(share of the leader > 1/2 | the two top counts) >= ``threshold``.

    The Beta rule of Aggarwal et al. 2023 (arXiv 2305.11860); it counts ballots and reads no weight.
    Its own guess of the risk assumes one look; it does not bound the risk of many.
    """

    threshold: float = 0.95

    def verdict(self, poll: Poll) -> str:
        a, b = sorted((*poll.counts.values(), 0, 0))[:-3:-1]
        return "ac" if a and _most_is_above_half(a, b) >= self.threshold else ""


def _most_is_above_half(a: int, b: int) -> float:
    """P(theta > 1/2) for theta ~ Beta(a + 1, b + 1): as a binomial tail, in exact integers."""
    flips = a + b + 1
    below = term = 1
    for i in range(a):
        term = term * (flips - i) // (i + 1)
        below += term
    return float(below / 2**flips)  # int ** int is Any to the checker


@dataclass(frozen=True, slots=True)
class Window:
    """Ends when a whole window of ``size`` ballots agrees.

    Early-stopping self-consistency, Li et al. 2024 (arXiv 2401.10480). ``winner`` is that window's
    vote, as there, even when an earlier ballot disagrees.
    """

    size: int = 5

    def verdict(self, poll: Poll) -> str:
        done = len(poll.ballots)
        window = set(poll.ballots[-self.size :])
        full = done >= self.size and done % self.size == 0
        return "esc" if full and len(window) == 1 and window != {None} else ""


def verdict(rule: Rule, poll: Poll) -> str:
    """Why the vote ends now: "all", or the rule's own reason; "" while it goes on."""
    return "all" if poll.left <= 0 else rule.verdict(poll)


def winner(rule: Rule, poll: Poll) -> str | None:
    """Who is elected when the vote ends now."""
    if isinstance(rule, Window) and rule.verdict(poll):
        return poll.ballots[-1]
    return poll.leader


def need(rule: Rule, poll: Poll) -> int:
    """The fewest further ballots, all for the leader, that would end the vote; 0 once it ended.

    So many calls may be in flight without one of them being wasted.
    """
    if verdict(rule, poll):
        return 0
    furthers = range(1, poll.left + 1)

    def ended(further: int) -> bool:
        return verdict(rule, poll.ahead(further)) != ""

    if isinstance(rule, Risk) and not _tabled(poll):  # the same as below, without betting anew
        most = need(Decided(), poll)
        won = betting.further(poll.ballots, poll.weights, rule.alpha, most)
        return most if won is None else min(won, most)
    if isinstance(rule, Window):  # a window may be missed: the only rule that can end and go on
        return next(further for further in furthers if ended(further))
    return furthers[bisect_left(furthers, True, key=ended)]


def risked(rule: Rule, poll: Poll, stopped: str) -> float | None:
    """The proven chance that the whole plan would elect another; None where nothing is proven."""
    if stopped in {"all", "decided"}:
        return 0.0
    return rule.bound(poll) if isinstance(rule, Risk) and stopped == "risk" else None


def futile(poll: Poll, *, agreement: float = 0.0, unanimous: bool = False, quorum: int = 0) -> str:
    """Which demand no outcome of the open slots can meet any more: "agreement", "unanimous" or
    "quorum" (of valid ballots); "" while all can be met."""
    if unanimous and len(poll.votes) > 1:
        return "unanimous"
    if sum(poll.counts.values()) + poll.left < quorum:
        return "quorum"
    best, valid = poll.top[0] + poll.rest, sum(poll.votes.values()) + poll.rest
    return "agreement" if best < agreement * valid - SLACK else ""


def parse(text: str, risk: float = 0.05) -> Rule:
    """The rule that ``--stop`` names; UsageError where it names none."""
    name, _, number = text.strip().casefold().partition(":")
    match name, number:
        case "risk", _:
            return Risk(_share(text, number, risk))
        case "decided", "":
            return Decided()
        case "none", "":
            return Never()
        case "ac", _:
            return AdaptiveConsistency(_share(text, number, 0.95))
        case "esc", "":
            return Window()
        case "esc", _ if number.isdecimal() and int(number) > 1:
            return Window(int(number))
    raise _unknown(text)


def spelt(rule: Rule) -> str:
    """What ``parse`` makes this rule of."""
    match rule:
        case Risk(alpha):
            return f"risk:{alpha!r}"
        case Decided():
            return "decided"
        case Never():
            return "none"
        case AdaptiveConsistency(threshold):
            return f"ac:{threshold!r}"
        case Window(size):
            return f"esc:{size}"
    raise UsageError(f"{type(rule).__name__} is no rule that can be named")


def _share(text: str, number: str, default: float) -> float:
    try:
        share = float(number) if number else default
    except ValueError as error:
        raise _unknown(text) from error
    if not 0 < share < 1:
        raise _unknown(text)
    return share


def _unknown(text: str) -> UsageError:
    return UsageError(
        f"there is no stopping rule {text!r}", hint="try risk, decided, none, ac:0.95 or esc:5"
    )
