"""Draft, judge, revise the best; never end worse than it began, and stop when it should.

Gains sit in the first revision, and later ones lose them again (Self-Refine, arXiv 2303.17651;
Huang et al., 2310.01798): so every revision starts from the best draft ever seen, something outside
decides what is better, and one round without a gain is the last.
"""

from __future__ import annotations

from kit.events import Drafted, Noted, Request, Scored
from kit.patterns.ask import flaw
from kit.patterns.refining.course import Course
from kit.patterns.refining.drafts import Draft, judged_only
from kit.patterns.refining.duel import won
from kit.patterns.refining.gates import cleaned, gated
from kit.patterns.refining.judgement import nothing_to_change
from kit.patterns.refining.panel import Panel
from kit.patterns.refining.report import outcome
from kit.patterns.refining.revising import revision
from kit.patterns.refining.terms import Terms
from kit.patterns.steps import Call, Outcome, Steps, made, together


def refine(request: Request, terms: Terms) -> Steps[Outcome]:
    """The best draft for ``request``. The outcome's answer is that draft even when its error says
    what was not reached, or what ended the run."""
    question = "\n\n".join(message.text for message in request.messages)
    judges = terms.judge or (Request((), profile=request.profile, model=request.model),)
    course = Course(terms, Panel(terms, judges, question))
    yield from _begun(course, request)
    while course.best and not course.stopped:
        course.stopped = course.ended()
        if not course.stopped:
            yield from _round(course, request, course.best)
    yield from _settled(course)
    return outcome(course)


def _begun(course: Course, request: Request) -> Steps[None]:
    """Round 0: the draft that was given, or several at once, of which the best counts."""
    if course.terms.draft is not None:
        yield from _weighed(course, course.draft(course.terms.draft))
    else:
        calls = yield from together(Call(request) for _ in range(course.terms.drafts))
        for call in calls:
            course.panel.heed(call.error)
            if call.text.strip() and not course.seen(_text(course, call)):
                yield from _weighed(course, _drafted(course, call))
        if not course.best:
            course.fail(calls[0].error or flaw(calls[0].reply))
    course.first = course.best


def _round(course: Course, request: Request, best: Draft) -> Steps[None]:
    """One revision of the best draft, judged as the others were."""
    call = yield from made(Call(revision(request, best, course.ideas)))
    if call.error or not call.text.strip():
        course.fail(call.error or flaw(call.reply))
        return
    if nothing_to_change(call.text):
        course.stopped = "unchanged"
        return
    if course.seen(_text(course, call)):
        course.stopped = "identical"
        return
    course.round += 1
    gained = yield from _weighed(course, _drafted(course, call))
    course.stale = 0 if gained else course.stale + 1


def _drafted(course: Course, call: Call) -> Draft:
    fault = call.error or flaw(call.reply)
    return course.draft(_text(course, call), call.id, fault.message if fault else "")


def _text(course: Course, call: Call) -> str:
    return cleaned(call.text, course.terms)


def _weighed(course: Course, draft: Draft) -> Steps[bool]:
    """Find out what the draft is worth, and whether it is the best from now on. A judge is asked
    only for what passes the gates."""
    yield from gated(draft, course.terms)  # what it is as a text is settled there
    yield Drafted(draft.call, draft.number, draft.round, draft.revises, draft.text)
    if draft.passed:
        yield from course.panel.judged(draft)
    best = course.take(draft)
    yield Scored(
        draft.call, draft.number, draft.round, draft.score, draft.passed, best, draft.critique
    )
    return best


def _settled(course: Course) -> Steps[None]:
    """A revision that only a judge put before the first draft must win against it."""
    best, first = course.best, course.first
    if not (course.terms.duel and best and first and best is not first):
        return
    if course.panel.halt or not judged_only(best, first):
        return
    course.duel = yield from won(course.panel, best, first)
    if course.panel.halt:
        course.fail(course.panel.halt)
    elif not course.duel:
        course.best, course.stopped = first, "duel"
        yield Noted(text="the revision did not win against the first draft: that one stands")
