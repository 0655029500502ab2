"""Who is asked in which order: the plan of a vote, drawn before the first call. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence

from kit.dataclass import dataclass
from kit.errors import UsageError


@dataclass(frozen=True, slots=True)
class Member:
    """One voter: a profile, how many of the plan's calls are its (None: an even share), and what
    its vote weighs."""

    profile: str
    count: int | None = None
    weight: float = 1.0


def plan(members: Sequence[Member], samples: int, seed: int) -> tuple[Member, ...]:
    """One member a slot, in a uniformly random order (same seed, same order).

    Counts are kept; what is left of ``samples`` goes evenly to the members without one. When all
    have counts, their sum is the plan. The random order is what a stopping rule's proof rests on.
    """
    fixed = sum(member.count or 0 for member in members)
    sharing = [member for member in members if member.count is None]
    left = samples - fixed
    if sharing and left < len(sharing):
        raise UsageError(
            f"a plan of {samples} leaves no call for {sharing[-1].profile}",
            hint="raise -n or lower the counts",
        )
    slots = [member for member in members for _ in range(member.count or 0)]
    slots += [sharing[turn % len(sharing)] for turn in range(left)] if sharing else []
    random.Random(seed).shuffle(slots)  # noqa: S311  # an order, not a secret
    return tuple(slots)
