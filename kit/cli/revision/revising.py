"""A refinement on its way from flags to exit code: terms, judge, view, where the answer goes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kit.cli.again.refined import settings
from kit.cli.checking import checking
from kit.cli.desk import Desk
from kit.cli.options import Limits, Model, Output, Prompt, Sequences
from kit.cli.revision import forecast
from kit.cli.revision.aims import Aims
from kit.cli.revision.inplace import InPlace
from kit.cli.revision.judges import judged_by
from kit.cli.shape import shaped
from kit.cli.watching import rounds
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.refine import refine
from kit.patterns.refining import terms as defaults
from kit.patterns.refining.rubric import BUILT_IN, Rubric, parse
from kit.patterns.refining.terms import Terms
from kit.patterns.requests import in_shape
from kit.patterns.run import Checker
from kit.patterns.steps import Outcome


@dataclass(frozen=True)
class Refining:
    """One refinement as the flags describe it."""

    aims: Aims

    def done(
        self, prompt: Prompt, model: Model, sequences: Sequences, limits: Limits, output: Output
    ) -> int:
        """Draft, revise and print; the exit code."""
        aims = self.aims
        if len(model.profile or []) > 1:
            raise UsageError("kit refine takes one profile", hint="--judge names who judges")
        if aims.draft is not None and aims.in_place is not None:
            raise UsageError("--in-place names the draft already: leave out --draft")
        shape = shaped(aims.schema) if aims.schema else None
        rubric = _rubric(aims)
        place = InPlace.opened(aims.in_place) if aims.in_place else None
        draft = place.text if place else _draft(aims.draft)
        if aims.draft == "-":
            prompt = replace(prompt, stdin=False)
        desk = Desk.opened("refine", prompt, model, limits, output)
        (request,) = desk.requests(stop=sequences.stop)
        if shape:
            request = in_shape(request, shape)
        check = _checker(desk, aims)
        terms = Terms(
            checks=tuple(aims.check or ()),
            schema=shape.schema if shape else None,
            rubric=rubric,
            judge=judged_by(desk, aims.judge) if rubric else (),
            judges=aims.judges,
            target=aims.target,
            rounds=_given(aims.rounds, defaults.CHECKED_ROUNDS, defaults.ROUNDS, aims),
            patience=_given(aims.patience, defaults.CHECKED_PATIENCE, defaults.PATIENCE, aims),
            drafts=aims.drafts,
            draft=draft,
            duel=not aims.no_duel,
        )
        costs = forecast.forecast(request, terms)
        return desk.perform(
            lambda: refine(request, terms),
            shown=[each for each, _ in costs],
            times=[times for _, times in costs],
            likely_calls=lambda: forecast.likely(terms),
            settings=settings(
                request, terms, aims.check_timeout, str(place.path.resolve()) if place else None
            ),
            close=rounds(desk),
            check=check,
            keep=_kept(place, desk),
        )


def _given(given: int | None, checked: int, judged: int, aims: Aims) -> int:
    if given is not None:
        return given
    return checked if aims.check or aims.schema else judged


def _rubric(aims: Aims) -> Rubric:
    """None is judged where checks decide, unless the flags name a judge or what it looks at."""
    if aims.rubric is not None:
        from kit.cli.members import text_or_file

        return parse(text_or_file(aims.rubric))
    judged = aims.judge is not None or aims.judges > 1
    return BUILT_IN if judged or not (aims.check or aims.schema) else ()


def _draft(name: str | None) -> str | None:
    """The text to begin with, None where it is to be written."""
    from kit.cli.prompt import piped, text_of

    if name is None:
        return None
    text = (piped() if name == "-" else text_of(name)).rstrip("\n")
    if not text.strip():
        raise UsageError(f"--draft {name} is empty", hint="leave it out to have one written")
    return text


def _checker(desk: Desk, aims: Aims) -> Checker | None:
    """Each command is looked for before anything is paid for."""
    found = [checking(command, aims.check_timeout, desk.members) for command in aims.check or ()]
    return found[0] if found else None


def _kept(place: InPlace | None, desk: Desk) -> Callable[[Outcome], bool] | None:
    return (lambda outcome: place.keep(outcome, desk.members.say)) if place else None
