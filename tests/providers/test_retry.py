"""When a failed call is worth another try."""

import pytest

from kit.errors import (
    AuthError,
    IncompleteError,
    QuotaError,
    RateLimitError,
    RefusedError,
    RejectedError,
    TimedOutError,
    UnavailableError,
    UnusableError,
)
from kit.providers.transport.retry import asked_wait, explained, spell, wait_before


def half() -> float:
    return 0.5


def told(error, answer):
    error.should_retry = answer
    return error


@pytest.mark.parametrize(
    "error",
    [UnavailableError("x"), TimedOutError("x"), RateLimitError("x"), IncompleteError("x")],
    ids=lambda error: type(error).__name__,
)
def test_what_the_network_did_is_tried_again(error):
    assert wait_before(error, 1, half) == pytest.approx(0.4)


@pytest.mark.parametrize(
    "kind", [AuthError, RejectedError, QuotaError, RefusedError, UnusableError]
)
def test_what_the_server_decided_is_not_tried_again(kind):
    assert wait_before(kind("x"), 1, half) is None


def test_backoff_doubles_up_to_eight_seconds():
    waits = [wait_before(UnavailableError("x"), repeat, lambda: 0.0) for repeat in range(1, 8)]
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_waits_are_spread_and_each_is_longer_than_the_one_before():
    error = UnavailableError("x")
    shortest = [wait_before(error, repeat, lambda: 1.0) for repeat in range(1, 6)]
    longest = [wait_before(error, repeat, lambda: 0.0) for repeat in range(1, 6)]
    assert shortest == pytest.approx([0.3, 0.6, 1.2, 2.4, 4.8])
    assert all(later > 1.1 * sooner for sooner, later in zip(longest, shortest[1:], strict=False))


def test_a_huge_number_of_repeats_does_not_overflow():
    assert wait_before(UnavailableError("x"), 500, lambda: 0.0) == 8.0


def test_what_the_server_asked_is_kept_and_spread_by_a_tenth():
    error = RateLimitError("x", retry_after=20.0)
    assert wait_before(error, 1, lambda: 0.0) == 20.0
    assert wait_before(error, 1, lambda: 1.0) == pytest.approx(22.0)


def test_P02_429_retry_after_huge():
    error = RateLimitError("too many requests", retry_after=86400.0)
    assert wait_before(error, 1, half) is None
    assert explained(error).message == "too many requests: the server asks to wait 24 h"


def test_exactly_two_minutes_are_still_waited_for():
    error = RateLimitError("x", retry_after=120.0)
    assert wait_before(error, 1, lambda: 0.0) == 120.0
    assert explained(error).message == "x"


@pytest.mark.parametrize("asked", [None, 0.0, -1.0, float("nan"), float("inf")])
def test_P03_429_a_senseless_retry_after_falls_back_to_the_own_backoff(asked):
    error = RateLimitError("x", retry_after=asked)
    assert asked_wait(error) is None
    assert wait_before(error, 1, half) == pytest.approx(0.4)


def test_P06_x_should_retry_wins_over_the_class():
    assert wait_before(told(RateLimitError("x"), False), 1, half) is None
    assert wait_before(told(RejectedError("x"), True), 1, half) == 0.4


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(86400, "24 h"), (150, "2 min 30 s"), (3601, "1 h 1 s"), (121.4, "2 min 1 s"), (0.2, "0 s")],
)
def test_a_wait_is_spelled_for_humans(seconds, words):
    assert spell(seconds) == words
