"""Fields of JSON that a server wrote: what is not of the expected type counts as absent. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kit.events import Json


def table(data: Mapping[str, Json], name: str) -> Mapping[str, Json]:
    value = data.get(name)
    return value if isinstance(value, Mapping) else {}


def tables(data: Mapping[str, Json], name: str) -> list[Mapping[str, Json]]:
    value = data.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def text(data: Mapping[str, Json], name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def count(data: Mapping[str, Json], name: str) -> int | None:
    """A number of tokens; some gateways write it as a float."""
    value = data.get(name)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
