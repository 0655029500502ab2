"""Tools as a Python program gives them: its own functions, abilities, and words as for ``-t``."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

from kit.errors import UsageError
from kit.events import Json
from kit.patterns.tools.ability import Ability, Access, Source, ToolFault
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
    from kit.patterns.tools.functions.signature import signature  # reads annotations: its own room
    from kit.patterns.tools.python import written
    from kit.patterns.tools.threads import in_thread

    name = function.__name__
    known = signature(function, name)
    access: Access = getattr(function, "kit_access", "exec")

    async def run(arguments: Mapping[str, Json]) -> str:
        values = known.bound(arguments)
        try:
            if inspect.iscoroutinefunction(function):
                return written(await function(**values))
            return written(await in_thread(lambda: function(**values)))
        except ToolFault:
            raise
        except Exception as error:  # anybody's code: its bug is its answer
            raise ToolFault(f"{name} raised {type(error).__name__}") from error

    def shown(arguments: Mapping[str, Json]) -> str:
        return f"{name}({json.dumps(dict(arguments), ensure_ascii=False)})"

    return Ability(known.face, access, run, shown)
