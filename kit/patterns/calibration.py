"""What labelled questions tell about a panel: what each vote should weigh, and how often answers
of such an agreement are right. Pure arithmetic."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from math import log
from operator import itemgetter
from typing import TypeAlias

from kit.dataclass import dataclass
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


@dataclass(frozen=True, slots=True)
class _Pool:
    low: float
    right: int
    valid: int

    @property
    def rate(self) -> float:
        return shrunk(self.right, self.valid)

    def joined(self, above: _Pool) -> _Pool:
        return _Pool(self.low, self.right + above.right, self.valid + above.valid)


def curve(votes: Iterable[tuple[float, bool]]) -> Curve:
    """From (agreement, was it right) to a curve that never falls: neighbours that contradict
    each other are pooled (isotonic regression, pool adjacent violators), each pool shrunk."""
    pools: list[_Pool] = []
    for agreement, same in groupby(sorted(votes), key=itemgetter(0)):
        rights = [right for _, right in same]
        pool = _Pool(agreement, sum(rights), len(rights))
        while pools and pools[-1].rate >= pool.rate:
            pool = pools.pop().joined(pool)
        pools.append(pool)
    return tuple((pool.low, round(pool.rate, 4)) for pool in pools)


def expected(known: Curve, agreement: float) -> float | None:
    """How often answers of this agreement were right; None without a curve. Below the curve the
    first of its values holds: it is the nearest that was seen."""
    if not known:
        return None
    at = bisect_right([low for low, _ in known], agreement + 1e-9)
    return known[max(at - 1, 0)][1]


def report(
    records: Mapping[str, Record], votes: Sequence[tuple[float, bool]], classes: int
) -> dict[str, Json]:
    """A calibration as it stands in its file."""
    members = {
        name: {
            "valid": each.valid,
            "right": each.right,
            "accuracy": round(each.accuracy, 4),
            "weight": round(weight(each.accuracy, classes), 4),
        }
        for name, each in records.items()
    }
    points = [{"agreement": low, "correct": rate} for low, rate in curve(votes)]
    return {"calibration": FORMAT, "classes": classes, "members": members, "curve": points}


def read(report: Json) -> Calibration:
    """What report() gave; UsageError for anything else."""
    try:
        if report["calibration"] != FORMAT:
            raise ValueError("another format")
        weights = {name: float(each["weight"]) for name, each in report["members"].items()}
        points = tuple((float(at["agreement"]), float(at["correct"])) for at in report["curve"])
        if not all(LEAST <= each <= MOST for each in weights.values()):
            raise ValueError("a weight out of its range")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            "this is no calibration", hint="kit consensus calibrate FILE -o OUT makes one"
        ) from error
    return Calibration(weights, tuple(sorted(points)))
