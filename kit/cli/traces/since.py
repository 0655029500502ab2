"""A moment as people write it: ``7d`` ago, or a date."""

from __future__ import annotations

import re
from datetime import datetime

from kit.errors import UsageError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
_AGO = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)\s*([smhdw])")


def moment(text: str, now: float, flag: str = "--since") -> float:
    """Seconds since 1970. UsageError for what is neither an age nor a date; a date without a zone
    is one of this machine's calendar."""
    if ago := _AGO.fullmatch(text.strip().lower()):
        return now - float(ago[1]) * _UNITS[ago[2]]
    try:
        return datetime.fromisoformat(text.strip()).timestamp()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"{flag} {text!r} is neither an age nor a date",
            hint="like 30m, 12h, 7d, 4w, 2026-11-22 or 2026-11-22T08:30",
        ) from None
