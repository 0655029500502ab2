"""A command that judges a text: it passes when it ends with the exit code 0.

The text is its stdin, and the file that ``{}`` names in its words. No shell takes part, unless the
command begins with ``sh:``. Nothing that it starts outlives it (``processes.py``).
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from kit.errors import UsageError
from kit.events import Checked
from kit.patterns.processes import Bounds, ended
from kit.patterns.run import Checker
from kit.patterns.steps import Check

SECONDS = 60.0
HEAD, TAIL = 4000, 12_000
"""Bytes of the output that are kept: what went wrong stands mostly at its end."""


def words(command: str) -> list[str]:
    """The words of the command, as a shell would part them; UsageError when there are none."""
    if command.startswith("sh:") and command[3:].strip():
        return ["sh", "-c", command[3:]]
    try:
        parted = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--check {command!r}: {str(error).lower()}") from error
    if not parted or parted == ["sh:"]:
        raise UsageError("--check names no command", hint="for example --check 'jq .'")
    return parted


def checker(environ: Callable[[], Mapping[str, str]], seconds: float = SECONDS) -> Checker:
    """What runs checks: in the environment that ``environ`` gives, which holds no key, each for
    ``seconds`` at most."""
    bounds = Bounds(seconds, HEAD, TAIL)

    async def checked(check: Check) -> Checked:
        with TemporaryDirectory(prefix="kit-") as folder:
            place = Path(folder) / "text"
            end = "" if check.text.endswith("\n") else "\n"
            place.write_bytes((check.text + end).encode(errors="replace"))
            argv = [word.replace("{}", str(place)) for word in words(check.command)]
            told = await ended(argv, environ(), bounds, stdin=place)
        output = told.output.decode(errors="replace").strip()
        if told.code is None:
            output = f"{output}\n[{told.why}]".lstrip() if output else _bare(told.why)
        return Checked(check.call, check.command, told.code == 0, told.code, output)

    return checked


def _bare(why: str) -> str:
    """Why nothing was written: bracketed where it was kit that ended the command."""
    return why if why.startswith("cannot run") else f"[{why}]"
