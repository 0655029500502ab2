"""How many calls a vote will make: it is held a number of times on imagined replies. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from kit.events import Request
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import EXTENSION, consensus
from kit.patterns.plan import Member
from kit.patterns.play import play
from kit.patterns.stopping import Never

AGREEMENT = 0.8
"""How many of the replies give the first of two answers, where nothing better is known."""
BALLOTS = 1000  # imagined in all: a plan of ordinary size is held a hundred times


def expected_calls(plan: Sequence[Member], terms: Terms, agreement: float = AGREEMENT) -> float:
    """The mean number of calls that are started; the same every time for the same terms."""
    if isinstance(terms.rule, Never):
        return float(len(plan))
    dice = random.Random(len(plan))  # noqa: S311  # imagined ballots, not secrets
    imagined = replace(
        terms, reading=Reading("text"), judge=None, picker=None, check="", escalate=None
    )
    times = max(1, min(100, BALLOTS // len(plan)))

    def held() -> int:
        replies = ["ab"[dice.random() >= agreement] for _ in range(len(plan) + EXTENSION)]
        vote = consensus(lambda name: Request((), profile=name), plan, imagined)
        _, calls, _ = play(vote, *replies)
        return len(calls)

    return round(sum(held() for _ in range(times)) / times, 2)
