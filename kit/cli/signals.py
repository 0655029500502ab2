"""INT, TERM and HUP: the first winds a run down, a second one ends the process at once.

Real handlers, and not the event loop's own: they must act also while the loop is held up, by a
pipe that nobody reads or by a key that is waited for. What the caller has made kit ignore, as
``nohup`` does with HUP and a shell with INT for what it starts in the background, stays ignored.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kit.errors import StoppedError

WORDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "the terminal went away"}


class _Ears:
    """What was heard; signals belong to the process, so there is one of these."""

    def __init__(self) -> None:
        self.heard: StoppedError | None = None
        self.wanted = False  # by somebody who waits and wants to be woken by an exception
        self.returned = 0  # times that the process went on after it had been stopped


_ears = _Ears()


@contextmanager
def listening(act: Callable[[StoppedError], None]) -> Iterator[None]:
    """``act`` hears of the first signal, whatever is going on: it should only leave word."""

    def hear(number: int, _frame: object) -> None:
        if _ears.heard:
            os._exit(128 + number)
        _ears.heard = StoppedError(WORDS[signal.Signals(number).name], signal=number)
        act(_ears.heard)
        if _ears.wanted:
            raise _ears.heard

    numbers = [getattr(signal, name) for name in WORDS if hasattr(signal, name)]  # Windows: no HUP
    heard = [each for each in numbers if signal.getsignal(each) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    if hasattr(signal, "SIGCONT"):
        before[signal.SIGCONT] = signal.signal(signal.SIGCONT, _went_on)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _went_on(_number: int, _frame: object) -> None:
    _ears.returned += 1


def returned() -> int:
    """How often this process was stopped (Ctrl-Z) and went on: what stood on the terminal may have
    moved each time."""
    return _ears.returned


def stopped() -> bool:
    """A signal was heard: nothing is worth waiting for any more."""
    return _ears.heard is not None


@contextmanager
def waiting() -> Iterator[None]:
    """What is waited for inside cannot be cancelled, so a signal is raised there: StoppedError."""
    if _ears.heard:
        raise _ears.heard
    _ears.wanted = True
    try:
        yield
    finally:
        _ears.wanted = False
