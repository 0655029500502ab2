"""``kit profile add``: from flags and answers to a new profile."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from kit.cli.screen.render import err
from kit.cli.setup.configured import NoInput, Where, file_of, interactive, key_in_argv
from kit.errors import AuthError, KitError, UsageError
from kit.events import Json
from kit.providers.config import editing
from kit.providers.config.carrying import keyless
from kit.providers.config.choosing import filled
from kit.providers.config.presets import PRESETS, Preset, preset_of
from kit.providers.config.profiles import Profile, key_variable, load
from kit.providers.config.settings import is_profile_name, meant
from kit.providers.credentials import keys
from kit.providers.custom import anchored

HELP = (
    "\b\nExamples:\n  kit profile add groq\n"
    "  kit profile add fast --provider groq -m llama-3.3-70b-versatile --default\n"
    "  kit profile add mine --api openai-chat --key none \\\n"
    "      --base-url http://127.0.0.1:8080/v1\n"
    '  kit profile add work --provider azure key_command=\'["pass", "work"]\'\n\n'
    "Add a profile. On a terminal it asks for what is missing; without one it never asks."
)


def add(
    name: Annotated[str, Argument(metavar="NAME", help="what to call it")],
    assignments: Annotated[
        list[str] | None, Argument(metavar="[KEY=VALUE]...", help="any other setting")
    ] = None,
    provider: Annotated[
        str, Option("--provider", metavar="PRESET", help="a host that is known by name")
    ] = "",
    model: Annotated[str, Option("-m", "--model", metavar="MODEL", help="model id")] = "",
    base_url: Annotated[
        str, Option("--base-url", metavar="URL", help="its address, with or without /v1")
    ] = "",
    api: Annotated[str, Option("--api", metavar="NAME", help="its dialect")] = "",
    key: Annotated[
        str,
        Option("--key", metavar="keyring|env:NAME|file:PATH|none", help="where its key lies"),
    ] = "",
    default: Annotated[bool, Option("--default", help="make it the default profile")] = False,
    no_input: NoInput = False,
    config: Where = None,
) -> int:
    path = file_of(config)
    _refuse_name(path, name)
    flags = {
        "provider": provider, "api": anchored(api, Path.cwd()), "base_url": base_url,
        "model": model, "key": key,
    }  # fmt: skip
    values = {setting: value for setting, value in flags.items() if value}
    values |= editing.typed(name, from_here(assignments or []))
    refuse_keys(name, values)
    asks = interactive(no_input)
    _complete(name, values, asks)
    # a profile that could never answer is not written
    whole = filled(Profile(name=name, **editing.checked(name, values)), os.environ)
    editing.add_profiles(path, {name: values})
    if default:
        editing.set_default(path, name)
    err(f"kit: added profile {name} to {path}")
    _see_to_its_key(whole, asks)
    return 0


def from_here(assignments: list[str]) -> list[str]:
    """A class in a file is typed as it lies from here, and written as it lies from anywhere."""
    here = Path.cwd()
    return [
        f"api={anchored(each.removeprefix('api='), here)}" if each.startswith("api=") else each
        for each in assignments
    ]


def refuse_keys(name: str, values: Mapping[str, Json]) -> None:
    """A profile holds no key, and a command line should not either."""
    if keyless(values)[1]:
        raise key_in_argv(name)


def _refuse_name(path: Path, name: str) -> None:
    if not is_profile_name(name):
        raise UsageError(
            f"{name!r} cannot be the name of a profile",
            hint="use letters, digits, '.', '_' and '-', at most 64, a letter or digit first",
        )
    if name in load(path).profiles:
        raise UsageError(
            f"there is a profile {name!r} already",
            hint=f"change it with: kit profile set {name} KEY=VALUE",
        )


def _complete(name: str, values: dict[str, Json], asks: bool) -> None:
    """Its host, address and model: what the flags leave open is asked for, if somebody is there."""
    if "base_url" in values and not values.keys() & {"provider", "api"}:
        values |= _dialect(str(values["base_url"]))
    if not values.keys() & {"provider", "base_url", "api"}:
        if asks:
            values |= _asked_host(name)
        elif name in PRESETS:
            values["provider"] = name
    if asks:
        _ask_the_rest(values, PRESETS.get(str(values.get("provider", ""))))


def _ask_the_rest(values: dict[str, Json], preset: Preset | None) -> None:
    api = str(values.get("api", preset.api if preset else ""))
    if api in ("fake", "local") or ":" in api:
        return
    if preset and not (preset.base_url or values.get("base_url") or _by_variable(preset)):
        err(f"kit: {preset.notes}")
        values["base_url"] = _ask("address")
    if "model" not in values:
        values["model"] = _ask("model", preset.model if preset else "")


def _by_variable(preset: Preset) -> bool:
    return bool(preset.address_env and os.environ.get(preset.address_env))


def _dialect(base_url: str) -> dict[str, Json]:
    """An address that is no known host's speaks what nearly all speak."""
    return {} if preset_of(Profile(base_url=base_url)) else {"api": "openai-chat"}


def _asked_host(name: str) -> dict[str, Json]:
    """A preset or an address, asked for until it is one."""
    known = [row.name for row in PRESETS.values() if not row.retired]
    err(f"kit: known hosts: {', '.join(known)}")
    while True:
        answer = _ask("host, or the address of another one", name if name in known else "openai")
        if "://" in answer:
            return {"base_url": answer, **_dialect(answer)}
        if answer in known:
            return {"provider": answer}
        err(f"kit: no host is called {answer!r}{meant(answer, known)}")


def _ask(what: str, default: str = "") -> str:
    import typer

    return str(typer.prompt(what, default=default or None, err=True)).strip()


def _see_to_its_key(profile: Profile, asks: bool) -> None:
    """Say how to give it its key, or take it now."""
    preset = PRESETS.get(profile.provider)
    if profile.key_command or not keys.needs_key(profile, preset):
        return
    if profile.key not in ("", "keyring"):
        return
    try:
        found = keys.find(profile, preset, os.environ)
        err(f"kit: its key comes from {found.source}")
    except AuthError as error:
        if asks and error.__cause__ is None and _stored(profile.name):
            return
        names = " or ".join(preset.key_env) if preset and preset.key_env else ""
        variable = f"set {names or key_variable(profile.name)}"
        if isinstance(trouble := error.__cause__, AuthError):  # it could not be stored now
            err(f"kit: its key: {variable} ({trouble.message})")
        else:
            err(f"kit: its key: `kit key set {profile.name}`, or {variable}")


def _stored(name: str) -> bool:
    """The key, typed now, is in the keyring. Nothing typed: later."""
    from getpass import getpass

    typed = getpass("its key (not shown; empty: later): ", sys.stderr).strip()
    if not typed:
        return False
    try:
        keys.store(name, typed)
    except KitError as error:
        err(f"kit: the key was not stored: {error.message}; {error.hint}")
        return False
    err(f"kit: the key of {name} is in the system's keyring")
    return True
