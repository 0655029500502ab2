"""Does a run go on? Its writer holds a lock, which the system takes back however it ends."""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from pathlib import Path

if sys.platform != "win32":
    import fcntl


def hold(file: int) -> None:
    """Lock this open file for as long as it is open, where the file system has locks."""
    if sys.platform != "win32":
        with suppress(OSError):  # waits at most the microseconds of a reader in `is_held`
            fcntl.flock(file, fcntl.LOCK_EX)


def hold_soon(file: int, seconds: float) -> bool:
    """As ``hold``, for a lock that is only ever held for a moment: False when it is not to be had.
    True where the file system has no locks."""
    if sys.platform == "win32":
        return True
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                return False
            time.sleep(0.005)
        except OSError:
            return True
        else:
            return True


def is_held(path: Path, pid: int) -> bool:
    """Whether the process that writes this file (``pid``, where there are no locks) is there."""
    if sys.platform == "win32":
        return _is_there(pid)
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return _is_there(pid)
    finally:
        os.close(file)
    return False


def _is_there(pid: int) -> bool:
    if pid <= 0:
        return False
    if sys.platform == "win32":
        import ctypes  # os.kill would end the process there

        query_limited_information = 0x1000
        handle = ctypes.windll.kernel32.OpenProcess(query_limited_information, False, pid)
        return bool(handle and ctypes.windll.kernel32.CloseHandle(handle))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and another user's
    return True
