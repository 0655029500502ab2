"""A draft with what was found out about it, and which of two is the better. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import field

from kit.dataclass import dataclass

GAIN = 0.02
"""What a judge's score must rise by to count: a tenth of a point of five."""
IDEA = 100
"""Characters of each half of an idea."""

_OPENING_FENCE = re.compile(
    r"\s*(?:(?!`{3}|~{3})[^\n]{1,200}\n\s*)?(?P<mark>`{3,}|~{3,})[^`\n]*\n"
    r"(?P<inside>.*?)\n?^(?P=mark)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_WHOLE_FENCE = re.compile(r"\s*(`{3,}|~{3,})[^\n`]*\n(?P<inside>.*?)\n?\1\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Gate:
    """What a check or the schema says of a draft. ``score`` from 0 to 1; ``output`` is what a
    revision shall heed when it does not pass."""

    name: str
    passed: bool
    score: float
    output: str = ""


@dataclass(slots=True)
class Draft:
    """``number`` counts from 1; ``fault`` says why it is no whole text (it was cut)."""

    number: int
    round: int
    text: str
    call: str = ""
    revises: int = 0
    fault: str = ""
    gates: Sequence[Gate] = field(default_factory=tuple)
    rank: float | None = None  # what the judge gives it
    critique: str = ""

    @property
    def passed(self) -> bool:
        """No gate is against it."""
        return not self.fault and all(gate.passed for gate in self.gates)

    @property
    def gated(self) -> float | None:
        """The mean of its gates; None without any."""
        return sum(gate.score for gate in self.gates) / len(self.gates) if self.gates else None

    @property
    def score(self) -> float | None:
        """One figure: the judge's where there is one, else that of the gates."""
        return self.gated if self.rank is None else self.rank

    @property
    def standing(self) -> tuple[bool, bool, float]:
        """Whole before cut, passing before failing, then what the gates give."""
        return not self.fault, self.passed, self.gated or 0.0

    @property
    def failures(self) -> list[Gate]:
        return [gate for gate in self.gates if not gate.passed]

    @property
    def wanting(self) -> list[Gate]:
        """The gates that it fails, or passes with less than all it could have."""
        return [gate for gate in self.gates if not gate.passed or gate.score < 1]


def better(one: Draft, other: Draft) -> bool:
    """Whether the first is surely better: gates first, then the judge's rank. A draft that nobody
    could judge is never better than one with a rank."""
    if one.standing != other.standing:
        return one.standing > other.standing
    if one.rank is None:
        return False
    return other.rank is None or one.rank > other.rank + GAIN


def judged_only(one: Draft, other: Draft) -> bool:
    """Whether nothing but a judge tells them apart."""
    return one.standing == other.standing


def same(one: str, other: str) -> bool:
    """Whether two texts differ in white space at most at the ends of their lines."""
    return _folded(one) == _folded(other)


def bare(text: str) -> str:
    """The text without the one code fence that is all around it."""
    found = _WHOLE_FENCE.fullmatch(text)
    if not found or found[1] in found["inside"]:
        return text
    return found["inside"]


def opening_block(text: str) -> str | None:
    """What stands in the code fence that a text opens with, after one line at most ("Here it is:");
    None when it opens with anything else, as a page with some code in it does."""
    found = _OPENING_FENCE.match(text)
    return found["inside"] if found else None


def idea(best: Draft, failed: Draft) -> str:
    """In one line what a draft tried beside the best one, and what came of it."""
    lines = difflib.ndiff(best.text.splitlines(), failed.text.splitlines())
    changed = (line[2:].strip() for line in lines if line.startswith("+ "))
    tried = next((line for line in changed if line), "some lines were left out")
    return f"{_short(tried)} → {_short(_verdict(failed))}"


def _verdict(draft: Draft) -> str:
    if draft.fault:
        return draft.fault
    if failures := draft.failures:
        said = [line for line in failures[0].output.splitlines() if line.strip()]
        return said[-1].strip() if said else f"fails {failures[0].name}"
    if draft.rank is None:
        return "nobody could judge it"
    return f"scored {draft.rank:.2f}: {draft.critique}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= IDEA else line[: IDEA - 1] + "…"


def _folded(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip().splitlines()]
