"""What a Python type is in JSON Schema, and how a JSON value becomes one of its own."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from functools import partial
from pathlib import Path
from typing import (
    Annotated,
    Any,
    Literal,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)
from uuid import UUID

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json

DEPTH = 8
"""Types within types; one that holds itself has no end."""


@dataclass(frozen=True)
class Shape:
    """``made`` raises TypeError or ValueError for a value that is none of its kind."""

    schema: Mapping[str, Json]
    made: Callable[[Json], Any]


def shape(kind: Any, depth: int = DEPTH) -> Shape:
    """UsageError for a type that JSON has no word for."""
    if depth == 0:
        raise UsageError(f"the type {_name(kind)} goes too deep")
    origin = get_origin(kind)
    if build := _BUILT.get(origin or kind):
        return build(get_args(kind), depth)
    return _PLAIN.get(kind) or _own(kind, depth)


def _own(kind: Any, depth: int) -> Shape:
    """Classes: an Enum, a dataclass, a TypedDict."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        values = [each.value for each in kind]
        return Shape({"enum": values}, kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        fields = [each for each in dataclasses.fields(kind) if each.init]
        missing = dataclasses.MISSING
        needed = [f.name for f in fields if f.default is missing and f.default_factory is missing]
        return _record(kind, [each.name for each in fields], needed, depth)
    if is_typeddict(kind):
        return _record(kind, list(kind.__annotations__), sorted(kind.__required_keys__), depth)
    raise UsageError(f"JSON has no word for the type {_name(kind)}")


def _record(kind: Any, names: list[str], needed: list[str], depth: int) -> Shape:
    hints = get_type_hints(kind, include_extras=True)
    parts = {name: shape(hints[name], depth - 1) for name in names}
    schema = {
        "type": "object",
        "properties": {name: part.schema for name, part in parts.items()},
        "required": [name for name in names if name in needed],
        "additionalProperties": False,
    }

    def made(value: Json) -> Any:
        return kind(**{name: parts[name].made(each) for name, each in _is(dict)(value).items()})

    return Shape(schema, made)


def _row(made: Callable[[Any], Any], args: tuple[Any, ...], depth: int) -> Shape:
    if made is tuple and args and args[-1] is not Ellipsis:
        return _fixed([shape(each, depth - 1) for each in args])
    item = shape(args[0], depth - 1) if args else _PLAIN[Any]
    schema: dict[str, Json] = {"type": "array", "items": item.schema}
    if made in (set, frozenset):
        schema["uniqueItems"] = True
    return Shape(schema, lambda value: made(item.made(each) for each in _is(list)(value)))


def _fixed(items: list[Shape]) -> Shape:
    """A tuple of so many, each of its own type."""
    size = len(items)
    schema = {
        "type": "array",
        "prefixItems": [each.schema for each in items],
        "minItems": size,
        "maxItems": size,
    }

    def made(value: Json) -> Any:
        return tuple(item.made(each) for item, each in zip(items, _is(list)(value), strict=True))

    return Shape(schema, made)


def _table(args: tuple[Any, ...], depth: int) -> Shape:
    if args and args[0] not in (str, Any):
        raise UsageError("the keys of a JSON object are strings")
    item = shape(args[1], depth - 1) if args else _PLAIN[Any]
    schema = {"type": "object", "additionalProperties": item.schema}
    return Shape(
        schema, lambda value: {key: item.made(each) for key, each in _is(dict)(value).items()}
    )


def _any_of(args: tuple[Any, ...], depth: int) -> Shape:
    options = [shape(each, depth - 1) for each in args]

    def made(value: Json) -> Any:
        for each in options:
            try:
                return each.made(value)
            except (TypeError, ValueError):
                continue
        raise TypeError("none of the types fits")

    return Shape({"anyOf": [each.schema for each in options]}, made)


def _one_of(values: tuple[Any, ...], _depth: int) -> Shape:
    if not all(isinstance(each, str | int | bool | None) for each in values):
        raise UsageError("a Literal of more than strings, numbers, booleans and None")

    def made(value: Json) -> Any:
        if not any(value == each and type(value) is type(each) for each in values):
            raise ValueError("none of the values")
        return value

    return Shape({"enum": list(values)}, made)


def _told(args: tuple[Any, ...], depth: int) -> Shape:
    """A string in Annotated is the description."""
    inner = shape(args[0], depth)
    said = next((each for each in args[1:] if isinstance(each, str)), None)
    return inner if said is None else Shape({**inner.schema, "description": said}, inner.made)


def _is(*kinds: type) -> Callable[[Json], Any]:
    def checked(value: Json) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise TypeError(f"not of {kinds[0].__name__}")
        return value

    return checked


def _whole(value: Json) -> int:
    """JSON Schema counts 3.0 as an integer."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return int(_is(int)(value))


def _written(kind: Callable[[str], Any]) -> Callable[[Json], Any]:
    return lambda value: kind(_is(str)(value))


def _decimal(value: Json) -> Decimal:
    try:
        return Decimal(str(_is(str, int, float)(value)))
    except ArithmeticError as error:
        raise ValueError("no number") from error


def _name(kind: Any) -> str:
    return getattr(kind, "__qualname__", None) or str(kind)


_PLAIN: Mapping[Any, Shape] = {
    Any: Shape({}, lambda value: value),
    object: Shape({}, lambda value: value),
    str: Shape({"type": "string"}, _is(str)),
    bool: Shape({"type": "boolean"}, _is(bool)),
    int: Shape({"type": "integer"}, _whole),
    float: Shape({"type": "number"}, lambda value: float(_is(int, float)(value))),
    None: Shape({"type": "null"}, _is(type(None))),
    type(None): Shape({"type": "null"}, _is(type(None))),
    Path: Shape({"type": "string"}, _written(Path)),
    UUID: Shape({"type": "string", "format": "uuid"}, _written(UUID)),
    Decimal: Shape({"type": ["string", "number"]}, _decimal),
    datetime: Shape({"type": "string", "format": "date-time"}, _written(datetime.fromisoformat)),
    date: Shape({"type": "string", "format": "date"}, _written(date.fromisoformat)),
    time: Shape({"type": "string", "format": "time"}, _written(time.fromisoformat)),
}
_BUILT: Mapping[Any, Callable[[tuple[Any, ...], int], Shape]] = {
    Annotated: _told,
    Literal: _one_of,
    Union: _any_of,
    types.UnionType: _any_of,
    **{kind: partial(_row, kind) for kind in (list, tuple, set, frozenset)},
    **dict.fromkeys((Sequence, Iterable), partial(_row, list)),
    **dict.fromkeys((dict, Mapping, MutableMapping), _table),
}
