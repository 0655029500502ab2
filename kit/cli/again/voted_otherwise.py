"""What ``--with`` may change in the terms of a recorded vote."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kit.cli.again.rebuilding import Change
from kit.cli.prompt import text_of
from kit.errors import UsageError
from kit.events import Json
from kit.patterns import calibration, stopping


def _risk(settings: dict[str, Json], value: str) -> dict[str, Json]:
    return _stop(settings, f"risk:{value}")


def _stop(settings: dict[str, Json], value: str) -> dict[str, Json]:
    return {**settings, "rule": stopping.spelt(stopping.parse(value))}


def _n(settings: dict[str, Json], value: str) -> dict[str, Json]:
    """Fewer: the plan's beginning, whose order was random. More: it goes round again."""
    samples = int(value)
    if samples < 1:
        raise ValueError("a vote has one answer at least")
    plan, weights = settings["plan"], settings["weights"]
    turns = [turn % len(plan) for turn in range(samples)]
    return {
        **settings,
        "plan": [plan[turn] for turn in turns],
        "weights": [weights[turn] for turn in turns],
    }


def _weights(settings: dict[str, Json], value: str) -> dict[str, Json]:
    """``NAME=W,NAME=W`` or ``@FILE`` of a calibration; who is not named keeps its weight."""
    given = _calibrated(value[1:]) if value.startswith("@") else _listed(value)
    strangers = given.keys() - {*settings["plan"]}
    if strangers and not value.startswith("@"):
        raise ValueError(f"there is no member {', '.join(sorted(strangers))} in this vote")
    pairs = zip(settings["plan"], settings["weights"], strict=True)
    return {**settings, "weights": [given.get(name, weight) for name, weight in pairs]}


def _listed(value: str) -> dict[str, float]:
    weights = {}
    for each in value.split(","):
        name, _, weight = each.rpartition("=")
        weights[name.strip()] = float(weight)
    if any(weight <= 0 for weight in weights.values()):
        raise ValueError("a weight is above 0")
    return weights


def _calibrated(path: str) -> Mapping[str, float]:
    try:
        return calibration.read(json.loads(text_of(path))).weights
    except json.JSONDecodeError as error:
        raise UsageError(f"{path} is no JSON") from error


def _share(name: str) -> Change:
    def change(settings: dict[str, Json], value: str) -> dict[str, Json]:
        if not 0 <= float(value) <= 1:
            raise ValueError("this is a share from 0 to 1")
        return {**settings, name: float(value)}

    return change


def _need(settings: dict[str, Json], value: str) -> dict[str, Json]:
    return {**settings, "need": int(value)}


def _word(name: str, words: Mapping[str, Json]) -> Change:
    def change(settings: dict[str, Json], value: str) -> dict[str, Json]:
        if value not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return {**settings, name: words[value]}

    return change


def _thrifty(change: Change) -> Change:
    """As few calls as would do, however many the run had in flight."""
    return lambda settings, value: {**change(settings, value), "spare": 0}


CHANGES: Mapping[str, Change] = {
    name: _thrifty(change)
    for name, change in {
        "risk": _risk,
        "stop": _stop,
        "n": _n,
        "weights": _weights,
        "min_agreement": _share("min_agreement"),
        "need": _need,
        "strategy": _word("unanimous", {"majority": False, "unanimous": True}),
        "on_tie": _word("on_tie", {"first": "first", "extend": "extend", "error": "error"}),
    }.items()
}
