"""Reading what a judge wrote: a score from 0 to 1 with a critique, or why there is none. Pure.

A judgement is the JSON that was asked for. Judges that ignore this and give one plain mark are
understood where the mark leaves no doubt; whatever else they write is no score, and never a zero.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping

from kit.dataclass import dataclass
from kit.events import Json
from kit.patterns.refining.rubric import HIGHEST, LOWEST, Rubric, mean
from kit.patterns.structure import embedded

NO_CHANGES = "NO_CHANGES"
_NOTHING = re.compile(r"\W*no[_ ]changes?( (are )?(needed|necessary|required))?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judgement:
    """``score`` None: unreadable, for the reason in ``fault``."""

    score: float | None = None
    critique: str = ""
    fault: str = ""


def read(reply: str, rubric: Rubric) -> Judgement:
    """The judgement in a reply."""
    objects = _objects(reply)
    if len(objects) > 1:
        return Judgement(fault="it holds more than one JSON object")
    return _object(objects[0], rubric) if objects else _plain(reply)


def nothing_to_change(text: str) -> bool:
    """Whether this says that the draft shall stay as it is, and nothing else."""
    return _NOTHING.fullmatch(text) is not None


def _objects(reply: str) -> list[Mapping[str, Json]]:
    """The reply as JSON, else every object in its text: one that a judge quotes from the draft must
    not pass for its own."""
    try:
        values = [json.loads(reply)]
    except (ValueError, RecursionError):
        values = list(_within(reply))
    return [each for each in values if isinstance(each, Mapping)]


def _within(text: str) -> Iterator[Json]:
    try:
        yield from embedded(text)
    except RecursionError:
        return


def _object(value: Mapping[str, Json], rubric: Rubric) -> Judgement:
    critique = _words(value.get("critique", value.get("feedback", "")))
    ratings = value.get("criteria", value.get("scores"))
    if isinstance(ratings, list):
        ratings = {_named(each): each for each in ratings}
    if isinstance(ratings, Mapping):
        return _rated(ratings, rubric, critique)
    if "score" not in value:
        return Judgement(critique=critique, fault='it has no "criteria"')
    score = _of_ten(value["score"], value.get("out_of", value.get("max")))
    fault = "" if score is not None else f"its score is {value['score']!r}"[:80]
    return Judgement(score, critique, fault)


def _rated(ratings: Mapping[str, Json], rubric: Rubric, critique: str) -> Judgement:
    """Every criterion must be there, from 1 to 5: what is missing is not made up."""
    given = {str(name).strip().casefold(): rating for name, rating in ratings.items()}
    marks: list[float] = []
    for each in rubric:
        rating = given.get(each.name.casefold())
        mark = _number(rating.get("score") if isinstance(rating, Mapping) else rating)
        if mark is None or not LOWEST <= mark <= HIGHEST:
            shown = "no rating" if mark is None else f"the rating {mark:g}"
            return Judgement(critique=critique, fault=f"{each.name!r} has {shown}, not one of 1-5")
        marks.append(mark)
    return Judgement(mean(rubric, marks), critique)


def _named(rating: Json) -> str:
    if not isinstance(rating, Mapping):
        return ""
    return str(rating.get("name", rating.get("criterion", "")))


def _words(value: Json) -> str:
    if isinstance(value, list):
        return "\n".join(f"- {_words(each)}" for each in value)
    return value.strip() if isinstance(value, str) else ""


# --- a single mark --------------------------------------------------------------------------------
_NUMBER = r"(\d+(?:\.\d+)?)"
_MARKS = (
    re.compile(rf"(?<![\w./]){_NUMBER}\s*(?:/|out of)\s*{_NUMBER}(?![\w/]|\.\d)", re.IGNORECASE),
    re.compile(rf"\b0\s*(?:-|–|to)\s*(\d+)\s*scale\b\W*{_NUMBER}(?![\w/]|\.\d)", re.IGNORECASE),
)


def _plain(reply: str) -> Judgement:
    """Words with one mark out of a named whole ("8/10", "9 out of 10", "on a 0-10 scale: 9"), or a
    bare number, which is out of ten. Two marks are none."""
    bare = reply.strip().strip("*_` ").removesuffix(".")
    score = _of_ten(bare, None) if re.fullmatch(_NUMBER, bare) else None
    marks = {_share(float(a), float(b)) for a, b in _MARKS[0].findall(reply)}
    marks |= {_share(float(b), float(a)) for a, b in _MARKS[1].findall(reply)}
    if score is None and len(marks) == 1:
        score = marks.pop()
    if score is None:
        return Judgement(fault="it is not the JSON that was asked for")
    return Judgement(score, "" if len(bare) < 20 else reply.strip())


def _of_ten(given: Json, whole: Json) -> float | None:
    """A single mark from 0 to 10, or a fraction below 1. A bare 1 could be either: it is none."""
    if isinstance(given, str) and (parts := _MARKS[0].fullmatch(given.strip())):
        return _share(float(parts[1]), float(parts[2]))
    mark = _number(given)
    if mark is None:
        return None
    of = _number(whole)
    if of is not None:
        return _share(mark, of)
    if mark < 1:
        return mark if mark >= 0 else None
    return None if mark == 1 else _share(mark, 10)


def _share(mark: float, whole: float) -> float | None:
    return mark / whole if whole > 0 and 0 <= mark <= whole else None


def _number(value: Json) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
