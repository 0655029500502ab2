"""Halves of UTF-16 pairs, as JSON escapes can make them: pairs are joined, the rest is U+FFFD."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from kit.events import Json, Replied

_T = TypeVar("_T")


def mend(text: str) -> str:
    """``text`` as it can be written in UTF-8; itself when it already can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def mended(reply: Replied) -> Replied:
    """The reply with every text in it mended, the provider's raw blocks too."""
    return _whole(reply)


def _whole(value: _T) -> _T:
    mended: Json = value
    match value:
        case str():
            mended = mend(value)
        case tuple() | list():
            mended = type(value)(_whole(one) for one in value)
        case Mapping():
            mended = {_whole(key): _whole(one) for key, one in value.items()}
        case _ if is_dataclass(value) and not isinstance(value, type):
            named = {one.name: _whole(getattr(value, one.name)) for one in fields(value)}
            mended = replace(value, **named)
    result: _T = mended
    return result
