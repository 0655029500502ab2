"""``kit profile``: who can answer."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

from typer import Argument

from kit.cli.app import helps, typer_app
from kit.cli.screen.render import err
from kit.cli.screen.rows import print_json, print_rows
from kit.cli.setup import adding, carrying, probing
from kit.cli.setup.configured import AsJson, Name, Where, existing, file_of
from kit.errors import ConfigError
from kit.providers.config import editing
from kit.providers.config.carrying import veiled
from kit.providers.config.choosing import filled
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Config, Profile, load
from kit.providers.config.settings import SETTINGS

app = typer_app(
    no_args_is_help=True,
    help="\b\nExamples:\n  kit profile add fast --provider groq\n"
    "  kit profile set fast temperature=0.2 system='Be brief.'\n"
    "  kit profile test fast\n  kit profile export > profiles.toml\n\n"
    "Who can answer: a host, a model, parameters. Keys are kept elsewhere (kit key).",
)
app.command("add", help=adding.HELP)(adding.add)


@app.command(
    "list",
    help=helps(
        "The profiles; the default one is marked.", "kit profile list", "kit profile list --json"
    ),
)
def list_(config: Where = None, as_json: AsJson = False) -> int:
    found = load(file_of(config))
    rows = [_row(found, profile) for profile in found.profiles.values()]
    if as_json:
        print_json(rows)
        return 0
    print_rows([["*" if row["default"] else " ", row["name"], row["provider"] or row["api"],
                 row["model"], row["base_url"]] for row in rows])  # fmt: skip
    if not rows:
        err("kit: there are no profiles yet; kit profile add NAME")
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
    try:
        return filled(profile, os.environ)
    except ConfigError:
        return profile


@app.command(
    help=helps(
        "One profile with everything that its preset fills in. Never a key.",
        "kit profile show fast",
        "kit profile show fast --json",
    )
)
def show(name: Name, config: Where = None, as_json: AsJson = False) -> int:
    profile = _filled(existing(load(file_of(config)), name))
    values = veiled(
        {
            setting: getattr(profile, setting)
            for setting in SETTINGS
            if getattr(profile, setting) not in ("", (), {}, None)
        }
    )
    if as_json:
        print_json({"name": name, **values})
    else:
        print_rows([["name", name], *([key, shown(value)] for key, value in values.items())])
    return 0


def shown(value: object) -> str:
    import json

    return value if isinstance(value, str) else json.dumps(value, default=dict, ensure_ascii=False)


@app.command(
    "set",
    help="\b\nExamples:\n  kit profile set fast temperature=0.2 max_tokens=500\n"
    "  kit profile set fast price.input=0.59 headers.X-Team=research\n"
    "  kit profile set fast temperature=\n\n"
    "Change settings of a profile; comments and order of the file stay as they are.",
)
def set_(
    name: Name,
    assignments: Annotated[list[str], Argument(metavar="KEY=VALUE...", help="KEY= removes it")],
    config: Where = None,
) -> int:
    path = file_of(config)
    existing(load(path), name)
    assignments = adding.from_here(assignments)
    adding.refuse_keys(name, editing.typed(name, assignments))
    editing.update(path, name, assignments)
    return 0


@app.command(
    help=helps(
        "Remove a profile; its key stays where it is (kit key remove).", "kit profile remove fast"
    )
)
def remove(name: Name, config: Where = None) -> int:
    path = file_of(config)
    existing(load(path), name)
    editing.remove_profile(path, name)
    return 0


@app.command(
    help=helps(
        "Make a profile the default, or say which one it is.",
        "kit profile default",
        "kit profile default fast",
    )
)
def default(
    name: Annotated[str | None, Argument(metavar="[NAME]", help="profile")] = None,
    config: Where = None,
) -> int:
    path: Path = file_of(config)
    found = load(path)
    if name is not None:
        if name not in PRESETS:
            existing(found, name)
        editing.set_default(path, name)
        return 0
    only = next(iter(found.profiles)) if len(found.profiles) == 1 else ""
    if found.default_profile or only:
        print(found.default_profile or only)
    else:
        err("kit: no profile is the default; kit profile default NAME")
    return 0


@app.command(
    help=helps(
        "The hosts that kit knows by name.", "kit profile presets", "kit profile presets --json"
    )
)
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


app.command("test", help=probing.HELP)(probing.try_profile)
app.command("export", help=carrying.EXPORT)(carrying.export)
app.command("import", help=carrying.IMPORT)(carrying.import_)
