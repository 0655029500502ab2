"""What models cost where kit knows the host: a snapshot, read when it is first asked. Pure.

scripts/prices.py makes it, and says what its rows mean. Nothing here guesses: a model whose name is
not in the snapshot, in a form that its host is known to use, has no price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pkgutil import get_data

from kit.events import Json

DATE: str
"""The day whose prices these are."""

_DATED = re.compile(r"[-@](\d{8}|\d{4}-\d{2}-\d{2})$")
_CONDITIONS = ("above", "from", "hours")


def price_of(
    host: str, model: str, *, tokens: int = 0, at: datetime | None = None
) -> Mapping[str, float] | None:
    """USD per million tokens: ``input``, ``output`` and, where they differ from input, ``cached``
    and ``cache_write``; USD per ``request`` where there is such a price; ``context`` in tokens.
    None where nothing is known.

    ``host`` is a preset's name, ``model`` an id as one writes it to that host. ``tokens``: the
    input of the request, which decides on the tier. ``at``: when it is made (now).
    """
    row = _row(host, model.strip().lower().removeprefix("models/"))
    if row is None:
        return None
    moment = (at or datetime.now(UTC)).astimezone(UTC)
    holding = [rate for rate in row if _holds(rate, tokens, moment)]
    context = {"context": row[0]["context"]} if "context" in row[0] else {}
    chosen = {name: usd for name, usd in holding[-1].items() if name not in _CONDITIONS}
    return {**context, **chosen}


def _row(host: str, model: str) -> list[dict[str, Json]] | None:
    """The rates of a model: by its name, by that of all its dated forms, at the host or at the one
    whose prices it takes."""
    known = _snapshot()
    table = known["hosts"].get(host, {})
    row = table.get(model) or table.get(_DATED.sub("-DATE", model))
    if row is None:
        return _row(known["like"][host], model) if host in known["like"] else None
    row = table[row] if isinstance(row, str) else row
    return row if isinstance(row, list) else [row]


def _holds(rate: Mapping[str, Json], tokens: int, at: datetime) -> bool:
    start, end = rate.get("hours", ("", ""))
    now = at.strftime("%H:%M")
    within = start <= now < end if start <= end else now >= start or now < end
    return (
        tokens > rate.get("above", -1)
        and at.date().isoformat() >= rate.get("from", "")
        and (within or "hours" not in rate)
    )


@cache
def _snapshot() -> Mapping[str, Json]:
    data = get_data("kit.providers", "prices.json")
    assert data is not None  # the wheel holds what the tree holds: tests/house
    known: Mapping[str, Json] = json.loads(data)
    return known


def __getattr__(name: str) -> str:
    if name == "DATE":  # read with the rest, not by the import
        return str(_snapshot()["date"])
    raise AttributeError(name)
