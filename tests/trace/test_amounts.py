"""Sums of money as a person reads them."""

import pytest

from kit.trace.amounts import money


@pytest.mark.parametrize(
    ("usd", "read"),
    [
        (None, ""),
        (0, "$0.00"),
        (0.00000042, "$0.0000004"),
        (0.000004, "$0.000004"),
        (0.00009, "$0.000090"),
        (0.0001, "$0.0001"),
        (0.0021, "$0.0021"),
        (0.05, "$0.05"),
        (0.0996, "$0.10"),
        (0.1, "$0.10"),
        (0.12, "$0.12"),
        (0.5, "$0.50"),
        (0.999, "$1.00"),
        (1, "$1.00"),
        (12.5, "$12.50"),
        (1234.567, "$1234.57"),
    ],
)
def test_a_sum_has_two_digits_that_say_something_and_cents_at_least(
    usd: float | None, read: str
) -> None:
    assert money(usd) == read
