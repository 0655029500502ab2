"""Tools as a Python program gives them: its own functions, abilities, and words as for ``-t``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from kit.errors import UsageError
from kit.patterns.tools.ability import Ability, Source
from kit.patterns.tools.fixed import Fixed
from kit.patterns.tools.naming import sources_of
from kit.patterns.tools.ports import Ports

Given: TypeAlias = str | Ability | Callable[..., Any]


def sources(given: Iterable[Given], ports: Ports) -> tuple[list[Source], list[str]]:
    """Where they come from, and the names of those that the program has in its own hands: who
    passes a function lets it run. UsageError for what is no tool."""
    every = list(given)
    own = tuple(_ability(each) for each in every if not isinstance(each, str))
    words = [each for each in every if isinstance(each, str)]
    return [Fixed(own), *sources_of(words, ports)], [each.face.name for each in own]


def _ability(given: Given) -> Ability:
    if isinstance(given, Ability):
        return given
    if not callable(given) or not getattr(given, "__name__", ""):
        raise UsageError(f"{given!r} is no tool", hint="a tool is a function, an Ability or a word")
    return _of_function(given)


def _of_function(function: Callable[..., Any]) -> Ability:
    """As the functions of a file; what it prints goes where the program's own words go."""
    from kit.patterns.tools.functions.calling import callable_ability  # annotations: its own room

    return callable_ability(function, getattr(function, "kit_access", "exec"))
