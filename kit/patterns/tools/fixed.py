"""Tools that are always there: nothing to open, nothing to close."""

from __future__ import annotations

from collections.abc import Sequence

from kit.dataclass import dataclass
from kit.patterns.tools.ability import Ability


@dataclass(frozen=True)
class Fixed:
    abilities: tuple[Ability, ...]

    async def open(self) -> Sequence[Ability]:
        return self.abilities

    async def aclose(self) -> None:
        """Nothing was opened."""
