"""What a refinement must reach and how far it may go: plain values, which a record can hold."""

from __future__ import annotations

from collections.abc import Mapping

from kit.dataclass import dataclass
from kit.events import Json, Request
from kit.patterns.refining.rubric import Rubric

TARGET = 0.9
ROUNDS, PATIENCE = 3, 1
CHECKED_ROUNDS, CHECKED_PATIENCE = 5, 2
"""With a check, which does not err: more attempts are worth their price."""


@dataclass(frozen=True, slots=True)
class Terms:
    """``checks`` (commands) and ``schema`` gate: a draft that fails one never beats one that
    passes. ``rubric`` ranks what passes, by ``judge``: the first of these requests that can be
    asked (their messages are replaced; none: the profile that drafts), ``judges`` samples of it.
    Without a rubric nobody judges.

    ``draft`` is what there is already; without it ``drafts`` are written to begin with.
    ``patience``: so many rounds in a row without a better draft end it. ``duel``: a revision that
    only a judge prefers must win against the first draft in both orders.
    """

    checks: tuple[str, ...] = ()
    schema: Mapping[str, Json] | None = None
    rubric: Rubric = ()
    judge: tuple[Request, ...] = ()
    judges: int = 1
    target: float = TARGET
    rounds: int = ROUNDS
    patience: int = PATIENCE
    drafts: int = 1
    draft: str | None = None
    duel: bool = True
