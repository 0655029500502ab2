"""Who settles what the votes leave open: a judge that picks a reply, then a stronger model."""

from __future__ import annotations

from kit.events import Noted, Request
from kit.patterns.ask import flaw
from kit.patterns.ballots import Ballot, Box
from kit.patterns.counting import heed, passes
from kit.patterns.judging import Judge, picked
from kit.patterns.plan import Member
from kit.patterns.steps import Call, Steps, made
from kit.patterns.tally import unmet

TRUSTED = 2 / 3
"""The leader's share of a whole plan below which a stronger model is asked, unless
--min-agreement says another."""


def settle(box: Box) -> Steps[None]:
    """Ask who is to be asked after the last ballot; nobody after a limit or a signal."""
    terms = box.terms
    if terms.picker and not box.halt and box.stopped == "all" and len(box.poll.votes) > 1:
        yield from _pick(box, terms.picker)
    if terms.escalate and not box.halt and _doubtful(box):
        yield from _escalate(box, terms.escalate)


def _pick(box: Box, judge: Judge) -> Steps[None]:
    """The judge's choice among all valid replies; without one the leader stays."""
    valid = [ballot for ballot in box.ballots if ballot.vote]
    at, call = yield from picked(judge, [ballot.call.text for ballot in valid], box.terms.seed)
    heed(box, call.error)
    if at is not None:
        box.choose(valid[at], "judge")
    else:
        why = call.error.message if call.error else "its choice cannot be read"
        yield Noted(text=f"the judge chose nothing: {why}; the answer is that of the most votes")


def _doubtful(box: Box) -> bool:
    if unmet(box):
        return True
    voted = box.chosen_by == "vote" and box.stopped == "all"
    return voted and not box.terms.min_agreement and box.poll.agreement < TRUSTED - 1e-9


def _escalate(box: Box, request: Request) -> Steps[None]:
    """Its answer is the answer, if it gives one that holds; else the vote stands as it is."""
    call = yield from made(Call(request))
    heed(box, call.error)
    ballot = Ballot(Member(request.profile), call)
    why = yield from _rejected(box, ballot)
    if why:
        yield Noted(text=f"{request.profile} did not settle it: {why}")
    else:
        box.choose(ballot, "escalation")


def _rejected(box: Box, ballot: Ballot) -> Steps[str]:
    """Why this answer is of no use; "" when it is."""
    call = ballot.call
    if fault := call.error or flaw(call.reply):
        return fault.message
    box.kind = box.kind or box.terms.reading.settled([call.text], final=True)
    ballot.vote = box.terms.reading.vote(call.text, box.kind)
    if ballot.vote is None:
        return "its answer cannot be read"
    if box.terms.check and not (yield from passes(box, ballot)):
        return "its answer does not pass the check"
    return ""
