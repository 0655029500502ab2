"""How the members of a panel fare: who is down, who is out of line beside the others. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kit.errors import (
    BudgetError,
    KitError,
    RateLimitError,
    StoppedError,
    TimedOutError,
    UnavailableError,
)
from kit.patterns.ballots import Ballot, Box
from kit.patterns.judging import hopeless

FAILURES, OUTAGES = 2, 3
"""So many failures in a row, of a sort that no repeat can heal, or calls that a provider has given
up after all its repeats, and a member is asked no more."""
BALLOTS, TIMES = 3, 2
"""Out of line: of at least 3 ballots, more than twice the others' share is against the leader."""


def given_up(box: Box, ballot: Ballot) -> str:
    """Take note of how this member did. A sentence when it is from now on asked no more: its
    slots abstain, so the plan stays what the stopping rule knows."""
    name, error = ballot.member.profile, ballot.call.error
    limit = _limit(error)
    box.failures[name] = box.failures.get(name, 0) + 1 if limit else 0
    if error is None or not limit or box.failures[name] < limit or name in box.down:
        return ""
    box.down[name] = error
    return f"{name} is asked no more: {error.message}"


def _limit(error: KitError | None) -> int:
    """How many failures of this sort in a row are enough; 0 for what says nothing of the next: a
    wait that was too short, a rate that the calls themselves exceed."""
    if error is None or isinstance(error, (BudgetError, StoppedError)):
        return 0
    if hopeless(error):
        return FAILURES
    passing = isinstance(error, (RateLimitError, TimedOutError))
    return OUTAGES if isinstance(error, UnavailableError) and not passing else 0


def out_of_line(ballots: Sequence[Ballot], leader: str | None) -> str:
    """The member that disagrees with the leader far more often than the others together, as a
    sentence; "" when there is none, or more than one."""
    cast = Counter(each.member.profile for each in ballots if each.vote)
    against = Counter(
        each.member.profile for each in ballots if each.vote and each.vote.key != leader
    )
    odd = [name for name in cast if _is_odd(name, cast, against)]
    if len(odd) != 1:
        return ""
    name = odd[0]
    rest, dissent = cast.total() - cast[name], against.total() - against[name]
    return (
        f"{name} is out of line: {against[name]} of its {cast[name]} answers are not the winner's, "
        f"of the others' {dissent} of {rest}; vote without it, or let it weigh less: -p {name}=0.5"
    )


def _is_odd(name: str, cast: Counter[str], against: Counter[str]) -> bool:
    rest = cast.total() - cast[name]
    if cast[name] < BALLOTS or rest < BALLOTS:
        return False
    return against[name] * rest > TIMES * (against.total() - against[name]) * cast[name]
