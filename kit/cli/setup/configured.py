"""What the commands on profiles and keys share: NAME, --config, --json, and what they mean."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from kit.errors import UsageError

if TYPE_CHECKING:
    from kit.providers.config.profiles import Config, Profile

Name = Annotated[str, Argument(metavar="NAME", help="profile")]
Where = Annotated[str | None, Option("--config", metavar="PATH", help="configuration file")]
AsJson = Annotated[bool, Option("--json", help="as JSON")]
NoInput = Annotated[bool, Option("--no-input", help="never ask anything")]


def file_of(config: str | None) -> Path:
    """The configuration: ``--config``, else where it lies."""
    from kit.providers.config.profiles import config_path  # not for who is shown a help

    return Path(config).expanduser() if config else config_path(os.environ)


def existing(config: Config, name: str) -> Profile:
    """The profile as the file has it; UsageError when it has none of that name."""
    if name not in config.profiles:
        from kit.providers.config.settings import meant

        raise UsageError(
            f"there is no profile {name!r}{meant(name, config.profiles)}",
            hint="`kit profile list` shows them, `kit profile add` adds one",
        )
    return config.profiles[name]


def interactive(no_input: bool) -> bool:
    """Somebody is there to be asked."""
    return not no_input and sys.stdin.isatty() and sys.stderr.isatty()


def key_in_argv(name: str) -> UsageError:
    """S01: what is on a command line is in the list of processes and in the shell's history."""
    return UsageError(
        "a key on the command line can be read by every user of this machine",
        hint=f"type it when asked, or pipe it: … | kit key set {name}",
    )
