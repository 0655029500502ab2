"""A number as text: exact where it is exact, a decimal beside what has no short one. Pure."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from kit.patterns.tools.calculating.exact import Number, decimal

SHOWN = 20
"""Significant digits of what is rounded."""


def written(value: Number) -> str:
    """``42``, ``0.125``, ``1/3 ≈ 0.33333333333333333333``, ``≈ 1.4142135623730950488``."""
    if isinstance(value, Decimal):
        return f"≈ {_short(value)}"
    if value.denominator == 1:
        return str(value.numerator)
    return (
        _terminating(value) or f"{value.numerator}/{value.denominator} ≈ {_short(decimal(value))}"
    )


def _terminating(value: Fraction) -> str:
    """All digits, when there are at most 60 of them after the point; "" when not."""
    places = 0
    rest = value.denominator
    for factor in (2, 5):
        count = 0
        while rest % factor == 0:
            rest //= factor
            count += 1
        places = max(places, count)
    if rest != 1 or places > 60:
        return ""
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}d}"
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _short(value: Decimal) -> str:
    text = f"{value:.{SHOWN}g}"
    mantissa, e, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + e + exponent
