"""A JSON Schema that a foreign server sent: what of it may be shown and checked by, if any.

Checking arguments by a hostile schema can fetch addresses (``$ref`` to somewhere), never end
(references in a circle, or doubled at every level) or take years (a pattern that backtracks).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from kit.events import Json
from kit.patterns.tools.mcp.text import seen

SIZE = 64 * 1024  # characters of a schema as JSON
DEPTH = 40
WORK = 5000  # subschemas that one value may have to satisfy
TEXT = 1000  # characters of one description within it
NAME = 200  # characters of a property's name

_PROSE = {"description", "title"}
_DROPPED = {"$schema", "$id", "$anchor", "$comment", "examples", "icons"}
_DYNAMIC = {"$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"}
_VALUES = {"const", "enum", "default", "required"}
_NAMED = {"properties", "$defs", "definitions", "dependentSchemas", "patternProperties"}
"""Keywords below which the keys are names and no keywords."""
_ALSO = ("allOf", "anyOf", "oneOf", "not", "if", "then", "else")
"""Keywords whose schemas look at the same value as the schema that they stand in."""

_ANY = {"properties": {}, "additionalProperties": True}
"""What an object is of which nothing is said."""


class Unfit(Exception):
    """The schema cannot be used, for the reason in the message."""


def tamed(schema: Mapping[str, Json]) -> dict[str, Json]:
    """A schema of type object that is safe to check by; Unfit when none can be made of it."""
    from jsonschema import Draft202012Validator, SchemaError  # 0.1 s

    if schema.get("type", "object") != "object":
        raise Unfit("its arguments are no object")
    try:
        if len(json.dumps(schema)) > SIZE:
            raise Unfit(f"its schema is longer than {SIZE >> 10} KiB")
        kept = {**({} if "properties" in schema else _ANY), **_schema(schema), "type": "object"}
        _bound(kept)
        Draft202012Validator.check_schema(kept)
    except RecursionError as error:
        raise Unfit("its schema is nested too deeply") from error
    except SchemaError as error:
        raise Unfit("its schema is no valid JSON Schema") from error
    return kept


def _schema(node: Mapping[str, Json], depth: int = 0) -> dict[str, Json]:
    """Without what kit does not check by, prose cleaned."""
    if _DYNAMIC & node.keys() or not str(node.get("$ref", "#")).startswith("#"):
        raise Unfit("its schema refers to somewhere else")
    dropped = set(_DROPPED)
    if not all(map(_simple, node.get("patternProperties", ()))):  # then all names are allowed
        dropped |= {"patternProperties", "additionalProperties", "unevaluatedProperties"}
    if not _simple(str(node.get("pattern", ""))):
        dropped.add("pattern")
    kept = {key: _field(key, each, depth + 1) for key, each in node.items() if key not in dropped}
    if isinstance(kept.get("items"), list):  # as drafts before 2020-12 wrote it
        kept["prefixItems"] = kept.pop("items")
    return kept


def _field(key: str, value: Json, depth: int) -> Json:
    if depth > DEPTH:
        raise Unfit("its schema is nested too deeply")
    if key in _PROSE and isinstance(value, str):
        return seen(value, TEXT)
    if key in _VALUES:
        return value
    if key in _NAMED and isinstance(value, Mapping):
        return {_named(name): _field("", each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_field("", each, depth + 1) for each in value]
    return _schema(value, depth) if isinstance(value, Mapping) else value


def _named(name: str) -> str:
    if seen(name, NAME) != name:
        raise Unfit("its schema has a name with characters that cannot be seen")
    return name


def _simple(pattern: str) -> bool:
    """At most one repetition: what such an expression costs grows with the square of a text."""
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return len(pattern) <= NAME and len(re.findall(r"[*+?{]|\\[1-9]", pattern)) <= 1


def _bound(root: Mapping[str, Json]) -> None:
    """Unfit when a value may have to satisfy more than WORK schemas, or endlessly many."""
    costs: dict[int, float] = {}

    def cost(node: Json) -> float:
        if not isinstance(node, Mapping):
            return 1
        if id(node) not in costs:
            costs[id(node)] = float("inf")  # met again on the way: a circle
            costs[id(node)] = 1 + sum(cost(each) for each in _alongside(root, node))
        return costs[id(node)]

    if any(cost(node) > WORK for node in _all(root)):
        raise Unfit("its schema is too much work to check by")


def _alongside(root: Json, node: Mapping[str, Json]) -> Iterator[Json]:
    """The schemas that look at the same value."""
    if isinstance(node.get("$ref"), str):
        yield _at(root, node["$ref"])
    for key in filter(node.__contains__, _ALSO):
        under = node[key]
        yield from under if isinstance(under, list) else [under]
    dependent = node.get("dependentSchemas")
    yield from dependent.values() if isinstance(dependent, Mapping) else ()


def _at(root: Json, reference: str) -> Json:
    """What a JSON Pointer in a fragment points at."""
    if reference != "#" and not reference.startswith("#/"):
        raise Unfit("its schema refers to somewhere else")
    node = root
    for raw in unquote(reference).split("/")[1:]:
        key = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
            node = node[int(key)]
        else:
            raise Unfit("its schema refers to what is not there")
    return node


def _all(node: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(node, Mapping):
        yield node
    if isinstance(node, Mapping | list):
        for each in node.values() if isinstance(node, Mapping) else node:
            yield from _all(each)
