"""Edits of the user's configuration that keep every comment, order and key that is not edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from kit.errors import ConfigError, UsageError
from kit.events import Json
from kit.providers.config import private, tomlfile
from kit.providers.config.presets import PRESETS
from kit.providers.config.settings import SETTINGS, Unfit, fitted, is_profile_name, meant
from kit.providers.config.splicing import drop, put, put_table
from kit.providers.credentials.header import is_secret

Change: TypeAlias = tuple[tuple[str, ...], Json]  # where, and what; None takes it away
_BOM = "\ufeff"


def set_profile(path: Path, name: str, values: Mapping[str, Json]) -> None:
    """Write these keys of a profile, which is made when it is not there; None takes a key away.

    ``values`` are TOML values (lists, tables as dicts). UsageError for a bad name or an unknown
    key, ConfigError for a value that its key cannot hold or a file that cannot be written.
    """
    _named(name)
    for key, value in values.items():
        _known(key)
        if value is not None:
            _fit(name, key, value)
    changes = [(("profiles", name, key), value) for key, value in values.items()]
    _edit(path, lambda data: [*_new(data, name), *changes])


def add_profiles(
    path: Path, tables: Mapping[str, Mapping[str, Json]], *, over: bool = False
) -> None:
    """Write whole profiles in one edit, all of them or none: TOML values by key, by name.

    UsageError for one that is there already (``over`` replaces it), a bad name or an unknown key;
    ConfigError as in ``set_profile``.
    """
    for name, values in tables.items():
        _named(name)
        checked(name, values)

    def wanted(data: Mapping[str, Json]) -> list[Change]:
        there = [name for name in tables if not _new(data, name)]
        if there and not over:
            raise UsageError(
                f"there is a profile {there[0]!r} already",
                hint=f"change it with: kit profile set {there[0]} KEY=VALUE",
            )
        gone: list[Change] = [(("profiles", name), None) for name in there]
        return [*gone, *(each for name in tables for each in _whole(name, tables[name]))]

    _edit(path, wanted)


def typed(name: str, assignments: Iterable[str]) -> dict[str, Json]:
    """What ``KEY=VALUE`` words say, as the TOML values of one profile. UsageError and ConfigError
    as in ``update``."""
    values: dict[str, Json] = {}
    for where, value in [_assigned(name, assignment) for assignment in assignments]:
        _apply(values, where[2:], value)
    return values


def checked(name: str, values: Mapping[str, Json]) -> dict[str, Json]:
    """TOML values as a Profile holds them. UsageError for an unknown key, ConfigError as in
    ``set_profile``."""
    for key, value in values.items():
        _known(key)
        _fit(name, key, value)
    return {key: fitted(key, value) for key, value in values.items()}


def update(path: Path, name: str, assignments: Iterable[str]) -> None:
    """``KEY=VALUE``, read as the key's type; ``KEY=`` takes the key away; ``headers.X-Name=…``,
    ``price.input=…`` and ``extra.field=JSON`` set one entry. UsageError for an unknown profile."""
    changes = [_assigned(name, assignment) for assignment in assignments]

    def wanted(data: Mapping[str, Json]) -> list[Change]:
        _existing(data, name)
        for where, value in changes:
            if len(where) == 4 and value is not None:
                table = data["profiles"][name].get(where[2])
                entries = table if isinstance(table, dict) else {}
                _fit(name, where[2], {**entries, where[3]: value})
        return changes

    _edit(path, wanted)


def remove_profile(path: Path, name: str) -> None:
    """Take a profile away, and ``default_profile`` where it names this one."""

    def wanted(data: Mapping[str, Json]) -> list[Change]:
        _existing(data, name)
        gone: list[Change] = [(("profiles", name), None)]
        if data.get("default_profile") == name:
            gone.append((("default_profile",), None))
        return gone

    _edit(path, wanted)


def set_default(path: Path, name: str) -> None:
    """Make a profile (or a preset) the one that answers; "" names none."""

    def wanted(data: Mapping[str, Json]) -> list[Change]:
        if name and name not in PRESETS:
            _existing(data, name)
        return [(("default_profile",), name or None)]

    _edit(path, wanted)


def _edit(path: Path, wanted: Callable[[Mapping[str, Json]], list[Change]]) -> None:
    """Read, change and replace the file while no other kit does. A link is followed."""

    def changed(before: bytes) -> bytes:
        text = tomlfile.text_of(before, path)
        data = tomlfile.parsed(text, path)
        after = _spliced(text.replace("\r\n", "\n"), data, wanted(data), path)
        if "\r\n" in text:
            after = after.replace("\n", "\r\n")
        bom = _BOM if before.startswith(_BOM.encode()) else ""
        return (bom + after).encode()

    try:
        private.change(path, changed, tomlfile.read)
    except OSError as error:
        raise ConfigError(
            f"{path}: the configuration cannot be written: {error.strerror or error}",
            hint="another file can be named with --config or KIT_CONFIG",
        ) from error


def _spliced(text: str, data: dict[str, Json], changes: list[Change], path: Path) -> str:
    """The text with the changes made, proven to mean what was meant."""
    for where, value in changes:
        text = _splice(text, where, value)
        _apply(data, where, value)
    try:
        same = _meaning(tomlfile.parsed(text, path)) == _meaning(data)
    except ConfigError:
        same = False
    if not same:
        raise ConfigError(
            f"{path}: this file is written in a way that cannot be edited without loss",
            hint="change it in an editor",
        )
    return text


def _splice(text: str, where: tuple[str, ...], value: Json) -> str:
    if value is None:
        return drop(text, where)
    return put_table(text, where) if where[:-1] == ("profiles",) else put(text, where, value)


def _apply(data: dict[str, Json], where: tuple[str, ...], value: Json) -> None:
    *tables, last = where
    for table in tables:
        if not isinstance(data.get(table), dict):
            data[table] = {}
        data = data[table]
    if value is None:
        data.pop(last, None)
    else:
        data[last] = value


def _meaning(value: Json) -> Json:
    """For a comparison: no order of keys, no empty tables, one NaN like another."""
    if isinstance(value, dict):
        inner = {key: _meaning(one) for key, one in value.items()}
        return {key: one for key, one in inner.items() if one != {}}
    return [_meaning(one) for one in value] if isinstance(value, list | tuple) else repr(value)


# --- what may be written ------------------------------------------------------------------------
def _new(data: Mapping[str, Json], name: str) -> list[Change]:
    profiles = data.get("profiles")
    there = isinstance(profiles, dict) and name in profiles
    return [] if there else [(("profiles", name), {})]


def _whole(name: str, values: Mapping[str, Json]) -> Iterator[Change]:
    yield ("profiles", name), {}
    for key, value in values.items():
        yield ("profiles", name, key), value


def _assigned(name: str, assignment: str) -> Change:
    key, equals, typed = assignment.partition("=")
    key, dot, entry = key.strip().partition(".")
    _known(key)
    if not equals or (dot and not (entry and key in {"headers", "price", "extra"})):
        raise UsageError(f"{assignment.partition('=')[0]!r} is no KEY=VALUE", hint="KEY= removes")
    where = ("profiles", name, key, entry) if dot else ("profiles", name, key)
    if not typed:
        return where, None
    if dot:
        return where, typed if key == "headers" else _json_or_text(typed)
    try:
        value = SETTINGS[key].read(typed)
    except ValueError as error:
        raise _unfit(name, key, SETTINGS[key].expected) from error
    _fit(name, key, value)
    return where, value


def _json_or_text(typed: str) -> Json:
    import json

    try:
        return json.loads(typed)
    except (ValueError, RecursionError):
        return typed


def _fit(name: str, key: str, value: Json) -> None:
    try:
        fitted(key, value)
    except Unfit as error:
        raise _unfit(name, key, str(error)) from error


def _unfit(name: str, key: str, expected: str) -> ConfigError:
    hint = f"store a key with: kit key set {name}" if key == "key" else ""
    return ConfigError(f"{key} of profile {name!r} must be {expected}", hint=hint)


def _known(key: str) -> None:
    if key in SETTINGS:
        return
    if is_secret(key):
        raise UsageError(
            f"a profile holds no {key}", hint="store it in the keyring with: kit key set NAME"
        )
    raise UsageError(
        f"a profile has no key {key!r}{meant(key, SETTINGS)}",
        hint=f"it has {', '.join(SETTINGS)}",
    )


def _named(name: str) -> None:
    if not is_profile_name(name):
        raise UsageError(
            f"{name!r} cannot be the name of a profile",
            hint="use letters, digits, '.', '_' and '-', at most 64, a letter or digit first",
        )


def _existing(data: Mapping[str, Json], name: str) -> None:
    profiles = data.get("profiles")
    names = profiles if isinstance(profiles, dict) else {}
    if not isinstance(names.get(name), dict):
        raise UsageError(
            f"there is no profile {name!r}{meant(name, names)}",
            hint="kit profile list shows them, kit profile add makes one",
        )
