"""The last comparison: a revision that only a judge prefers, against the first draft.

Of many scores with noise the highest is too high. Judges also favour one place: a draft wins only
when it does so from either.
"""

from __future__ import annotations

from kit.events import Compared
from kit.patterns.judging import verdict
from kit.patterns.refining import asking
from kit.patterns.refining.drafts import Draft
from kit.patterns.refining.panel import Panel
from kit.patterns.steps import Call, Steps, made


def won(panel: Panel, best: Draft, first: Draft) -> Steps[bool | None]:
    """Whether ``best`` wins twice; None when a limit or a signal ended it. A comparison that is
    lost, undecided or unreadable needs no second one: the first draft stands."""
    for one, other in ((first, best), (best, first)):
        winner = yield from _winner(panel, one, other)
        if panel.halt:
            return None
        if winner != best.number:
            return False
    return True


def _winner(panel: Panel, one: Draft, other: Draft) -> Steps[int]:
    """The number of the better draft; 0 when the judge names none."""
    if not panel.ready:
        return 0
    words = asking.comparison(panel.question, panel.rubric, one.text, other.text)
    call = yield from made(Call(panel.request(words, shaped=False)))
    panel.heed(call.error)
    said = verdict(call, "choice", "ABC")
    winner = {"A": one.number, "B": other.number}.get(said.shown if said else "", 0)
    yield Compared(call.id, one.number, other.number, winner)
    return winner
