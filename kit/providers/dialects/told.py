"""What a host says in a usage that it charged, in USD. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kit.events import Json
from kit.providers.dialects.fields import table

TICKS = 1e10  # xAI counts in these parts of a USD


def told(usage: Mapping[str, Json]) -> float | None:
    """OpenRouter's ``cost`` (with what its upstream took from the user's own account), Perplexity's
    ``cost.total_cost``, xAI's ``cost_in_usd_ticks``; None where nothing is told."""
    cost = _usd(table(usage, "cost").get("total_cost", usage.get("cost")))
    if cost is None and (ticks := _usd(usage.get("cost_in_usd_ticks"))) is not None:
        cost = ticks / TICKS
    own = _usd(table(usage, "cost_details").get("upstream_inference_cost"))
    return cost + own if usage.get("is_byok") and cost is not None and own else cost


def _usd(value: Json) -> float | None:
    """A number that can be an amount; NaN and negative ones cannot."""
    fits = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if fits and 0 <= value < float("inf") else None
