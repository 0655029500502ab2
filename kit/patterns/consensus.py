"""Ask several times and keep the answer that most of them give; stop as soon as that is safe.

Ballots are counted in the plan's order, whatever the order in which replies arrive: the stopping
rule's guarantee rests on it. As many calls are in flight as could still end the vote, so none is
wasted; a call that fails, is cut, refused, empty or unreadable abstains.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kit.events import Noted, Request, VoteClosed
from kit.patterns import stopping
from kit.patterns.ballots import Ballot, Box, Terms
from kit.patterns.counting import count
from kit.patterns.judging import Groups
from kit.patterns.panel import out_of_line
from kit.patterns.plan import Member
from kit.patterns.settling import settle
from kit.patterns.steps import Call, Cancel, Outcome, Start, Steps, Wait
from kit.patterns.stopping import Poll
from kit.patterns.tally import outcome

EXTENSION = 3
"""Calls beyond the plan that ``--on-tie extend`` may spend."""


def consensus(
    request: Callable[[str], Request], plan: Sequence[Member], terms: Terms
) -> Steps[Outcome]:
    """Hold the vote. ``request`` gives the request for a profile; ``plan`` who is asked, in order.

    The outcome's answer is the winner's even when its error says what the vote has not reached.
    """
    box = Box(terms, Poll([member.weight for member in plan]), terms.reading.kind)
    box.groups = Groups(terms.judge) if terms.judge else None
    yield from _held(box, request, plan)
    further = extra(plan, terms)
    if further and box.stopped == "all" and box.poll.tied:
        box.poll.weights += tuple(member.weight for member in further)
        yield from _held(box, request, (*plan, *further))
    if box.open:
        yield Cancel(tuple(ballot.call for ballot in box.open))
    if odd := out_of_line(box.ballots, stopping.winner(terms.rule, box.poll)):
        yield Noted(text=odd)
    yield from settle(box)
    vote = box.winner.vote if box.winner else None
    yield VoteClosed(
        winner=vote.key if vote else None, votes=dict(box.poll.votes), stopped=box.stopped
    )
    return outcome(box)


def extra(plan: Sequence[Member], terms: Terms) -> tuple[Member, ...]:
    """Who is asked beyond the plan when it ends in a tie."""
    if terms.on_tie != "extend":
        return ()
    return tuple(plan[turn % len(plan)] for turn in range(EXTENSION))


def _held(box: Box, request: Callable[[str], Request], plan: Sequence[Member]) -> Steps[None]:
    """Start, wait and count until the vote has ended for some reason."""
    while True:
        yield from count(box)
        if box.stopped:
            return
        begun = _wanted(box, plan, request)
        box.ballots += begun
        yield from _started(begun)
        if box.open:
            yield Wait(tuple(ballot.call for ballot in box.open))


def _started(begun: Sequence[Ballot]) -> Steps[None]:
    """Make the calls of these ballots, but of those whose member is down."""
    if calls := tuple(ballot.call for ballot in begun if not ballot.skipped):
        yield Start(calls)


def _wanted(box: Box, plan: Sequence[Member], request: Callable[[str], Request]) -> list[Ballot]:
    """The ballots to start now: so many that, all for the leader, they could end the vote."""
    if box.halt:
        return []
    target = min(box.counted + _further(box) + box.terms.spare, len(plan))
    room = box.terms.at_once - len(box.open)
    slots = range(len(box.ballots), target)[: max(room, 0)]
    return [_ballot(box, plan[slot], request) for slot in slots]


def _ballot(box: Box, member: Member, request: Callable[[str], Request]) -> Ballot:
    """The next ballot of this member; one that is down keeps its slot and abstains."""
    why = box.down.get(member.profile)
    call = Call(request(member.profile), error=why)
    return Ballot(member, call, skipped=why is not None)


def _further(box: Box) -> int:
    """The fewest further ballots, all for the leader, after which every term is met."""
    poll, terms = box.poll, box.terms
    if terms.check:
        return 1  # the next reply may pass it
    if terms.unanimous:
        return poll.left
    further = max(stopping.need(terms.rule, poll), (terms.need or 0) - box.valid, 1)
    first, total = poll.top[0], sum(poll.votes.values())
    while further < poll.left and first + further < terms.min_agreement * (total + further):
        further += 1
    return further
