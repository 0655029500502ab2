"""``kit key``: API keys in the system's keyring."""

from __future__ import annotations

import os
import sys
from typing import Annotated

from typer import Argument

from kit.cli.app import helps, typer_app
from kit.cli.screen.render import err
from kit.cli.screen.rows import print_json, print_rows
from kit.cli.screen.terminal import in_front
from kit.cli.setup import lending, probing
from kit.cli.setup.configured import AsJson, Name, Where, file_of, key_in_argv
from kit.errors import KitError, UsageError
from kit.providers.config.choosing import filled, named
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Profile, load
from kit.providers.credentials import keys
from kit.providers.credentials.keys import Patience

app = typer_app(
    no_args_is_help=True,
    help="\b\nExamples:\n  kit key set groq\n  pass show groq | kit key set groq\n"
    "  kit key list\n  kit key exec groq -- python my_script.py\n\n"
    "Keys live in the system's keyring, a variable, a file or a password manager;\n"
    "never in the configuration, never on a command line.",
)


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
        raise key_in_argv(name)
    profile = named(load(file_of(config)), name)  # refuses a name that nobody would ever ask for
    keys.store(profile.name, _typed(profile.name))
    err(f"kit: the key of {profile.name} is in the system's keyring")
    _warn_of_another(profile)
    return 0


def _typed(name: str) -> str:
    if not sys.stdin.isatty():
        # all of it: a second line would be lost in silence, where it now is an error
        return sys.stdin.buffer.read(1 << 16).decode("utf-8", "replace")
    from getpass import getpass

    if not in_front(sys.stdin):  # the terminal stops who asks from behind, and shows no question
        err("kit: it runs in the background; `fg` brings it to the front, to type the key")
    return getpass(f"key of {name} (not shown): ", sys.stderr)


def _warn_of_another(profile: Profile) -> None:
    """A key that was stored and is not used would be a riddle."""
    if profile.key == "none":
        err(f'kit: but {profile.name} has key = "none" and sends no key')
    elif (source := _source(profile)) != "keyring":
        err(f"kit: but {profile.name} takes its key from {source} first")


def _source(profile: Profile) -> str:
    """Who gives the key; a command is not run to find out, it may ask somebody."""
    if profile.key_command and not profile.key:
        return "key_command"
    try:
        whole = filled(profile, os.environ)
        source = keys.find(whole, PRESETS.get(whole.provider), os.environ).source
    except KitError:  # such as a variable that is named and not set
        return profile.key or "keyring"
    return "keyring" if source == "none" else source


@app.command(
    "list",
    help=helps(
        "Where each profile's key comes from, and its last four characters.",
        "kit key list",
        "kit key list --json",
    ),
)
def list_(config: Where = None, as_json: AsJson = False) -> int:
    found, patience = load(file_of(config)), Patience()
    rows = [_row(profile, patience) for profile in found.profiles.values()]
    if as_json:
        print_json(rows)
        return 0
    print_rows([[row["name"], row["source"] or "-", row["tail"] or row["problem"]]
                for row in rows])  # fmt: skip
    if not rows:
        err("kit: there are no profiles yet; kit profile add NAME")
    return 0


@app.command(
    help=helps(
        "Where the key of one profile comes from. Exit 3 when there is none.", "kit key which groq"
    )
)
def which(name: Name, config: Where = None, as_json: AsJson = False) -> int:
    profile = filled(named(load(file_of(config)), name), os.environ)
    found = keys.find(profile, PRESETS.get(profile.provider), os.environ)
    if found.note:
        err(f"kit: {found.note}")
    if as_json:
        print_json({**_told(profile, found), "problem": ""})
    else:
        row = _told(profile, found)
        print_rows([[row["source"], row["tail"]]])
    return 0


def _row(profile: Profile, patience: Patience) -> dict[str, str]:
    try:
        whole = filled(profile, os.environ)
        found = keys.find(whole, PRESETS.get(whole.provider), os.environ, patience)
    except KitError as error:
        return {"name": profile.name, "source": "", "tail": "", "problem": error.message}
    return {**_told(profile, found), "problem": ""}


def _told(profile: Profile, found: keys.Found) -> dict[str, str]:
    tail = found.secret.tail if found.secret else ""
    return {"name": profile.name, "source": found.source, "tail": f"…{tail}" if tail else ""}


@app.command(help=helps("Remove a profile's key from the system's keyring.", "kit key remove groq"))
def remove(name: Name) -> int:
    if not keys.delete(name):
        raise UsageError(f"the keyring holds no key for {name!r}", hint="see `kit key list`")
    err(f"kit: the key of {name} is no longer in the keyring")
    return 0


app.command("test", help=probing.KEY_HELP)(probing.try_key)
app.command("exec", help=lending.HELP)(lending.exec_)
