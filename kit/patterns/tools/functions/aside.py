"""What a function prints goes to stderr: stdout belongs to the answer.

Only what the function itself prints is led aside, not what kit prints meanwhile: a word in the
context of the call tells one from the other, in threads and in coroutines alike.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TextIO

_inside: ContextVar[bool] = ContextVar("kit_function", default=False)


class _Switch:
    """Stands for stdout; within a function's call it is stderr."""

    def __init__(self, real: TextIO) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr if _inside.get() else self.real, name)


class Aside:
    """``begin`` before functions are used, ``end`` after."""

    def __init__(self) -> None:
        self._switch: _Switch | None = None

    def begin(self) -> None:
        self._switch = _Switch(sys.stdout)
        sys.stdout = self._switch

    def end(self) -> None:
        if self._switch and sys.stdout is self._switch:
            sys.stdout = self._switch.real
        self._switch = None


@contextmanager
def aside() -> Iterator[None]:
    """What is printed within goes to stderr, once an Aside has begun."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)
