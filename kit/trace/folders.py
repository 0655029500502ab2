"""Where runs are kept: ``runs/YYYY/MM/<ulid>.jsonl``, in folders that only their owner can read."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from kit.trace.ulid import made_at


def runs_folder(environ: Mapping[str, str]) -> Path:
    """The folder of all runs, for this environment; it need not exist."""
    if chosen := environ.get("KIT_STATE_DIR"):
        return Path(chosen) / "runs"
    state = environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(state):  # the XDG specification: a relative path is to be ignored
        return Path(state) / "kit" / "runs"
    return _usual(environ) / "runs"


def cache_folder(environ: Mapping[str, str]) -> Path:
    """The folder of what can be made again; it need not exist."""
    cache = environ.get("XDG_CACHE_HOME", "")
    return (Path(cache) if os.path.isabs(cache) else _home(environ) / ".cache") / "kit"


def _usual(environ: Mapping[str, str]) -> Path:
    if sys.platform in ("darwin", "win32"):
        import platformdirs  # only here: elsewhere the rule is one line

        return Path(platformdirs.user_state_dir("kit", appauthor=False))
    return _home(environ) / ".local" / "state" / "kit"


def _home(environ: Mapping[str, str]) -> Path:
    """``/`` for a user without a home, as login(1) does: writing there fails with a clear error."""
    if home := environ.get("HOME"):
        return Path(home)
    try:
        return Path.home()
    except RuntimeError:
        return Path("/")


def place(folder: Path, run: str) -> Path:
    """The file of this run; year and month (UTC) are those in its name."""
    made = time.gmtime(made_at(run))
    return folder / f"{made.tm_year:04}" / f"{made.tm_mon:02}" / f"{run}.jsonl"


def prepare(folder: Path, run: str) -> Path:
    """The file of this run, its folders made.

    Raises PermissionError for a folder that belongs to another user: it could be theirs to read,
    or a trap of links.
    """
    path = place(folder, run)
    for each in (folder, path.parent.parent, path.parent):
        make_ours(each)
    return path


def make_ours(folder: Path) -> None:
    """Make this folder where missing. PermissionError when it belongs to another user."""
    _make_private(folder)
    _must_be_ours(folder)


def _make_private(folder: Path) -> None:
    """Make this folder and those above it where missing, 0700 whatever the umask."""
    if folder.is_dir():
        return
    _make_private(folder.parent)
    try:
        folder.mkdir(0o700)
    except FileExistsError:  # another kit was faster, or it is a file: then the next step says so
        return
    folder.chmod(0o700)


def _must_be_ours(folder: Path) -> None:
    if hasattr(os, "getuid") and folder.stat().st_uid != os.getuid():
        raise PermissionError(errno.EPERM, "the folder belongs to another user", str(folder))
