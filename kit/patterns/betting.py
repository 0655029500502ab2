"""A proof by betting that a vote is won: for plans beyond the table, or with weighted ballots.

For the leader ``c`` and every rival ``m`` a gambler bets, ballot by ballot, that c beats m: ``y``
is the ballot's weight when it is for c, minus that when for m, else 0 (weights scaled to at most
1). If c does not beat m, the ballots still to come have a mean of at most ``mu = -lead / left``,
since the order is random; so the capital ``E *= 1 + lam (y - mu)`` cannot grow on average and, by
Ville's inequality, ever reaches 1/a with a chance of at most a. ``lam = g / (1 + mu)`` keeps it
positive; the mean over a grid of g needs no tuning. c must win its bet against every rival, seen
or not. As c was chosen by looking, the k-th distinct vote bets from after its first ballot on, and
has the k-th part of the risk.

Sampling without replacement: Waudby-Smith, Stark, Ramdas, RiLACS (2021).
"""

from __future__ import annotations

from collections.abc import Sequence

GRID = tuple(i / 20 for i in range(1, 20))
FIRST, LATER = 0.9, 0.1
"""The first vote seen has the part 0.9 of the risk, those after it 0.05, 0.025 …: 1 in all."""
UNSEEN, ANYONE = None, ""
SLACK = 1e-9  # weights are floats


def further(
    ballots: Sequence[str | None], weights: Sequence[float], alpha: float, most: int = 0
) -> int | None:
    """How many further ballots, all for the leader, win its bets at the risk ``alpha``.

    0 when they are won; None when ``most`` further ballots do not win them.
    """
    tally = _tally(ballots, weights) or {ANYONE: 0.0}
    leader = max(tally, key=tally.__getitem__)
    place = list(tally).index(leader)
    enough = 1 / (alpha * (FIRST if place == 0 else LATER * 0.5**place))
    longest = 0
    # the strongest rival first: it is the likeliest to end the search
    for rival in (*sorted(tally.keys() - {leader}, key=tally.__getitem__, reverse=True), UNSEEN):
        needed = Bet(leader, rival, weights).needs(ballots, enough, most)
        if needed is None:
            return None
        longest = max(longest, needed)
    return longest


class Bet:
    """The bet that ``leader`` beats ``rival``; None is a rival that nobody voted for yet."""

    def __init__(self, leader: str, rival: str | None, weights: Sequence[float]) -> None:
        self.leader, self.rival = leader, rival
        scale = max(weights)
        self.weights = [weight / scale for weight in weights]
        self.started, self.spent, self.lead = False, 0, 0.0
        self.stakes = [1.0] * len(GRID)

    def needs(self, ballots: Sequence[str | None], enough: float, most: int) -> int | None:
        """After these ballots: further ones for the leader until the capital is ``enough``."""
        for ballot in ballots:
            self.see(ballot)
        for count in range(most + 1):
            if self.capital >= enough:
                return count
            if count < most:
                self.see(self.leader)
        return None

    def see(self, ballot: str | None) -> None:
        """Stake on the next ballot and look at it."""
        weight, left = self.weights[self.spent], len(self.weights) - self.spent
        y = 0.0
        if ballot is not None:
            y = weight if ballot == self.leader else -weight if ballot == self.rival else 0.0
        if self.started and self.lead < left - SLACK:  # on the edge nothing is staked
            odds = (1 + y) / (1 - self.lead / left)  # 1 + lam (y - mu) = 1 - g + g odds
            self.stakes = [s * (1 - g + g * odds) for s, g in zip(self.stakes, GRID, strict=True)]
        self.started = self.started or ballot == self.leader
        self.spent += 1
        self.lead += y

    @property
    def capital(self) -> float:
        """What a capital of 1, spread over GRID, has become."""
        if self.lead > len(self.weights) - self.spent + SLACK:
            return float("inf")  # won, whatever comes
        return sum(self.stakes) / len(GRID)


def _tally(ballots: Sequence[str | None], weights: Sequence[float]) -> dict[str, float]:
    tally: dict[str, float] = {}
    for ballot, weight in zip(ballots, weights, strict=False):
        if ballot is not None:
            tally[ballot] = tally.get(ballot, 0.0) + weight
    return tally
