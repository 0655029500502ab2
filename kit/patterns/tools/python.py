"""``path/to/file.py[:function]``: the user's own Python functions.

A function may run anything, so it counts as ``exec`` and asks, unless it says what it does:

    def rainfall(city: str) -> float: ...
    rainfall.kit_access = "readonly"
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import get_args

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.tools import plain
from kit.patterns.tools.ability import Ability, Access
from kit.patterns.tools.functions.aside import Aside, aside
from kit.patterns.tools.functions.calling import callable_ability
from kit.patterns.tools.functions.loading import Function, functions
from kit.patterns.tools.ports import Ports


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
        def told(error: BaseException) -> None:
            self.ports.say(f"{function.__name__} raised {_where(error)}")

        return callable_ability(
            function, _access(function, self.path),
            place=f" of {self.path}", around=aside, bugs=(Exception, SystemExit), told=told,
        )  # fmt: skip


def _access(function: Function, path: Path) -> Access:
    said: Access = getattr(function, "kit_access", "exec")
    if said not in get_args(Access):
        raise UsageError(
            f"kit_access of {function.__name__} in {path} is {said!r}",
            hint=f"it is one of {', '.join(get_args(Access))}",
        )
    return said


def _where(error: BaseException) -> str:
    """``ValueError: no such city (line 12)``, for the user."""
    trace = error.__traceback__
    line = 0
    while trace:
        line, trace = trace.tb_lineno, trace.tb_next
    said = plain.name(str(error))[:300]
    return f"{type(error).__name__}{said and f': {said}'} (line {line})"
