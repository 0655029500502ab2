"""``kit key exec``: a key for one command, in its environment and nowhere else."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Annotated

from typer import Argument, Option

from kit.cli.screen.render import err
from kit.cli.setup.configured import Name, Where, file_of
from kit.errors import UsageError
from kit.providers.config.choosing import filled, named
from kit.providers.config.presets import PRESETS, Preset
from kit.providers.config.profiles import Profile, load
from kit.providers.credentials.keys import Found, find

NOT_FOUND, NOT_RUN = 127, 126  # what shells answer
HELP = (
    "\b\nExamples:\n  kit key exec openai -- python my_script.py\n"
    "  kit key exec mine --as OPENAI_API_KEY -- curl -K request.txt\n\n"
    "Run a command with the profile's key in its environment, under the provider's usual\n"
    "variable. The exit code is the command's own."
)
_USUAL = {"openai-chat": "OPENAI_API_KEY", "openai-responses": "OPENAI_API_KEY",
          "anthropic": "ANTHROPIC_API_KEY"}  # fmt: skip


def exec_(
    name: Name,
    command: Annotated[list[str], Argument(metavar="-- COMMAND...", help="and its arguments")],
    variable: Annotated[
        str, Option("--as", metavar="VARIABLE", help="instead of the usual one")
    ] = "",
    config: Where = None,
) -> int:
    profile = filled(named(load(file_of(config)), name), os.environ)
    preset = PRESETS.get(profile.provider)
    found = find(profile, preset, os.environ)
    if found.note:
        err(f"kit: {found.note}")
    if found.secret is None:
        raise UsageError(f"{name!r} takes no key", hint="run the command without kit key exec")
    chosen = variable or _usual(profile, preset, found)
    return _run(command, {**_environment(os.environ), chosen: found.secret.reveal()})


def _usual(profile: Profile, preset: Preset | None, found: Found) -> str:
    """The variable in which the provider's own tools look for the key."""
    if preset and preset.key_env:
        known = (*preset.key_env, *preset.bearer_env)
        return found.source if found.source in known else preset.key_env[0]
    guess = _USUAL.get(profile.api, "")
    if not guess:
        raise UsageError(
            f"{profile.name!r} is no known host, which would have a usual variable",
            hint="name one with --as VARIABLE",
        )
    err(f"kit: the key is in {guess}, as for any host of this kind (--as names another)")
    return guess


def _environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The user's own, without the keys of kit's profiles and without what kit set for itself."""
    mine = {"TYPER_USE_RICH": "0"}
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith("KIT_KEY_") and mine.get(name) != value
    }


def _run(command: list[str], environ: Mapping[str, str]) -> int:
    """The exit code of the command; on POSIX it takes the place of this process, so that signals
    and the terminal are its own."""
    try:
        if os.name == "posix":
            _restore_signals()
            os.execvpe(command[0], command, environ)  # noqa: S606  # no shell, on purpose
        import subprocess

        return subprocess.call(command, env=environ)  # noqa: S603  # the user's own command
    except FileNotFoundError:
        err(f"kit: there is no command {command[0]}")
        return NOT_FOUND
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        err(f"kit: {command[0]} cannot be run: {why}")
        return NOT_RUN


def _restore_signals() -> None:
    """Python ignores these two, and what is ignored stays so in the next program."""
    sys.stdout.flush()
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
