"""Changes one of the user's private files: in one step, 0600, one writer at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kit.errors import ConfigError

PATIENCE = 10.0  # seconds that another writer may take


def change(path: Path, edit: Callable[[bytes], bytes], read: Callable[[Path], bytes]) -> None:
    """Replace the file by ``edit(read(file))``: a reader sees all of the old or all of the new.

    A link is followed and stays. Missing folders are made with 0700, the file gets 0600. OSError
    when it cannot be written, ConfigError when another process keeps it locked.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(0, "it is not a regular file")
    make_folder(target.parent)
    with locked(target):
        _replace(target, edit(read(target)))


def make_folder(folder: Path) -> None:
    """Folders that are not there are made with 0700, whatever the umask; others are left alone."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        with suppress(FileExistsError):  # another kit was quicker
            one.mkdir(mode=0o700)
            one.chmod(0o700)


@contextmanager
def locked(target: Path) -> Iterator[None]:
    """One process at a time. The lock is a file beside the target, which stays: a lock on the
    target itself would be lost when it is replaced."""
    flags = os.O_CREAT | os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(target.with_name(f".{target.name}.lock"), flags, 0o600)
    try:
        _wait_for(handle, target)
        yield
    finally:
        os.close(handle)  # which gives the lock back


def _wait_for(handle: int, target: Path) -> None:
    until = time.monotonic() + PATIENCE
    while not _taken(handle):
        if time.monotonic() > until:
            raise ConfigError(f"{target}: another process keeps this file locked", hint="try again")
        time.sleep(0.005)


def _taken(handle: int) -> bool:
    """True when the lock is ours, or when this file system knows no locks."""
    try:
        import fcntl
    except ImportError:
        return _taken_on_windows(handle)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _taken_on_windows(handle: int) -> bool:
    import msvcrt

    try:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]  # only there
    except OSError:
        return False
    return True


def _replace(target: Path, data: bytes) -> None:
    fresh = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}.tmp")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(
        fresh, flags | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0), 0o600
    )
    try:
        with os.fdopen(handle, "wb") as file:
            if hasattr(os, "fchmod"):
                os.fchmod(file.fileno(), 0o600)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, target)
    except BaseException:
        with suppress(OSError):
            fresh.unlink()
        raise
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Make the new name last, where folders can be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
