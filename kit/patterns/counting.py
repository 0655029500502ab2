"""Counting ballots: in the plan's order, whatever the order in which replies arrive.

The stopping rule's guarantee rests on that order, and so does ending at the same ballot however
many others are there.
"""

from __future__ import annotations

from itertools import takewhile

from kit.errors import BudgetError, KitError, StoppedError
from kit.events import Checked, Noted, VoteCast
from kit.patterns import stopping
from kit.patterns.answers import Vote
from kit.patterns.ask import flaw
from kit.patterns.ballots import Ballot, Box
from kit.patterns.judging import FREE
from kit.patterns.panel import given_up
from kit.patterns.steps import Check, Steps
from kit.patterns.tally import printed

NO_REPEAT = (
    "three replies, three different texts: group those that mean the same with --judge PROFILE, "
    "or let a model choose with --strategy judge"
)


def count(box: Box) -> Steps[None]:
    """Count the ballots whose turn has come and whose reply is there, until the vote ends."""
    _settle_kind(box)
    box.stopped = _verdict(box)
    while not box.stopped and (ballot := box.due) and (box.kind or _fault(ballot)):
        yield from _cast(box, ballot)
        _settle_kind(box)
        box.stopped = box.stopped or _verdict(box)


def _settle_kind(box: Box) -> None:
    """The kind of the votes, from the first replies of the plan that can be read."""
    if not box.kind:
        come = takewhile(lambda ballot: ballot.finished, box.ballots)
        texts = [ballot.call.text for ballot in come if not _fault(ballot)]
        if texts:
            box.kind = box.terms.reading.settled(texts, final=not box.open)


def _cast(box: Box, ballot: Ballot) -> Steps[None]:
    """Read one ballot and count it; it may be the one that passes the check."""
    slot = box.counted
    vote, reason = _read(ballot, box)
    if vote and box.groups and box.kind in FREE:
        vote = yield from box.groups.grouped(vote, box.poll.counts)
        heed(box, box.groups.fault)
    heed(box, ballot.call.error)
    ballot.vote, ballot.reason = vote, reason
    box.poll.cast(vote.key if vote else None)
    if vote:
        box.first.setdefault(vote.key, ballot)
    yield VoteCast(ballot.call.id, slot, vote.key if vote else None, reason)
    if note := given_up(box, ballot) or (NO_REPEAT if _never_repeats(box) else ""):
        yield Noted(text=note)
    if vote and box.terms.check and (yield from passes(box, ballot)):
        box.choose(ballot, "check")
        box.stopped = "check"


def passes(box: Box, ballot: Ballot) -> Steps[bool]:
    """Whether what would be printed of this reply passes the check."""
    found: Checked = yield Check(box.terms.check, printed(box, ballot), ballot.call.id)
    return found.passed


def heed(box: Box, error: KitError | None) -> None:
    """After a limit or a signal nothing more is asked."""
    if isinstance(error, (BudgetError, StoppedError)):
        box.halt = box.halt or error


def _never_repeats(box: Box) -> bool:
    terms = box.terms
    helped = terms.judge or terms.picker or terms.check
    return box.kind == "text" and not helped and len(box.poll.votes) == 3 == box.valid


def _fault(ballot: Ballot) -> str:
    """Why a finished ballot holds no answer at all; "" when it holds one."""
    fault = ballot.call.error or flaw(ballot.call.reply)
    return fault.status if fault else "" if ballot.call.text.strip() else "empty"


def _read(ballot: Ballot, box: Box) -> tuple[Vote | None, str]:
    """The vote of a finished ballot, or why it abstains."""
    if reason := _fault(ballot):
        return None, reason
    vote = box.terms.reading.vote(ballot.call.text, box.kind)
    return vote, "" if vote else "unreadable"


def _verdict(box: Box) -> str:
    """Why the vote ends now, or ""."""
    poll, terms = box.poll, box.terms
    if box.halt and not box.open and not box.due:  # what has come is paid for: it counts
        return "budget" if isinstance(box.halt, BudgetError) else "cancelled"
    if poll.left <= 0:
        return "all"
    hopeless = stopping.futile(
        poll, agreement=terms.min_agreement, unanimous=terms.unanimous, quorum=terms.need or 0
    )
    if hopeless and not box.halt:
        return "futile"
    short = box.valid < (terms.need or 0) or poll.agreement < terms.min_agreement
    why = "" if terms.unanimous or short else stopping.verdict(terms.rule, poll)
    # Decided by those that failed: two votes of twenty are not an answer, as long as more may come.
    return "" if why == "decided" and box.valid < box.quorum else why
