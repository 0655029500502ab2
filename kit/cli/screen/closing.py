"""The line that closes a run under ``-v``: who answered, how long it took, what it used."""

from __future__ import annotations

from collections.abc import Mapping

from kit.cli.trace_views.figures import money, seconds
from kit.events import Json


def stats(result: Mapping[str, Json]) -> str:
    """``gpt-4o-mini · 1.2 s · 120 → 45 tokens · $0.00004``; ``?`` is what nobody told."""
    usage = result["usage"]
    told = (
        "?" if usage[kind] is None else usage[kind] for kind in ("input_tokens", "output_tokens")
    )
    parts = (
        result["models"][-1] if result["models"] else "",
        seconds(result["elapsed_s"]),
        "" if usage["calls"] == 1 else f"{usage['calls']} calls",
        " → ".join(map(str, told)) + " tokens",
        money(usage["cost_usd"]) or "cost unknown",
    )
    return " · ".join(part for part in parts if part)
