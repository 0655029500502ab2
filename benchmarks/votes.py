"""What each stopping rule costs and gets right, on real votes: one table, three minutes at most.

    python benchmarks/votes.py [FOLDER]        # the folder that holds epoch_runs.csv.gz

A cell is one model asked one question many times. Its samples are drawn in a random order (seeded);
every rule reads the same ballots. Plans larger than a cell draw with replacement, and say so.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import runpy
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from kit.patterns.stopping import AdaptiveConsistency, Never, Poll, Risk, Rule, Window
from kit.patterns.stopping import verdict as ended
from kit.patterns.stopping import winner as elected

MARGIN_ORDERS = 4000
CREDIT = f"""\
Votes: Epoch AI, 'AI Benchmarking Hub' (epoch.ai/benchmarks), CC-BY 4.0: OTIS Mock AIME and
GPQA-Diamond, every run with enough samples.

tokens: share of what the whole N-call vote takes. agree: elects a winner of that vote.
worst: chance of another answer when the whole vote is won by one ballot: the proven bound for
risk, else measured over {MARGIN_ORDERS} orders. Only weak models were sampled 16 times: real votes
of 9 and 16 are theirs. Votes drawn with replacement repeat their ballots."""
PLANS = (5, 8, 9, 16, 20, 40)
RULES: dict[str, Rule] = {
    "fixed-N": Never(),
    "AdaptiveConsistency .95": AdaptiveConsistency(0.95),
    "ESC-5": Window(5),
    "risk .05 (default)": Risk(0.05),
    "risk .01": Risk(0.01),
}


@dataclass(frozen=True, slots=True)
class Sample:
    answer: str | None
    correct: bool
    tokens: int


Stop: TypeAlias = Callable[[Sequence[Sample]], tuple[str | None, int]]
"""From the samples of a plan to the elected answer and how many of them were read."""


@dataclass(slots=True)
class Row:
    """Sums over all cells."""

    cells: int = 0
    calls: int = 0
    tokens: int = 0
    all_tokens: int = 0
    right: int = 0
    agreed: int = 0

    def add(self, samples: Sequence[Sample], answer: str | None, calls: int) -> None:
        best = _winners(samples)
        self.cells += 1
        self.calls += calls
        if all(sample.tokens for sample in samples):  # 0: the run did not report them
            self.tokens += sum(sample.tokens for sample in samples[:calls])
            self.all_tokens += sum(sample.tokens for sample in samples)
        self.right += any(sample.correct for sample in samples if sample.answer == answer)
        self.agreed += answer in best or not best

    @property
    def share(self) -> str:
        """Of the tokens of the whole vote."""
        return f"{self.tokens / self.all_tokens:.3f}" if self.all_tokens else "unknown"


def main() -> None:
    here = Path(__file__).parents[2] / "shared" / "reference"
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = given or Path(os.environ.get("KIT_REFERENCE") or here) / "votes"
    if not (folder / "epoch_runs.csv.gz").is_file():
        sys.exit(f"no recorded votes in {folder}: name their folder")
    cells = _cells(folder)
    print(CREDIT)
    for planned in PLANS:
        rules = _reference_rules(folder, planned)
        worst = {name: _worst(name, stop, planned) for name, stop in _stops(rules).items()}
        if planned <= 16:
            _table(planned, [cell for cell in cells if len(cell) >= planned], rules, worst)
        if planned > 8:
            _table(planned, [cell for cell in cells if len(cell) >= 8], rules, worst, again=True)


def _stops(reference: dict[str, Stop]) -> dict[str, Stop]:
    return {"fixed-5": _fixed(5), **{name: _stop(rule) for name, rule in RULES.items()}} | reference


def _table(
    planned: int,
    cells: Sequence[Sequence[Sample]],
    reference: dict[str, Stop],
    worst: dict[str, str],
    *,
    again: bool = False,
) -> None:
    """Read all cells with all rules; ``again`` draws with replacement."""
    stops = _stops(reference)
    rows = {name: Row() for name in stops}
    single = 0.0
    for samples in _drawn(cells, planned, again):
        single += sum(sample.correct for sample in samples) / len(samples)
        for name, stop in stops.items():
            rows[name].add(samples, *stop(samples))
    how = "drawn WITH replacement from the 8 or 16 of each" if again else "without replacement"
    print(f"\nN = {planned}: {len(cells)} cells, {how}; one call alone: {single / len(cells):.2%}")
    print(f"{'rule':<26}{'calls':>7}{'tokens':>8}{'accuracy':>10}{'agree':>9}{'worst':>8}")
    for name, row in rows.items():
        print(
            f"{name:<26}{row.calls / row.cells:>7.2f}{row.share:>8}"
            f"{row.right / row.cells:>10.2%}{row.agreed / row.cells:>9.2%}"
            f"{worst[name]:>8}"
        )


def _cells(folder: Path) -> list[list[Sample]]:
    cells: dict[tuple[str, ...], list[Sample]] = defaultdict(list)
    with gzip.open(folder / "epoch_runs.csv.gz", "rt", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            tokens = sum(int(row[name] or 0) for name in ("input_tokens", "output_tokens"))
            sample = Sample(row["answer"] or None, row["correct"] == "1", tokens)
            cells[row["task"], row["run"], row["qid"]].append(sample)
    return list(cells.values())


def _drawn(cells: Sequence[Sequence[Sample]], planned: int, again: bool) -> Iterator[list[Sample]]:
    dice = random.Random(planned)
    for cell in cells:
        yield dice.choices(cell, k=planned) if again else dice.sample(cell, planned)


def _winners(samples: Sequence[Sample]) -> set[str]:
    counts = Counter(sample.answer for sample in samples if sample.answer is not None)
    return {answer for answer, count in counts.items() if count == max(counts.values())}


def _stop(rule: Rule) -> Stop:
    def stop(samples: Sequence[Sample]) -> tuple[str | None, int]:
        poll = Poll(len(samples))
        for sample in samples:
            poll.cast(sample.answer)
            if ended(rule, poll):
                break
        return elected(rule, poll), len(poll.ballots)

    return stop


def _fixed(calls: int) -> Stop:
    whole = _stop(Never())
    return lambda samples: whole(samples[:calls])


def _reference_rules(folder: Path, planned: int) -> dict[str, Stop]:
    """rles.py with its own table, where it lies beside the votes."""
    if not (folder / "rles.py").is_file():
        return {}
    decide = runpy.run_path(str(folder / "rles.py"))["decide"]
    table = json.loads((folder / "rles_table.json").read_text(encoding="utf-8"))
    levels = {"rles.py .05": "0.05", "rles.py .01": "0.01"}
    return {name: _older(decide, table[level][str(planned)]["b"]) for name, level in levels.items()}


def _older(decide: Callable[..., Any], b: Sequence[int]) -> Stop:
    def stop(samples: Sequence[Sample]) -> tuple[str | None, int]:
        counts: Counter[str] = Counter()
        for read, sample in enumerate(samples, 1):
            counts.update([sample.answer] if sample.answer is not None else [])
            found: str | None = decide(counts, read, len(samples), b)
            if found is not None:
                return found, read
        return max(counts, key=counts.__getitem__, default=None), len(samples)

    return stop


def _worst(name: str, stop: Stop, planned: int) -> str:
    """The error when the whole vote is won by one ballot; of an even plan one ballot abstains."""
    rule = RULES.get(name)
    if isinstance(rule, Risk):
        return f"≤{rule.bound(Poll(planned)):.3f}"
    loser = (planned - 1) // 2
    answers = ["right"] * (loser + 1) + ["wrong"] * loser + [None] * (planned - 2 * loser - 1)
    ballots = [Sample(answer, answer == "right", 1) for answer in answers]
    dice, wrong = random.Random(planned), 0
    for _ in range(MARGIN_ORDERS):
        dice.shuffle(ballots)
        wrong += stop(ballots)[0] != "right"
    return f"{wrong / MARGIN_ORDERS:.3f}"


if __name__ == "__main__":
    main()
