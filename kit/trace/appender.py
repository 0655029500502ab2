"""One new private file that only grows: every line is one write, and a torn line stays alone."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

from kit.trace.alive import hold

_FLAGS = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | os.O_APPEND
    | getattr(os, "O_NOFOLLOW", 0)  # these are not everywhere
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)  # macOS has only fsync


class Appender:
    """Raises OSError from everything that it does; after that it should be closed.

    While it is open it holds a lock, which the system takes back even after a kill -9: so a reader
    knows whether the run goes on.
    """

    def __init__(self, path: Path, *, write: Callable[[int, bytes], int] = os.write) -> None:
        self._write = write
        self._torn = False
        self._file = os.open(path, _FLAGS, 0o600)
        if sys.platform != "win32":
            os.fchmod(self._file, 0o600)  # whatever the umask
        hold(self._file)

    def append(self, line: bytes) -> None:
        """``line`` ends with a newline. A full disk may first take a part and then raise."""
        rest = b"\n" + line if self._torn else line
        while rest:
            written = self._write(self._file, rest)
            if written == 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            rest = rest[written:]
            self._torn = bool(rest)

    def sync(self) -> None:
        """Come back when what was appended would survive a power failure."""
        _sync(self._file)

    def close(self) -> None:
        os.close(self._file)
