"""How far a refinement has come: its drafts, the best of them, the ideas that failed. Pure."""

from __future__ import annotations

from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import BudgetError, KitError, StoppedError
from kit.events import Json
from kit.patterns.refining.drafts import Draft, better, idea, same
from kit.patterns.refining.judgement import nothing_to_change
from kit.patterns.refining.panel import Panel
from kit.patterns.refining.terms import Terms


@dataclass(slots=True)
class Course:
    """``first`` is the best of round 0. ``stopped`` says why it ended, ``error`` is the failed call
    that ended it; ``stale`` counts the rounds since the last gain. ``duel``: whether the best has
    won its comparison; None where none was held."""

    terms: Terms
    panel: Panel
    drafts: list[Draft] = field(default_factory=list)
    best: Draft | None = None
    first: Draft | None = None
    ideas: list[str] = field(default_factory=list)
    round: int = 0
    stale: int = 0
    stopped: str = ""
    error: KitError | None = None
    duel: bool | None = None

    def draft(self, text: str, call: str = "", fault: str = "") -> Draft:
        """The next draft of this round."""
        revises = self.best.number if self.best and self.round else 0
        made = Draft(len(self.drafts) + 1, self.round, text, call, revises, fault)
        self.drafts.append(made)
        return made

    def seen(self, text: str) -> bool:
        """Whether this text was a draft before: the same checks would say the same of it."""
        return any(same(text, draft.text) for draft in self.drafts)

    def take(self, draft: Draft) -> bool:
        """Whether this draft is the best from now on."""
        best = self.best
        if best is not None and not better(draft, best):
            if self.round:
                self.ideas.append(idea(best, draft))
            return False
        self.best = draft
        return True

    def fail(self, error: KitError | None) -> None:
        """A call failed: what there is stays, and nothing more is asked."""
        self.error = error
        match error:
            case BudgetError():
                self.stopped = "budget"
            case StoppedError():
                self.stopped = "cancelled"
            case _:
                self.stopped = "error"

    @property
    def met(self) -> bool:
        """Whether the best draft is all that was asked for."""
        best = self.best
        if best is None or not best.passed:
            return False
        if self.terms.rubric and best.rank is None:
            return False
        return (best.score if best.score is not None else 1.0) >= self.terms.target - 1e-9

    def ended(self) -> str:
        """Why it ends now, before a further round; "" when it goes on."""
        best, terms = self.best, self.terms
        if self.met:
            return "target" if terms.rubric else "check"
        if self.panel.halt:
            self.fail(self.panel.halt)
            return self.stopped
        blind = bool(terms.rubric) and not self.panel.requests and best is not None and best.passed
        if blind:
            return "judge"
        if best is not None and best.passed and nothing_to_change(best.critique):
            return "unchanged"
        if self.stale >= terms.patience and self.round:
            return "plateau"
        return "rounds" if self.round >= terms.rounds else ""

    def scores(self) -> list[Json]:
        """One figure a round: of its best draft, None where nothing tells."""
        found: dict[int, Draft] = {}
        for draft in self.drafts:
            one = found.get(draft.round)
            if one is None or better(draft, one):
                found[draft.round] = draft
        return [_rounded(found[each].score) for each in sorted(found)]


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
