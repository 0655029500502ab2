"""How many connections may be open at once: the limit of file descriptors (``ulimit -n``)."""

from __future__ import annotations

SPARE = 16
"""Descriptors for all else: the streams, the run's file, the event loop, a keyring."""


def at_most(wanted: int) -> int:
    """``wanted``, or as many as there is room for. The limit is raised as far as is needed and may
    be: 256, the default of some systems, is no wish of anybody."""
    try:
        import resource  # POSIX only
    except ImportError:
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted + SPARE:
        return wanted
    most = wanted + SPARE if hard == resource.RLIM_INFINITY else min(wanted + SPARE, hard)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    except (OSError, ValueError):  # some systems have a lower limit of their own
        most = soft
    return max(min(wanted, most - SPARE), 1)
