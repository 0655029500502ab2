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

NAME = "KIT_STARTED"
MOST = 2**20
"""Bytes of an environment that are looked at."""
ROUNDS = 10
"""How often it is looked for those that were started while others were killed."""


def marked(environ: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A new mark, and the environment that holds it; the marks of programs around it stay."""
    mark = secrets.token_hex(16)
    return mark, {**environ, NAME: f"{environ.get(NAME, '')}.{mark}"}


def kill(mark: str) -> None:
    """Kill all that carries the mark, until there is none."""
    if not hasattr(signal, "SIGKILL"):  # Windows: no /proc either
        return
    for _ in range(ROUNDS):
        found = list(_carrying(mark.encode()))
        for pid in found:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not found:
            return


def _carrying(mark: bytes) -> Iterator[int]:
    with suppress(OSError):  # there is no /proc
        for each in filter(str.isdigit, os.listdir("/proc")):
            if mark in _environ(each):
                yield int(each)


def _environ(pid: str) -> bytes:
    """Not by pathlib: this is asked of every process of the machine."""
    try:
        number = os.open(f"/proc/{pid}/environ", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:  # it has ended, or is somebody else's
        return b""
    try:
        return os.read(number, MOST)
    except OSError:
        return b""
    finally:
        os.close(number)
