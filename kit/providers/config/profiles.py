"""The configuration: a TOML file becomes frozen profiles."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType

from kit.dataclass import dataclass
from kit.errors import ConfigError
from kit.events import Json
from kit.providers.config import places, tomlfile
from kit.providers.config.presets import base_url_for, preset_of
from kit.providers.config.settings import (
    PRICES,
    SETTINGS,
    Unfit,
    fitted,
    is_profile_name,
    kind_of,
    meant,
)
from kit.providers.custom import anchored

_TOP = ("default_profile", "profiles")
_NO_ADDRESS = ("fake", "local")
_SECRET_HEADERS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "cookie")


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to reach one model. None, "" and () mean: not given. ``key`` says where the key is
    (keyring, env:NAME, file:PATH, none), never what it is. ``timeout`` in seconds, ``price`` in
    USD per million tokens (input, output, cached), ``rpm`` in requests a minute."""

    name: str = ""
    provider: str = ""
    api: str = ""
    base_url: str = ""
    model: str = ""
    key: str = ""
    key_command: tuple[str, ...] = ()
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    system: str | None = None
    reasoning_effort: str | None = None
    timeout: float = 120.0
    headers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)
    max_concurrency: int | None = None
    rpm: float | None = None
    retries: int = 3
    price: Mapping[str, float] | None = None
    weight: float = 1.0
    model_path: str = ""
    api_version: str = ""
    insecure_http: bool = False
    replies: tuple[Json, ...] = ()


@dataclass(frozen=True, slots=True)
class Config:
    """``warnings``: sentences that start with ``file:line:column:`` where they are known."""

    path: Path
    default_profile: str = ""
    profiles: Mapping[str, Profile] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def config_path(environ: Mapping[str, str]) -> Path:
    """``$KIT_CONFIG``, else ``$XDG_CONFIG_HOME/kit/config.toml``, else the platform's place.

    A relative ``$XDG_CONFIG_HOME`` is ignored, as its specification says. With no home at all the
    answer is a file that is always empty.
    """
    home = environ.get("HOME") or os.path.expanduser("~")
    if named := environ.get("KIT_CONFIG"):
        return Path(home + named[1:] if named.startswith("~/") else named)
    folder = environ.get("XDG_CONFIG_HOME", "")
    if os.path.isabs(folder):
        return Path(folder, "kit", "config.toml")
    if sys.platform in {"win32", "darwin"}:
        from platformdirs import user_config_dir  # 20 ms, and only needed on these systems

        return Path(user_config_dir("kit", appauthor=False), "config.toml")
    if not os.path.isabs(home):
        return Path(os.devnull)
    return Path(home, ".config", "kit", "config.toml")


def load(path: Path) -> Config:
    """The configuration at ``path``; empty where there is none.

    ConfigError (``file:line:column: …``) for bad UTF-8, NUL, bad syntax, what is there twice,
    wrong types, unknown presets and dialects, more than 1 MiB. Unknown keys are warnings.
    """
    return read(tomlfile.read(path), path)


def read(data: bytes, path: Path) -> Config:
    """The configuration in ``data``, which messages call ``path``. ConfigError as in ``load``."""
    if not data:
        return Config(path)
    text = tomlfile.text_of(data, path)
    return Reading(path, text).config(tomlfile.parsed(text, path))


def resolved(profile: Profile) -> Profile:
    """The profile with ``provider``, ``api``, ``base_url`` and ``model`` filled in from its host.

    ConfigError when it does not say where to send anything: so for a host that was retired,
    unless an address is given.
    """
    preset = preset_of(profile)
    if preset is None:
        return _checked(profile)
    if preset.retired and not profile.base_url:
        raise ConfigError(
            f"profile {profile.name!r} cannot be used: {preset.retired}",
            hint="choose another provider (kit profile presets lists them),"
            " or give an address with base_url",
        )
    api = profile.api or preset.api
    return _checked(
        replace(
            profile,
            provider=preset.name,
            api=api,
            base_url=profile.base_url or base_url_for(preset, api),
            model=profile.model or preset.model,
        )
    )


def _checked(profile: Profile) -> Profile:
    if profile.api and (profile.base_url or profile.api in _NO_ADDRESS or ":" in profile.api):
        return profile
    if profile.provider or profile.api:
        raise ConfigError(
            f"profile {profile.name!r} has no address",
            hint=f"add one: kit profile set {profile.name} base_url=https://HOST/v1",
        )
    raise ConfigError(
        f"profile {profile.name!r} does not say who answers",
        hint=f"add a preset: kit profile set {profile.name} provider=openai;"
        " or an address and a dialect: base_url=https://HOST/v1 api=openai-chat",
    )


class Reading:
    """One file on its way to a Config; positions are looked for only when something is wrong."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.text = path, text
        self.warnings: list[str] = []

    def config(self, data: Mapping[str, Json]) -> Config:
        self._unknown((), data, _TOP, "in the configuration")
        default = data.get("default_profile", "")
        if not isinstance(default, str):
            raise self._wrong(("default_profile",), "default_profile must be a text", default)
        tables = data.get("profiles", {})
        if not isinstance(tables, dict):
            raise self._wrong(("profiles",), "profiles must be a table", tables)
        profiles = {name: self._profile(name, table) for name, table in tables.items()}
        self._shared(profiles)
        self.warnings.extend(_open_to_others(self.path))
        return Config(self.path, default, MappingProxyType(profiles), tuple(self.warnings))

    def _profile(self, name: str, table: Json) -> Profile:
        here = ("profiles", name)
        if not is_profile_name(name):
            raise ConfigError(
                f"{self._at(here)} {name!r} cannot be the name of a profile",
                hint="use letters, digits, '.', '_' and '-', at most 64, a letter or digit first",
            )
        if not isinstance(table, dict):
            raise self._wrong(here, f"profiles.{name} must be a table", table)
        self._unknown(here, table, SETTINGS, f"in profile {name!r}")
        self._unknown((*here, "price"), table.get("price"), PRICES, f"in the price of {name!r}")
        known = {key: value for key, value in table.items() if key in SETTINGS}
        fit = {key: self._fitted(name, key, value) for key, value in known.items()}
        self._secret_headers(name, fit.get("headers", {}))
        if "api" in fit:  # a class in a file: its path is read from where this file lies
            fit["api"] = anchored(fit["api"], self.path.parent)
        return Profile(name=name, **fit)

    def _fitted(self, name: str, key: str, value: Json) -> Json:
        try:
            return fitted(key, value)
        except Unfit as error:
            where = self._at(("profiles", name, key))
            raise ConfigError(f"{where} {key} of profile {name!r} must be {error}") from error

    def _unknown(self, here: places.Path, table: Json, known: object, whose: str) -> None:
        names: list[str] = list(known)  # type: ignore[call-overload]  # any table or tuple of names
        for key in table if isinstance(table, dict) else ():
            if key not in names:
                near = meant(key, names)
                where = self._at((*here, key))
                self.warnings.append(f"{where} unknown key {key!r} {whose}{near}")

    def _secret_headers(self, name: str, headers: Mapping[str, str]) -> None:
        for header in headers:
            if header.lower().removeprefix("proxy-") in _SECRET_HEADERS:
                where = self._at(("profiles", name, "headers", header))
                self.warnings.append(
                    f"{where} the header {header!r} may hold a key, which does not belong in this"
                    f" file; keep it with: kit key set {name}"
                )

    def _shared(self, names: Mapping[str, Profile]) -> None:
        """Two profiles whose keys would come from one variable."""
        first: dict[str, str] = {}
        for name in names:
            other = first.setdefault(key_variable(name), name)
            if other != name:
                where = self._at(("profiles", name))
                both = f"{other!r} and {name!r} both read {key_variable(name)}"
                self.warnings.append(f"{where} profiles {both}; rename one of them")

    def _wrong(self, path: places.Path, message: str, value: Json) -> ConfigError:
        return ConfigError(f"{self._at(path)} {message}, not {kind_of(value)}")

    def _at(self, path: places.Path) -> str:
        place = places.find(self.text, path)
        return f"{self.path}:{place.line}:{place.column}:" if place else f"{self.path}:"


def key_variable(name: str) -> str:
    """``KIT_KEY_<PROFILE>``: upper case, ``-`` and ``.`` become ``_``."""
    return "KIT_KEY_" + name.upper().replace("-", "_").replace(".", "_")


def _open_to_others(path: Path) -> Iterator[str]:
    """The file holds no key, so others may read it; who may write it decides where keys go."""
    if os.name != "posix":
        return
    try:
        status = path.stat()
    except OSError:
        return
    import stat

    if stat.S_ISREG(status.st_mode) and status.st_mode & 0o022:
        yield f"{path}: other users can change this file: chmod go-w {path}"
