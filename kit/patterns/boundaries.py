"""The stop boundaries of a risk-limited vote, with the proof of what each of them risks.

A boundary ``b`` ends a vote of N ballots once the leader has ``b[f]`` votes against ``f`` of its
strongest rival. It is strictly increasing, so a leader that beats its strongest rival beats all.

The ballots are read in a uniformly random order. The answer is wrong only if some loser ``c``
(``l`` votes of the whole tally) crosses the boundary against the winner ``m`` (``a > l`` votes).
Given the tally, the c's and m's alone form a uniformly random arrangement, so that chance is a
count of lattice paths, whatever else was voted. The chances of all losers are added, and the sum
is maximised over every tally of N ballots by a knapsack: no distribution is assumed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import comb, lcm
from pkgutil import get_data
from typing import TypeAlias

Boundary: TypeAlias = tuple[int, ...]
LARGEST = 64
"""Plans beyond it have no stored boundary: stopping.py bets there instead."""


def boundary(risk: float, planned: int) -> tuple[Boundary, float]:
    """The stored boundary with the largest risk level that is not above ``risk``, and its bound.

    Empty, with bound 0, where no early stop is safe: tiny plans, or a risk below every level.
    """
    table = _stored()
    level = max((level for level in table if level <= risk), default=None)
    if level is None:
        return (), 0.0
    return table[level].get(planned, ((), 0.0))


@cache
def _stored() -> dict[float, dict[int, tuple[Boundary, float]]]:
    # importlib.resources would do too, and cost more to import than all of this
    text = get_data("kit.patterns", "boundaries.json") or b"{}"
    return {
        float(level): {int(n): (tuple(b), bound) for n, (b, bound) in rows.items()}
        for level, rows in json.loads(text).items()
    }


def bound(b: Sequence[int], planned: int) -> Fraction:
    """The exact worst chance, over every tally of ``planned`` ballots, that ``b`` errs."""
    worst = Fraction(0)
    for winner, avoiding in enumerate(_paths(b, planned)):
        chances, unit = _crossings(avoiding, winner, planned)
        worst = max(worst, Fraction(_knapsack(chances, planned - winner), unit))
    return worst


def within(risk: Fraction, b: Sequence[int], planned: int) -> bool:
    """Whether the bound is at most ``risk``: ``bound(…) <= risk``, without finishing its sums."""
    for winner, avoiding in enumerate(_paths(b, planned)):
        chances, unit = _crossings(avoiding, winner, planned)
        room, enough = planned - winner, risk.numerator * unit // risk.denominator
        if any(chance > enough for _, chance in chances):
            return False
        dense = any(chance * room > enough * loser for loser, chance in chances)
        if dense and _knapsack(chances, room) > enough:
            return False
    return True


def crossing(b: Sequence[int], winner: int, loser: int) -> Fraction:
    """The chance that a loser with so many votes ever crosses ``b`` against the winner."""
    row = list(_paths(b, winner + loser))[winner]
    avoiding = row[loser] if loser < len(row) else 0
    return 1 - Fraction(avoiding, comb(winner + loser, loser))


def _paths(b: Sequence[int], planned: int) -> list[list[int]]:
    """How many orders of w winner's and s loser's votes never cross: ``rows[w][s]``, cut where
    the boundary forbids the rest."""
    rows: list[list[int]] = []
    for w in range(planned):
        end = min(b[w] if w < len(b) else planned + 1, planned - w + 1)
        above, row = (rows[-1] if rows else []), [0] * end
        for s in range(end):
            left = row[s - 1] if s else int(w == 0)
            row[s] = left + (above[s] if s < len(above) else 0)
        rows.append(row)
    return rows


def _crossings(avoiding: list[int], winner: int, planned: int) -> tuple[list[tuple[int, int]], int]:
    """(votes of the loser, its chance in units) for every loser that can cross; units in one."""
    unit, losers = _orders(winner, planned)
    return [
        (loser, missed * scale)
        for loser, orders, scale in losers
        if (missed := orders - (avoiding[loser] if loser < len(avoiding) else 0))
    ], unit


@cache
def _orders(winner: int, planned: int) -> tuple[int, tuple[tuple[int, int, int], ...]]:
    """The unit, then for each possible loser: its votes, the orders of both, units in an order."""
    losers = range(1, min(winner - 1, planned - winner) + 1)
    orders = [comb(winner + loser, loser) for loser in losers]
    unit = lcm(*orders)
    return unit, tuple((loser, n, unit // n) for loser, n in zip(losers, orders, strict=True))


def _knapsack(chances: list[tuple[int, int]], room: int) -> int:
    """The largest sum of chances of losers who share ``room`` votes."""
    best = [0] * (room + 1)
    for votes in range(1, room + 1):
        taken = [best[votes - loser] + chance for loser, chance in chances if loser <= votes]
        best[votes] = max(best[votes - 1], *taken) if taken else best[votes - 1]
    return best[room]
