"""A consensus on its way from flags to exit code: members, terms, live view, closing line."""

from __future__ import annotations

import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kit.cli.desk import Desk
from kit.cli.options import Limits, Model, Output, Prompt
from kit.errors import UsageError
from kit.events import Json, Message, Request, Text
from kit.patterns import answers
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import consensus, extra
from kit.patterns.forecast import expected_calls
from kit.patterns.plan import Member, plan

__all__ = ["SPEED", "Reading", "Terms", "Voting", "members", "reading"]

SPEED = {"thrifty": 0, "fast": 2, "max": 10_000}
"""Calls in flight beyond those that could end the vote."""
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


def reading(kind: str, choices: Sequence[str], path: str) -> Reading:
    """How votes are read; --choices means the kind choice, --vote-field the kind json."""
    if choices and kind == "auto":
        kind = "choice"
    if path and kind == "auto":
        kind = "json"
    if kind == "choice" and not choices:
        raise UsageError("--answer choice needs --choices", hint="for example --choices yes,no")
    if kind != "auto":
        answers.kind_named(kind)  # refuses what is none
    return Reading("" if kind == "auto" else kind, tuple(choices), path)


@dataclass(frozen=True)
class Voting:
    """One consensus as the flags describe it."""

    terms: Terms
    members: Sequence[Member]
    samples: int | None
    seed: int | None
    marker: bool

    def held(self, prompt: Prompt, model: Model, limits: Limits, output: Output) -> int:
        """Ask, count and print; the exit code."""
        names = [member.profile for member in self.members]
        desk = Desk.opened("consensus", prompt, model, limits, output, names=names)
        requests = dict(zip(desk.members.profiles, desk.requests(), strict=True))
        if self.marker:
            line = answers.instruction(
                self.terms.reading.kind or "auto", self.terms.reading.choices
            )
            requests = {name: _told(request, line) for name, request in requests.items()}
        slots, seed = self._plan(list(requests), desk)
        return desk.perform(
            lambda: consensus(lambda name: requests[name], slots, self.terms),
            shown=[requests[member.profile] for member in (*slots, *extra(slots, self.terms))],
            settings=self._settings(slots, seed),
            at_once=self.terms.at_once,
            close=_watched(desk, output),
            likely_calls=lambda: expected_calls(slots, self.terms),
        )

    def _plan(self, profiles: Sequence[str], desk: Desk) -> tuple[tuple[Member, ...], int]:
        """The slots in their random order. An unnamed member is the profile that was chosen."""
        seed = random.SystemRandom().randrange(2**32) if self.seed is None else self.seed
        voters = [
            replace(
                member,
                profile=name,
                weight=member.weight * desk.members.profiles[name].weight,
            )
            for member, name in zip(self.members, profiles, strict=True)
        ]
        total = self._total(voters)
        return plan(voters, total, seed), seed

    def _total(self, voters: Sequence[Member]) -> int:
        """How many calls there are at most: -n, else as many as the members' counts want."""
        total = self.samples or max(SAMPLES, sum(voter.count or 1 for voter in voters))
        if (self.terms.need or 0) > total:
            raise UsageError(f"--need {self.terms.need} is more than the plan of {total} calls")
        return total

    def _settings(self, slots: Sequence[Member], seed: int) -> dict[str, Json]:
        """What a replay needs to hold the same vote again."""
        terms = self.terms
        return {
            "plan": [member.profile for member in slots],
            "weights": [member.weight for member in slots],
            "plan_seed": seed,
            "rule": repr(terms.rule),
            "kind": terms.reading.kind or "auto",
            "choices": list(terms.reading.choices),
            "vote_field": terms.reading.field,
            "unanimous": terms.unanimous,
            "min_agreement": terms.min_agreement,
            "need": terms.need,
            "on_tie": terms.on_tie,
            "spare": terms.spare,
        }


def _told(request: Request, line: str) -> Request:
    """The same request with the instruction for a readable vote at its end."""
    if not line:
        return request
    last = request.messages[-1]
    asked = Message(last.role, (*last.parts, Text(f"\n\n{line}")))
    return replace(request, messages=(*request.messages[:-1], asked))


def _watched(desk: Desk, output: Output) -> Callable[[Mapping[str, Json]], None] | None:
    """Start the live view where there is somebody to see it; what ends it with the closing line."""
    if output.quiet or output.dry_run or not (desk.terminal.err_tty or output.verbose):
        return None
    from kit.cli.live import Live

    live = Live(sys.stderr, desk.terminal)
    desk.watch(live, live.tick)
    return lambda result: live.close(closing_line(result))


def closing_line(result: Mapping[str, Json]) -> str:
    """``42 · 4/4 agree · stopped at 4 of 9, at most 5% risk … · $0.0031, 56% saved``."""
    detail, usage = result["detail"], result["usage"]
    votes, planned = detail["votes"], detail["planned"]
    valid = sum(vote["count"] for vote in votes)
    head = votes[0]["answer"] if votes else "no valid answer"
    first = votes[0]["count"] if votes else 0
    parts = [_short(head), f"{first}/{valid} agree" + (", a tie" if detail["tie"] else "")]
    parts += [f"{other['count']} for {_short(other['answer'])}" for other in votes[1:4]]
    parts.append(
        STOPPED.get(detail["stopped"], "stopped at {n} of {planned}").format(
            n=detail["asked"], planned=planned, risk=f"{100 * (detail['risk']['alpha'] or 0):g}%"
        )
    )
    if detail["failed"] + detail["abstained"]:
        parts.append(f"{detail['abstained']} abstained")
    cost = usage["cost_usd"]
    saved = 1 - detail["asked"] / planned
    if cost is not None:
        parts.append(f"${cost:.4f}" + (f", {saved:.0%} saved" if saved > 0 else ""))
    elif saved > 0:
        parts.append(f"{saved:.0%} of the calls saved")
    return " · ".join(parts)


STOPPED = {
    "risk": "stopped at {n} of {planned}, at most {risk} risk that the rest would change it",
    "decided": "stopped at {n} of {planned}: the rest could not change it",
    "all": "all {planned} asked",
    "futile": "stopped at {n} of {planned}: the terms cannot be met any more",
    "budget": "ended by a limit at {n} of {planned}",
    "cancelled": "ended at {n} of {planned}",
}


def _short(text: str) -> str:
    from kit.cli.sanitise import visible

    line = " ".join(text.split())
    return visible(line if len(line) <= 40 else line[:39] + "…")
