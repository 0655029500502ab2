"""What labelled questions tell about a panel: what each vote should weigh, and how often answers
of such an agreement are right. Pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import log
from typing import TypeAlias

from kit.errors import UsageError
from kit.events import Json

LEAST, MOST = 0.1, 4.0
"""What a vote may weigh: no member is silenced, none rules alone."""
OPEN = 10  # as many answers as an open question has at most: a wrong one is not one of thousands
FORMAT = 1

Curve: TypeAlias = tuple[tuple[float, float], ...]
"""(agreement, share of right answers), both growing: each holds from its agreement on."""


@dataclass(frozen=True, slots=True)
class Record:
    """How a member did: of ``valid`` answers so many were ``right``."""

    right: int
    valid: int

    @property
    def accuracy(self) -> float:
        return shrunk(self.right, self.valid)


@dataclass(frozen=True, slots=True)
class Calibration:
    weights: Mapping[str, float]  # by profile
    curve: Curve


def shrunk(right: int, valid: int) -> float:
    """The mean of Beta(1, 1) after these answers: a few right ones do not make a certainty."""
    return (right + 1) / (valid + 2)


def weight(accuracy: float, classes: int) -> float:
    """The log odds that a vote is right when wrong ones spread over ``classes`` - 1 others: what
    the best rule for independent voters lets it weigh (Nitzan, Paroush 1982)."""
    return min(max(log(accuracy * (classes - 1) / (1 - accuracy)), LEAST), MOST)


def classes(labels: Iterable[str], choices: int = 0) -> int:
    """How many answers a question has: the choices, else as many as the labels show, at most 10."""
    return choices if choices > 1 else min(max(len(set(labels)), 2), OPEN)


def curve(votes: Iterable[tuple[float, bool]]) -> Curve:
    """From (agreement, was it right) to a curve that never falls: neighbours that contradict
    each other are pooled (isotonic regression), each pool shrunk as one."""
    pools: list[list[float]] = []  # [lowest agreement, right, valid]
    for agreement, right in sorted(votes, key=lambda vote: vote[0]):
        if pools and pools[-1][3] == agreement:
            pools[-1][1] += right
            pools[-1][2] += 1
        else:
            pools.append([agreement, right, 1, agreement])
    return tuple((low, rate) for low, rate in _pooled(pools))


def expected(known: Curve, agreement: float) -> float | None:
    """How often answers of this agreement were right; None without a curve. Below the curve the
    first of its values holds: it is the nearest that was seen."""
    if not known:
        return None
    at = bisect_right([low for low, _ in known], agreement + 1e-9)
    return known[max(at - 1, 0)][1]
