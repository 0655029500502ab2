"""One text for one value, whether it was made now or read from a record. Pure."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from kit.events import Json


def canonical(value: object) -> str:
    """Equal for values that a record cannot tell apart: a tuple is a list there."""
    return json.dumps(value, default=_fields, sort_keys=True, ensure_ascii=False)


def plain(value: object) -> Json:
    """The value as it stands in JSON, with the names of classes beside their fields."""
    return json.loads(canonical(value))


def _fields(value: Any) -> Json:
    if isinstance(value, Mapping):
        return dict(value)
    if dataclasses.is_dataclass(value):
        named = {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
        return {"": type(value).__name__, **named}
    return str(value)
