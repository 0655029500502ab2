"""Times, sums and counts as a person reads them."""

from __future__ import annotations


def seconds(value: float | None) -> str:
    """In milliseconds below a twentieth of a second; empty for what is unknown."""
    if value is None:
        return ""
    if 0 < value < 0.05:
        return f"{1000 * value:.0f} ms"
    return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


def money(usd: float | None) -> str:
    """Two digits that say something, but cents at least: $0.0021, $0.10, $1.30."""
    if usd is None:
        return ""
    if usd >= 0.0995 or usd == 0:
        return f"${usd:.2f}"
    if usd >= 1e-4:
        return f"${usd:.2g}"
    digits = -int(f"{usd:.0e}".partition("e")[2]) if 0 < usd < 5e-7 else 6  # one call may cost less
    return f"${usd:.{digits}f}"


def share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else ""


def plural(count: float, word: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{count:g} {word}" if count == 1 else f"{count:g} {word}s"
