"""Which provider answers: what was asked for, else what is configured, else what is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from kit.dataclass import dataclass
from kit.errors import AuthError, UsageError
from kit.providers.config.presets import PRESETS, Preset, preset_of
from kit.providers.config.profiles import Config, Profile, resolved
from kit.providers.config.settings import Unfit, fitted, meant
from kit.providers.credentials.origins import same

ONE_OFF = "one-off"  # the name of a profile that only flags describe; its key: KIT_KEY_ONE_OFF


@dataclass(frozen=True, slots=True)
class Chosen:
    """``profile`` is resolved. ``note``: one sentence when the choice was not the user's own."""

    profile: Profile
    note: str = ""


def choose(
    config: Config,
    *,
    wanted: str | None = None,
    environ: Mapping[str, str],
    model: str | None = None,
    base_url: str | None = None,
    api: str | None = None,
    local_installed: Callable[[], bool] = lambda: False,
) -> Chosen:
    """``wanted`` is ``NAME`` or ``NAME/MODEL``: a profile, else a preset of that name.

    Without it: ``KIT_PROFILE``, ``default_profile``, the only profile, the first usual key
    variable that is set, the embedded model. ``base_url`` and ``api`` build a one-off profile.
    UsageError for a name that nobody knows, ConfigError for an address that cannot be one,
    AuthError when nothing is set up. ``local_installed`` is asked when all else gives none.
    """
    _check("--base-url", "base_url", base_url)
    _check("--api", "api", api)
    if not wanted and (base_url or _stands_alone(api)):
        profile, note = Profile(ONE_OFF), ""
    else:
        profile, note = _start(config, wanted, environ, local_installed=local_installed)
    profile = _overridden(profile, base_url, api)
    profile = replace(profile, model=model or profile.model)
    return Chosen(filled(profile, environ), note)


def filled(profile: Profile, environ: Mapping[str, str]) -> Profile:
    """The profile resolved, with the address out of its host's own variable where it gives none.
    ConfigError as in ``resolved``."""
    return resolved(_addressed(profile, environ))


def named(config: Config, wanted: str) -> Profile:
    """``NAME`` or ``NAME/MODEL``, as the configuration has it or as its preset says."""
    name, _, model = wanted.partition("/")
    if name in config.profiles:
        profile = config.profiles[name]
    elif name in PRESETS:
        profile = Profile(name, provider=name)
    else:
        known = [*config.profiles, *PRESETS]
        raise UsageError(
            f"there is no profile {name!r}{meant(name, known)}",
            hint="kit profile list shows the profiles, kit profile presets the known hosts",
        )
    return replace(profile, model=model or profile.model)


def _start(
    config: Config,
    wanted: str | None,
    environ: Mapping[str, str],
    *,
    local_installed: Callable[[], bool],
) -> tuple[Profile, str]:
    own = wanted or environ.get("KIT_PROFILE") or config.default_profile
    if not own and len(config.profiles) == 1:
        own = next(iter(config.profiles))
    if own:
        return named(config, own), ""
    if found := _by_variable(environ):
        preset, variable = found
        note = f"{preset.name} answers, because {variable} is set (-p chooses another)"
        return Profile(preset.name, provider=preset.name), note
    if local_installed():
        note = "the small embedded model answers, a demo that is often wrong (-p chooses another)"
        return Profile("local", provider="local"), note
    raise _nobody(config)


def _by_variable(environ: Mapping[str, str]) -> tuple[Preset, str] | None:
    rows = (row for row in PRESETS.values() if row.chosen_by_key)
    pairs = ((row, name) for row in rows for name in row.key_env)
    usable = (
        (row, name)
        for row, name in pairs
        if environ.get(name, "").strip() and (row.base_url or environ.get(row.address_env))
    )
    return next(usable, None)


def _nobody(config: Config) -> AuthError:
    if config.profiles:
        names = ", ".join(list(config.profiles)[:5])
        return AuthError(
            "there are several profiles and none is the default",
            hint=f"choose one with -p NAME ({names}), or: kit profile default NAME",
        )
    return AuthError(
        "no provider is set up yet",
        hint="export OPENAI_API_KEY=… (or another provider's key);"
        " or, with Ollama running: kit ask -p ollama/MODEL …;"
        " or, with no account at all: pip install 'kit-llm[local]' && kit local install",
    )


def _stands_alone(api: str | None) -> bool:
    """A dialect that needs no address."""
    return api in {"fake", "local"} or ":" in (api or "")


def _overridden(profile: Profile, base_url: str | None, api: str | None) -> Profile:
    """With another address, the profile's keys stay behind: they belong to its own."""
    profile = replace(profile, api=api or profile.api)
    if not base_url:
        return profile
    moved = replace(profile, base_url=base_url)
    if profile.name != ONE_OFF and same(_home(profile), base_url):
        return moved
    known = preset_of(moved)
    bare = replace(moved, name=ONE_OFF, key="", key_command=(), headers={}, price=None)
    dialect = api or profile.api or (known.api if known else "openai-chat")
    return replace(bare, api=dialect)


def _home(profile: Profile) -> str:
    preset = preset_of(profile)
    return profile.base_url or (preset.base_url if preset else "")


def _addressed(profile: Profile, environ: Mapping[str, str]) -> Profile:
    """The address out of the host's own variable, where a profile gives none."""
    preset = PRESETS.get(profile.provider)
    if profile.base_url or preset is None or not environ.get(preset.address_env):
        return profile
    address = environ[preset.address_env].strip().rstrip("/")
    if preset.name == "ollama":
        address = _ollama(address)
    path = "" if "/openai/" in address or address.endswith("/v1") else preset.address_path
    return replace(profile, base_url=address + path)


def _ollama(address: str) -> str:
    """What its server is told to listen on is not always where one calls it."""
    scheme, _, rest = address.rpartition("://")
    host = rest.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  # that is what is avoided here
    host = host if ":" in host or scheme else f"{host}:11434"
    return f"{scheme or 'http'}://{host}"


def _check(flag: str, key: str, value: str | None) -> None:
    if not value:
        return
    try:
        fitted(key, value)
    except Unfit as error:
        raise UsageError(f"{flag} must be {error}") from error
