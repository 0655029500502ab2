"""Errors that a record tells of."""

import pytest

from kit import errors
from kit.errors import KitError, StoppedError, UnavailableError, rebuilt


def test_an_error_is_made_again_by_the_name_of_its_class() -> None:
    error = rebuilt("RateLimitError", "too much", hint="wait", http_status=429)
    told = (type(error), error.message, error.hint, error.http_status, error.code)
    assert told == (errors.RateLimitError, "too much", "wait", 429, 5)
    assert isinstance(error, UnavailableError)


def test_a_stopped_run_is_made_again_with_its_signal() -> None:
    error = rebuilt("StoppedError", "interrupted", hint="again", signal=2)
    assert isinstance(error, StoppedError)
    assert (error.message, error.hint, error.code) == ("interrupted", "again", 130)


@pytest.mark.parametrize("name", ["FutureError", "", "Any", "annotations", "rebuilt", "Exception"])
def test_a_name_that_is_no_error_of_this_release_is_a_plain_one(name: str) -> None:
    error = rebuilt(name, "something else")
    assert (type(error), error.message, error.code) == (KitError, "something else", 1)
