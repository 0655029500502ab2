"""A draft that is revised while that helps, for a Python program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Unpack

from kit.events import Request
from kit.library.asked import panel, refuse, request, shape_of
from kit.library.held import Result, Settings, held
from kit.patterns.aiding import Accept, by
from kit.patterns.refine import refine as revising
from kit.patterns.refining import terms as defaults
from kit.patterns.refining.rubric import BUILT_IN, parse
from kit.patterns.refining.terms import Terms
from kit.patterns.requests import Prompt, in_shape
from kit.providers import Provider


async def refine(
    provider: Provider,
    prompt: Prompt,
    *,
    accept: Accept | None = None,
    rubric: str | None = None,
    judge: Provider | None = None,
    judges: int = 1,
    target: float = defaults.TARGET,
    rounds: int | None = None,
    patience: int | None = None,
    drafts: int = 1,
    draft: str | None = None,
    duel: bool = True,
    stop: str | Sequence[str] = (),
    **settings: Unpack[Settings],
) -> Result:
    """The best draft that was ever seen: ``accept`` (a function in place of the commands of
    --check) and ``schema`` gate, a judge ranks by the ``rubric`` what passes; without any of them
    ``judge``, or else ``provider`` itself, judges by the built-in one.

    The other parameters are the flags of ``kit refine``. UnmetError when the target is missed; its
    ``result`` holds the best draft all the same.
    """
    everybody, members, (judging,) = panel(provider, judge)
    (name,) = members
    shape = shape_of(settings.get("schema"))
    checked = accept is not None or shape is not None
    judged = rubric is not None or judge is not None or judges > 1 or not checked
    refuse({
        f"target must be from 0 to 1, not {target}": not 0 <= target <= 1,
        "judges and drafts must be at least 1": min(judges, drafts) < 1,
        "patience must be at least 1, rounds at least 0": (patience or 1) < 1 or (rounds or 0) < 0,
    })  # fmt: skip
    plain = request(name, prompt, settings, stop)
    terms = Terms(
        checks=(getattr(accept, "__name__", "accept"),) if accept else (),
        schema=shape.schema if shape else None,
        rubric=(BUILT_IN if rubric is None else parse(rubric)) if judged else (),
        judge=(Request((), profile=judging or name),) if judged else (),
        judges=judges,
        target=target,
        rounds=_given(rounds, defaults.CHECKED_ROUNDS if checked else defaults.ROUNDS),
        patience=_given(patience, defaults.CHECKED_PATIENCE if checked else defaults.PATIENCE),
        drafts=drafts,
        draft=draft,
        duel=duel,
    )
    steps = partial(revising, in_shape(plain, shape) if shape else plain, terms)
    return await held(steps, everybody, settings, by(accept) if accept else None)


def _given(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
