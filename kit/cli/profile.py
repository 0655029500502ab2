"""``kit profile``: who can answer."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

from typer import Argument, Option

from kit.cli.app import typer_app
from kit.cli.rows import print_json, print_rows
from kit.errors import UsageError
from kit.providers import editing
from kit.providers.custom import anchored
from kit.providers.keys import needs_key
from kit.providers.presets import PRESETS
from kit.providers.profiles import Config, Profile, config_path, key_variable, load, resolved
from kit.providers.settings import SETTINGS

app = typer_app(no_args_is_help=True)

Name = Annotated[str, Argument(metavar="NAME")]
Where = Annotated[str | None, Option("--config", metavar="PATH", help="configuration file")]
AsJson = Annotated[bool, Option("--json", help="as JSON")]


def _path(config: str | None) -> Path:
    return Path(config).expanduser() if config else config_path(os.environ)


@app.command(
    help="\b\nExamples:\n  kit profile add fast --provider groq --model llama-3.3-70b-versatile\n"
    "  kit profile add mine --api openai-chat --base-url http://127.0.0.1:8080/v1 --key none\n\n"
    "Add a profile. On a terminal it asks for what is missing."
)
def add(
    name: Name,
    assignments: Annotated[
        list[str] | None, Argument(metavar="[KEY=VALUE]...", help="any other setting")
    ] = None,
    provider: Annotated[str, Option("--provider", metavar="PRESET")] = "",
    model: Annotated[str, Option("-m", "--model", metavar="MODEL")] = "",
    base_url: Annotated[str, Option("--base-url", metavar="URL")] = "",
    api: Annotated[str, Option("--api", metavar="NAME")] = "",
    key: Annotated[str, Option("--key", metavar="keyring|env:NAME|file:PATH|none")] = "",
    default: Annotated[bool, Option("--default", help="make it the default profile")] = False,
    no_input: Annotated[bool, Option("--no-input", help="never ask anything")] = False,
    config: Where = None,
) -> int:
    path, assignments = _path(config), _from_here(assignments or [])
    if name in load(path).profiles:
        raise UsageError(
            f"there is a profile {name!r} already",
            hint=f"change it with `kit profile set {name} KEY=VALUE`",
        )
    values = {
        "provider": provider, "model": model, "base_url": base_url, "api": api, "key": key,
    }  # fmt: skip
    given = {setting: value for setting, value in values.items() if value}
    given |= {"api": anchored(api, Path.cwd())} if api else {}
    if not no_input and sys.stdin.isatty() and sys.stderr.isatty():
        _ask_for_missing(name, given)
    _refuse_nonsense(Profile(name=name, **given), assignments)  # type: ignore[arg-type]  # all str
    editing.set_profile(path, name, given)
    if assignments:
        editing.update(path, name, assignments)
    if default:
        editing.set_default(path, name)
    _next_step(name, path)
    return 0


def _from_here(assignments: list[str]) -> list[str]:
    """A class in a file is typed as it lies from here, and written as it lies from anywhere."""
    here = Path.cwd()
    return [
        f"api={anchored(each.removeprefix('api='), here)}" if each.startswith("api=") else each
        for each in assignments
    ]


def _ask_for_missing(name: str, given: dict[str, str]) -> None:
    """Ask on the terminal for a host and a model that the flags left open."""
    import typer

    if not given.keys() & {"provider", "base_url", "api"}:
        guess = name if name in PRESETS else "openai"
        known = ", ".join(PRESETS)
        given["provider"] = typer.prompt(f"provider ({known})", default=guess, err=True)
    preset = PRESETS.get(given.get("provider", ""))
    if "model" not in given and preset and preset.name not in ("fake", "local"):
        given["model"] = typer.prompt("model", default=preset.model or None, err=True)


def _refuse_nonsense(profile: Profile, assignments: list[str]) -> None:
    """A profile that could never answer is not written."""
    extra = {part.partition("=")[0] for part in assignments}
    if not extra & {"provider", "api", "base_url"}:
        resolved(profile)


def _next_step(name: str, path: Path) -> None:
    from kit.cli.render import err

    profile = resolved(load(path).profiles[name])
    preset = PRESETS.get(profile.provider)
    err(f"kit: added profile {name} to {path}")
    if not needs_key(profile, preset) or profile.key not in ("", "keyring"):
        return
    names = " or ".join(preset.key_env) if preset else key_variable(name)
    err(f"kit: its key: `kit key set {name}`, or set {names}")


@app.command("list", help="The profiles; the default one is marked.")
def list_(config: Where = None, as_json: AsJson = False) -> int:
    found = load(_path(config))
    rows = [_row(found, profile) for profile in found.profiles.values()]
    if as_json:
        print_json(rows)
    else:
        print_rows([["*" if row["default"] else " ", row["name"], row["provider"] or row["api"],
                     row["model"], row["base_url"]] for row in rows])  # fmt: skip
    return 0


def _row(config: Config, profile: Profile) -> dict[str, Any]:
    only = len(config.profiles) == 1 and not config.default_profile
    shown = _filled(profile)
    return {
        "name": profile.name,
        "default": only or config.default_profile == profile.name,
        "provider": shown.provider,
        "api": shown.api,
        "model": shown.model,
        "base_url": shown.base_url,
    }


def _filled(profile: Profile) -> Profile:
    """What the preset fills in; the profile as it stands when it is not usable."""
    from kit.errors import ConfigError

    try:
        return resolved(profile)
    except ConfigError:
        return profile


@app.command(help="One profile with everything that its preset fills in. Never a key.")
def show(name: Name, config: Where = None, as_json: AsJson = False) -> int:
    profile = _filled(_existing(load(_path(config)), name))
    values = {
        setting: getattr(profile, setting)
        for setting in SETTINGS
        if getattr(profile, setting) not in ("", (), {}, None)
    }
    if as_json:
        print_json({"name": name, **values})
    else:
        print_rows([["name", name], *([key, _shown(value)] for key, value in values.items())])
    return 0


def _shown(value: object) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, default=dict)


def _existing(config: Config, name: str) -> Profile:
    from kit.providers.settings import meant

    if name not in config.profiles:
        raise UsageError(
            f"there is no profile {name!r}{meant(name, config.profiles)}",
            hint="`kit profile list` shows them, `kit profile add` adds one",
        )
    return config.profiles[name]


@app.command("set", help="Change settings of a profile: kit profile set fast temperature=0.2")
def set_(
    name: Name,
    assignments: Annotated[list[str], Argument(metavar="KEY=VALUE...", help="KEY= removes it")],
    config: Where = None,
) -> int:
    path = _path(config)
    _existing(load(path), name)
    editing.update(path, name, _from_here(assignments))
    return 0


@app.command(help="Remove a profile; its key stays where it is (kit key remove).")
def remove(name: Name, config: Where = None) -> int:
    path = _path(config)
    _existing(load(path), name)
    editing.remove_profile(path, name)
    return 0


@app.command(help="Make a profile the default, or say which one it is.")
def default(
    name: Annotated[str | None, Argument(metavar="[NAME]")] = None, config: Where = None
) -> int:
    path = _path(config)
    found = load(path)
    if name is None:
        only = next(iter(found.profiles)) if len(found.profiles) == 1 else ""
        print(found.default_profile or only)
        return 0
    _existing(found, name)
    editing.set_default(path, name)
    return 0


@app.command(help="The hosts that kit knows by name.")
def presets(as_json: AsJson = False) -> int:
    rows = [
        {"name": row.name, "api": row.api, "base_url": row.base_url, "key": list(row.key_env),
         "model": row.model, "notes": row.retired or row.notes}
        for row in PRESETS.values()
    ]  # fmt: skip
    if as_json:
        print_json(rows)
    else:
        print_rows([[row["name"], row["api"], " ".join(row["key"]), row["base_url"], row["notes"]]
                    for row in rows])  # fmt: skip
    return 0
