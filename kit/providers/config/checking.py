"""Everything that is wrong with a configuration, not only the first of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from kit.dataclass import dataclass
from kit.errors import ConfigError
from kit.events import Json
from kit.providers.config import places, tomlfile
from kit.providers.config.choosing import filled
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Config, Profile, Reading
from kit.providers.config.settings import meant
from kit.providers.transport import address


@dataclass(frozen=True, slots=True)
class Finding:
    """``kind``: error (kit would end with exit 2) or warning. ``text`` begins with
    ``file:line:column:`` where they are known."""

    kind: str
    text: str
    hint: str = ""


def findings(path: Path, environ: Mapping[str, str]) -> tuple[Finding, ...]:
    """What is wrong with the file at ``path``: errors first, each once. Empty when nothing is."""
    try:
        text = tomlfile.text_of(tomlfile.read(path), path)
        data = tomlfile.parsed(text, path)
    except ConfigError as error:
        return (_error(error),)
    found = list(_one_by_one(Reading(path, text), data))
    if not any(each.kind == "error" for each in found):
        config = Reading(path, text).config(data)
        found += [Finding("warning", warning) for warning in config.warnings]
        found += _unusable(config, text, environ)
    unique = dict.fromkeys(found)
    return tuple(sorted(unique, key=lambda each: each.kind))  # "error" comes before "warning"


def _one_by_one(reading: Reading, data: Mapping[str, Json]) -> Iterator[Finding]:
    """Each setting is read as if it were alone, so that one fault does not hide the next."""
    for part in _parts(data):
        try:
            reading.config(part)
        except ConfigError as error:
            yield _error(error)
    yield from (Finding("warning", warning) for warning in reading.warnings)


def _parts(data: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    profiles = data.get("profiles")
    if not isinstance(profiles, dict):
        yield from ({name: value} for name, value in data.items())
        return
    yield from ({name: value} for name, value in data.items() if name != "profiles")
    for name, table in profiles.items():
        if not isinstance(table, dict) or not table:
            yield {"profiles": {name: table}}
            continue
        yield from ({"profiles": {name: {key: value}}} for key, value in table.items())


def _unusable(config: Config, text: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What can be read and still not be used."""
    default = config.default_profile
    if default and default not in config.profiles and default not in PRESETS:
        near = meant(default, [*config.profiles, *PRESETS])
        where = _at(config.path, text, ("default_profile",))
        yield Finding("error", f"{where} there is no profile {default!r}{near}")
    for profile in config.profiles.values():
        if (trouble := address_trouble(profile, environ)) is not None:
            where = _at(config.path, text, ("profiles", profile.name))
            yield Finding(trouble.kind, f"{where} {trouble.text}", trouble.hint)
        if profile.key and profile.key_command:
            where = _at(config.path, text, ("profiles", profile.name, "key_command"))
            rule = f"key_command of {profile.name!r} is not used, because key is set"
            yield Finding("warning", f"{where} {rule}", "remove one of the two")


def address_trouble(profile: Profile, environ: Mapping[str, str]) -> Finding | None:
    """Why a profile cannot be sent anything, or not without a flag; None when it can."""
    try:
        whole = filled(profile, environ)
        if not whole.base_url:
            return None
        address.checked(whole.base_url, insecure=True)
    except ConfigError as error:
        return _error(error)
    try:
        address.checked(whole.base_url, insecure=whole.insecure_http)
    except ConfigError as error:
        hint = f"use https, or: kit profile set {profile.name} insecure_http=true"
        return Finding("warning", f"profile {profile.name!r}: {error.message}", hint)
    return None


def _error(error: ConfigError) -> Finding:
    return Finding("error", error.message, error.hint)


def _at(path: Path, text: str, where: places.Path) -> str:
    place = places.find(text, where)
    return f"{path}:{place.line}:{place.column}:" if place else f"{path}:"
