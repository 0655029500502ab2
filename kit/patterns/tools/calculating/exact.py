"""Numbers that stay exact as long as they can, and within bounds. Pure.

A value is a Fraction while it is exact and a Decimal of DIGITS digits from where it cannot be. An
operation whose result would have more than MOST digits is refused before it is worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, DecimalException, localcontext
from fractions import Fraction
from math import isqrt
from typing import TypeAlias

Number: TypeAlias = Fraction | Decimal

DIGITS = 40
"""That an inexact value is carried with."""
MOST = 4000
"""Digits of a numerator or a denominator."""
BITS = int(MOST * 3.3219280948873623)
_CONTEXT = Context(prec=DIGITS, Emax=MOST, Emin=-MOST)


class CannotCalculate(Exception):
    """Why not, in one sentence."""


def whole(value: Number, what: str) -> int:
    """As an integer; CannotCalculate where it is none."""
    if isinstance(value, Decimal):
        raise CannotCalculate(f"{what} needs a whole number, and this one is rounded")
    if value.denominator != 1:
        raise CannotCalculate(f"{what} needs a whole number")
    return value.numerator


def integral(step: Callable[[Number], int]) -> Callable[[Number], Number]:
    """``step`` to a whole number, refused where the digits before the point are not all known."""

    def stepped(value: Number) -> Number:
        if isinstance(value, Decimal) and value.adjusted() >= DIGITS - 1:
            raise CannotCalculate("the number is too large to know all its digits")
        return Fraction(step(value))

    return stepped


def bounded(value: Number) -> Number:
    if isinstance(value, Fraction):
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > BITS:
            raise CannotCalculate(f"the result has more than {MOST} digits")
        return value
    if not value.is_finite():
        raise CannotCalculate("the result is not a finite number")
    return value


def decimal(value: Number) -> Decimal:
    """Rounded to DIGITS, where it is not already."""
    if isinstance(value, Decimal):
        return value
    return _CONTEXT.divide(Decimal(value.numerator), Decimal(value.denominator))


def rounded(work: Callable[[Context], Decimal]) -> Decimal:
    """The result of decimal arithmetic; CannotCalculate where there is none."""
    try:
        with localcontext(_CONTEXT) as context:
            return work(context)
    except (DecimalException, OverflowError, ValueError) as error:
        raise CannotCalculate("that has no value here") from error


def operation(sign: str, left: Number, right: Number) -> Number:
    """``left sign right`` for the signs in OPERATIONS and ``**``."""
    if sign == "**":
        return bounded(power(left, right))
    if sign in ("/", "//", "%") and right == 0:
        raise CannotCalculate("division by zero")
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return bounded(OPERATIONS[sign](left, right))
    return bounded(rounded(lambda _: decimal(OPERATIONS[sign](decimal(left), decimal(right)))))


def _floor_divided(left: Number, right: Number) -> Number:
    quotient = operation("/", left, right)
    return Fraction(quotient.__floor__())


def _modulo(left: Number, right: Number) -> Number:
    """Of the divisor's sign, as in mathematics and in Python; Decimal's own has the dividend's."""
    return operation("-", left, operation("*", right, _floor_divided(left, right)))


OPERATIONS: Mapping[str, Callable[..., Number]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": _floor_divided,
    "%": _modulo,
}


def power(base: Number, exponent: Number) -> Number:
    """Exact where it can be: whole exponents, and roots that come out even."""
    if isinstance(base, Fraction) and isinstance(exponent, Fraction):
        if exponent.denominator == 1:
            return _whole_power(base, exponent.numerator)
        root = exact_root(base, exponent.denominator)
        if root is not None:
            return _whole_power(root, exponent.numerator)
    if base < 0:
        raise CannotCalculate("that power of a negative number is not real")
    if base == 0 and exponent < 0:
        raise CannotCalculate("division by zero")
    return rounded(lambda context: context.power(decimal(base), decimal(exponent)))


def _whole_power(base: Fraction, exponent: int) -> Fraction:
    size = max(base.numerator.bit_length(), base.denominator.bit_length())
    if base in (0, 1, -1):
        exponent = min(max(exponent, -2), 2) if exponent % 2 == 0 else min(max(exponent, -1), 1)
    elif (size - 1) * abs(exponent) > BITS:
        raise CannotCalculate(f"the result has more than {MOST} digits")
    if base == 0 and exponent < 0:
        raise CannotCalculate("division by zero")
    return base**exponent


def exact_root(value: Fraction, degree: int) -> Fraction | None:
    """The root when it is a fraction itself; of a negative number for odd degrees."""
    if value < 0:
        root = exact_root(-value, degree) if degree % 2 else None
        return None if root is None else -root
    if degree > BITS:
        return value if value in (0, 1) else None
    above, below = _integer_root(value.numerator, degree), _integer_root(value.denominator, degree)
    if above**degree == value.numerator and below**degree == value.denominator:
        return Fraction(above, below)
    return None


def _integer_root(value: int, degree: int) -> int:
    """The largest integer whose power is at most ``value`` (Newton's method)."""
    if degree == 2 or value < 2:
        return isqrt(value) if degree == 2 else value
    root = 1 << -(-value.bit_length() // degree)
    while True:
        better = ((degree - 1) * root + value // root ** (degree - 1)) // degree
        if better >= root:
            return root
        root = better
