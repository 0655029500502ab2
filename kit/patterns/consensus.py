"""Ask several times and keep the answer that most of them give; stop as soon as that is safe.

Ballots are counted in the plan's order, whatever the order in which replies arrive: the stopping
rule's guarantee rests on it. As many calls are in flight as could still end the vote, so none is
wasted; a call that fails, is cut, refused, empty or unreadable abstains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kit.errors import BudgetError, StoppedError
from kit.events import Noted, Request, VoteCast, VoteClosed
from kit.patterns import stopping
from kit.patterns.answers import Vote
from kit.patterns.ask import flaw
from kit.patterns.ballots import Ballot, Box, Terms
from kit.patterns.plan import Member
from kit.patterns.steps import Call, Cancel, Outcome, Start, Steps, Wait
from kit.patterns.stopping import Poll
from kit.patterns.tally import outcome

EXTENSION = 3
"""Calls beyond the plan that ``--on-tie extend`` may spend."""

NO_REPEAT = (
    "three replies, three different texts: group those that mean the same with --judge PROFILE, "
    "or let a model choose with --strategy judge"
)


def consensus(
    request: Callable[[str], Request], plan: Sequence[Member], terms: Terms
) -> Steps[Outcome]:
    """Hold the vote. ``request`` gives the request for a profile; ``plan`` who is asked, in order.

    The outcome's answer is the winner's even when its error says what the vote has not reached.
    """
    box = Box(terms, Poll([member.weight for member in plan]), terms.reading.kind)
    yield from _held(box, request, plan)
    further = extra(plan, terms)
    if further and box.stopped == "all" and box.poll.tied:
        box.poll.weights += tuple(member.weight for member in further)
        yield from _held(box, request, (*plan, *further))
    if box.open:
        yield Cancel(tuple(ballot.call for ballot in box.open))
    key = stopping.winner(terms.rule, box.poll)
    yield VoteClosed(winner=key, votes=dict(box.poll.votes), stopped=box.stopped)
    return outcome(box)


def extra(plan: Sequence[Member], terms: Terms) -> tuple[Member, ...]:
    """Who is asked beyond the plan when it ends in a tie."""
    if terms.on_tie != "extend":
        return ()
    return tuple(plan[turn % len(plan)] for turn in range(EXTENSION))


def _held(box: Box, request: Callable[[str], Request], plan: Sequence[Member]) -> Steps[None]:
    """Start, wait and count until the vote has ended for some reason."""
    while True:
        yield from _count(box)
        if box.stopped:
            return
        begun = _wanted(box, plan, request)
        if begun:
            box.ballots += begun
            yield Start(tuple(ballot.call for ballot in begun))
        if box.open:
            yield Wait(tuple(ballot.call for ballot in box.open))


def _wanted(box: Box, plan: Sequence[Member], request: Callable[[str], Request]) -> list[Ballot]:
    """The ballots to start now: so many that, all for the leader, they could end the vote."""
    if box.halt:
        return []
    target = min(box.counted + _further(box) + box.terms.spare, len(plan))
    room = box.terms.at_once - len(box.open)
    slots = range(len(box.ballots), target)[: max(room, 0)]
    return [Ballot(plan[slot], Call(request(plan[slot].profile))) for slot in slots]


def _further(box: Box) -> int:
    """The fewest further ballots, all for the leader, after which every term is met."""
    poll, terms = box.poll, box.terms
    if terms.unanimous:
        return poll.left
    further = max(stopping.need(terms.rule, poll), (terms.need or 0) - box.valid, 1)
    first, total = poll.top[0], sum(poll.votes.values())
    while further < poll.left and first + further < terms.min_agreement * (total + further):
        further += 1
    return further


def _count(box: Box) -> Steps[None]:
    """Count the ballots whose turn has come and whose reply is there, until the vote ends: it
    ends at the same ballot however many have arrived."""
    if not box.kind and box.due:
        box.kind = box.terms.reading.settled(
            [_text(ballot) for ballot in box.ballots if ballot.finished], final=not box.open
        )
    box.stopped = _verdict(box)
    while not box.stopped and box.kind and box.due:
        slot, ballot = box.counted, box.due
        ballot.vote, ballot.reason = _read(ballot.call, box)
        if isinstance(ballot.call.error, (BudgetError, StoppedError)):
            box.halt = box.halt or ballot.call.error
        key = ballot.vote.key if ballot.vote else None
        box.poll.cast(key)
        if key is not None:
            box.first.setdefault(key, ballot)
        yield VoteCast(ballot.call.id, slot, key, ballot.reason)
        if box.kind == "text" and len(box.poll.votes) == 3 == box.valid:
            yield Noted(text=NO_REPEAT)
        box.stopped = _verdict(box)


def _text(ballot: Ballot) -> str:
    return ballot.call.text if flaw(ballot.call.reply) is None and not ballot.call.error else ""


def _read(call: Call, box: Box) -> tuple[Vote | None, str]:
    """The vote of a finished call, or why it abstains."""
    fault = call.error or flaw(call.reply)
    if fault:
        return None, fault.status
    if not call.text.strip():
        return None, "empty"
    vote = box.terms.reading.vote(call.text, box.kind)
    return vote, "" if vote else "unreadable"


def _verdict(box: Box) -> str:
    """Why the vote ends now, or ""."""
    poll, terms = box.poll, box.terms
    if box.halt and not box.open:
        return "budget" if isinstance(box.halt, BudgetError) else "cancelled"
    if poll.left <= 0:
        return "all"
    hopeless = stopping.futile(
        poll, agreement=terms.min_agreement, unanimous=terms.unanimous, quorum=terms.need or 0
    )
    if hopeless and not box.halt:
        return "futile"
    short = box.valid < (terms.need or 0) or poll.agreement < terms.min_agreement
    return "" if terms.unanimous or short else stopping.verdict(terms.rule, poll)
