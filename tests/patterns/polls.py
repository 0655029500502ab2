"""A vote held on scripted members and judges, for the tests of what helps a vote."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field

from kit.errors import KitError
from kit.events import Event, Message, Noted, Replied, Request, Text, VoteClosed
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import consensus
from kit.patterns.judging import Judge
from kit.patterns.plan import Member
from kit.patterns.run import Checker, run
from kit.patterns.steps import Outcome

Said = str | KitError
JUDGE = Judge(Request((), profile="judge"), "Who <b>wrote</b> it?")
TEXT = Reading("text")


def yes_when(*pairs: set[str]) -> Callable[[str], Said]:
    """A judge for whom only these are the same, whichever comes first."""

    def judged(prompt: str) -> Said:
        first, second = blocks(prompt, "answer_1"), blocks(prompt, "answer_2")
        same = any({first, second} <= pair for pair in pairs)
        return f"I compared them.\nANSWER: {'yes' if same else 'no'}"

    return judged


def blocks(prompt: str, name: str) -> str:
    found = re.search(rf"<{name}>\n(.*?)\n</{name}>", prompt, re.DOTALL)
    assert found, prompt
    return found[1]


@dataclass
class Held:
    outcome: Outcome
    events: list[Event]
    asked: dict[str, list[str]]  # profile → the prompts that it was sent

    @property
    def notes(self) -> list[str]:
        return [event.text for event in self.events if isinstance(event, Noted)]

    @property
    def votes(self) -> list[tuple[str, int]]:
        return [(vote["answer"], vote["count"]) for vote in self.outcome.detail["votes"]]

    @property
    def closed(self) -> VoteClosed:
        return next(event for event in self.events if isinstance(event, VoteClosed))


@dataclass
class Panel:
    """``replies``: what the members say, by slot or (a mapping) by profile, each in order;
    ``others``: what a judge or a stronger model says to a prompt."""

    replies: Sequence[Said] | dict[str, Sequence[Said]]
    others: dict[str, Callable[[str], Said]] = field(default_factory=dict)
    members: Sequence[Member] = ()
    check: Checker | None = None

    def hold(self, **terms: object) -> Held:
        members = self.members or [Member("m")] * len(self.replies)
        scripts = self.replies if isinstance(self.replies, dict) else {"m": self.replies}
        lines = {name: iter(script) for name, script in scripts.items()}
        held = Held(Outcome(), [], {})

        async def stream(request: Request) -> AsyncIterator[Event]:
            prompt = request.messages[-1].text
            held.asked.setdefault(request.profile, []).append(prompt)
            other = self.others.get(request.profile)
            said = other(prompt) if other else next(lines[request.profile])
            if isinstance(said, KitError):
                raise said
            yield Replied(message=Message("assistant", (Text(said),)))

        question = Message("user", (Text("q"),))
        steps = consensus(
            lambda name: Request((question,), profile=name),
            members,
            Terms(**{"reading": TEXT, **terms}),  # type: ignore[arg-type]  # a test's shorthand
        )
        held.outcome = asyncio.run(run(steps, stream, tap=held.events.append, check=self.check))
        return held
