"""An answer with a shape: JSON found in a reply and held against a JSON Schema. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json

FENCE = re.compile(r"```[\w-]*\s*\n(.*?)```", re.DOTALL)
MOST_ERRORS = 5
DEEPEST = "nested too deeply"
DEPTH = 100  # lists and objects in each other: what is around them in a record must fit there too


@dataclass(frozen=True)
class Shape:
    """A JSON Schema (draft 2020-12 unless it names another) that an answer must satisfy."""

    schema: Mapping[str, Json]

    @cached_property
    def _validator(self) -> Any:
        return validator(self.schema)

    def checked(self) -> Shape:
        """Itself; UsageError when the schema is none."""
        import jsonschema

        try:
            self._validator.check_schema(self.schema)
        except jsonschema.SchemaError as error:
            raise UsageError(f"the schema is not a JSON Schema: {error.message}") from error
        return self

    def instruction(self) -> str:
        text = json.dumps(self.schema, ensure_ascii=False, separators=(",", ":"))
        return f"Reply with JSON only, with no other text, that satisfies this JSON Schema:\n{text}"

    def read(self, reply: str) -> tuple[Json, list[str]]:
        """The JSON of a reply and what is wrong with it; None and why when there is none."""
        try:
            value = found(reply)
        except (ValueError, RecursionError):
            return None, ["the reply holds no JSON"]
        return value, self.faults(value)

    def faults(self, value: Json) -> list[str]:
        """Where and how a value misses the schema, the first few of it; empty when it fits."""
        from referencing.exceptions import Unresolvable

        if is_too_deep(value):
            return [DEEPEST]
        try:
            errors = sorted(
                self._validator.iter_errors(value),
                key=lambda each: list(map(str, each.absolute_path)),
            )
        except RecursionError:
            return [DEEPEST]
        except Unresolvable as error:
            raise UsageError(f"the schema refers to what is not in it: {error.ref}") from error
        return [f"{error.json_path}: {_short(error.message)}" for error in errors[:MOST_ERRORS]]


def validator(schema: Mapping[str, Json]) -> Any:
    """jsonschema's validator for it, which never looks beyond it."""
    # 0.1 s, and only who asks for a shape pays for it
    import jsonschema
    import referencing

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    # An empty registry: a $ref to another place is an error, not a request over the network.
    return kind(schema, registry=referencing.Registry())


def is_too_deep(value: Json) -> bool:
    level = [value]
    for _ in range(DEPTH + 1):
        level = [each for one in level for each in _within(one)]
        if not level:
            return False
    return True


def _within(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def found(reply: str) -> Json:
    """The JSON value in a reply: the whole of it, its last fenced block, or the last object or
    array that stands in its text. ValueError when there is none."""
    for candidate in (reply, *reversed(FENCE.findall(reply))):
        try:
            return json.loads(candidate)
        except ValueError:
            continue
    values = list(embedded(reply))
    if not values:
        raise ValueError("no JSON")
    return values[-1]


def embedded(text: str) -> Iterator[Json]:
    """Objects and arrays in running text, from left to right, none inside another."""
    decoder, at = json.JSONDecoder(), 0
    while (start := _next_open(text, at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, start)
            yield value
        except ValueError:
            at = start + 1


def _next_open(text: str, at: int) -> int:
    places = [place for place in (text.find("{", at), text.find("[", at)) if place >= 0]
    return min(places, default=-1)


def _short(text: str) -> str:
    return text if len(text) <= 300 else text[:299] + "…"
