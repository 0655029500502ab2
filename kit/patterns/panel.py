"""How the members of a panel fare beside each other: who is down, who is out of line. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from kit.errors import BudgetError, KitError, StoppedError
from kit.patterns.ballots import Ballot
from kit.patterns.judging import hopeless

FAILURES = 2
"""So many failures in a row, of a sort that no repeat can heal, and a member is asked no more."""
BALLOTS, TIMES = 3, 2
"""Out of line: of at least 3 ballots, more than twice the others' share is against the leader."""


def down(profile: str, ballots: Iterable[Ballot]) -> KitError | None:
    """Why this member need not be asked again; None while it may answer."""
    last = [each.call for each in ballots if each.member.profile == profile and each.finished]
    errors = [call.error for call in last[-FAILURES:] if call.error and _for_good(call.error)]
    return errors[-1] if len(errors) == FAILURES else None


def _for_good(error: KitError) -> bool:
    return hopeless(error) and not isinstance(error, (BudgetError, StoppedError))


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
