"""Names of runs: 26 characters that sort by time (https://github.com/ulid/spec)."""

from __future__ import annotations

import os
import re
import threading
import time

DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GRAMMAR = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_RANDOM_BITS = 80

_lock = threading.Lock()
_last = 0


def ulid() -> str:
    """A new name, greater than every one made before in this process."""
    global _last  # noqa: PLW0603  # the one thing that makes names of one millisecond sort
    with _lock:
        fresh = time.time_ns() // 1_000_000 << _RANDOM_BITS | _random(10)
        # A random step, not 1: a forked child goes on from the same last name as its parent.
        _last = max(fresh, _last + 1 + _random(4))
        return _spelled(_last)


def is_ulid(text: str) -> bool:
    return GRAMMAR.fullmatch(text) is not None


def made_at(name: str) -> float:
    """Seconds since 1970 at which this name was made. ``name`` must satisfy the grammar."""
    number = 0
    for digit in name[:10]:
        number = number * 32 + DIGITS.index(digit)
    return number / 1000


def _random(size: int) -> int:
    return int.from_bytes(os.urandom(size), "big")


def _spelled(number: int) -> str:
    return "".join(DIGITS[number >> shift & 31] for shift in range(125, -1, -5))
