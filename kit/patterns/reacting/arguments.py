"""The arguments that a model wrote for a tool: read, mended where that is safe, validated. Pure.

Nothing is guessed: a text becomes the number that it spells, a list that was written as a string
becomes the list; a name that is not there, or a wrong type that spells nothing, is a fault.
"""

from __future__ import annotations

import copy
import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any

from kit.dataclass import dataclass
from kit.events import Json, Tool
from kit.patterns.structure import DEEPEST, MOST_ERRORS, is_too_deep, validator

LONGEST = 1_000_000
"""Characters of arguments that are looked at."""
_SHOWN = 1200
_OPEN = ("additionalProperties", "patternProperties", "unevaluatedProperties", "$ref", "allOf",
         "anyOf", "oneOf")  # fmt: skip  # a schema with one of these says itself what else may come


class Unfit(ValueError):
    """Why arguments cannot be used, in words for the model."""


@dataclass(frozen=True, slots=True)
class Read:
    """Arguments that satisfy the tool's schema, and what was mended for it; or a ``fault``."""

    arguments: Mapping[str, Json] = field(default_factory=dict)
    repairs: tuple[str, ...] = ()
    fault: str = ""


def read(text: str, tool: Tool) -> Read:
    """What the model wrote, as this tool wants it."""
    try:
        value, repairs = _object(text)
        if is_too_deep(value):
            raise Unfit(f"the arguments are {DEEPEST}")
        value, mended = _fitted(value, tool.parameters)
        return Read(value, (*repairs, *mended))
    except Unfit as error:
        return Read(fault=f"{error}. {_wanted(tool)}")


# --- JSON -----------------------------------------------------------------------------------------
def parsed(text: str) -> Json:
    """Strict JSON: no name twice, no NaN. ValueError when it is none."""
    return json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)


def _object(text: str) -> tuple[dict[str, Json], list[str]]:
    if len(text) > LONGEST:
        raise Unfit(f"the arguments are {len(text)} characters long, {LONGEST} is the most")
    try:
        value = parsed(text) if text.strip() else {}
        if isinstance(value, str):
            value = parsed(value)
            if isinstance(value, dict):
                return value, ["an object written as a string"]
    except RecursionError:
        raise Unfit(f"the arguments are {DEEPEST}") from None
    except ValueError as error:
        raise Unfit(f"the arguments are not JSON ({error}): {_short(text, 200)}") from None
    if value is None:
        return {}, ["null instead of an object"]
    if not isinstance(value, dict):
        raise Unfit(f"the arguments are not a JSON object: {_short(text, 200)}")
    return value, []


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands there twice")
    return found


def _no_number(name: str) -> Json:
    raise ValueError(f"{name} is no JSON")


# --- the schema -----------------------------------------------------------------------------------
def _fitted(
    value: dict[str, Json], schema: Mapping[str, Json]
) -> tuple[dict[str, Json], tuple[str, ...]]:
    """The value as the schema wants it. Unfit when it misses it, or the schema is none."""
    from jsonschema.exceptions import SchemaError  # as in structure.py: only who uses tools pays
    from referencing.exceptions import Unresolvable

    check = validator(schema)
    try:
        mended, repairs = _mended(value, check)
        faults = [*_strange(mended, schema), *_told(_errors(check, mended))]
    except RecursionError:
        raise Unfit(f"the arguments are {DEEPEST}") from None
    except (SchemaError, Unresolvable, re.error, TypeError) as error:
        raise Unfit(f"the schema of this tool is broken ({type(error).__name__})") from error
    if faults:
        raise Unfit(f"the arguments do not fit: {'; '.join(faults)}")
    return _whole(mended, schema), repairs


def _errors(check: Any, value: Json) -> list[Any]:
    return list(check.iter_errors(value))


def _told(errors: Sequence[Any]) -> list[str]:
    ordered = sorted(errors, key=lambda each: list(map(str, each.absolute_path)))
    return [f"{each.json_path}: {_short(each.message, 300)}" for each in ordered[:MOST_ERRORS]]


def _strange(value: Mapping[str, Json], schema: Mapping[str, Json]) -> Iterator[str]:
    """Arguments that the schema does not name, and does not foresee."""
    known = schema.get("properties")
    if not isinstance(known, Mapping):  # it says nothing: what comes is the tool's own business
        return
    names = list(known)
    if any(word in schema and schema[word] is not False for word in _OPEN):
        return
    for name in value.keys() - set(names):
        near = difflib.get_close_matches(name, names, n=1)
        yield f"there is no argument {name!r}" + (f", did you mean {near[0]!r}?" if near else "")


def _whole(value: dict[str, Json], schema: Mapping[str, Json]) -> dict[str, Json]:
    """5.0 is an integer to JSON Schema; who runs the tool may not think so."""
    kinds = schema.get("properties")
    known: Mapping[str, Json] = kinds if isinstance(kinds, Mapping) else {}
    return {
        name: int(each) if isinstance(each, float) and _kind(known.get(name)) == "integer" else each
        for name, each in value.items()
    }


def _kind(schema: Json) -> Json:
    return schema.get("type") if isinstance(schema, Mapping) else None


# --- mending --------------------------------------------------------------------------------------
def _mended(value: dict[str, Json], check: Any) -> tuple[dict[str, Json], tuple[str, ...]]:
    """One wrong type after the other, each kept only if it leaves fewer errors."""
    repairs: list[str] = []
    errors = _errors(check, value)
    tried: set[tuple[str, str]] = set()
    while found := _step(value, errors, check, tried):
        value, errors, told = found
        repairs.append(told)
    return value, tuple(repairs)


def _step(
    value: dict[str, Json], errors: list[Any], check: Any, tried: set[tuple[str, str]]
) -> tuple[dict[str, Json], list[Any], str] | None:
    for error in _leaves(errors):
        path = list(error.absolute_path)
        key = (repr(path), repr(error.validator_value))
        if not path or key in tried:
            continue
        tried.add(key)
        for trial in _trials(value, path, error):
            left = _errors(check, trial)
            if len(left) < len(errors):
                return (
                    trial,
                    left,
                    f"{error.json_path}: {_shown(error.instance)} {_as(trial, path)}",
                )
    return None


def _leaves(errors: Sequence[Any]) -> Iterator[Any]:
    """Every wrong type, also those within an anyOf."""
    for error in errors:
        if error.validator == "type":
            yield error
        yield from _leaves(error.context)


def _trials(value: dict[str, Json], path: list[Any], error: Any) -> Iterator[dict[str, Json]]:
    for kind in _kinds(error.validator_value):
        for better in _CONVERTED.get(kind, _nothing)(error.instance):
            yield _put(value, path, better)
    yield from (_put(value, path, each) for each in _named(error))
    if error.instance is None:  # many models write null for what they leave out
        yield _put(value, path, _ABSENT)


def _kinds(wanted: Json) -> list[str]:
    return wanted if isinstance(wanted, list) else [wanted]


_ABSENT = object()


def _put(value: dict[str, Json], path: list[Any], better: Any) -> dict[str, Json]:
    whole = copy.deepcopy(value)
    at: Any = whole
    for step in path[:-1]:
        at = at[step]
    if better is not _ABSENT:
        at[path[-1]] = better
    elif isinstance(at, dict):
        del at[path[-1]]
    return whole


def _as(trial: dict[str, Json], path: list[Any]) -> str:
    at: Any = trial
    for step in path:
        if isinstance(at, dict) and step not in at:
            return "left out"
        at = at[step]
    return f"→ {_shown(at)}"


def _nothing(_: Json) -> Iterator[Json]:
    return iter(())


def _integer(value: Json) -> Iterator[Json]:
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?\d{1,30}\s*", value, re.ASCII):
        yield int(value)


def _number(value: Json) -> Iterator[Json]:
    yield from _integer(value)
    if isinstance(value, str) and re.fullmatch(
        r"\s*[+-]?\d{1,30}(\.\d{0,30})?([eE][+-]?\d{1,3})?\s*", value, re.ASCII
    ):
        yield float(value)


def _boolean(value: Json) -> Iterator[Json]:
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        yield value.strip().lower() == "true"


def _named(error: Any) -> Iterator[str]:
    """2 and true, where one of the words to choose from is "2" or "True"."""
    choices = error.schema.get("enum", ()) if isinstance(error.schema, Mapping) else ()
    if isinstance(error.instance, bool | int):
        spelt = str(error.instance).lower()
        yield from (each for each in choices if isinstance(each, str) and each.lower() == spelt)


def _written(kind: type[Any]) -> Callable[[Json], Iterator[Json]]:
    """What a string holds, when it is JSON of this kind."""

    def inner(value: Json) -> Iterator[Json]:
        if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
            return
        try:
            inside = parsed(value)
        except (ValueError, RecursionError):
            return
        if isinstance(inside, kind):
            yield inside

    return inner


def _array(value: Json) -> Iterator[Json]:
    yield from _written(list)(value)
    if value is not None and value != "":
        yield [value]


_CONVERTED: Mapping[str, Callable[[Json], Iterator[Json]]] = {
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "object": _written(dict),
    "array": _array,
}


# --- words ----------------------------------------------------------------------------------------
def _wanted(tool: Tool) -> str:
    schema = json.dumps(tool.parameters, ensure_ascii=False, separators=(",", ":"))
    return f"The parameters of {tool.name}: {_short(schema, _SHOWN)}"


def _shown(value: Json) -> str:
    return _short(json.dumps(value, ensure_ascii=False), 60)


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
