"""What differs between two runs: what was asked, how, what came of it, and what it took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from kit.dataclass import dataclass
from kit.events import Json, Request
from kit.trace.calls import Called
from kit.trace.runs import Run
from kit.trace.story import Story

_REPEATED = frozenset({"request", "requests", "sum", "form", "plan_seed"})
"""Settings that say again what the calls say, or, as the seed of a plan, what the plan says."""
_UNSAID = frozenset({"messages", "profile", "model"})  # of a request: these are told by themselves


@dataclass(frozen=True, slots=True)
class Difference:
    """``a`` and ``b`` are plain JSON, None for what a run does not have."""

    what: str
    a: Json
    b: Json


@dataclass(frozen=True, slots=True)
class Figure:
    """What both took; None is unknown."""

    what: str
    a: float | None
    b: float | None

    @property
    def change(self) -> float | None:
        return None if self.a is None or self.b is None else self.b - self.a


def differences(a: tuple[Run, Story], b: tuple[Run, Story]) -> list[Difference]:
    """Empty for runs that asked and answered the same."""
    told = [dict(_told(*each)) for each in (a, b)]
    names = dict.fromkeys(name for each in told for name in each)
    pairs = (Difference(name, told[0].get(name), told[1].get(name)) for name in names)
    return [pair for pair in pairs if pair.a != pair.b]


def figures(a: Run, b: Run) -> list[Figure]:
    """Those that either run has."""
    told = [dict(_figures(each)) for each in (a, b)]
    found = (Figure(name, told[0][name], told[1][name]) for name in told[0])
    return [each for each in found if (each.a, each.b) != (None, None)]


def _told(run: Run, told: Story) -> Iterator[tuple[str, Json]]:
    """All that may differ, each under a name of its own."""
    yield "pattern", run.pattern
    yield "kit", told.started.kit
    yield "prompt", run.prompt
    yield "system", _system(told.calls)
    yield "profiles", list(run.profiles)
    yield "models", list(run.models)
    settings = told.started.settings.items()
    yield from _leaves("settings", {key: each for key, each in settings if key not in _REPEATED})
    yield from _parameters(told.calls)
    yield "status", run.status
    yield "answer", run.answer
    yield "error", run.error
    yield from _votes(told)
    yield "stopped", told.closed.stopped if told.closed else None
    yield "drafts", [f"{n}: {_worth(told, n)}" for n in told.drafts] or None
    yield "tools", [f"{use.name} {use.status}" for use in told.tools] or None
    yield "failed", _failed(told.calls)


def _system(calls: Sequence[Called]) -> str:
    first = calls[0].request.messages if calls else ()
    return "\n".join(each.text for each in first if each.role == "system")


def _leaves(name: str, value: Json) -> Iterator[tuple[str, Json]]:
    """Objects taken apart, so that one changed setting is one line."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _leaves(f"{name}.{key}", each)
    else:
        yield name, list(value) if isinstance(value, tuple) else value


def _parameters(calls: Sequence[Called]) -> Iterator[tuple[str, Json]]:
    """Those of the first request: temperature, seed, schema, tools …"""
    if not calls:
        return
    first: Request = calls[0].request
    for each in fields(first):
        if each.name not in _UNSAID:
            yield from _leaves(f"request.{each.name}", _plain(getattr(first, each.name)))


def _plain(value: Any) -> Json:
    if isinstance(value, tuple):
        return [getattr(each, "name", each) for each in value]  # of tools their names
    return value


def _votes(told: Story) -> Iterator[tuple[str, Json]]:
    if told.closed:
        yield "winner", told.closed.winner
        yield from ((f"votes.{vote}", count) for vote, count in told.closed.votes.items())


def _worth(told: Story, number: int) -> Json:
    scored = told.drafts[number].scored
    return scored.score if scored else None


def _failed(calls: Sequence[Called]) -> dict[str, int] | None:
    """How many calls failed how; those that were cancelled depend on the moment."""
    ends = Counter(call.status for call in calls if call.status not in {"ok", "cancelled"})
    return dict(sorted(ends.items())) or None


def _figures(run: Run) -> Iterator[tuple[str, float | None]]:
    yield "elapsed_s", run.elapsed_s
    for name in ("calls", "input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens",
                 "cost_usd"):  # fmt: skip
        value = (run.usage or {}).get(name)
        yield name, value if isinstance(value, (int, float)) else None
