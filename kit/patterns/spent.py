"""What a run used, counted from the events as they pass."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kit.events import CallSent, Event, Replied, Usage


@dataclass(frozen=True, slots=True)
class Spent:
    """``calls`` counts requests that left, retries included. None is unknown, never 0."""

    calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None


class Meter:
    """A tap that adds up."""

    def __init__(self) -> None:
        self.calls = 0
        self.usages: list[Usage] = []

    def __call__(self, event: Event) -> None:
        match event:
            case CallSent():
                self.calls += 1
            case Replied(usage=usage, recorded=""):
                self.usages.append(usage or Usage())
            case _:
                pass

    def spent(self) -> Spent:
        """A kind that one reply does not know makes its sum unknown, but reasoning and cached
        tokens count where they are told: few providers tell them."""
        return Spent(
            self.calls,
            self._all("input_tokens"),
            self._all("output_tokens"),
            self._told("reasoning_tokens"),
            self._told("cached_tokens"),
            self._all("cost_usd"),
        )

    def _all(self, kind: str) -> Any:
        values = [getattr(usage, kind) for usage in self.usages]
        return sum(values) if values and None not in values else None

    def _told(self, kind: str) -> Any:
        told = [value for usage in self.usages if (value := getattr(usage, kind)) is not None]
        return sum(told) if told else None
