"""Reading a vote out of a reply: what counts as the same answer, kind by kind.

A reply that cannot be read abstains: a vote is never guessed from a marked answer that is unclear.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.marks import bare, last_line, marked, said
from kit.patterns.numbers import last_number, number, shown
from kit.patterns.values import at_path, boolean, canonical, choice, dates, parsed, plain

LONGEST_LINE = 200
"""Characters that a whole reply without a mark may have and still be read as a bare value."""


@dataclass(frozen=True, slots=True)
class Vote:
    """``key`` is what is compared, ``shown`` what is printed when it wins."""

    key: str
    shown: str


Reader: TypeAlias = Callable[[str, Sequence[str]], Vote | None]


@dataclass(frozen=True, slots=True)
class Kind:
    """How replies of one kind are read, and what they are asked to end with ("": nothing)."""

    read: Reader
    form: str = ""


def read(reply: str, kind: str, choices: Sequence[str] = (), field: str = "") -> Vote | None:
    """The vote of a reply, None when it abstains. UsageError when there is no such kind.

    With ``field`` (``a.b[0]``) the vote is that part of the reply's JSON, read as the kind.
    """
    reader = kind_named(kind).read
    if not field:
        return reader(reply, choices)
    try:
        value = at_path(parsed(reply, marked(reply)), field)
        key = canonical(value)
    except (LookupError, ValueError, RecursionError):
        return None
    text = value if isinstance(value, str) else key
    return Vote(key, text) if kind in ("json", "auto", "") else reader(text, choices)


def auto(replies: Sequence[str], choices: Sequence[str] = ()) -> str:
    """The kind that reads all of these replies as they stand; "text" when none does."""
    if choices:
        return "choice"
    if replies and all(_whole_json(reply) for reply in replies):
        return "json"
    values = [_value(reply) for reply in replies]
    if not values or any(value is None for value in values):
        return "text"
    for kind in ("number", "bool", "choice", "date"):
        if all(_is(kind, value or "") for value in values):
            return kind
    return "line" if all(marked(reply) for reply in replies) else "text"


def instruction(kind: str, choices: Sequence[str] = ()) -> str:
    """What to append to the question, so that the vote can be read; "" for kinds without a mark."""
    form = kind_named(kind).form
    if choices and form:
        form = f"one of: {', '.join(choices)}"
    return f"End your reply with a line of the form\nANSWER: <{form}>" if form else ""


def read_choice(reply: str, options: Sequence[str]) -> Vote | None:
    """The option itself, by its letter in this order or by its words, so shuffled options agree."""
    return _choice(reply, options)


def kind_named(name: str) -> Kind:
    """The kind of that name; UsageError when there is none."""
    if name.startswith("regex:"):
        return _pattern_kind(name.removeprefix("regex:"))
    if name not in KINDS:
        raise UsageError(
            f"there is no kind of answer {name!r}", hint=f"try {', '.join(KINDS)} or regex:PATTERN"
        )
    return KINDS[name]


def _value(reply: str) -> str | None:
    """What is marked, else the whole reply when it is a short line."""
    mark = marked(reply)
    if mark is not None:
        return mark
    line = bare(reply)
    return line if "\n" not in line and len(line) <= LONGEST_LINE else None


def _is(kind: str, value: str) -> bool:
    if kind == "choice":
        return re.fullmatch(r"\W*[A-J]\W*", value) is not None
    if kind == "bool":
        return len(value.split()) == 1 and boolean(value) is not None
    return (number(value) if kind == "number" else _one_date(dates(value))) is not None


def _whole_json(reply: str) -> bool:
    if not re.match(r"\s*(?:```[ \t]*(?:json)?\s*)?[{\[]", reply):
        return False
    return _json(reply, ()) is not None


def _text(reply: str, _: Sequence[str]) -> Vote | None:
    mark = marked(reply)
    text = bare(reply) if mark is None else mark
    key = plain(text)
    return Vote(key, text) if key else None


def _line(reply: str, _: Sequence[str]) -> Vote | None:
    mark = marked(reply)
    line = last_line(reply) if mark is None else last_line(mark)
    key = " ".join(unicodedata.normalize("NFKC", line).casefold().split())
    return Vote(key, line) if key else None


def _number(reply: str, _: Sequence[str]) -> Vote | None:
    mark = marked(reply)
    if mark is not None:
        value = number(mark)
    else:
        value = number(bare(reply))
        hint = said(reply)
        if value is None and hint:
            value = number(hint)
        if value is None:
            value = last_number(reply)
    return None if value is None else Vote(shown(value), shown(value))


def _choice(reply: str, options: Sequence[str]) -> Vote | None:
    found = _agreed(reply, lambda text: choice(text, options))
    return None if found is None else Vote(found, found)  # as it was given: the set is closed


def _bool(reply: str, _: Sequence[str]) -> Vote | None:
    found = _agreed(reply, lambda text: (boolean(text) or (None,))[0])
    if found is None:
        return None
    return Vote("yes" if found in ("yes", "true", "correct") else "no", found)


def _agreed(reply: str, see: Callable[[str], str | None]) -> str | None:
    """What the mark says; without one, what the reply, its first and its last line agree on."""
    mark = marked(reply)
    if mark is not None:
        return see(mark)
    first = next((line for line in reply.splitlines() if line.strip()), "")
    hint = said(reply)
    places = [hint] if hint and see(hint) else [first, last_line(reply)]
    seen = {value for text in places if (value := see(text)) is not None}
    return seen.pop() if len(seen) == 1 else None


def _date(reply: str, _: Sequence[str]) -> Vote | None:
    mark = marked(reply)
    day = _one_date(dates(reply)[-1:] if mark is None else dates(mark))
    return None if day is None else Vote(day, day)


def _one_date(found: Sequence[date | None]) -> str | None:
    """The date when it is clear and there is no other."""
    days = set(found)
    day = days.pop() if len(days) == 1 else None
    return day.isoformat() if day else None


def _json(reply: str, _: Sequence[str]) -> Vote | None:
    try:
        key = canonical(parsed(reply, marked(reply)))
    except (LookupError, ValueError, RecursionError):
        return None
    return Vote(key, key)


@cache
def _pattern_kind(pattern: str) -> Kind:
    try:
        compiled = re.compile(pattern, re.MULTILINE)
    except re.error as error:
        raise UsageError(
            f"the pattern of --answer regex: does not compile: {error}", hint="try it in quotes"
        ) from error
    if not pattern:
        raise UsageError("--answer regex: names no pattern", hint=r"try 'regex:Total: (\d+)'")

    def last_match(reply: str, _: Sequence[str]) -> Vote | None:
        for match in reversed(list(compiled.finditer(reply))):
            text = (match.group(1) if compiled.groups else match.group()) or ""
            if text.strip():
                return Vote(text.strip(), text.strip())
        return None

    return Kind(last_match)


KINDS = {
    "auto": Kind(_line, "your answer, as short as possible"),
    "text": Kind(_text),
    "number": Kind(_number, "the number"),
    "choice": Kind(_choice, "the letter of your choice"),
    "bool": Kind(_bool, "yes or no"),
    "date": Kind(_date, "the date as YYYY-MM-DD"),
    "json": Kind(_json),
    "line": Kind(_line),
}
"""``auto`` is settled from the first replies (see auto()); what it does not settle is a line."""
