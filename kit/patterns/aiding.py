"""Who helps a vote of the library to its decision: a judge, a check, a stronger model."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Checked, Request
from kit.patterns.ballots import Terms
from kit.patterns.holding import by_check
from kit.patterns.judging import Judge
from kit.patterns.run import Checker
from kit.patterns.steps import Check

Accept: TypeAlias = Callable[[str], bool | Awaitable[bool]]
"""Whether a text is good; plain or a coroutine."""

STRATEGIES = ("majority", "unanimous", "weighted", "judge", "best")


@dataclass(frozen=True, slots=True)
class Aid:
    """``judge`` groups replies, or chooses one where the strategy is judge."""

    strategy: str | None = None
    accept: Accept | None = None
    judge: Judge | None = None
    escalate: Request | None = None

    def given_to(self, terms: Terms) -> Terms:
        """UsageError where the parts contradict each other."""
        best = self.strategy == "best" or (self.strategy is None and self.accept is not None)
        faults = {
            f"there is no strategy {self.strategy!r}": self.strategy not in (None, *STRATEGIES),
            "strategy='best' needs accept": best and not self.accept,
            f"accept does not go with strategy={self.strategy!r}": bool(self.accept) and not best,
            "judge has nothing to do where accept decides": best and self.judge is not None,
        }
        for fault in (words for words, there in faults.items() if there):
            raise UsageError(fault)
        picks = self.strategy == "judge"
        terms = replace(
            terms,
            unanimous=self.strategy == "unanimous",
            judge=None if picks else self.judge,
            picker=self.judge if picks else None,
            escalate=self.escalate,
        )
        return by_check(terms, getattr(self.accept, "__name__", "accept")) if best else terms

    def checker(self) -> Checker | None:
        return by(self.accept) if self.accept else None


def by(accept: Accept) -> Checker:
    """What has ``accept`` say whether a text passes; its exceptions are its own and end the run."""

    async def checked(check: Check) -> Checked:
        said = accept(check.text)
        passed = bool(await said if inspect.isawaitable(said) else said)
        return Checked(check.call, check.command, passed, 0 if passed else 1)

    return checked
