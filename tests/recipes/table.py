"""What is expected of each recipe, by its heading."""

from __future__ import annotations

from collections.abc import Callable

from recipes.place import Place

Expectation = Callable[[Place], None]
EXPECTED: dict[str, Expectation] = {}


def expect(name: str) -> Callable[[Expectation], Expectation]:
    def entered(expectation: Expectation) -> Expectation:
        assert name not in EXPECTED, f"{name!r} is expected twice"
        EXPECTED[name] = expectation
        return expectation

    return entered
