"""Votes of the kinds that are no numbers: choices, yes or no, dates, JSON, plain text."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Sequence
from datetime import date

from kit.events import Json
from kit.patterns.marks import bare

_LETTER = re.compile(
    r"\W*(?:(?:option|choice|answer)\s+)?[(\[]?(?P<letter>[A-Za-z])"
    r"(?P<mark>[)\]][.:,]?|\s*(?:[).:,]|[-–—](?=\s)))?[*_`]*\s*(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_YES, _NO = frozenset(("yes", "true", "correct")), frozenset(("no", "false", "incorrect"))
_PAIRS = {"true": ("true", "false"), "correct": ("correct", "incorrect")}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\d/-])(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?![\d/-])",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]+{_MONTH},?[\s-]+(?P<y>\d{{4}})\b",
        rf"\b{_MONTH}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b",
        r"(?<![\d/.-])(?P<a>\d{1,2})(?P<s>[/.-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4})(?![\d/-])",
    )
)
_FENCE = re.compile(r"```[ \t]*(?:json\w*)?[ \t]*\n(.*?)```", re.DOTALL | re.IGNORECASE)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(-?\d+)\]")
_OPENING, _TRIES = re.compile(r"[{\[]"), 2000
_EDGES = ".,;:!?\"'`*_~()[]{}<>…–—“”‘’«»¿¡。，！？"
_ARTICLES = frozenset(("a", "an", "the"))


def plain(text: str) -> str:
    """Text as it is compared: no case, no articles, no punctuation around words, single spaces."""
    words = unicodedata.normalize("NFKC", bare(text)).casefold().split()
    stripped = (word.strip(_EDGES).rstrip("-") for word in words)
    kept = [word for word in stripped if word]
    return " ".join(word for word in kept if word not in _ARTICLES) or " ".join(kept)


def choice(text: str, options: Sequence[str] = ()) -> str | None:
    """The option that this text names by its words or its letter; the letter without options.

    None when it names none, two, or a letter that contradicts the words after it.
    """
    text = unicodedata.normalize("NFKC", bare(text))
    named = [option for option in options if text and plain(option) == plain(text)]
    if named:
        return named[0]
    match = _LETTER.fullmatch(text)
    rest = match["rest"].strip() if match else ""
    pointed = match and (not rest or match["mark"] or text.lstrip("*_ ").startswith(("(", "[")))
    if match is None or not pointed:
        return _only_mention(text, options)
    if re.match(r"(?:and|or|&|/|[A-Za-z]\b(?!['’ ]\w))", rest):
        return None  # two letters
    return _by_letter(match["letter"].upper(), rest, options)


def _by_letter(letter: str, rest: str, options: Sequence[str]) -> str | None:
    place = ord(letter) - ord("A")
    if not options:
        return letter if place < 10 else None
    if place >= len(options) or _contradicted(rest, place, options):
        return None
    return options[place]


def _contradicted(rest: str, place: int, options: Sequence[str]) -> bool:
    return any(
        plain(rest) == plain(option) for at, option in enumerate(options) if at != place and rest
    )


def _only_mention(text: str, options: Sequence[str]) -> str | None:
    """The one option whose words occur in the text, unless they are denied."""
    said = f" {' '.join(word.strip(_EDGES) for word in text.casefold().split())} "
    if re.search(r" (?:not|neither|nor|isn't|n't|never|either|cannot) ", said):
        return None
    found = [option for option in options if f" {plain(option)} " in said]
    longest = [a for a in found if not any(a != b and plain(a) in plain(b) for b in found)]
    return longest[0] if len(longest) == 1 else None


def boolean(text: str) -> tuple[str, bool] | None:
    """The word as it was meant ("yes", "false" …) and its truth; None when unclear."""
    words = re.findall(r"[a-z']+", bare(text).casefold())
    if not words:
        return None
    if words[0] == "not" and len(words) > 1 and words[1] in _YES:
        word, truth = words[1], False
    else:
        word, truth = words[0], words[0] in _YES
    if word not in _YES | _NO or _both(words):
        return None
    pair = next((p for p in _PAIRS.values() if word in p), ("yes", "no"))
    return pair[0 if truth else 1], truth


def _both(words: list[str]) -> bool:
    """Words of both sides, or a hedge: "yes and no"."""
    sides = set(words)
    opposed = bool(sides & _YES) and bool(sides & _NO)
    return opposed or bool(sides & {"maybe", "depends", "perhaps", "unclear", "unknown"})


def dates(text: str) -> list[date | None]:
    """Every date in the text, in order; None stands for one that is ambiguous or impossible."""
    text = unicodedata.normalize("NFKC", text)
    found = [(match.start(), _date(match)) for form in _DATES for match in form.finditer(text)]
    return [day for _, day in sorted(found, key=lambda item: item[0])]


def _date(match: re.Match[str]) -> date | None:
    parts = match.groupdict()
    try:
        if "a" in parts:
            a, b = int(parts["a"]), int(parts["b"])
            if a <= 12 and b <= 12 and a != b:
                return None  # 03/04: who knows
            return date(int(parts["y"]), min(a, b) if max(a, b) > 12 else a, max(a, b))
        month = parts.get("m") or _MONTHS.index(parts["month"].casefold()) + 1
        return date(int(parts["y"]), int(month), int(parts["d"]))
    except ValueError:
        return None


def parsed(reply: str, mark: str | None) -> Json:
    """The JSON of a reply: marked, in the last fence, all of it, or its last object or array.

    LookupError when there is none.
    """
    for text in (mark, *reversed(_FENCE.findall(reply)), reply):
        if text:
            try:
                return _decoder().decode(text.strip())
            except (ValueError, RecursionError):
                continue
    return _last_value(reply)


def _last_value(reply: str) -> Json:
    """The last object or array in the text; half a reply's braces may be LaTeX."""
    found: list[Json] = []
    at = 0
    for _ in range(_TRIES):
        match = _OPENING.search(reply, at)
        if match is None:
            break
        at = match.end()
        try:
            value, at = _decoder().raw_decode(reply, match.start())
            found.append(value)
        except (ValueError, RecursionError):
            continue
    if not found:
        raise LookupError("no JSON in this reply")
    return found[-1]


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_constant=_refuse, parse_float=_float)


def _refuse(text: str) -> float:
    raise ValueError(f"{text} is no JSON")


def _float(text: str) -> float | int:
    """1.0 and 1e2 become whole numbers, as RFC 8785 writes them."""
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("beyond what JSON numbers reach")
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def canonical(value: Json) -> str:
    """Equal JSON values as equal text: sorted keys, no spaces (after RFC 8785)."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def at_path(value: Json, path: str) -> Json:
    """``a.b[0]`` of a JSON value; LookupError where it leads nowhere."""
    end = 0
    for match in _STEP.finditer(path):
        if match.start() != end:
            break
        end, (name, index) = match.end(), match.groups()
        value = _step(value, name, index)
    if end != len(path):
        raise LookupError(f"{path!r} is no path")
    return value


def _step(value: Json, name: str | None, index: str | None) -> Json:
    if index is not None and isinstance(value, list):
        return value[int(index)]
    if index is None and isinstance(value, dict):
        return value[name]
    raise LookupError(f"no {name or index} there")
