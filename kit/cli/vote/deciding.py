"""What the flags that help a vote to its decision mean for its terms and its weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from kit.cli.desk import Desk
from kit.cli.members import request_for
from kit.cli.options import Model
from kit.cli.prompt import text_of
from kit.cli.vote.aids import Aids
from kit.errors import UsageError
from kit.events import Request
from kit.patterns import calibration
from kit.patterns.ballots import Terms
from kit.patterns.calibration import Calibration
from kit.patterns.holding import by_check, calibrated
from kit.patterns.judging import Judge
from kit.patterns.plan import Member


def fitted(terms: Terms, aids: Aids) -> Terms:
    """The terms of this strategy; UsageError where flags contradict each other."""
    best = aids.strategy == "best" or (aids.strategy is None and aids.check is not None)
    faults = {
        "--strategy best needs --check COMMAND": best and not aids.check,
        f"--check does not go with --strategy {aids.strategy}": bool(aids.check) and not best,
        "--judge has nothing to do where --check decides": best and bool(aids.judge),
    }
    for fault in (words for words, there in faults.items() if there):
        raise UsageError(fault)
    return by_check(terms, aids.check or "") if best else terms


def assisted(
    terms: Terms, aids: Aids, desk: Desk, members: Sequence[str], ask: Callable[[str], Request]
) -> Terms:
    """The terms with whom they name; ``ask`` puts the question itself to a profile."""
    desk.join([name for name in (aids.judge, aids.escalate) if name])
    judge = None
    if aids.judge or aids.strategy == "judge":
        blank = request_for(aids.judge or members[0], desk.message, Model(), None)
        judge = Judge(blank, desk.message.text)
    picks = aids.strategy == "judge"
    return replace(
        terms,
        judge=None if picks else judge,
        picker=judge if picks else None,
        escalate=ask(aids.escalate) if aids.escalate else None,
    )


def known(aids: Aids) -> Calibration | None:
    """The calibration that was named."""
    if aids.calibration is None:
        return None
    try:
        found = json.loads(text_of(aids.calibration))
    except ValueError as error:
        raise UsageError(f"{aids.calibration} is no JSON") from error
    try:
        return calibration.read(found)
    except UsageError as error:
        raise UsageError(f"{aids.calibration}: {error.message}", hint=error.hint) from error


def weighed(
    voters: Sequence[Member],
    profiles: Sequence[float],
    learned: Calibration | None,
    aids: Aids,
    say: Callable[[str], None],
) -> list[Member]:
    """What each vote weighs: -p NAME=W times what the calibration says, else the profile.

    A member that the calibration does not know weighs as the others on average.
    """
    given = [voter.weight for voter in voters]
    if aids.strategy == "weighted" and not learned and {*given, *profiles} == {1.0}:
        raise UsageError(
            "--strategy weighted needs weights",
            hint="give them as -p NAME=2, as `weight` in the profiles, or with --calibration FILE",
        )
    if learned is None:
        return [replace(v, weight=v.weight * w) for v, w in zip(voters, profiles, strict=True)]
    weighed, strangers = calibrated(voters, learned)
    if strangers:
        say(f"kit: the calibration does not know {', '.join(strangers)}: the mean weight is theirs")
    return weighed
