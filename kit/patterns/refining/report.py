"""What a refinement that has ended says: its answer, its figures, what it has not reached. Pure."""

from __future__ import annotations

from kit.errors import IncompleteError, KitError, UnmetError
from kit.events import Json
from kit.patterns.refining.course import Course
from kit.patterns.refining.drafts import Draft
from kit.patterns.steps import Outcome


def outcome(course: Course) -> Outcome:
    """The best draft ever seen, whatever has happened since."""
    best = course.best
    return Outcome(best.text if best else "", _detail(course), course.error or _unmet(course))


def _unmet(course: Course) -> KitError | None:
    if course.met:
        return None
    best, terms = course.best, course.terms
    if best is None or best.fault:
        return IncompleteError("no draft is whole", hint="raise --max-tokens")
    if best.failures:
        names = ", ".join(gate.name for gate in best.failures)
        return UnmetError(
            f"no draft passes {names}: {_tried(course)}; the best one was printed",
            hint="raise --rounds, or try the check by hand on what was printed",
        )
    if best.score is None:
        return UnmetError(
            "no judge gave the draft a score", hint="name another with --judge, or use --check"
        )
    lost = " (its revision did not win against it)" if course.duel is False else ""
    return UnmetError(
        f"the best draft scores {best.score:.2f}{lost}, below the target {terms.target:g}"
        f" ({_tried(course)})",
        hint="it was printed all the same; a lower --target or more --rounds may do",
    )


def _tried(course: Course) -> str:
    count = len(course.drafts)
    return f"{count} draft{'s' if count > 1 else ''}, stopped at {course.stopped}"


def _detail(course: Course) -> dict[str, Json]:
    best = course.best
    score = best.score if best else None
    return {
        "score": None if score is None else round(score, 4),
        "passed": bool(best and best.passed),
        "target": course.terms.target,
        "rounds": course.round,
        "scores": course.scores(),
        "best_round": best.round if best else None,
        "stopped": course.stopped,
        "duel": course.duel,
        "drafts": [_told(draft) for draft in course.drafts],
    }


def _told(draft: Draft) -> dict[str, Json]:
    return {
        "draft": draft.number,
        "call": draft.call or None,
        "round": draft.round,
        "score": None if draft.score is None else round(draft.score, 4),
        "passed": draft.passed,
        "fault": draft.fault or None,
        "checks": [
            {"name": gate.name, "passed": gate.passed, "score": round(gate.score, 4)}
            for gate in draft.gates
        ],
        "text": draft.text,
    }
