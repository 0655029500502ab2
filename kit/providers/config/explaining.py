"""Where the value of a setting comes from, and what it overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kit.dataclass import dataclass
from kit.errors import ConfigError, UsageError
from kit.events import Json
from kit.providers import complete
from kit.providers.config import places, tomlfile
from kit.providers.config.choosing import filled, named
from kit.providers.config.presets import PRESETS, Preset, base_url_for, owns, preset_of
from kit.providers.config.profiles import Config, Profile, key_variable
from kit.providers.config.settings import SETTINGS, meant
from kit.providers.transport import address

BUILT_IN: Mapping[str, Json] = {
    "temperature": complete.TEMPERATURE,
    "max_tokens": complete.MAX_TOKENS,
    "timeout": Profile().timeout,
    "retries": Profile().retries,
    "weight": Profile().weight,
    "insecure_http": Profile().insecure_http,
    "key": "keyring",
}
FLAGS: Mapping[str, str] = {
    **{key: "--" + key.replace("_", "-") for key in ("model", "base_url", "api", "system")},
    **{key: "--" + key.replace("_", "-") for key in ("temperature", "max_tokens", "top_p")},
    **{key: "--" + key.replace("_", "-") for key in ("seed", "stop", "reasoning_effort")},
    **{key: "--" + key.replace("_", "-") for key in ("timeout", "retries", "insecure_http")},
    "extra": "--option",
    "default_profile": "--profile",
}


@dataclass(frozen=True, slots=True)
class Layer:
    """One place that gives the setting a value; ``place`` is where in the file, if it is there."""

    value: Json
    source: str
    place: places.Place | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """``layers``: who gives a value, the one that counts first; none when nobody does. ``flag``
    overrides them all for one run."""

    profile: str
    key: str
    layers: tuple[Layer, ...]
    flag: str = ""


def explain(config: Config, wanted: str, environ: Mapping[str, str]) -> Explained:
    """``wanted`` is ``NAME.KEY`` (``NAME.headers.X-Name`` too) or ``default_profile``. UsageError
    for a profile or a key that is not there."""
    if wanted == "default_profile":
        return Explained("", wanted, tuple(_defaults(config, environ)), FLAGS[wanted])
    name, key = parted(config, wanted)
    key, _, entry = key.partition(".")
    if key not in SETTINGS:
        raise UsageError(
            f"a profile has no key {key!r}{meant(key, SETTINGS)}",
            hint=f"it has {', '.join(SETTINGS)}",
        )
    layers = tuple(_layers(config, named(config, name), (key, entry) if entry else (key,), environ))
    return Explained(name, f"{key}.{entry}" if entry else key, layers, FLAGS.get(key, ""))


def parted(config: Config, wanted: str) -> tuple[str, str]:
    """The profile's name and the key: names may hold dots, so the longest that is known wins."""
    cuts = [at for at, char in enumerate(wanted) if char == "."]
    known = [at for at in cuts if wanted[:at] in config.profiles or wanted[:at] in PRESETS]
    at = known[-1] if known else cuts[0] if cuts else len(wanted)
    if at == len(wanted):
        raise UsageError(
            f"{wanted!r} is no NAME.KEY", hint="such as: kit config explain fast.model"
        )
    return wanted[:at], wanted[at + 1 :]


def _layers(
    config: Config, profile: Profile, where: tuple[str, ...], environ: Mapping[str, str]
) -> Iterator[Layer]:
    key = where[0]
    preset = preset_of(profile)
    variable = key_variable(profile.name)
    if key == "key" and environ.get(variable):
        yield Layer(f"env:{variable}", "the environment")
    yield from _written(config, ("profiles", profile.name, *where))
    if key == "base_url" and preset and environ.get(preset.address_env) and not profile.base_url:
        yield Layer(_address(profile, environ), preset.address_env)
    if preset and len(where) == 1:
        yield from _inherited(key, profile, preset, environ)
    if key in BUILT_IN:
        yield Layer(BUILT_IN[key], "the built-in default")


def _written(config: Config, where: tuple[str, ...]) -> Iterator[Layer]:
    """What stands in the file."""
    text = tomlfile.text_of(tomlfile.read(config.path), config.path)
    value: Json = tomlfile.parsed(text, config.path)
    for part in where:
        if not isinstance(value, dict) or part not in value:
            return
        value = value[part]
    place = places.find(text, where)
    spot = f"{config.path}:{place.line}:{place.column}" if place else str(config.path)
    yield Layer(value, spot, place)


def _inherited(
    key: str, profile: Profile, preset: Preset, environ: Mapping[str, str]
) -> Iterator[Layer]:
    """What the profile's host fills in."""
    api = profile.api or preset.api
    old = address.is_deployment(profile.base_url)
    values = {
        "provider": preset.name,
        "api": preset.api,
        "base_url": base_url_for(preset, api),
        "model": preset.model,
        "api_version": preset.quirks.version or (preset.api_version if old else ""),
        "key": _usual(profile, preset, environ),
    }
    if values.get(key):
        yield Layer(values[key], f"preset {preset.name}")


def _usual(profile: Profile, preset: Preset, environ: Mapping[str, str]) -> str:
    """The usual variable that holds the host's key, where it may be used."""
    if not owns(preset, profile.base_url or preset.base_url):
        return ""
    return next((f"env:{name}" for name in preset.key_env if environ.get(name)), "")


def _address(profile: Profile, environ: Mapping[str, str]) -> str:
    try:
        return filled(profile, environ).base_url
    except ConfigError:
        return ""


def _defaults(config: Config, environ: Mapping[str, str]) -> Iterator[Layer]:
    if environ.get("KIT_PROFILE"):
        yield Layer(environ["KIT_PROFILE"], "KIT_PROFILE")
    yield from _written(config, ("default_profile",))
    if len(config.profiles) == 1:
        yield Layer(next(iter(config.profiles)), "the only profile")
