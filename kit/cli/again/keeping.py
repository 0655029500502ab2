"""The settings of a run as ``run.started`` holds them: enough to start the same pattern again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from kit.errors import UsageError
from kit.events import Json
from kit.trace.records import line, plain

FORM = 1
"""Goes up when what is kept of a pattern changes so that an older kit would rebuild another."""


def kept(settings: Mapping[str, Json]) -> dict[str, Json]:
    """Plain JSON, with the sum by which it is known again: the journal masks what looks like a key,
    and what was masked cannot be asked again."""
    whole = plain(settings)
    return {**whole, "form": FORM, "sum": _sum(whole)}


def told(settings: Mapping[str, Json], run: str) -> dict[str, Json]:
    """What ``kept`` was given. UsageError for the record of a kit that kept less, or more."""
    form = settings.get("form")
    if form is None:
        raise UsageError(
            f"run {run} cannot be started again: its record does not say enough of how it was",
            hint="it is of an older kit, or of a command that cannot be replayed",
        )
    if form != FORM:
        raise UsageError(f"run {run} was recorded by a newer kit than this one")
    return {name: value for name, value in settings.items() if name not in ("form", "sum")}


def whole(settings: Mapping[str, Json]) -> bool:
    """Whether the record holds exactly what was asked, nothing masked or changed."""
    bare = {name: value for name, value in settings.items() if name not in ("form", "sum")}
    return settings.get("sum") == _sum(bare)


def _sum(settings: Mapping[str, Json]) -> str:
    ordered = json.loads(json.dumps(settings, sort_keys=True))
    return hashlib.sha256(line(ordered)).hexdigest()
