"""An expression as people and models write it, read and worked out. Pure; nothing is evaluated.

    sum      = product  { ("+" | "-") product }
    product  = unary    { ("*" | "/" | "//" | "%") unary }
    unary    = ("+" | "-") unary | power
    power    = factorial [ "**" unary ]           right to left, above a sign on its left
    factorial = atom { "!" }
    atom     = number | constant | function "(" sum { "," sum } ")" | "(" sum ")"

``^`` is ``**``, ``× · ÷ − √`` are what they look like, ``_`` may group digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from fractions import Fraction

from kit.patterns.tools.calculating.exact import MOST, CannotCalculate, Number, bounded, operation
from kit.patterns.tools.calculating.functions import CONSTANTS, FUNCTIONS, factorial

LONGEST = 10_000
"""Characters of an expression."""
DEPTH = 100
"""Brackets, signs and powers within each other."""

_TOKEN = re.compile(
    r"\s*+(?:(?P<number>(?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d[\d_]*+)(?:[eE][+-]?\d++)?)"
    r"|(?P<name>[^\W\d]\w*+)|(?P<sign>\*\*|//|[-+*/%()!,^×·÷−√]))",
    re.ASCII | re.IGNORECASE,
)
_LETTER = re.compile(r"\s*+(?P<name>[πτ])")
_SAME = {"^": "**", "×": "*", "·": "*", "÷": "/", "−": "-", "√": "sqrt"}


def value(text: str) -> Number:
    """What the expression comes to; CannotCalculate says why it does not."""
    if len(text) > LONGEST:
        raise CannotCalculate(f"the expression has more than {LONGEST} characters")
    return _Reader(_tokens(text)).whole()


def _tokens(text: str) -> list[str]:
    found: list[str] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at) or _LETTER.match(text, at)
        if token is None:
            raise CannotCalculate(f"{text[at:].strip()[:1]!r} at place {at + 1} is not understood")
        word = token[token.lastgroup or 0]
        found.append(_SAME.get(word, word))
        at = token.end()
    return found


class _Reader:
    """One pass over the tokens, from left to right."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def whole(self) -> Number:
        result = self.sum()
        if self.at < len(self.tokens):
            raise CannotCalculate(f"{self.tokens[self.at]!r} stands where nothing was expected")
        return result

    def sum(self) -> Number:
        return self._row(self.product, "+", "-")

    def product(self) -> Number:
        return self._row(self.unary, "*", "/", "//", "%")

    def unary(self) -> Number:
        sign = self._take("+", "-")
        if not sign:
            return self.power()
        with_sign = self._deeper(self.unary)
        return -with_sign if sign == "-" else with_sign

    def power(self) -> Number:
        base = self.postfix()
        if self._take("**"):
            return operation("**", base, self._deeper(self.unary))
        return base

    def postfix(self) -> Number:
        result = self.atom()
        while self._take("!"):
            result = factorial(result)
        return result

    def atom(self) -> Number:
        token = self._next()
        if token == "(":  # noqa: S105  # a bracket
            inside = self._deeper(self.sum)
            self._close()
            return inside
        if token[0].isdigit() or token[0] == ".":
            return _number(token)
        if token in CONSTANTS:
            return CONSTANTS[token]
        return self._called(token)

    def _called(self, name: str) -> Number:
        function = FUNCTIONS.get(name)
        if function is None:
            raise CannotCalculate(_unknown(name))
        if name == "sqrt" and self._peek() != "(":  # √2
            return function.work(self._deeper(self.postfix))
        values = self._values(name)
        if not function.least <= len(values) <= function.most:
            least, most = function.least, function.most
            count = str(least) if least == most else f"{least} to {most}"
            raise CannotCalculate(f"{name} takes {count} numbers, not {len(values)}")
        return bounded(function.work(*values))

    def _values(self, name: str) -> list[Number]:
        if not self._take("("):
            raise CannotCalculate(f"{name} needs its numbers in brackets")
        values = [self._deeper(self.sum)]
        while self._take(","):
            values.append(self._deeper(self.sum))
        self._close()
        return values

    def _row(self, part: Callable[[], Number], *signs: str) -> Number:
        left = part()
        while sign := self._take(*signs):
            left = operation(sign, left, part())
        return left

    def _deeper(self, part: Callable[[], Number]) -> Number:
        self.depth += 1
        if self.depth > DEPTH:
            raise CannotCalculate(f"more than {DEPTH} brackets, signs or powers in each other")
        result = part()
        self.depth -= 1
        return result

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take(self, *wanted: str) -> str:
        token = self._peek()
        if token not in wanted:
            return ""
        self.at += 1
        return token

    def _next(self) -> str:
        token = self._peek()
        if not token:
            raise CannotCalculate("the expression ends too early")
        if not (token.isalnum() or token[0] in "(._" or token[0].isalnum()):
            raise CannotCalculate(f"{token!r} stands where a number was expected")
        self.at += 1
        return token

    def _close(self) -> None:
        if not self._take(")"):
            raise CannotCalculate("a bracket is not closed")


def _number(token: str) -> Fraction:
    digits = token.replace("_", "").lower()
    exponent = digits.partition("e")[2] or "0"
    if len(digits) > MOST or len(exponent) > 6 or abs(int(exponent)) > MOST:
        raise CannotCalculate(f"a number has more than {MOST} digits")
    return Fraction(digits)


def _unknown(name: str) -> str:
    near = get_close_matches(name, [*FUNCTIONS, *CONSTANTS], n=1)
    return f"{name!r} is not known" + (f"; did you mean {near[0]}?" if near else "")
