"""From the settings of a recorded run to the pattern that it was."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json, Request
from kit.patterns.run import Checker
from kit.patterns.steps import Outcome, Steps

if TYPE_CHECKING:
    from kit.cli.desk import Desk
    from kit.cli.session import Workshop

PATTERNS: Mapping[str, str] = {
    "ask": "kit.cli.again.asked",
    "consensus": "kit.cli.again.voted",
    "refine": "kit.cli.again.refined",
    "react": "kit.cli.again.reacted",
}
"""Pattern → the module with its ``rebuilt(settings)`` and its ``CHANGES`` (what --with may change
in them), imported when a run of it is taken up."""

Change: TypeAlias = Callable[[dict[str, Json], str], dict[str, Json]]
Closing: TypeAlias = Callable[[Mapping[str, Json]], None]


@dataclass(frozen=True)
class Rebuilt:
    """A pattern that can be started, any number of times. ``requests`` are what it asks at first.
    The rest is what its command does around it: how the answer is shown, what checks, who uses
    tools, what takes the answer."""

    steps: Callable[[], Steps[Outcome]]
    requests: tuple[Request, ...]
    at_once: int = 64
    shown: Callable[[Desk], Closing | None] = lambda _: None
    check: Callable[[Desk], Checker | None] = lambda _: None
    tools: Callable[[Desk], Workshop | None] = lambda _: None
    keep: Callable[[Desk], Callable[[Outcome], bool] | None] = lambda _: None


def rebuilt(pattern: str, settings: Mapping[str, Json]) -> Rebuilt:
    """UsageError for a pattern that this kit does not have, or whose settings it cannot read."""
    if pattern not in PATTERNS:
        raise UsageError(
            f"a run of {pattern or 'no'} pattern cannot be started again",
            hint=f"those of {', '.join(PATTERNS)} can",
        )
    try:
        made: Rebuilt = importlib.import_module(PATTERNS[pattern]).rebuilt(settings)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"the settings of this run cannot be read: {error!r}") from error
    return made


def changed(
    pattern: str, settings: Mapping[str, Json], values: Mapping[str, str]
) -> dict[str, Json]:
    """The settings with other terms, as ``--with KEY=VALUE`` names them. UsageError for a key that
    this pattern does not have, and for a value that it cannot take."""
    rebuilt(pattern, settings)
    module = importlib.import_module(PATTERNS[pattern])
    keys: Mapping[str, Change] = getattr(module, "CHANGES", {})
    whole = dict(settings)
    for key, value in values.items():
        if key not in keys:
            known = ", ".join(keys)
            hint = f"--with takes {known} here" if keys else "replay it without --with"
            raise UsageError(f"a run of {pattern} has no {key!r} to change", hint=hint)
        try:
            whole = keys[key](whole, value)
        except ValueError as error:
            raise UsageError(f"--with {key}={value}: {error}") from error
    return whole
