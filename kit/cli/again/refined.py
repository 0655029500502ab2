"""``refine`` started again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from kit.cli.again.rebuilding import Change, Rebuilt
from kit.cli.watching import rounds
from kit.events import Json, Request
from kit.patterns.refine import refine
from kit.patterns.refining.terms import Terms
from kit.patterns.steps import Outcome
from kit.trace.records import valued

if TYPE_CHECKING:
    from kit.cli.desk import Desk
    from kit.patterns.run import Checker


def settings(
    request: Request, terms: Terms, check_timeout: float, in_place: str | None
) -> dict[str, Json]:
    """``in_place``: the whole path of the file that becomes its revision."""
    return {
        "request": request,
        "terms": terms,
        "check_timeout": check_timeout,
        "in_place": in_place,
    }


def rebuilt(settings: Mapping[str, Json]) -> Rebuilt:
    request, terms = valued(Request, settings["request"]), valued(Terms, settings["terms"])
    return Rebuilt(
        lambda: refine(request, terms),
        (request, *terms.judge),
        shown=rounds,
        check=lambda desk: _checker(desk, terms, settings["check_timeout"]),
        keep=lambda desk: _keeper(desk, terms, settings["in_place"]),
    )


def _checker(desk: Desk, terms: Terms, seconds: float) -> Checker | None:
    from kit.cli.checking import checking

    found = [checking(command, seconds, desk.members) for command in terms.checks]
    return found[0] if found else None


def _keeper(desk: Desk, terms: Terms, name: str | None) -> Callable[[Outcome], bool] | None:
    """The file is written only while it is still what was revised."""
    if name is None:
        return None
    from kit.cli.revision.inplace import InPlace

    place = InPlace.opened(name)
    if place.text != terms.draft:
        desk.members.say(f"kit: {name} has changed meanwhile and is left as it is")
        return None
    return lambda outcome: place.keep(outcome, desk.members.say)


def _number(name: str, least: float, most: float | None, kind: Callable[[str], float]) -> Change:
    def change(settings: dict[str, Json], value: str) -> dict[str, Json]:
        number = kind(value)
        if number < least or (most is not None and number > most):
            raise ValueError(f"from {least:g}" + (f" to {most:g}" if most is not None else ""))
        return {**settings, "terms": {**settings["terms"], name: number}}

    return change


CHANGES: Mapping[str, Change] = {
    "target": _number("target", 0, 1, float),
    "rounds": _number("rounds", 0, None, int),
    "patience": _number("patience", 1, None, int),
}
