"""What the calculator knows by name: functions with how many values they take, and constants."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from kit.dataclass import dataclass
from kit.patterns.tools.calculating.exact import (
    BITS,
    CannotCalculate,
    Number,
    decimal,
    exact_root,
    integral,
    operation,
    rounded,
    whole,
)

_PI = Decimal("3.1415926535897932384626433832795028841972")
_E = Decimal("2.7182818284590452353602874713526624977572")
CONSTANTS: Mapping[str, Number] = {"pi": _PI, "π": _PI, "e": _E, "tau": 2 * _PI}
MANY = 10_000
"""The most that is counted one by one, and values that a function takes."""


@dataclass(frozen=True, slots=True)
class Function:
    """``work`` takes from ``least`` to ``most`` numbers."""

    work: Callable[..., Number]
    least: int = 1
    most: int = 1


def square_root(value: Number) -> Number:
    if value < 0:
        raise CannotCalculate("the square root of a negative number is not real")
    root = exact_root(value, 2) if isinstance(value, Fraction) else None
    return rounded(lambda context: context.sqrt(decimal(value))) if root is None else root


def cube_root(value: Number) -> Number:
    root = operation("**", -value if value < 0 else value, Fraction(1, 3))
    return -root if value < 0 else root


def factorial(value: Number) -> Number:
    count = whole(value, "factorial")
    if not 0 <= count <= 1400:
        raise CannotCalculate("factorial takes whole numbers from 0 to 1400")
    return Fraction(math.factorial(count))


def _round(value: Number, digits: Number = Fraction(0)) -> Number:
    """Halves away from zero, as people do it."""
    places = whole(digits, "round")
    if abs(places) > 1000:
        raise CannotCalculate("round takes at most 1000 digits")
    scale = Fraction(10) ** places
    scaled = abs(Fraction(value)) * scale
    nearest = Fraction(math.floor(scaled + Fraction(1, 2))) / scale
    return nearest if value >= 0 else -nearest


def _logarithm(value: Number, base: Number | None = None) -> Number:
    if value <= 0 or (base is not None and (base <= 0 or base == 1)):
        raise CannotCalculate("the logarithm of that is not real")
    if base is None:
        return Fraction(0) if value == 1 else rounded(lambda context: context.ln(decimal(value)))
    exact = _exact_logarithm(value, base)
    if exact is not None:
        return exact
    return rounded(lambda context: context.ln(decimal(value)) / context.ln(decimal(base)))


def _exact_logarithm(value: Number, base: Number) -> Fraction | None:
    """A whole exponent, where it is one."""
    if isinstance(value, Decimal) or isinstance(base, Decimal):
        return None
    near = rounded(lambda context: context.ln(decimal(value)) / context.ln(decimal(base)))
    exponent = round(near)
    if abs(exponent) * max(base.numerator.bit_length(), base.denominator.bit_length()) > 2 * BITS:
        return None
    return Fraction(exponent) if base**exponent == value else None


def _choose(ways: Callable[[int, int], int]) -> Callable[[Number, Number], Number]:
    def work(of: Number, taken: Number) -> Number:
        count, some = whole(of, "it"), whole(taken, "it")
        if not (0 <= count <= MANY and 0 <= some <= MANY):
            raise CannotCalculate(f"it takes whole numbers from 0 to {MANY}")
        return Fraction(ways(count, some))

    return work


def _integers(work: Callable[..., int]) -> Callable[..., Number]:
    return lambda *values: Fraction(work(*(whole(each, "it") for each in values)))


def _floats(work: Callable[[float], float]) -> Callable[[Number], Number]:
    """By the machine's own arithmetic, to the 15 digits that are sure."""

    def rough(value: Number) -> Number:
        try:
            result = work(float(value))
        except (ValueError, OverflowError) as error:
            raise CannotCalculate("that has no value here") from error
        return Decimal(f"{0.0 if abs(result) < 1e-15 else result:.15g}")

    return rough


def _sum(*values: Number) -> Number:
    total: Number = Fraction(0)
    for each in values:
        total = operation("+", total, each)
    return total


def _median(*values: Number) -> Number:
    ranked = sorted(values)
    low, high = ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2]
    return operation("/", operation("+", low, high), Fraction(2))


def _exponential(value: Number) -> Number:
    return Fraction(1) if value == 0 else rounded(lambda context: context.exp(decimal(value)))


FUNCTIONS: Mapping[str, Function] = {
    "sqrt": Function(square_root),
    "cbrt": Function(cube_root),
    "abs": Function(abs),
    "round": Function(_round, 1, 2),
    "floor": Function(integral(math.floor)),
    "ceil": Function(integral(math.ceil)),
    "trunc": Function(integral(math.trunc)),
    "factorial": Function(factorial),
    "comb": Function(_choose(math.comb), 2, 2),
    "perm": Function(_choose(math.perm), 2, 2),
    "gcd": Function(_integers(math.gcd), 1, MANY),
    "lcm": Function(_integers(math.lcm), 1, 100),
    "min": Function(min, 1, MANY),
    "max": Function(max, 1, MANY),
    "sum": Function(_sum, 1, MANY),
    "mean": Function(lambda *all_: operation("/", _sum(*all_), Fraction(len(all_))), 1, MANY),
    "median": Function(_median, 1, MANY),
    "exp": Function(_exponential),
    "ln": Function(_logarithm),
    "log": Function(_logarithm, 1, 2),
    "log2": Function(lambda value: _logarithm(value, Fraction(2))),
    "log10": Function(lambda value: _logarithm(value, Fraction(10))),
    **{
        name: Function(_floats(getattr(math, name)))
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "degrees", "radians")
    },
}
