"""What a refinement may send, and how often: for --dry-run."""

from __future__ import annotations

from kit.events import Request
from kit.patterns.refining import asking
from kit.patterns.refining.drafts import Draft
from kit.patterns.refining.panel import Panel
from kit.patterns.refining.revising import revision
from kit.patterns.refining.terms import Terms

TEXT = "(the draft)"


def forecast(request: Request, terms: Terms) -> list[tuple[Request, int]]:
    """Each request that may be sent, with how often at most; drafts stand there by name."""
    drafts = 0 if terms.draft is not None else terms.drafts
    best = Draft(1, 0, terms.draft or TEXT)
    found = [(request, drafts), (revision(request, best, ()), terms.rounds)]
    if terms.rubric:
        question = "\n\n".join(message.text for message in request.messages)
        panel = Panel(terms, terms.judge, question)
        words = asking.judgement(question, terms.rubric, best.text)
        pair = asking.comparison(question, terms.rubric, best.text, TEXT)
        judged = (max(drafts, 1) + terms.rounds) * terms.judges
        found.append((panel.request(words), 2 * judged))  # each with its one repair
        found.append((panel.request(pair, shaped=False), 2 if terms.duel and terms.rounds else 0))
    return [(each, times) for each, times in found if times]


def likely(terms: Terms) -> float:
    """One revision, and every judgement read at once: most gain sits in the first."""
    drafts = 0 if terms.draft is not None else terms.drafts
    revisions = min(terms.rounds, 1)
    judged = (max(drafts, 1) + revisions) * terms.judges if terms.rubric else 0
    duel = 2 if terms.rubric and terms.duel and revisions else 0
    return drafts + revisions + judged + duel
