"""``path/to/file.py[:function]``: the user's own Python functions.

A function may run anything, so it counts as ``exec`` and asks, unless it says what it does:

    def rainfall(city: str) -> float: ...
    rainfall.kit_access = "readonly"
"""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, get_args

from kit.errors import UsageError
from kit.events import Json
from kit.patterns.tools import plain
from kit.patterns.tools.ability import Ability, Access, ToolFault
from kit.patterns.tools.functions.aside import Aside, aside
from kit.patterns.tools.functions.loading import Function, functions
from kit.patterns.tools.functions.signature import Signature, signature
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.threads import in_thread

MOST = 2**20
"""Characters of a result."""


@dataclass
class Python:
    """The source. ``wanted``: one function; "" for all that the file offers."""

    path: Path
    wanted: str
    ports: Ports
    streams: Aside = field(default_factory=Aside)

    async def open(self) -> Sequence[Ability]:
        self.streams.begin()
        try:
            with aside():
                return [self._ability(each) for each in functions(self.path, self.wanted)]
        except BaseException:
            self.streams.end()
            raise

    async def aclose(self) -> None:
        self.streams.end()

    def _ability(self, function: Function) -> Ability:
        name = function.__name__
        known = signature(function, name)

        async def run(arguments: Mapping[str, Json]) -> str:
            try:
                return written(await _called(function, known, arguments))
            except ToolFault:
                raise
            except (Exception, SystemExit) as error:  # anybody's code: its bug is its answer
                self.ports.say(f"{name} raised {_where(error)}")
                raise ToolFault(f"{name} raised {type(error).__name__}") from error

        def shown(arguments: Mapping[str, Json]) -> str:
            return f"{name}({json.dumps(arguments, ensure_ascii=False)}) of {self.path}"

        return Ability(known.face, _access(function, self.path), run, shown)


async def _called(function: Function, known: Signature, arguments: Mapping[str, Json]) -> Any:
    given = known.bound(arguments)

    def called() -> Any:
        with aside():
            return function(**given)

    if inspect.iscoroutinefunction(function):
        with aside():
            return await function(**given)
    return await in_thread(called)


def _access(function: Function, path: Path) -> Access:
    said: Access = getattr(function, "kit_access", "exec")
    if said not in get_args(Access):
        raise UsageError(
            f"kit_access of {function.__name__} in {path} is {said!r}",
            hint=f"it is one of {', '.join(get_args(Access))}",
        )
    return said


def written(value: Any) -> str:
    """A result as text: strings as they are, the rest as JSON as far as it goes."""
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
    elif isinstance(value, bytes | bytearray):
        text = plain.text(bytes(value))
    else:
        text = json.dumps(value, ensure_ascii=False, default=_told)
    return text if len(text) <= MOST else f"{text[:MOST]}\n[cut: {len(text)} characters]"


def _told(value: Any) -> Json:
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)


def _where(error: BaseException) -> str:
    """``ValueError: no such city (line 12)``, for the user."""
    trace = error.__traceback__
    line = 0
    while trace:
        line, trace = trace.tb_lineno, trace.tb_next
    said = plain.name(str(error))[:300]
    return f"{type(error).__name__}{said and f': {said}'} (line {line})"
