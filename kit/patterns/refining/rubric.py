"""What a judge looks at: weighted criteria with anchors, each rated from 1 to 5. Pure.

Few steps with words beside them are rated more evenly than a bare number from 0 to 100
(G-Eval, arXiv 2303.16634; Prometheus 2, arXiv 2405.01535).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Criterion:
    """``about`` says what is rated, with its anchors; ``weight`` counts beside the others'."""

    name: str
    about: str = ""
    weight: float = 1.0


Rubric: TypeAlias = tuple[Criterion, ...]

BUILT_IN: Rubric = (
    Criterion(
        "task",
        "Does it do all that was asked, in the form that was asked, and nothing else? "
        "1: another task, or none of it; 3: the main part, something asked is missing or was not "
        "kept; 5: every part of the task and every limit it sets",
        2.0,
    ),
    Criterion(
        "correct",
        "Is what it says true, and does what it does work? "
        "1: its core is wrong; 3: right in the main, with a mistake that misleads; "
        "5: no mistake that can be found, nothing made up",
        2.0,
    ),
    Criterion(
        "clear",
        "Can whoever asked use it at once? "
        "1: confused; 3: understood with effort, or longer than it need be; "
        "5: in order, each sentence needed",
    ),
    Criterion(
        "apt",
        "Do tone, length and detail fit the one who asked and the use? "
        "1: unfit; 3: passable, generic; 5: as an expert would write it for this reader",
    ),
)
"""For who names no rubric: what is asked and what is true count twice."""

_HEAD = re.compile(
    r"(?:[-*•]|\d+[.)])?\s*(?P<name>[^\W\d_][\w /-]{0,39}?)\s*"
    r"(?:\((?:weight\s*)?(?P<weight>\d+(?:\.\d+)?)\))?\s*:\s*(?P<about>\S.*)"
)


def parse(text: str) -> Rubric:
    """One criterion a line, ``name (weight): what is asked``; lines that are indented belong to the
    one above. A text of another form is one criterion. UsageError when there is none."""
    if not text.strip():
        raise UsageError("--rubric is empty", hint="for example --rubric 'tone (2): is it polite?'")
    entries: list[str] = []
    for line in filter(str.strip, text.strip().splitlines()):
        if line[:1].isspace() and entries:
            entries[-1] += f" {line.strip()}"
        else:
            entries.append(line.strip())
    heads = [_HEAD.fullmatch(entry) for entry in entries]
    if None in heads:
        return (Criterion("rubric", " ".join(text.split())),)
    found = tuple(
        Criterion(head["name"].lower(), head["about"], float(head["weight"] or 1))
        for head in heads
        if head
    )
    return _sound(found)


def _sound(rubric: Rubric) -> Rubric:
    names = [each.name for each in rubric]
    if twice := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"--rubric names {twice[0]!r} twice")
    if not sum(each.weight for each in rubric):
        raise UsageError("--rubric: no criterion has a weight")
    return rubric


def sheet(rubric: Rubric) -> str:
    """The criteria as a judge reads them."""
    return "\n".join(f"- {each.name}: {each.about}" for each in rubric)


def form(rubric: Rubric) -> dict[str, Json]:
    """The JSON Schema of a judgement: for each criterion first the evidence, then the rating."""
    rating = {
        "type": "object",
        "properties": {
            "evidence": {"type": "string"},
            "score": {"type": "integer", "enum": list(range(LOWEST, HIGHEST + 1))},
        },
        "required": ["evidence", "score"],
        "additionalProperties": False,
    }
    names = [each.name for each in rubric]
    ratings = _object(dict.fromkeys(names, rating))
    return _object({"criteria": ratings, "critique": {"type": "string"}})


def _object(properties: dict[str, Json]) -> dict[str, Json]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def example(rubric: Rubric) -> str:
    """A judgement as it shall be written."""
    ratings = ", ".join(f'"{each.name}": {{"evidence": "…", "score": 1-5}}' for each in rubric)
    return f'{{"criteria": {{{ratings}}}, "critique": "…"}}'


def mean(rubric: Rubric, ratings: Sequence[float]) -> float:
    """The weighted mean of ratings from 1 to 5, as a share of 5."""
    weighed = sum(each.weight * rating for each, rating in zip(rubric, ratings, strict=True))
    return weighed / (HIGHEST * sum(each.weight for each in rubric))
