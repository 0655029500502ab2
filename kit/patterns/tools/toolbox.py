"""The tools of one run: approved as the user wants it, used within their time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import field
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import KitError, StoppedError, UsageError
from kit.patterns.steps import ToolUse
from kit.patterns.tools import approval
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.approval import Allowed, Answer

SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody is asked to approve. ``shown`` is exactly what would be done; ``doubt`` why no
    flag can answer in his place."""

    use: ToolUse
    ability: Ability
    shown: str
    doubt: str = ""


Ask: TypeAlias = Callable[[Question], Awaitable[Answer]]


@dataclass
class Box:
    """A Toolbox. ``ask`` None: nobody is there, and what is not allowed is refused. ``clean``
    takes out of an observation what must not leave (keys)."""

    allow: Allowed = field(default_factory=Allowed)
    ask: Ask | None = None
    seconds: float = SECONDS
    clean: Callable[[str], str] = str
    abilities: dict[str, Ability] = field(default_factory=dict)
    answered: dict[str, bool] = field(default_factory=dict)

    def put(self, abilities: Iterable[Ability]) -> None:
        """UsageError for a name that is there already: which one would run?"""
        for each in abilities:
            if each.face.name in self.abilities:
                raise UsageError(
                    f"two tools are called {each.face.name!r}", hint="name only one of them"
                )
            self.abilities[each.face.name] = each

    async def approve(self, use: ToolUse) -> str:
        ability = self._known(use.name)
        by = approval.let(use.name, ability.access, self.allow, self.answered, tainted=use.tainted)
        if (doubt := await ability.doubt()) or not by:
            return await self._asked(use, ability, doubt)
        return by

    async def use(self, use: ToolUse) -> str:
        ability = self._known(use.name)
        try:
            async with asyncio.timeout(self.seconds) as limit:
                return self.clean(await ability.run(use.arguments))
        except ToolFault as fault:
            raise ToolFault(self.clean(str(fault))) from fault
        except KitError as error:
            raise ToolFault(self.clean(error.message)) from error
        except Exception as error:  # a tool may be anybody's code: its bug is its answer
            if isinstance(error, TimeoutError) and limit.expired():
                raise ToolFault(f"too slow: ended after {self.seconds:g} s") from error
            raise ToolFault(f"it failed with {type(error).__name__}") from error

    def _known(self, name: str) -> Ability:
        if name not in self.abilities:
            raise ToolFault(f"there is no tool {name!r}")
        return self.abilities[name]

    async def _asked(self, use: ToolUse, ability: Ability, doubt: str) -> str:
        if self.ask is None:
            raise ToolFault(_nobody(use, ability, doubt))
        answer = await self.ask(Question(use, ability, ability.shown(use.arguments), doubt))
        if answer == "no":
            raise ToolFault("refused: the user said no")
        if answer == "stop":
            raise StoppedError(f"stopped instead of letting {use.name} run", signal=2)
        if answer == "tool":
            self.answered[use.name] = use.tainted
        if doubt:
            ability.vouch()
        return "asked"


def _nobody(use: ToolUse, ability: Ability, doubt: str) -> str:
    if doubt:
        return f"refused: {doubt}, and nobody is there to let it"
    why = "after what others wrote was read" if use.tainted else "and nobody is there to ask"
    needs = f"refused: {use.name} needs approval ({ability.access}) {why}"
    return f"{needs}; --allow {use.name} lets it run"
