"""One codec between events and JSON records, read from the annotations of kit.events.

A record is ``{"kind": …, "call": …}`` with every field that differs from its default; so a default
is part of the schema and never changes. Parts of a message carry their "type". Reading is lenient,
as traces outlive releases: unknown fields are ignored, missing or misshapen ones take the default.
"""

from __future__ import annotations

import functools
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin, get_type_hints

from kit.events import Event, Json

ALWAYS = frozenset({"call", "schema"})
"""Fields of an event that are written even when they are at their default."""

DEEPEST = 200
"""Lists and objects in each other that are recorded: Python itself goes only some times deeper."""

KINDS: Mapping[str, Any] = {each.kind: each for each in get_args(Event)}

_dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_CONTROLS = re.compile("[\x7f-\x9f]")  # json.dumps escapes those below a blank
Read: TypeAlias = Callable[[Json], Any]
V = TypeVar("V")


class Misshapen(ValueError):
    """A value that its annotation does not allow."""


# --- writing ------------------------------------------------------------------------------------
def encode(event: Event) -> dict[str, Json]:
    """The record of this event: plain JSON, without ``seq`` and ``t``, which the journal adds."""
    return {"kind": event.kind, "call": event.call, **_told(event, ALWAYS)}


def line(record: Mapping[str, Json]) -> bytes:
    """One line of JSON in UTF-8: halves of a surrogate pair joined, a lone one is U+FFFD."""
    text = harmless(_dumped(record)) + "\n"
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def harmless(text: str) -> str:
    """The same JSON without DEL and the C1 controls, which a terminal takes for commands."""
    return _CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def masked(value: Json, redact: Callable[[str], str]) -> Json:
    """The same JSON with every string, names of fields left out, as ``redact`` gives it."""
    match value:
        case str():
            return redact(value)
        case dict():
            return {name: masked(each, redact) for name, each in value.items()}
        case list():
            return [masked(each, redact) for each in value]
        case _:
            return value


def _told(value: Any, always: frozenset[str] = frozenset()) -> dict[str, Json]:
    told = ((name, getattr(value, name), default) for name, default in _defaults(value.__class__))
    return {
        name: _plain(given) for name, given, default in told if name in always or given != default
    }


def _plain(value: Any, room: int = DEEPEST) -> Json:
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None  # JSON has no NaN and no infinity
        case Mapping() if room:
            return {str(key): _plain(each, room - 1) for key, each in value.items()}
        case list() | tuple() if room:
            return [_plain(each, room - 1) for each in value]
        case _ if is_dataclass(value):
            return _tag(type(value)) | _told(value)
        case _:  # a path or the like in the settings: a record is never refused
            deeper = isinstance(value, (Mapping, list, tuple))
            return "[nested too deeply to be recorded]" if deeper else str(value)


def _tag(kind: type[Any]) -> dict[str, str]:
    tag = vars(kind).get("type")
    return {"type": tag} if isinstance(tag, str) else {}


@functools.cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    """The names of the fields and what stands in them when nobody says."""
    return tuple((field.name, _default(field)) for field in fields(kind))


def _default(field: Field[Any]) -> Any:
    if field.default_factory is not MISSING:
        return field.default_factory()
    return field.default


def plain(value: Any) -> Json:
    """Any value of the vocabulary as it stands in a record: what ``valued`` reads again."""
    return _plain(value)


# --- reading ------------------------------------------------------------------------------------
def decode(record: Mapping[str, Json]) -> Event | None:
    """The event of this record; None for a kind that this release does not know."""
    kind = record.get("kind")
    known = KINDS.get(kind) if isinstance(kind, str) else None
    return _dataclass_reader(known)(record) if known else None


def valued(kind: Callable[..., V], value: Json) -> V:
    """The value of this class (``Request``, say) out of what ``plain`` made of it, as lenient as
    all reading. Misshapen when it is no object."""
    read: V = _dataclass_reader(kind)(value)
    return read


def _reader(hint: Any) -> Read:
    """What turns JSON into a value of this annotation, or raises Misshapen."""
    if hint is Any:
        return lambda value: value
    made_of_fields: bool = is_dataclass(hint)
    if made_of_fields:
        return _dataclass_reader(hint)
    origin, inside = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union_reader(inside)
    if origin is tuple:
        return functools.partial(_tuple, _reader(inside[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return functools.partial(_mapping, _reader(inside[1]))
    # A Literal stays open: a later release may have added a word to it.
    return functools.partial(_scalar, str if origin is Literal else hint)


@functools.cache
def _dataclass_reader(kind: Any) -> Read:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(value: Json) -> Any:
        if not isinstance(value, Mapping):
            raise Misshapen(f"{kind.__name__} from {type(value).__name__}")
        given = {}
        for name in readers.keys() & value.keys():
            try:
                given[name] = readers[name](value[name])
            except Misshapen:
                continue
        try:
            return kind(**given)
        except TypeError:
            raise Misshapen(f"{kind.__name__} from {sorted(given)}") from None

    return read


def _union_reader(choices: tuple[Any, ...]) -> Read:
    """Dataclasses are told apart by their tag; otherwise the first that fits."""
    tagged = {each.type: _reader(each) for each in choices if _tag(each)}
    others = [_reader(each) for each in choices if not _tag(each)]

    def read(value: Json) -> Any:
        tag = value.get("type") if isinstance(value, Mapping) else None
        for reader in [tagged[tag]] if isinstance(tag, str) and tag in tagged else others:
            try:
                return reader(value)
            except Misshapen:
                continue
        raise Misshapen(f"none of {choices}")

    return read


def _tuple(item: Read, value: Json) -> tuple[Any, ...]:
    """An item that cannot be read (a part of a later release) is left out."""
    if not isinstance(value, list):
        raise Misshapen("not a list")
    read = []
    for each in value:
        try:
            read.append(item(each))
        except Misshapen:
            continue
    return tuple(read)


def _mapping(item: Read, value: Json) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise Misshapen("not an object")
    return {key: item(each) for key, each in value.items()}


def _scalar(kind: Any, value: Json) -> Any:
    if kind is NoneType:
        fits = value is None
    elif kind is float:
        fits = isinstance(value, (int, float)) and not isinstance(value, bool)
    else:
        fits = type(value) is kind
    if not fits:
        raise Misshapen(f"{kind} from {type(value).__name__}")
    return value
