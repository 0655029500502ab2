"""A clock that only moves when it is told to, and a journal that goes by it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kit.trace.journal import Journal

RUN = "01KAMC4V6R0123456789ABCDEF"  # made 2025-11-22


class Clock:
    """``clock`` and ``later`` of a journal."""

    def __init__(self, now: float = 1_795_310_000.5) -> None:
        self.now = now
        self.due: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def later(self, delay: float, act: Callable[[], None]) -> None:
        self.due.append((self.now + delay, act))

    def advance(self, seconds: float) -> None:
        self.now += seconds
        ready = [each for each in self.due if each[0] <= self.now + 1e-6]
        self.due = [each for each in self.due if each not in ready]
        for _, act in ready:
            act()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(tmp_path: Path, clock: Clock) -> Callable[..., Journal]:
    """Opens a journal in ``tmp_path/runs``."""

    def open_(folder: Path | None = tmp_path / "runs", run: str = RUN, **rest: Any) -> Journal:
        return Journal.open(folder, run, later=clock.later, clock=clock, **rest)

    return open_
