"""What a run used, counted from the events as they pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kit.dataclass import dataclass
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
        return summed(self.calls, self.usages)


def summed(calls: int, usages: Sequence[Usage]) -> Spent:
    """A kind that one reply does not know makes its sum unknown, but reasoning and cached tokens
    count where they are told: few providers tell them."""

    def every(kind: str) -> Any:
        values = [getattr(usage, kind) for usage in usages]
        return sum(values) if values and None not in values else None

    def told(kind: str) -> Any:
        known = [value for usage in usages if (value := getattr(usage, kind)) is not None]
        return sum(known) if known else None

    usd = every("cost_usd")
    return Spent(
        calls,
        every("input_tokens"),
        every("output_tokens"),
        told("reasoning_tokens"),
        told("cached_tokens"),
        usd if usd is None else round(usd, 12),  # what is beyond is a float's own noise
    )
