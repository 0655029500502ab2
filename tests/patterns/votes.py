"""Votes for tests: every tally of a size, exact error chances, and the recorded ones."""

from __future__ import annotations

import csv
import gzip
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from math import comb
from pathlib import Path

from kit.patterns.stopping import Poll, Rule, verdict, winner


def tallies(votes: int, largest: int | None = None) -> Iterator[tuple[int, ...]]:
    """Every way to split so many ballots over answers, the largest part first."""
    if votes == 0:
        yield ()
        return
    for part in range(min(votes, largest or votes), 0, -1):
        for rest in tallies(votes - part, part):
            yield (part, *rest)


def error_chance(b: Sequence[int], tally: Sequence[int], planned: int) -> float:
    """The exact chance, over all orders of the ballots, of stopping for an answer that loses.

    Walks the counts seen so far (each weighted by its number of orders); what is not in the tally
    abstains. Stops as the rule does: decided, or at the boundary.
    """
    most = max(tally)
    going, wrong = {(0,) * len(tally): 1.0}, 0.0
    for left in range(sum(tally), 0, -1):  # abstentions only delay: the worst plan has none left
        following: dict[tuple[int, ...], float] = defaultdict(float)
        for seen, chance in going.items():
            for at, (have, all_of_it) in enumerate(zip(seen, tally, strict=True)):
                if have == all_of_it:
                    continue
                state = (*seen[:at], have + 1, *seen[at + 1 :])
                part = chance * (all_of_it - have) / left
                rival, lead = sorted((0, *state))[-2:]
                if lead - rival > left - 1 + planned - sum(tally):
                    continue
                if rival < len(b) and lead >= b[rival]:
                    wrong += part * (tally[state.index(lead)] < most)
                else:
                    following[state] += part
        going = following
    return wrong


@cache
def pair_error(b: tuple[int, ...], most: int, second: int) -> float:
    return error_chance(b, (most, second), most + second)


def stopped(rule: Rule, ballots: Sequence[str | None]) -> tuple[str | None, int, str]:
    """The elected answer, how many ballots were read, and why no more."""
    poll = Poll(len(ballots))
    for ballot in ballots:
        poll.cast(ballot)
        if why := verdict(rule, poll):
            break
    return winner(rule, poll), len(poll.ballots), why


def shuffled(ballots: Sequence[str | None], times: int, seed: int) -> Iterator[list[str | None]]:
    order, dice = list(ballots), random.Random(seed)
    for _ in range(times):
        dice.shuffle(order)
        yield order


def recorded(reference: Path, task: str, size: int) -> list[tuple[list[str | None], str]]:
    """(ballots, right answer) of each question that Epoch AI asked a model so often (CC-BY 4.0)."""
    cells: dict[tuple[str, str], list[tuple[str | None, str]]] = defaultdict(list)
    with gzip.open(reference / "votes" / "epoch_runs.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["task"] == task:
                cells[row["run"], row["qid"]].append((row["answer"] or None, row["target"]))
    return [
        ([ballot for ballot, _ in cell[:size]], cell[0][1])
        for cell in cells.values()
        if len(cell) >= size
    ]


def older_table(reference: Path) -> dict[str, dict[str, dict[str, list[int]]]]:
    text = (reference / "votes" / "rles_table.json").read_text(encoding="utf-8")
    return {risk: rows for risk, rows in json.loads(text).items() if isinstance(rows, dict)}


def binomial_tail(a: int, b: int) -> float:
    """P(Beta(a + 1, b + 1) > 1/2), summed another way than the code under test."""
    return sum(comb(a + b + 1, i) * 0.5 ** (a + b + 1) for i in range(a + 1))


def agreement_of(pairs: Sequence[tuple[str | None, str | None]]) -> float:
    return Counter(one == other for one, other in pairs)[True] / len(pairs)
