"""What a reply cost: the one place where tokens become money. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from kit.events import Usage

MILLION = 1_000_000


def priced(usage: Usage | None, price: Mapping[str, float] | None) -> Usage | None:
    """``price``: USD per million tokens for ``input``, ``output`` and, when they differ,
    ``cached`` input. A cost that the provider itself reported stays; unknown stays None."""
    if usage is None or usage.cost_usd is not None:
        return usage
    if not price or "input" not in price or "output" not in price:
        return usage
    if usage.input_tokens is None or usage.output_tokens is None:
        return usage
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    usd = (
        (usage.input_tokens - cached) * price["input"]
        + cached * price.get("cached", price["input"])
        + usage.output_tokens * price["output"]
    ) / MILLION
    return replace(usage, cost_usd=usd)
