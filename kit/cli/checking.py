"""What a ``--check`` runs in: its command is looked for first, no key is in its environment."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from kit.cli.members import Members
from kit.cli.tooling import shield
from kit.errors import UsageError
from kit.patterns.checks import checker, words
from kit.patterns.run import Checker
from kit.providers.config.presets import PRESETS


def checking(command: str, seconds: float, members: Members) -> Checker:
    """What runs this check; UsageError when there is no such command."""
    program = words(command)[0]
    if shutil.which(program) is None:
        raise UsageError(
            f"--check: there is no command {program!r}",
            hint="a line for the shell begins with sh:, as in --check 'sh:grep -q yes && …'",
        )
    shield.raised()  # what a check runs may be a program that a model wrote
    return checker(lambda: keyless(os.environ, members), seconds)


def keyless(environ: Mapping[str, str], members: Members) -> dict[str, str]:
    """The environment without what holds a key, by its name or by its value."""
    usual = {name for row in PRESETS.values() for name in row.key_env + row.bearer_env}
    named = {each.key.removeprefix("env:") for each in members.profiles.values()}
    secrets = {secret.reveal() for secret in members.secrets}
    return {
        name: value
        for name, value in environ.items()
        if name not in usual | named and not name.startswith("KIT_KEY_") and value not in secrets
    }
