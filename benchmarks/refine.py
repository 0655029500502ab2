"""What rules for stopping a refinement return, replayed on recorded attempts: seconds, no network.

    python -m benchmarks.refine [FOLDER]       # the folder that holds selfrefine_yelp_gpt4.jsonl.gz

The pattern itself is played: recorded attempts are its drafts, their recorded labels its judge.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks._measure import table
from kit.events import Message, Request, Text
from kit.patterns.play import play
from kit.patterns.refine import refine
from kit.patterns.refining.rubric import Criterion
from kit.patterns.refining.terms import Terms

CREDIT = """\
Self-Refine (Madaan et al. 2023, Apache-2.0): reviews rewritten to be "Very positive", up to five
attempts each. distance: steps from there, of four, by the log's own label of the text returned (so
the judge of the replay is the measure as well: a real judge errs more). revisions: mean a task."""
TESTED = """\
Reflexion (Shinn et al. 2023, MIT): programs revised after their tests failed. In HumanEval the
check is as good as the truth; in MBPP it was written by the model. false: passed, and wrong. The
last row of each is by the truth: no log says whether a last attempt passed its own tests."""
LEVELS = {"very positive": 4, "very negative": 0, "negative": 1, "neutral": 2, "positive": 3}
RUBRIC = (Criterion("sentiment"),)
TASK = Request((Message("user", (Text("Rewrite it"),)),))
MOST = 9
"""Revisions in the longest of Reflexion's logs that are played."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """``level`` from 0 to 4; None where the label says nothing."""

    text: str
    level: int | None

    @property
    def judgements(self) -> list[str]:
        """What a judge says of it; what cannot be read is asked for once more."""
        if self.level is None:
            return ["no label", "no label"]
        return [json.dumps({"score": self.level, "out_of": 4})]


Rule: TypeAlias = Callable[[Sequence[Attempt]], tuple[Attempt, int]]
"""From the attempts at one task to the one that is returned, and the revisions paid for."""


def attempts(path: Path) -> list[list[Attempt]]:
    """The attempts at each task in their order."""
    tasks: dict[int, list[tuple[int, Attempt]]] = {}
    for row in rows(path):
        made = Attempt(row["transferred_review"] or "", _level(row["transferred_review_sentiment"]))
        tasks.setdefault(row["record_id"], []).append((row["attempt"], made))
    return [[made for _, made in sorted(task, key=lambda each: each[0])] for task in tasks.values()]


def rows(path: Path) -> Iterator[Mapping[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        yield from map(json.loads, file)


def _level(label: str | None) -> int | None:
    words = (label or "").lower()
    found = re.search(r"sentiment is ([a-z ]+)", words)
    said = found[1] if found else words
    return next((level for name, level in LEVELS.items() if name in said), None)


def fixed(at: int) -> Rule:
    """The attempt at this place, or the last before it."""
    return lambda task: (task[min(at, len(task) - 1)], min(at, len(task) - 1))


def played(**more: Any) -> Rule:
    """What the pattern returns of these attempts, under these terms."""

    def rule(task: Sequence[Attempt]) -> tuple[Attempt, int]:
        terms = Terms(rubric=RUBRIC, rounds=len(task) - 1, duel=False, **more)
        replies = [line for each in task for line in (each.text, *each.judgements)]
        outcome, calls, _ = play(refine(TASK, terms), *replies)
        best = next(each for each in task if each.text == outcome.answer)
        revisions = sum(len(call.request.messages) > 2 for call in calls if _writes(call.request))
        return best, revisions

    return rule


def _writes(request: Request) -> bool:
    return request.messages[0] == TASK.messages[0]


RULES: Mapping[str, Rule] = {
    "first draft": fixed(0),
    "one revision": fixed(1),
    "last attempt": fixed(4),
    "best so far, patience 1": played(patience=1, target=2.0),
    "best so far, patience 2": played(patience=2, target=2.0),
    "the same, until the target (kit)": played(patience=1, target=1.0),
}
"""A target of 2 is out of reach: patience alone stops there."""


def measured(tasks: Sequence[Sequence[Attempt]], rule: Rule) -> tuple[float, float, int]:
    """Mean distance and mean revisions, over so many tasks whose returned text has a label."""
    found = [rule(task) for task in tasks]
    known = [(4 - best.level, paid) for best, paid in found if best.level is not None]
    distances, paid = zip(*known, strict=True)
    return sum(distances) / len(known), sum(paid) / len(known), len(known)


def judged(folder: Path) -> None:
    print(CREDIT)
    for name, file in (("GPT-4", "gpt4"), ("ChatGPT", "chatgpt")):
        tasks = attempts(folder / f"selfrefine_yelp_{file}.jsonl.gz")
        shown: list[list[object]] = []
        for words, rule in RULES.items():
            distance, revisions, count = measured(tasks, rule)
            shown.append([words, f"{distance:.3f}", f"{revisions:.2f}", count])
        print()
        table([f"Yelp, {name}", "distance", "revisions", "tasks"], shown)


# --- with a check ---------------------------------------------------------------------------------
def tested(folder: Path) -> None:
    print(f"\n{TESTED}")
    logs = {
        "HumanEval, Python, GPT-4": "reflexion_humaneval_py_gpt-4",
        "HumanEval, Rust, 50 hardest, GPT-4": "reflexion_humaneval_rs_hardest50_gpt-4",
        "MBPP, Python, GPT-4": "reflexion_mbpp_py_gpt-4",
    }
    for name, file in logs.items():
        tasks = list(rows(folder / f"{file}.jsonl.gz"))
        print()
        table([f"{name} ({len(tasks)})", "solved", "false", "revisions"], _by_rounds(tasks))


def _by_rounds(tasks: Sequence[Mapping[str, Any]]) -> list[list[object]]:
    shown: list[list[object]] = []
    most = max(len(task["reflections"]) for task in tasks)
    rules = {"no revision": (0, 1), "1 revision": (1, 1), "2 revisions": (2, 2)}
    for words, (rounds, patience) in (rules | {f"{most} revisions": (most, most)}).items():
        found = [_checked(task, most, rounds, patience) for task in tasks]
        passed = [task for task, (good, _) in zip(tasks, found, strict=True) if good]
        solved = sum(task["is_solved"] for task in passed)
        paid = sum(revisions for _, revisions in found)
        shown.append(
            [words, f"{solved / len(tasks):.1%}", len(passed) - solved, f"{paid / len(tasks):.2f}"]
        )
    return shown


def _checked(task: Mapping[str, Any], most: int, rounds: int, patience: int) -> tuple[bool, int]:
    """Whether a draft passes, and after how many revisions. An attempt that was reflected on had
    failed; the last passed, unless the log ends for want of attempts."""
    failed = len(task["reflections"])
    ends = [False] if failed == most and not task["is_solved"] else [True]
    drafts = [f"attempt {number}" for number in range(failed + 1)]
    terms = Terms(checks=("the tests",), rounds=min(rounds, failed), patience=patience)
    outcome, calls, _ = play(refine(TASK, terms), *drafts, checks=[*[False] * failed, *ends])
    return outcome.detail["passed"], len(calls) - 1


def main() -> None:
    here = Path(__file__).parents[2] / "shared" / "reference"
    given = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    folder = given or Path(os.environ.get("KIT_REFERENCE") or here) / "refine"
    if not (folder / "selfrefine_yelp_gpt4.jsonl.gz").is_file():
        sys.exit(f"no recorded attempts in {folder}: name their folder")
    judged(folder)
    tested(folder)


if __name__ == "__main__":
    main()
