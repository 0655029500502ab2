"""Tools at work within a run: approved one by one, then used all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import field
from typing import Protocol

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Event, ToolStarted, ToolUsed
from kit.patterns.steps import ToolUse
from kit.patterns.tools.ability import ToolFault

CUT = "not run to its end: "
"""How the error of a tool begins that was stopped at its work, or before it."""


class Toolbox(Protocol):
    """What uses tools. Both raise ToolFault with what the model is told, and may be cancelled; a
    KitError ends the whole run."""

    async def approve(self, use: ToolUse) -> str:
        """Who lets it; ToolFault when nobody does. Asked for one use at a time."""
        ...

    async def use(self, use: ToolUse) -> str:
        """The whole observation."""
        ...


@dataclass
class Bench:
    """One ``Use`` on its way: ``known`` holds what has come of each, by its place."""

    tools: Toolbox | None
    tap: Callable[[Event], None]
    uses: tuple[ToolUse, ...]
    known: dict[int, ToolUsed] = field(default_factory=dict)

    async def work(self) -> None:
        """All are approved before the first begins. Raises the KitError of a toolbox."""
        if self.tools is None:
            raise UsageError("nothing here may use tools")
        verdicts = [await self._verdict(self.tools, use) for use in self.uses]
        ended = await asyncio.gather(
            *(self._use(self.tools, place, each) for place, each in enumerate(verdicts)),
            return_exceptions=True,  # none is left behind at work
        )
        for error in filter(None, ended):
            raise error

    def results(self, why: str) -> tuple[ToolUsed, ...]:
        """In their order; for those that came to no end, ``why``."""
        for place in range(len(self.uses)):
            if place not in self.known:
                self._know(place, error=f"{CUT}{why}")
        return tuple(self.known[place] for place in range(len(self.uses)))

    async def _verdict(self, tools: Toolbox, use: ToolUse) -> str | ToolFault:
        try:
            return await tools.approve(use)
        except ToolFault as fault:
            return fault

    async def _use(self, tools: Toolbox, place: int, verdict: str | ToolFault) -> None:
        use = self.uses[place]
        if isinstance(verdict, ToolFault):
            return self._know(place, error=str(verdict))
        self.tap(ToolStarted(use.call, use.id, use.name, use.arguments, verdict))
        try:
            return self._know(place, await tools.use(use))
        except ToolFault as fault:
            return self._know(place, error=str(fault))

    def _know(self, place: int, output: str = "", error: str = "") -> None:
        use = self.uses[place]
        used = ToolUsed(use.call, use.id, use.name, use.arguments, output, error)
        self.known[place] = used
        self.tap(used)
