"""How a vote is held, in the terms of whoever asks for it: its speed, its reading, its weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kit.errors import UsageError
from kit.patterns import answers, stopping
from kit.patterns.ballots import Reading, Terms
from kit.patterns.calibration import Calibration
from kit.patterns.plan import Member

SPEED = {"thrifty": 0, "fast": 2, "max": 10_000}
"""Calls in flight beyond those that could end the vote."""


def reading(kind: str, choices: str | Sequence[str], path: str = "") -> Reading:
    """How votes are read: ``choices`` (also as A,B,…) mean the kind choice, the path of a field the
    kind json."""
    given = choices.split(",") if isinstance(choices, str) else choices
    options = tuple(each.strip() for each in given if each.strip())
    if kind == "auto":
        kind = "choice" if options else "json" if path else "auto"
    if kind == "choice" and not options:
        raise UsageError("the kind choice needs choices", hint="for example: yes, no")
    if kind != "auto":
        answers.kind_named(kind)  # refuses what is none
    return Reading("" if kind == "auto" else kind, options, path)


def by_check(terms: Terms, check: str) -> Terms:
    """The terms of a vote that the first reply wins that passes ``check``."""
    reading = terms.reading if terms.reading.kind else replace(terms.reading, kind="text")
    return replace(terms, rule=stopping.Never(), check=check, reading=reading)


def calibrated(voters: Sequence[Member], learned: Calibration) -> tuple[list[Member], list[str]]:
    """The voters, each weighing what was learned times what it had; and those of which nothing was
    learned, who weigh as the others on average. UsageError when that is all of them."""
    known = learned.weights
    here = [known[voter.profile] for voter in voters if voter.profile in known]
    strangers = [voter.profile for voter in voters if voter.profile not in known]
    if not here:
        raise UsageError(f"the calibration knows none of these: {', '.join(strangers)}")
    mean = sum(here) / len(here)
    weighed = [replace(each, weight=each.weight * known.get(each.profile, mean)) for each in voters]
    return weighed, strangers
