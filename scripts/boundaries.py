"""Computes kit/patterns/boundaries.json: the earliest stops whose risk is proven.

For every plan and risk: start from level sets of an e-value (the likelihood of the votes under a
tally that the leader wins, any such tally alike, against the closest tally that it loses), lower
each ``b[f]`` greedily while the exact bound stays within the risk, and keep the boundary that
needs the fewest calls on average. Run it without arguments; it takes two minutes on one core.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import comb
from pathlib import Path

from kit.patterns.boundaries import LARGEST, Boundary, bound, within

RISKS = ("0.001", "0.01", "0.02", "0.05", "0.1", "0.2")
LEVELS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.4, 1.6, 2.0, 2.5, 3.0, 4.0, 6.0)
"""Where the level sets are cut, in units of 1/risk."""
SHARES = ((1.0, 1.0), (4.0, 1.0), (32.0, 1.0))
"""Beta priors of the leader's share that calls are averaged over: any, high, nearly all."""
TARGET = Path(__file__).parent.parent / "kit" / "patterns" / "boundaries.json"


def main() -> None:
    rows = (f"{json.dumps(risk)}: {{\n{_rows(risk)}\n}}" for risk in RISKS)
    TARGET.write_text("{" + ",\n".join(rows) + "}\n", encoding="utf-8")


def _rows(risk: str) -> str:
    lines = []
    for planned in range(2, LARGEST + 1):
        b = search(Fraction(risk), planned)
        lines.append(f'"{planned}": [{json.dumps(b)}, {_rounded_up(bound(b, planned))}]')
    sys.stderr.write(f"risk {risk}: done\n")
    return ",\n".join(lines)


def _rounded_up(exact: Fraction) -> float:
    return -(-exact * 10**6 // 1) / 10**6


def search(risk: Fraction, planned: int) -> Boundary:
    """The boundary for that risk: proven, and with the fewest calls that we know how to find."""
    safe = [b for b in _starts(float(risk), planned) if within(risk, b, planned)]
    lowered = {lower(b, planned, risk) for b in set(safe)}
    best = min(lowered, key=lambda b: (calls(b, planned), b))
    return tuple(votes for votes in best if votes < _majority(planned))


def lower(b: Boundary, planned: int, risk: Fraction) -> Boundary:
    """No entry of the result can be lowered alone without breaking the risk."""
    entries, moved = list(b), True
    while moved:
        moved = False
        for f in range(len(entries)):
            least = max(f + 1, entries[f - 1] + 1 if f else 2)
            while entries[f] > least:
                entries[f] -= 1
                if not within(risk, entries, planned):
                    entries[f] += 1
                    break
                moved = True
    return tuple(entries)


def calls(b: Boundary, planned: int) -> float:
    """Calls that a vote between two answers takes with it, the mean over SHARES."""
    return sum(_calls(b, planned, *share) for share in SHARES) / len(SHARES)


def _calls(b: Boundary, planned: int, ours: float, theirs: float) -> float:
    """The mean under one Beta prior: Pólya's urn, walked until the boundary or the decision."""
    going, total = {(0, 0): 1.0}, 0.0
    for done in range(planned):
        total += sum(going.values())
        following: dict[tuple[int, int], float] = {}
        for (s, f), chance in going.items():
            share = (s + ours) / (done + ours + theirs)
            for to, part in (((s + 1, f), share), ((s, f + 1), 1 - share)):
                if not _ended(b, max(to), min(to), planned - done - 1):
                    following[to] = following.get(to, 0.0) + chance * part
        going = following
    return total


def _ended(b: Boundary, lead: int, rival: int, left: int) -> bool:
    return lead - rival > left or (rival < len(b) and lead >= b[rival])


def _majority(planned: int) -> int:
    """So many votes are decided anyway: entries from here on say nothing."""
    return planned // 2 + 1


def _starts(risk: float, planned: int) -> Iterator[Boundary]:
    half = _majority(planned)
    yield tuple(half + f for f in range(half))
    for level in LEVELS:
        entries: list[int] = []
        for f in range(half):
            least = max(f + 1, entries[-1] + 1 if entries else 2)
            reached = (s for s in range(least, half) if _e_value(planned, s, f) >= level / risk)
            entries.append(next(reached, max(least, half)))
        yield tuple(entries)


@cache
def _e_value(planned: int, s: int, f: int) -> float:
    """How many times likelier s against f is when the leader wins than when it just loses."""
    loser = (planned - 1) // 2
    pair = 2 * loser + 1
    if s > loser or f > loser + 1:
        return float("inf")
    null = comb(pair - s - f, loser - s) / comb(pair, loser)
    wins = range(loser + 1, pair + 1)
    reached = range(max(s, loser + 1), pair - f + 1)
    likely = (comb(pair - s - f, win - s) / comb(pair, win) for win in reached)
    return sum(likely) / len(wins) / null


if __name__ == "__main__":
    main()
