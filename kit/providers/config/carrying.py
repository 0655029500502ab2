"""Profiles on their way to another machine: as TOML, without anything that may be a key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from kit.events import Json
from kit.providers.config import tomlfile
from kit.providers.config.settings import SETTINGS
from kit.providers.credentials.header import is_secret
from kit.providers.credentials.redact import MASK, Redactor
from kit.providers.custom import anchored

_FIELDS = frozenset(  # of a request's body; many harmless ones end in "key" or "tokens"
    {"api_key", "api-key", "apikey", "access_token", "authorization", "password", "secret", "token"}
)


def tables(data: bytes, path: Path) -> dict[str, dict[str, Json]]:
    """The settings of each profile as they are written in a valid configuration: TOML values,
    keys that kit does not know left out, paths of classes read from where the file lies."""
    profiles = tomlfile.parsed(tomlfile.text_of(data, path), path).get("profiles", {})
    return {name: _known(table, path.parent) for name, table in profiles.items()}


def keyless(values: Mapping[str, Json]) -> tuple[dict[str, Json], list[str]]:
    """A profile's values without those that may hold a key, and the names of these
    (``headers.Authorization``)."""
    return _parted(values, (), None)


def veiled(values: Mapping[str, Json]) -> dict[str, Json]:
    """A profile's values for somebody to look at: what may be a key is masked."""
    return _parted(values, (), MASK)[0]


def written(profiles: Mapping[str, Mapping[str, Json]]) -> str:
    """The profiles as a configuration of their own."""
    import tomli_w  # only for who exports

    return tomli_w.dumps({"profiles": profiles})


def _known(table: Mapping[str, Json], folder: Path) -> dict[str, Json]:
    values = {key: value for key, value in table.items() if key in SETTINGS}
    if "api" in values:
        values["api"] = anchored(values["api"], folder)
    return values


def _parted(
    values: Mapping[str, Json], where: tuple[str, ...], mask: str | None
) -> tuple[dict[str, Json], list[str]]:
    kept: dict[str, Json] = {}
    left: list[str] = []
    for name, value in values.items():
        here = (*where, name)
        if isinstance(value, Mapping):
            kept[name], within = _parted(value, here, mask)
            left += within
        elif _may_be_key(here, value):
            left.append(".".join(here))
            kept |= {} if mask is None else {name: mask}
        else:
            kept[name] = value
    return kept, left


def _may_be_key(where: tuple[str, ...], value: Json) -> bool:
    """By the name that it stands under, or by its shape."""
    if where[0] == "headers" and is_secret(where[-1]):
        return True
    if where[0] == "extra" and where[-1].lower() in _FIELDS:
        return True
    return any(Redactor().clean(text) != text for text in _texts(value))


def _texts(value: Json) -> Iterable[str]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list | tuple):
        return (text for one in value for text in _texts(one))
    return (json.dumps(value, default=str),)
