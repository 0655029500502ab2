"""What an earlier run has paid for, given out once more to the same pattern that now runs live.

The n-th of equal requests gets what the n-th of them got: nine members of a vote may ask the same.
A call that had not come to its end, or was stopped from outside, is asked again.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

from kit.events import (
    CallCancelled,
    CallFailed,
    Checked,
    Event,
    Replied,
    Request,
    TextDelta,
    ToolUsed,
)
from kit.patterns.canonical import canonical
from kit.patterns.recorded import Made, Past, raised
from kit.patterns.run import Checker, Stream, digest
from kit.patterns.steps import UNNEEDED, Check, ToolUse
from kit.patterns.tools.ability import ToolFault
from kit.patterns.using import Toolbox

LINGER_S = 0.2
"""A call that was cancelled as needless waits so long to be cancelled again before it is sent."""
GOES_ON = ("", "cancelled", "budget")
"""How a run ended whose failed calls were part of its way, and are not what it ended of."""


class Recall:
    """``run`` names the run of the record. Its failures are repeated as they were where the run
    was stopped on its way; where it ended because of them, those calls are asked again."""

    def __init__(self, past: Past, run: str) -> None:
        self.run = run
        self._calls: dict[str, deque[Made]] = {}
        failures = past.status in GOES_ON
        for made in past.in_order():
            if made.request:
                kept = made if failures or not isinstance(made.end, CallFailed) else Made(made.id)
                self._calls.setdefault(canonical(made.request), deque()).append(kept)
        self._checks = {
            (each.command, each.sha256): each for each in past.checks if each.code is not None
        }
        self._uses: dict[str, deque[tuple[str, ToolUsed]]] = {}
        for approved, used in past.settled_uses():
            self._uses.setdefault(_named(used), deque()).append((approved, used))

    def stream(self, live: Stream) -> Stream:
        """The same stream, but what was recorded comes at once and is sent to nobody."""

        def either(request: Request) -> AsyncIterator[Event]:
            waiting = self._calls.get(canonical(request))
            made = waiting.popleft() if waiting else None
            if made is None:
                return live(request)
            match made.end:
                case Replied() as reply:
                    return self._again(made.text, reply)
                case CallFailed() as failed if failed.error not in ("BudgetError", "StoppedError"):
                    return self._failed(failed)
                case CallCancelled(reason=reason) if reason == UNNEEDED:
                    return _reluctant(live, request)
                case _:
                    return live(request)

        return either

    async def _again(self, text: str, reply: Replied) -> AsyncGenerator[Event, None]:
        if text:
            yield TextDelta(text=text)
        yield replace(reply, recorded=reply.recorded or self.run)

    async def _failed(self, failed: CallFailed) -> AsyncGenerator[Event, None]:
        if failed.text:
            yield TextDelta(text=failed.text)
        error = raised(failed)
        error.recorded = failed.recorded or self.run
        raise error

    def checker(self, live: Checker) -> Checker:
        """The same checks, but a text that was judged is not judged again."""

        async def either(check: Check) -> Checked:
            found = self._checks.get((check.command, digest(check.text)))
            return replace(found, call=check.call) if found else await live(check)

        return either

    def toolbox(self, live: Toolbox) -> Toolbox:
        """The same tools, but what was used is not used again."""
        return _Toolbox(live, self._uses)


class _Toolbox:
    def __init__(self, live: Toolbox, uses: dict[str, deque[tuple[str, ToolUsed]]]) -> None:
        self._live, self._uses = live, uses
        self._known: list[tuple[ToolUse, ToolUsed]] = []  # approved now, used then

    async def approve(self, use: ToolUse) -> str:
        waiting = self._uses.get(_named(use))
        if not waiting:
            return await self._live.approve(use)
        approved, used = waiting.popleft()
        if not approved:
            raise ToolFault(used.error)
        self._known.append((use, used))
        return approved

    async def use(self, use: ToolUse) -> str:
        used = next((used for known, used in self._known if known is use), None)
        if used is None:
            return await self._live.use(use)
        if used.error:
            raise ToolFault(used.error)
        return used.output


def _named(use: ToolUse | ToolUsed) -> str:
    return canonical([use.id, use.name, use.arguments])


async def _reluctant(live: Stream, request: Request) -> AsyncGenerator[Event, None]:
    await asyncio.sleep(LINGER_S)
    events = live(request)
    try:
        async for event in events:
            yield event
    finally:  # a custom provider may give an iterator that has nothing to close
        close = getattr(events, "aclose", None)
        if close:
            await close()
