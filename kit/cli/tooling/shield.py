"""Keeps programs that a model runs from reading kit's own environment, where keys may lie."""

from __future__ import annotations

import sys
from contextlib import suppress

PR_SET_DUMPABLE = 4


def raised() -> None:
    """From now on nobody but root can read ``/proc/PID/environ`` or the memory of this process
    (prctl(2), PR_SET_DUMPABLE); what it starts is as readable as ever. Linux only."""
    if sys.platform != "linux":
        return
    import ctypes  # 5 ms, for who lets a model run programs

    with suppress(OSError, AttributeError):  # another C library: then it is as it was
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
