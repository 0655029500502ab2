"""The tools of one run: their sources opened, what the user allowed held against them, closed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import field

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.steps import ToolUse
from kit.patterns.tools import approval
from kit.patterns.tools.ability import Ability, Source, ToolFault
from kit.patterns.tools.toolbox import Ask, Box


@dataclass
class Workshop:
    """``sources`` makes them: named tools are looked for before the run, opened within it.
    ``readonly``: no others are let in."""

    sources: Sequence[Source]
    allow: Sequence[str] = ()
    ask: Ask | None = None
    seconds: float = 30.0
    clean: Callable[[str], str] = str
    readonly: bool = False
    box: Box = field(default_factory=Box)
    _opened: list[Source] = field(default_factory=list)

    @property
    def abilities(self) -> Sequence[Ability]:
        return tuple(self.box.abilities.values())

    async def open(self) -> None:
        """UsageError for a tool that is not there, has a name twice, or may not be used here."""
        self.box = Box(ask=self.ask, seconds=self.seconds, clean=self.clean)
        for source in self.sources:
            self._opened.append(source)
            try:
                self.box.put(await source.open())
            except ToolFault as fault:
                raise UsageError(str(fault)) from fault
        self._refuse_others()
        self.box.allow = approval.checked(approval.allowed(self.allow), list(self.box.abilities))

    async def aclose(self) -> None:
        for source in reversed(self._opened):
            with suppress(ToolFault):  # the run is over: nothing hangs on it
                await source.aclose()
        self._opened.clear()

    async def approve(self, use: ToolUse) -> str:
        return await self.box.approve(use)

    async def use(self, use: ToolUse) -> str:
        return await self.box.use(use)

    def _refuse_others(self) -> None:
        others = [each.face.name for each in self.abilities if each.access != "readonly"]
        if self.readonly and others:
            raise UsageError(
                f"--samples takes only tools that look: {others[0]} does more",
                hint="each sample would do it once more",
            )
