"""``consensus`` started again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kit.cli.again.rebuilding import Rebuilt
from kit.cli.again.voted_otherwise import CHANGES
from kit.cli.watching import votes
from kit.events import Json, Request
from kit.patterns import stopping
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import consensus
from kit.patterns.judging import Judge
from kit.patterns.plan import Member
from kit.trace.records import valued

if TYPE_CHECKING:
    from kit.cli.desk import Desk
    from kit.patterns.run import Checker

__all__ = ["CHANGES", "plan", "read_terms", "rebuilt", "settings"]

_AS_IT_IS = ("unanimous", "min_agreement", "need", "on_tie", "spare", "at_once", "full", "check")


def settings(
    requests: Mapping[str, Request],
    slots: Sequence[Member],
    terms: Terms,
    check_timeout: float,
) -> dict[str, Json]:
    """``requests`` by profile; ``slots`` is the plan in its order."""
    return {
        "requests": dict(requests),
        "plan": [member.profile for member in slots],
        "weights": [member.weight for member in slots],
        "plan_seed": terms.seed,
        "rule": stopping.spelt(terms.rule),
        "kind": terms.reading.kind or "auto",
        "choices": list(terms.reading.choices),
        "vote_field": terms.reading.field,
        "judge": _judge(terms.judge),
        "picker": _judge(terms.picker),
        "escalate": terms.escalate,
        "curve": [list(point) for point in terms.curve],
        "check_timeout": check_timeout,
        **{name: getattr(terms, name) for name in _AS_IT_IS},
    }


def rebuilt(settings: Mapping[str, Json]) -> Rebuilt:
    requests = {name: valued(Request, each) for name, each in settings["requests"].items()}
    slots, terms = plan(settings), read_terms(settings)
    helping = [judge.request for judge in (terms.judge, terms.picker) if judge]
    helping += [terms.escalate] if terms.escalate else []
    return Rebuilt(
        lambda: consensus(lambda name: requests[name], slots, terms),
        (*(requests[member.profile] for member in slots), *helping),
        at_once=terms.at_once,
        shown=votes,
        check=lambda desk: _checker(desk, terms.check, settings["check_timeout"]),
    )


def plan(settings: Mapping[str, Json]) -> tuple[Member, ...]:
    pairs = zip(settings["plan"], settings["weights"], strict=True)
    return tuple(Member(name, None, weight) for name, weight in pairs)


def read_terms(settings: Mapping[str, Json]) -> Terms:
    kind = settings["kind"]
    reading = Reading(
        "" if kind == "auto" else kind, tuple(settings["choices"]), settings["vote_field"]
    )
    escalate = settings["escalate"]
    return Terms(
        rule=stopping.parse(settings["rule"]),
        reading=reading,
        judge=_judged(settings["judge"]),
        picker=_judged(settings["picker"]),
        escalate=None if escalate is None else valued(Request, escalate),
        curve=tuple((point[0], point[1]) for point in settings["curve"]),
        seed=settings["plan_seed"],
        **{name: settings[name] for name in _AS_IT_IS},
    )


def _judge(judge: Judge | None) -> Json:
    return None if judge is None else {"request": judge.request, "question": judge.question}


def _judged(kept: Json) -> Judge | None:
    return None if kept is None else Judge(valued(Request, kept["request"]), kept["question"])


def _checker(desk: Desk, command: str, seconds: float) -> Checker | None:
    if not command:
        return None
    from kit.cli.checking import checking

    return checking(command, seconds, desk.members)
