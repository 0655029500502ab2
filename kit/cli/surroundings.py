"""What ``kit doctor`` finds out about the machine: versions, clock, terminal, folders."""

from __future__ import annotations

import os
import platform
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from kit import __version__
from kit.cli.screen.terminal import Terminal
from kit.providers.config.learned import memory
from kit.providers.health import Check
from kit.trace.runs import runs_folder

_FOLDER = Path(__file__).parent.parent
MADE = 1_767_225_600  # 2026-01-01: before it, no clock of a machine that runs this is right
AHEAD = 3600.0  # seconds that a file may be ahead of the clock: another machine may have written it


def versions() -> Check:
    python = f"Python {platform.python_version()} at {sys.executable}"
    return Check("ok", "versions", f"kit {__version__}, {python}, {platform.system()}")


def bytecode() -> Iterator[Check]:
    """Said only where none is kept of kit, although it was loaded: each start compiles it anew."""
    from importlib.util import cache_from_source

    if os.path.exists(cache_from_source(__file__)):
        return
    todo = f"let who may write there run: {sys.executable} -m compileall -q {_FOLDER}"
    if sys.dont_write_bytecode:
        todo = f"unset PYTHONDONTWRITEBYTECODE, or run: {sys.executable} -m compileall -q {_FOLDER}"
    found = f"kit is compiled anew for each command: there is no bytecode in {_FOLDER}"
    yield Check("warn", "bytecode", found, todo)


def clock(path: Path, now: float | None = None) -> Check:
    """TLS fails when the clock is wrong, in words that say something else."""
    now = time.time() if now is None else now
    shown = time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    if now < MADE:
        return Check("fail", "clock", f"it is not {shown}", "set the clock: TLS needs it", 5)
    ahead = [each for each in (path, runs_folder(os.environ)) if _written(each) > now + AHEAD]
    if ahead:
        return Check("warn", "clock", f"{shown}, and {ahead[0]} is from the future", "check it")
    return Check("ok", "clock", shown)


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def terminal() -> Check:
    seen = Terminal.detect(os.environ, sys.stdout, sys.stderr)
    streams = (("stdout", seen.out_tty), ("stderr", seen.err_tty))
    shown = [f"{name} is {'a terminal' if tty else 'no terminal'}" for name, tty in streams]
    shown += [f"colour {'on' if seen.out_style else 'off'}", f"{seen.width} columns"]
    if seen.unicode:
        return Check("ok", "terminal", ", ".join([*shown, "Unicode"]))
    return Check("warn", "terminal", ", ".join([*shown, "ASCII only"]), "export LANG=C.UTF-8")


def folders(environ: Mapping[str, str]) -> Iterator[Check]:
    """Where runs are recorded, and where a cache is kept."""
    if environ.get("KIT_TRACE") == "off":
        yield Check("ok", "runs", "not recorded: KIT_TRACE=off")
    else:
        yield _folder("runs", runs_folder(environ), "runs are not recorded; set KIT_STATE_DIR")
    cache = memory(environ).path.parent
    yield _folder("cache", cache, "what servers refuse is not remembered; set XDG_CACHE_HOME")


def _folder(name: str, folder: Path, without: str) -> Check:
    """Ours, private, and to be written to; or not there yet, where it can be made."""
    there = next(each for each in (folder, *folder.parents) if os.path.exists(each))
    if not there.is_dir():
        return Check("fail", name, f"{there} is no folder", without)
    status = there.stat()
    if there == folder and hasattr(os, "getuid") and status.st_uid != os.getuid():
        return Check("fail", name, f"{folder} belongs to another user", without)
    if not os.access(there, os.W_OK | os.X_OK):
        return Check("warn", name, f"{folder} cannot be written", without)
    if there == folder and os.name == "posix" and stat.S_IMODE(status.st_mode) & 0o077:
        return Check("warn", name, f"{folder} is open to other users", f"chmod 700 {folder}")
    return Check("ok", name, str(folder) + ("" if there == folder else ", to be made"))
