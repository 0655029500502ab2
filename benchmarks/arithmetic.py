"""A vote of the embedded model on sums made here: what nine of its answers are worth against one.

python -m benchmarks.arithmetic [QUESTIONS]    # 30; about two minutes on two cores

Each question is asked nine times, once; the stopping rules are then played on these same replies.
"""

from __future__ import annotations

import asyncio
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from benchmarks._measure import table
from kit.events import Event, Json, Message, Replied, Request, Text
from kit.patterns.ballots import Reading, Terms
from kit.patterns.consensus import consensus
from kit.patterns.plan import Member
from kit.patterns.play import play
from kit.patterns.run import run
from kit.patterns.steps import Outcome, Steps
from kit.patterns.stopping import Decided, Never, Risk, Rule
from kit.providers import Provider, open_provider
from kit.providers.config.profiles import Profile
from kit.providers.local import installed

SEED, PLAN, MAX_TOKENS = 5, 9, 16
RULES: Mapping[str, Rule] = {
    "all nine": Never(),
    "decided": Decided(),
    "risk 0.05": Risk(0.05),
    "risk 0.01": Risk(0.01),
}
ROLES: Sequence[Literal["user", "assistant"]] = ("user", "assistant")
SHOWN = (("2 + 3", 5), ("16 - 4", 12), ("3 * 4", 12))
"""Answered before each question: without them so small a model chats about numbers instead."""


@dataclass(frozen=True, slots=True)
class Question:
    words: str
    answer: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its nine replies in order; the vote of each, None where there is none."""

    question: Question
    replies: Sequence[Replied]
    votes: Sequence[str | None]

    @property
    def share(self) -> float:
        """Of the nine answers, those that are right."""
        return self.votes.count(str(self.question.answer)) / PLAN


def questions(count: int) -> list[Question]:
    """Sums, differences and products, in turn: a child does them in its head."""
    dice = random.Random(SEED)
    makers: Sequence[Callable[[int, int], Question]] = (
        lambda a, b: Question(f"{a + 8} + {b}", a + 8 + b),
        lambda a, b: Question(f"{a + b} - {a}", b),
        lambda a, b: Question(f"{a} * {b}", a * b),
    )
    return [
        makers[turn % len(makers)](dice.randint(2, 12), dice.randint(2, 9)) for turn in range(count)
    ]


def vote(question: Question, rule: Rule) -> Steps[Outcome]:
    shown = [(f"What is {words}?", f"{words} = {answer}") for words, answer in SHOWN]
    turns = [(role, words) for pair in shown for role, words in zip(ROLES, pair, strict=True)]
    before = [Message(role, (Text(words),)) for role, words in turns]
    last = Message("user", (Text(f"What is {question.words}?"),))
    request = Request((*before, last), max_tokens=MAX_TOKENS)
    terms = Terms(rule=rule, reading=Reading("number"), need=1)
    return consensus(lambda _: request, [Member("local")] * PLAN, terms)


async def asked(provider: Provider, question: Question) -> Asked:
    replies: dict[str, Replied] = {}

    def tap(event: Event) -> None:
        if isinstance(event, Replied):
            replies[event.call] = event

    outcome = await run(vote(question, Never()), provider.stream, tap=tap)
    samples: Sequence[Mapping[str, Json]] = outcome.detail["samples"]
    if len(replies) < PLAN:
        sys.exit(f"{PLAN - len(replies)} of {PLAN} calls failed: {outcome.error}")
    return Asked(
        question,
        [replies[sample["call"]] for sample in samples],
        [sample["vote"] for sample in samples],
    )


def by_rule(found: Sequence[Asked]) -> None:
    """What each rule makes of the same replies."""
    full = [play(vote(one.question, Never()), *one.replies)[0] for one in found]
    alone = sum(one.share for one in found) / len(found)
    rows: list[list[object]] = [["one answer", "1", f"{alone:.0%}", ""]]
    for name, rule in RULES.items():
        voted = [play(vote(one.question, rule), *one.replies)[0] for one in found]
        calls = sum(int(outcome.detail["asked"]) for outcome in voted) / len(found)
        pairs = zip(voted, full, strict=True)
        same = sum(outcome.answer == other.answer for outcome, other in pairs)
        right = sum(map(_right, found, voted)) / len(found)
        rows.append([name, f"{calls:.1f}", f"{right:.0%}", f"{same} of {len(found)}"])
    table(["", "calls", "right", "as the full vote"], rows)


def by_agreement(found: Sequence[Asked]) -> None:
    """How often an answer was right by how many of the nine gave it."""
    full = [play(vote(one.question, Never()), *one.replies)[0] for one in found]
    rows: list[list[object]] = []
    for low, high in ((8, 9), (6, 7), (4, 5), (0, 3)):
        among = [
            _right(one, outcome)
            for one, outcome in zip(found, full, strict=True)
            if low <= _leading(outcome) <= high
        ]
        rows.append([f"{low} to {high} of {PLAN} agree", len(among), sum(among)])
    table(["", "questions", "right"], rows)


def by_kind(found: Sequence[Asked]) -> None:
    """Sums, differences and products apart."""
    rows: list[list[object]] = []
    for sign, name in (("+", "sums"), ("-", "differences"), ("*", "products")):
        those = [one for one in found if sign in one.question.words]
        full = [play(vote(one.question, Never()), *one.replies)[0] for one in those]
        alone = sum(one.share for one in those) / len(those)
        rows.append([name, len(those), f"{alone:.0%}", f"{sum(map(_right, those, full))}"])
    table(["", "questions", "one answer right", "vote right"], rows)


def _leading(outcome: Outcome) -> int:
    """The ballots of the winner."""
    votes: Sequence[Mapping[str, Json]] = outcome.detail["votes"]
    return int(votes[0]["count"]) if votes else 0


def _right(one: Asked, outcome: Outcome) -> bool:
    return outcome.answer == str(one.question.answer)


async def main() -> None:
    if not installed():
        print("LEFT OUT: the embedded model is not installed (kit local install)")
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    provider, began = open_provider(Profile("local", api="local")), time.perf_counter()
    try:
        found = [await asked(provider, question) for question in questions(count)]
    finally:
        await provider.aclose()  # type: ignore[attr-defined]  # the local one has it
    print(f"{count} questions, {count * PLAN} calls, {time.perf_counter() - began:.0f} s")
    for shown in (by_rule, by_agreement, by_kind):
        print()
        shown(found)


if __name__ == "__main__":
    asyncio.run(main())
