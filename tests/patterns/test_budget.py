"""The arithmetic of a budget: held before, settled after, spent where nobody knows."""

from __future__ import annotations

import pytest

from kit.errors import (
    BudgetError,
    IncompleteError,
    RejectedError,
    TimedOutError,
    UnavailableError,
    UsageError,
)
from kit.events import CallRetried, CallSent, Replied, Usage
from kit.patterns.budget import Budget


def spent(budget: Budget) -> float:
    """What of a limit of 100 USD is gone, in steps of 10."""
    left = 100
    while left:
        try:
            budget.reserve(CallSent("probe", reserve_usd=left))
            budget.release("probe", used=False)
            break
        except BudgetError:
            left -= 10
    return 100 - left


def test_a_reply_gives_back_what_it_did_not_use() -> None:
    budget = Budget(max_usd=100)
    budget.reserve(CallSent("1", reserve_usd=60))
    assert spent(budget) == 60
    budget.settle(Replied("1", usage=Usage(cost_usd=10)))
    assert spent(budget) == 10


@pytest.mark.parametrize(("unbilled", "gone"), [(True, 0), (False, 60)])
def test_a_failed_attempt_is_paid_for_unless_it_surely_was_not(unbilled: bool, gone: int) -> None:
    budget = Budget(max_usd=100)
    budget.reserve(CallSent("1", reserve_usd=60))
    budget.retry(CallRetried("1", unbilled=unbilled))
    assert spent(budget) == gone


def test_a_cancelled_call_is_paid_for_in_full() -> None:
    budget = Budget(max_usd=100)
    budget.reserve(CallSent("1", reserve_usd=60))
    budget.release("1")
    assert spent(budget) == 60


def test_a_call_that_never_left_costs_nothing() -> None:
    budget = Budget(max_usd=100)
    budget.release("1")
    assert spent(budget) == 0


def test_amounts_are_floats_and_limits_are_meant() -> None:
    budget = Budget(max_usd=0.3)
    for call in "123":
        budget.reserve(CallSent(call, reserve_usd=0.1))
    with pytest.raises(BudgetError):
        budget.reserve(CallSent("4", reserve_usd=0.1))


def test_what_may_cost_anything_is_refused_where_there_is_a_limit() -> None:
    with pytest.raises(UsageError, match="what m costs is not known"):
        Budget(max_usd=1).reserve(CallSent("1", model="m"))
    Budget(max_calls=1, max_tokens=1).reserve(CallSent("1", model="m"))


@pytest.mark.parametrize(
    ("error", "unbilled"),
    [
        (RejectedError("no", http_status=400), True),
        (UnavailableError("later", http_status=503), True),
        (UnavailableError("the connection was lost"), False),
        (TimedOutError("nothing came"), False),
        (IncompleteError("cut", http_status=500), False),
    ],
)
def test_what_surely_cost_nothing(error: UnavailableError, unbilled: bool) -> None:
    assert error.unbilled is unbilled


def test_what_was_never_sent_cost_nothing() -> None:
    error = UnavailableError("connection refused")
    error.unsent = True
    assert error.unbilled
