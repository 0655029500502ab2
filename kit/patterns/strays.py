"""Processes that left the group of the program that started them: found by a mark, and killed.

A daemon leaves its group and its session, and keeps its environment: a word there that nobody else
has tells whose it is. Linux only (``/proc``); elsewhere only the group is killed.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

NAME = "KIT_STARTED"
ROUNDS = 10
"""How often it is looked for those that were started while others were killed."""


def marked(environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A new mark, and the environment that holds it; the marks of programs around it stay."""
    mark = secrets.token_hex(16)
    return mark, {**environ, NAME: f"{environ.get(NAME, '')}.{mark}"}


def kill(mark: str) -> None:
    """Kill all that carries the mark, until there is none."""
    for _ in range(ROUNDS):
        found = list(_carrying(mark.encode()))
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _carrying(mark: bytes) -> Iterator[int]:
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is somebody else's
            if mark in (process / "environ").read_bytes():
                yield int(process.name)
