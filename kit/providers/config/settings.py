"""What a profile may say: every key, what it must hold, how it is typed. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from kit.dataclass import dataclass
from kit.events import Json
from kit.providers.config.presets import APIS, PRESETS
from kit.providers.credentials.origins import origin

PRICES = ("input", "output", "cached")  # USD per million tokens
_CLASS = re.compile(r"([A-Za-z_][\w.]*|.+\.py):[A-Za-z_]\w*")  # by a module's name or by its path
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PLACE = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


class Unfit(ValueError):
    """A value that its key cannot hold. The text says what was expected, never the value."""


@dataclass(frozen=True, slots=True)
class Setting:
    """``fit`` returns the value as a Profile holds it or raises Unfit; ``read`` makes a TOML value
    of what was typed."""

    expected: str
    fit: Callable[[Json], Json]
    read: Callable[[str], Json]


def is_profile_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def meant(word: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` or nothing."""
    from difflib import get_close_matches  # 5 ms, for who mistypes

    near = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else ""


# --- kinds of values ----------------------------------------------------------------------------
def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise Unfit
    return value


def _number(least: float, most: float = math.inf, *, above: bool = False) -> Callable[[Json], Json]:
    def fit(value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unfit
        if not math.isfinite(value) or not least <= value <= most or (above and value == least):
            raise Unfit
        return value

    return fit


def _whole(least: int) -> Callable[[Json], Json]:
    def fit(value: Json) -> Json:
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise Unfit
        return value

    return fit


def _truth(value: Json) -> Json:
    if not isinstance(value, bool):
        raise Unfit
    return value


def _texts(value: Json) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise Unfit
    return tuple(_text(one) for one in value)


def _one_or_more(value: Json) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else _texts(value)


def _table(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, dict):
        raise Unfit
    return MappingProxyType(dict(value))


# --- keys with a rule of their own --------------------------------------------------------------
def _provider(value: Json) -> str:
    name = _text(value)
    if name not in PRESETS:
        near = meant(name, PRESETS) or " (kit profile presets lists them)"
        raise Unfit(f"one of the presets, not {name!r}{near}")
    return name


def _api(value: Json) -> str:
    name = _text(value)
    if name not in APIS and not _CLASS.fullmatch(name):
        raise Unfit(f"{', '.join(APIS)} or module:Class, not {name!r}{meant(name, APIS)}")
    return name


def _base_url(value: Json) -> str:
    try:
        origin(_text(value))
    except Unfit:
        raise
    except ValueError as error:  # the address may hold a password: it is not shown
        raise Unfit(f"an address like https://host/v1 (this is {error})") from error
    return _text(value)


def _key(value: Json) -> str:
    """Where a key is. Anything else may be a key itself, so it is not shown."""
    place = _text(value)
    if place not in {"keyring", "none"} and not _PLACE.fullmatch(place):
        raise Unfit
    return place


def _headers(value: Json) -> Mapping[str, Json]:
    table = _table(value)
    for name, text in table.items():
        if not _HEADER.fullmatch(name) or not _text(text).isprintable():
            raise Unfit("a table of header names with texts of one line")
    return table


def _price(value: Json) -> Mapping[str, Json]:
    table = _table(value)
    for name, usd in table.items():
        if name in PRICES:
            _number(0)(usd)
    return table


def _replies(value: Json) -> tuple[Json, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, list) or not all(isinstance(one, str | dict) for one in value):
        raise Unfit
    return tuple(value)


# --- from a command line ------------------------------------------------------------------------
def _typed(text: str) -> str:
    return text


def _json(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unfit from error


def _list_or_text(text: str) -> Json:
    return _json(text) if text.lstrip().startswith("[") else text


def _words(text: str) -> Json:
    import shlex  # only for who types a command without brackets

    return _json(text) if text.lstrip().startswith("[") else shlex.split(text)


def _yes_or_no(text: str) -> Json:
    words = {"true": True, "yes": True, "on": True, "1": True}
    words |= {"false": False, "no": False, "off": False, "0": False}
    return words.get(text.lower(), text)


_ANY_TEXT = Setting("a text", _text, _typed)
_COUNT = Setting("a whole number of at least 1", _whole(1), _json)
_TABLE_OF_JSON = "a table (of raw fields for the request's body)"

SETTINGS: Mapping[str, Setting] = MappingProxyType(
    {
        "provider": Setting("the name of a preset", _provider, _typed),
        "api": Setting(f"{', '.join(APIS)} or module:Class", _api, _typed),
        "base_url": Setting("an address like https://host/v1", _base_url, _typed),
        "model": _ANY_TEXT,
        "key": Setting("keyring, env:NAME, file:PATH or none (never the key)", _key, _typed),
        "key_command": Setting("a list of texts (the command's words)", _texts, _words),
        "temperature": Setting("a number of at least 0", _number(0), _json),
        "max_tokens": _COUNT,
        "top_p": Setting("a number from 0 to 1", _number(0, 1), _json),
        "seed": Setting("a whole number", _whole(-(2**63)), _json),
        "stop": Setting("a text or a list of texts", _one_or_more, _list_or_text),
        "system": _ANY_TEXT,
        "reasoning_effort": _ANY_TEXT,
        "timeout": Setting("a number of seconds above 0", _number(0, above=True), _json),
        "headers": Setting("a table of texts", _headers, _json),
        "extra": Setting(_TABLE_OF_JSON, _table, _json),
        "max_concurrency": _COUNT,
        "rpm": Setting("a number of requests a minute above 0", _number(0, above=True), _json),
        "retries": Setting("a whole number of at least 0", _whole(0), _json),
        "price": Setting("a table of USD per million tokens: input, output, cached", _price, _json),
        "weight": Setting("a number above 0", _number(0, above=True), _json),
        "model_path": _ANY_TEXT,
        "api_version": _ANY_TEXT,
        "insecure_http": Setting("true or false", _truth, _yes_or_no),
        "replies": Setting("a list of texts or tables", _replies, _list_or_text),
    }
)


def fitted(key: str, value: Json) -> Json:
    """The value as a Profile holds it. Unfit says what was expected; KeyError: no such key."""
    setting = SETTINGS[key]
    try:
        return setting.fit(value)
    except Unfit as error:
        raise Unfit(str(error) or f"{setting.expected}, not {kind_of(value)}") from error


def kind_of(value: Json) -> str:
    """What a value is, without showing it."""
    kinds = {bool: "true or false", int: "a whole number", float: "a number", str: "this text"}
    kinds |= {list: "a list", dict: "a table", tuple: "a list"}
    return kinds.get(type(value), "a date or a time")
