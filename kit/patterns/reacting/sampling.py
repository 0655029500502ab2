"""The loop held several times and its answers put to a vote: for tools that only look. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import AuthError, BudgetError, KitError, StoppedError, UnmetError
from kit.events import Request, VoteCast, VoteClosed
from kit.patterns import answers, stopping
from kit.patterns.answers import Vote
from kit.patterns.react import react
from kit.patterns.reacting.braid import braided
from kit.patterns.reacting.terms import Terms
from kit.patterns.steps import Outcome, Steps
from kit.patterns.stopping import Poll, Risk

RULE = Risk()
AT_ONCE = 8


HALTS = (AuthError, BudgetError, StoppedError)
"""After these no further loop has a chance."""


def sampled(request: Request, terms: Terms, samples: int) -> Steps[Outcome]:
    """Hold as many loops at once as could still end the vote, count them in their order, and stop
    as soon as the rest would hardly change the winner."""
    vote = _Vote(Poll(samples), "json" if terms.schema is not None else "")
    while not vote.stopped:
        wave = min(stopping.need(RULE, vote.poll), AT_ONCE)
        ended = yield from braided([react(request, terms) for _ in range(wave)])
        for place, outcome in enumerate(ended, len(vote.held)):
            yield from vote.count(place, outcome, ended)
    yield VoteClosed(winner=vote.winner, votes=dict(vote.poll.votes), stopped=vote.stopped)
    return vote.outcome()


@dataclass
class _Vote:
    """``kind`` is how the answers are read: "" until the first of them tells."""

    poll: Poll
    kind: str
    held: list[Outcome] = field(default_factory=list)
    first: dict[str, tuple[str, Outcome]] = field(default_factory=dict)
    stopped: str = ""

    @property
    def winner(self) -> str | None:
        return stopping.winner(RULE, self.poll)

    def count(self, slot: int, outcome: Outcome, wave: Sequence[Outcome]) -> Steps[None]:
        """Those after the one that ended the vote are not counted."""
        self.held.append(outcome)
        if self.stopped:
            return
        if not self.kind:
            self.kind = answers.auto([each.answer for each in wave if not each.error][:2])
        vote = None if outcome.error else answers.read(outcome.answer, self.kind)
        self.poll.cast(vote.key if vote else None)
        if vote:
            self.first.setdefault(vote.key, (self._shown(vote, outcome), outcome))
        yield VoteCast("", slot, vote.key if vote else None, "" if vote else _why(outcome))
        halted = "budget" if isinstance(outcome.error, HALTS) else ""
        self.stopped = halted or stopping.verdict(RULE, self.poll)

    def _shown(self, vote: Vote, outcome: Outcome) -> str:
        return outcome.answer if self.kind in ("text", "json") else vote.shown

    def outcome(self) -> Outcome:
        """The answer of the most, with what all loops did together."""
        halt = next((each.error for each in self.held if isinstance(each.error, HALTS)), None)
        answer, won = self.first[self.winner] if self.winner else ("", self.held[-1])
        detail = {
            **won.detail,
            "rounds": sum(each.detail["rounds"] for each in self.held),
            "tool_calls": [call for each in self.held for call in each.detail["tool_calls"]],
            "agreement": self.poll.agreement,
            "votes": [{"answer": key, "count": n} for key, n in self.poll.counts.items()],
            "samples": len(self.held),
        }
        return Outcome(answer, detail, halt or (None if self.winner else self._nobody()))

    def _nobody(self) -> KitError:
        errors = [each.error for each in self.held if each.error]
        return errors[0] if errors else UnmetError("no loop came to an answer that can be read")


def _why(outcome: Outcome) -> str:
    return outcome.error.message if outcome.error else "it cannot be read"
