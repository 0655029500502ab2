"""``kit key``: API keys in the system's keyring."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from kit.cli.app import typer_app
from kit.cli.render import err
from kit.cli.rows import print_json, print_rows
from kit.errors import AuthError, KitError, UsageError
from kit.providers import keys
from kit.providers.choosing import named
from kit.providers.presets import PRESETS
from kit.providers.profiles import Config, Profile, config_path, load, resolved

app = typer_app(no_args_is_help=True)

Name = Annotated[str, Argument(metavar="NAME", help="profile")]
Where = Annotated[str | None, Option("--config", metavar="PATH", help="configuration file")]
AsJson = Annotated[bool, Option("--json", help="as JSON")]


def _config(config: str | None) -> Config:
    return load(Path(config).expanduser() if config else config_path(os.environ))


@app.command(
    "set",
    help="\b\nExamples:\n  kit key set groq\n  pass show groq | kit key set groq\n\n"
    "Store a key in the system's keyring: typed without echo, or read from stdin.",
)
def set_(
    name: Name,
    surplus: Annotated[list[str] | None, Argument(hidden=True)] = None,
    config: Where = None,
) -> int:
    if surplus:
        raise UsageError(
            "a key on the command line can be read by every user of this machine",
            hint=f"type it when asked, or pipe it: … | kit key set {name}",
        )
    named(_config(config), name)  # refuses a name that nobody would ever ask for
    keys.store(name, _typed(name))
    err(f"kit: the key of {name} is in the system's keyring")
    return 0


def _typed(name: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline(1 << 16)
    from getpass import getpass

    return getpass(f"key of {name} (not shown): ")


@app.command("list", help="Where each profile's key comes from, and its last four characters.")
def list_(config: Where = None, as_json: AsJson = False) -> int:
    found = _config(config)
    rows = [_row(profile) for profile in found.profiles.values()]
    if as_json:
        print_json(rows)
    else:
        print_rows([[row["name"], row["source"], row["tail"] or row["problem"]] for row in rows])
    return 0


@app.command(help="Where the key of one profile comes from. Exit 3 when there is none.")
def which(name: Name, config: Where = None, as_json: AsJson = False) -> int:
    row = _row(named(_config(config), name))
    if row["problem"]:
        raise AuthError(row["problem"])
    if as_json:
        print_json(row)
    else:
        print_rows([[row["source"], row["tail"]]])
    return 0


def _row(profile: Profile) -> dict[str, str]:
    row = {"name": profile.name, "source": "", "tail": "", "problem": ""}
    try:
        whole = resolved(profile)
        found = keys.find(whole, PRESETS.get(whole.provider), os.environ)
    except KitError as error:
        return {**row, "problem": error.message}
    tail = found.secret.tail if found.secret else ""
    return {**row, "source": found.source, "tail": f"…{tail}" if tail else ""}


@app.command(help="Remove a profile's key from the system's keyring.")
def remove(name: Name) -> int:
    if not keys.delete(name):
        raise UsageError(f"the keyring holds no key for {name!r}", hint="see `kit key list`")
    return 0
