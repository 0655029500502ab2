"""The calculator: what it says, what it refuses, and that it agrees with Python's own fractions."""

from __future__ import annotations

import re
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tooled import fault, use

from kit.patterns.tools.calc import calc, calculated
from kit.patterns.tools.calculating.exact import CannotCalculate
from kit.patterns.tools.calculating.expression import value
from kit.patterns.tools.fixed import Fixed

EXACT = {
    "1 + 2 * 3": "7",
    "-2 ** 2": "-4",
    "2 ** -1": "0.5",
    "2 ^ 10": "1024",
    "2 ** 3 ** 2": "512",
    "0.1 + 0.2": "0.3",
    "12.50 * 2": "25",
    "1 / 3": "1/3 ≈ 0.33333333333333333333",
    "(2/3) ** 50": "1125899906842624/717897987691852588770249 ≈ 1.5683285454839586223e-9",
    "8 ** (1/3)": "2",
    "(-8) ** (1/3)": "-2",
    "sqrt(9/4)": "1.5",
    "√16 × 3 ÷ 2 − 1": "5",
    "-7 // 2": "-4",
    "-7 % 3": "2",
    "5.5 % -2": "-0.5",
    "3!!": "720",
    "1_000 * 3": "3000",
    "1e3 + .5": "1000.5",
    "round(2.5)": "3",
    "round(-2.345, 2)": "-2.35",
    "log(8, 2)": "3",
    "log10(1/1000)": "-3",
    "comb(10, 3)": "120",
    "gcd(12, 18)": "6",
    "mean(1, 2, 6)": "3",
    "median(3, 1, 2, 10)": "2.5",
    "max(1, 2) - min(1, 2)": "1",
    "floor(-7/2)": "-4",
    "0 ** 0": "1",
    "2 ** 200": "1606938044258990275541962092341162602522202993782792835301376",
}
ROUNDED = {
    "sqrt(2)": "≈ 1.4142135623730950488",
    "√2": "≈ 1.4142135623730950488",
    "2 ** 0.5 * 2 ** 0.5": "≈ 2",
    "pi": "≈ 3.1415926535897932385",
    "exp(1)": "≈ 2.7182818284590452354",
    "ln(10)": "≈ 2.302585092994045684",
    "sin(pi)": "≈ 0",
    "cos(0)": "≈ 1",
    "-pi // 1": "≈ -4",
}
REFUSED = {
    "9**9**9": "the result has more than 4000 digits",
    "10**4000": "the result has more than 4000 digits",
    "2**2**2**2**2**2": "the result has more than 4000 digits",
    "factorial(10**9)": "factorial takes whole numbers from 0 to 1400",
    "perm(10000, 9000)": "the result has more than 4000 digits",
    "1e999999999": "a number has more than 4000 digits",
    "1" * 5000: "a number has more than 4000 digits",
    "exp(99999)": "that has no value here",
    "pi ** 99999": "that has no value here",
    "floor(1e300 * pi)": "the number is too large to know all its digits",
    "1 / 0": "division by zero",
    "5 % 0": "division by zero",
    "0 ** -1": "division by zero",
    "sqrt(-1)": "the square root of a negative number is not real",
    "(-1) ** 0.3": "that power of a negative number is not real",
    "log(-1)": "the logarithm of that is not real",
    "log(8, 1)": "the logarithm of that is not real",
    "sqr(3)": "'sqr' is not known; did you mean sqrt?",
    "frobnicate(3)": "'frobnicate' is not known",
    "comb(5)": "comb takes 2 numbers, not 1",
    "round(1, 2, 3)": "round takes 1 to 2 numbers, not 3",
    "comb(5, 1.5)": "it needs a whole number",
    "(1": "a bracket is not closed",
    "1 +": "the expression ends too early",
    "1 2": "'2' stands where nothing was expected",
    "min()": "')' stands where a number was expected",
    "* 2": "'*' stands where a number was expected",
    "(" * 500: "more than 100 brackets, signs or powers in each other",
    "-" * 500 + "1": "more than 100 brackets, signs or powers in each other",
    "2**" * 500 + "1": "more than 100 brackets, signs or powers in each other",
    "__import__('os').system('true')": '"\'" at place 12 is not understood',
    "().__class__": "'.' at place 3 is not understood",
    "1 if 1 else 2": "'if' stands where nothing was expected",
    "[1]*9": "'[' at place 1 is not understood",
    "lambda: 1": "':' at place 7 is not understood",
}


@pytest.mark.parametrize(("expression", "said"), EXACT.items())
def test_what_can_be_exact_is_exact(expression: str, said: str) -> None:
    assert calculated(expression) == said


@pytest.mark.parametrize(("expression", "said"), ROUNDED.items())
def test_what_is_rounded_says_so(expression: str, said: str) -> None:
    assert calculated(expression) == said


@pytest.mark.parametrize(("expression", "why"), REFUSED.items(), ids=lambda text: text[:20])
def test_what_has_no_value_says_why_at_once(expression: str, why: str) -> None:
    assert fault(Fixed((calc(),)), expression=expression) == f"cannot calculate: {why}"


numbers = st.fractions(min_value=-1000, max_value=1000, max_denominator=50)


def expressions() -> st.SearchStrategy[str]:
    whole = st.integers(0, 99).map(str) | st.decimals(0, 99, places=2).map(str)
    return st.recursive(
        whole,
        lambda inner: (
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
                lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
            )
            | inner.map(lambda part: f"(-{part})")
        ),
        max_leaves=12,
    )


def by_python(expression: str) -> Fraction | None:
    """A second opinion: Python's own Fraction, and eval, of a text that is ours."""
    wrapped = re.sub(r"\d+(?:\.\d+)?", lambda number: f"Fraction('{number[0]}')", expression)
    try:
        return Fraction(eval(wrapped, {"Fraction": Fraction}))
    except ZeroDivisionError:
        return None


@given(expressions())
def test_it_agrees_with_python_s_fractions(expression: str) -> None:
    wanted = by_python(expression)
    if wanted is None:
        with pytest.raises(CannotCalculate, match="division by zero"):
            value(expression)
    else:
        assert value(expression) == wanted


@given(numbers.filter(lambda number: number > 0), st.integers(1, 7))
def test_a_power_s_root_is_what_it_was_of(base: Fraction, degree: int) -> None:
    assert value(f"(({base}) ** {degree}) ** (1/{degree})") == base


@given(st.text(max_size=60))
def test_no_text_makes_it_fail_otherwise(text: str) -> None:
    with suppress(CannotCalculate):
        value(text)


def test_the_tool_looks_and_taints_nothing() -> None:
    ability = calc()
    assert (ability.access, ability.tainting) == ("readonly", False)
    assert ability.shown({"expression": "1 + 1"}) == "1 + 1"
    assert use(Fixed((ability,)), expression="1 + 1") == "2"
