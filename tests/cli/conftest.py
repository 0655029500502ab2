"""What tests of the command may ask for: one that a person sits at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pexpect
import pytest
from command import Kit


@pytest.fixture
def terminal(served: Kit) -> Iterator[Callable[..., Any]]:
    """``kit react`` of the test's own ``served``, on a terminal of its own; starts as often as it
    is called, and all that still runs is ended."""
    running: list[Any] = []

    def start(*args: str) -> Any:
        program, *rest = served.argv("react", *args)
        env: Any = {**served.env(), "TERM": "dumb", "COLUMNS": "200"}
        child = pexpect.spawn(program, rest, env=env, timeout=60, dimensions=(40, 200))
        running.append(child)
        return child

    yield start
    for each in running:
        each.close(force=True)
