"""A consensus on its way from flags to exit code: members, terms, live view, closing line."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kit.cli.again import voted
from kit.cli.desk import Desk
from kit.cli.members import request_for
from kit.cli.options import Limits, Model, Output, Prompt
from kit.cli.taping import dice
from kit.cli.vote import deciding
from kit.cli.vote.aids import Aids
from kit.cli.watching import votes
from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Request
from kit.patterns import answers
from kit.patterns.ballots import Terms
from kit.patterns.calibration import Calibration
from kit.patterns.consensus import consensus, extra
from kit.patterns.forecast import expected_calls
from kit.patterns.judging import foreseen
from kit.patterns.plan import Member, plan
from kit.patterns.requests import told
from kit.patterns.run import Checker

SAMPLES = 9

MEMBER = re.compile(r"(?P<name>.*?)(?::(?P<count>\d+))?(?:=(?P<weight>[\d.]+))?")


def members(names: Sequence[str]) -> list[Member]:
    """``NAME[/MODEL][:N][=W]``: who votes, how many of the plan's calls, with which weight."""
    found = []
    for name in names:
        parts = MEMBER.fullmatch(name)
        assert parts is not None  # every part is optional
        try:
            weight = float(parts["weight"] or 1)
        except ValueError:
            weight = 0.0
        count = int(parts["count"]) if parts["count"] else None
        if weight <= 0 or count == 0:
            raise UsageError(f"-p {name!r}: a count or a weight of nothing")
        found.append(Member(parts["name"], count, weight))
    twice = [name for name, times in Counter(each.profile for each in found).items() if times > 1]
    if twice:
        raise UsageError(f"-p {twice[0]} stands there twice", hint=f"write -p {twice[0]}:2")
    return found


@dataclass(frozen=True)
class Voting:
    """One consensus as the flags describe it."""

    terms: Terms
    members: Sequence[Member]
    samples: int | None
    seed: int | None
    marker: bool
    aids: Aids

    def held(self, prompt: Prompt, model: Model, limits: Limits, output: Output) -> int:
        """Ask, count and print; the exit code."""
        terms, learned = deciding.fitted(self.terms, self.aids), deciding.known(self.aids)
        names = [member.profile for member in self.members]
        desk = Desk.opened("consensus", prompt, model, limits, output, names=names)
        reading = terms.reading
        kind = reading.kind or "auto"
        line = answers.instruction(kind, reading.choices) if self.marker else ""
        requests = dict(zip(desk.members.profiles, desk.requests(), strict=True))
        requests = {name: told(request, line) for name, request in requests.items()}
        slots, seed = self._plan(list(requests), desk, learned)
        terms = deciding.assisted(
            replace(terms, seed=seed, curve=learned.curve if learned else ()),
            self.aids,
            desk,
            list(requests),
            lambda name: told(request_for(name, desk.message, model, None), line),
        )
        shown = [requests[member.profile] for member in (*slots, *extra(slots, terms))]
        return desk.perform(
            lambda: consensus(lambda name: requests[name], slots, terms),
            shown=[*shown, *filter(None, [terms.escalate])],
            settings=voted.settings(requests, slots, terms, self.aids.check_timeout),
            at_once=terms.at_once,
            close=votes(desk),
            likely_calls=lambda: expected_calls(slots, terms),
            judged=_judged(terms, len(slots)),
            check=self._checker(desk),
        )

    def _checker(self, desk: Desk) -> Checker | None:
        if self.aids.check is None:
            return None
        from kit.cli.checking import checking

        return checking(self.aids.check, self.aids.check_timeout, desk.members)

    def _plan(
        self, profiles: Sequence[str], desk: Desk, learned: Calibration | None
    ) -> tuple[tuple[Member, ...], int]:
        """The slots in their random order. An unnamed member is the profile that was chosen."""
        seed = dice(desk.members, desk.requests()) if self.seed is None else self.seed
        named = zip(self.members, profiles, strict=True)
        voters = [replace(member, profile=name) for member, name in named]
        weights = [desk.members.profiles[name].weight for name in profiles]
        voters = deciding.weighed(voters, weights, learned, self.aids, desk.members.say)
        return plan(voters, self._total(voters), seed), seed

    def _total(self, voters: Sequence[Member]) -> int:
        """How many calls there are at most: -n, else as many as the members' counts want."""
        total = self.samples or max(SAMPLES, sum(voter.count or 1 for voter in voters))
        if (self.terms.need or 0) > total:
            raise UsageError(f"--need {self.terms.need} is more than the plan of {total} calls")
        return total


def _judged(terms: Terms, replies: int) -> list[tuple[Request, int]]:
    """What a judge may be asked of so many replies, and how often at most."""
    asked = ((terms.judge, False), (terms.picker, True))
    return [foreseen(judge, replies, picks=picks) for judge, picks in asked if judge]
