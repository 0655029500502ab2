"""The only concurrency in the house: takes a pattern's steps to the end.

Everything that is hard about many calls lives here once: starting them, the bound on how many run
at once, cancelling, stopping the whole run for a signal or a deadline, and telling the tap.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias, TypeVar

from kit.errors import IncompleteError, KitError, StoppedError, UsageError
from kit.events import (
    CallCancelled,
    CallFailed,
    CallRetried,
    CallSent,
    CallStarted,
    Checked,
    Event,
    Replied,
    Request,
    TextDelta,
    ToolUsed,
)
from kit.patterns.budget import Budget
from kit.patterns.steps import UNNEEDED, Call, Cancel, Check, Start, Steps, ToolUse, Use, Wait
from kit.patterns.using import Bench, Toolbox

Stream: TypeAlias = Callable[[Request], AsyncIterator[Event]]
Tap: TypeAlias = Callable[[Event], None]
Checker: TypeAlias = Callable[[Check], Coroutine[Any, Any, Checked]]
T = TypeVar("T")


class Brake:
    """Stops a run from outside (a signal, a deadline): calls in flight are closed, later ones are
    refused with the same error, and the pattern ends by itself with what it has."""

    def __init__(self) -> None:
        self.error: KitError | None = None
        self._pulled: list[Callable[[], None]] = []

    def pull(self, error: KitError) -> None:
        if self.error is None:
            self.error = error
            for act in self._pulled:
                act()

    def on_pull(self, act: Callable[[], None]) -> None:
        self._pulled.append(act)


async def run(
    steps: Steps[T],
    stream: Stream,
    *,
    tap: Tap = lambda _: None,
    budget: Budget | None = None,
    brake: Brake | None = None,
    at_once: int = 64,
    check: Checker | None = None,
    tools: Toolbox | None = None,
) -> T:
    """The pattern's outcome. Every event of every call passes ``tap``, marked with the call's id.
    ``check`` runs the commands that the pattern wants to judge a text by, ``tools`` what its model
    wants to use.

    An exception that is no KitError (a closed pipe in the tap, a bug) ends the run and is raised.
    """
    house = _House(stream, tap, budget or Budget(), brake or Brake(), asyncio.Semaphore(at_once))
    house.check, house.tools = check or _no_commands, tools
    try:
        return await house.take(steps)
    finally:
        await house.close()


class _House:
    """The calls of one run: which tasks make them, and which of them have finished."""

    def __init__(
        self,
        stream: Stream,
        tap: Tap,
        budget: Budget,
        brake: Brake,
        room: asyncio.Semaphore,
    ) -> None:
        self.stream, self.tap, self.budget, self.brake, self.room = stream, tap, budget, brake, room
        self.check: Checker = _no_commands
        self.tools: Toolbox | None = None
        self.tasks: dict[Call, asyncio.Task[None]] = {}
        self.fresh: dict[Call, None] = {}  # ended, in order, and not given out yet
        self.bell = asyncio.Event()
        self.errand: asyncio.Task[Any] | None = None  # a check, or tools at work
        self.count = 0
        brake.on_pull(self.stop)

    async def take(self, steps: Steps[T]) -> T:
        answer: Call | Checked | tuple[ToolUsed, ...] | None = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # a generator's value has no type here
            answer = None
            match step:
                case Start(calls):
                    self.start(calls)
                case Wait(calls):
                    answer = await self.next_of(calls)
                case Cancel(calls):
                    self.cancel(list(calls))
                    await self.settled(calls)
                case Check():
                    answer = await self.checked(step)
                    self.tap(answer)
                case Use(uses):
                    answer = await self.used(uses)
                case event:
                    self.tap(event)

    def start(self, calls: tuple[Call, ...]) -> None:
        for call in calls:
            self.count += 1
            call.id = str(self.count)
            self.tasks[call] = asyncio.create_task(self.make(call))
            self.tasks[call].add_done_callback(partial(self._rings, call))

    async def next_of(self, calls: tuple[Call, ...]) -> Call:
        """Not asyncio.wait(): it hangs a callback on every task for every reply, which is
        quadratic in a thousand members."""
        wanted = set(calls)
        while not (ended := self._ended_of(wanted)):
            self.bell.clear()
            await self.bell.wait()
        self.fresh.pop(ended, None)
        self._heed(ended)
        return ended

    def _heed(self, call: Call) -> None:
        """An exception that is not the call's own ends the run. A task that was cancelled before
        its first step has none to tell of."""
        task = self.tasks[call]
        if not (task.cancelled() and call.error):
            task.result()

    def _ended_of(self, wanted: set[Call]) -> Call | None:
        """The first that ended of those not given out yet, else one that was given out before."""
        first = next((call for call in self.fresh if call in wanted), None)
        return first or next((call for call in wanted if self.tasks[call].done()), None)

    def _rings(self, call: Call, _: asyncio.Task[None]) -> None:
        self.fresh[call] = None
        self.bell.set()

    async def settled(self, calls: tuple[Call, ...]) -> None:
        await asyncio.gather(*(self.tasks[call] for call in calls), return_exceptions=True)
        for call in calls:
            self._heed(call)

    def cancel(self, calls: list[Call]) -> None:
        for call in calls:
            if call.error is None:
                if call.reply is None:
                    call.error = self.brake.error or StoppedError(UNNEEDED, signal=0)
                self.tasks[call].cancel()  # a stream may hang although its reply is here

    def stop(self) -> None:
        self.cancel(list(self.tasks))
        if self.errand:
            self.errand.cancel()

    async def checked(self, check: Check) -> Checked:
        """What the command says; a run that was stopped runs none, and ends one that runs."""
        said = await self.sent_out(self.check(check))
        if said is None:
            return Checked(check.call, check.command, output=f"not run: {self.brake.error}")
        return replace(said, sha256=digest(check.text))

    async def used(self, uses: tuple[ToolUse, ...]) -> tuple[ToolUsed, ...]:
        """What came of each. A KitError of the toolbox stops the run: the user has said so."""
        bench = Bench(self.tools, self.tap, uses)
        try:
            await self.sent_out(bench.work())
        except KitError as error:
            self.brake.pull(error)
        return bench.results(f"{self.brake.error}")

    async def sent_out(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Its result; None when the run was stopped before its end."""
        self.errand = errand = asyncio.create_task(work)
        if self.brake.error:
            errand.cancel()
        try:
            return await errand
        except asyncio.CancelledError:
            if self.brake.error is None:  # not ours: the whole program is being cancelled
                raise
            return None

    async def close(self) -> None:
        self.cancel(list(self.tasks))
        await asyncio.gather(*self.tasks.values(), return_exceptions=True)

    async def make(self, call: Call) -> None:
        """One call to its end: a reply, or the error that ended it."""
        used = True
        try:
            async with self.room:
                if self.brake.error:
                    raise self.brake.error
                self.tap(CallStarted(call.id, call.request))
                await self.listen(call, self.stream(call.request))
                if call.reply is None:  # a custom provider may forget it; nobody would ever know
                    raise IncompleteError("the provider's stream ended without a reply")
        except KitError as error:
            call.error, used = error, bool(call.text) or not error.unbilled
            self.tap(_failed(call, error))
        except asyncio.CancelledError:
            if call.error is None and call.reply is None:  # not ours: all of it is cancelled
                raise
            if call.error:
                self.tap(CallCancelled(call.id, call.error.message, call.text))
        finally:
            self.budget.release(call.id, used=used)

    async def listen(self, call: Call, events: AsyncIterator[Event]) -> None:
        said: list[str] = []  # joined once: adding to a string is quadratic in a long answer
        try:
            async for event in events:
                self.hear(call, event, said)
        finally:
            call.text = "".join(said)
            # a custom provider may give an iterator that has nothing to close
            close = getattr(events, "aclose", None)
            if close:
                await close()

    def hear(self, call: Call, event: Event, said: list[str]) -> None:
        event = replace(event, call=call.id)
        if isinstance(event, Replied) and event.message.text and not said:
            self.hear(call, TextDelta(text=event.message.text), said)  # a provider need not stream
        match event:
            case CallSent():
                self.budget.reserve(event)
            case CallRetried():
                self.budget.retry(event)
            case TextDelta(text=text):
                said.append(text)
            case Replied():
                if not event.recorded:  # that was paid for by another run
                    self.budget.settle(event)
                call.text = "".join(said)  # a pattern that sees the reply reads it, at once
                call.reply = event
            case _:
                pass
        self.tap(event)


def digest(text: str) -> str:
    import hashlib  # with OpenSSL: 2 ms, for who checks

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _failed(call: Call, error: KitError) -> CallFailed:
    return CallFailed(
        call.id, type(error).__name__, error.message, error.status, call.text,
        hint=error.hint, http_status=error.http_status, recorded=error.recorded,
    )  # fmt: skip


async def _no_commands(check: Check) -> Checked:
    raise UsageError(f"nothing here may run the check {check.command!r}")


def kept(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """A task for what must be opened and closed in one and the same task, whoever asks for it (a
    session with a server of tools). Who starts it ends it, and waits for its end."""
    return asyncio.create_task(work)
