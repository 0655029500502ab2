"""One run from flags to exit code: taps set up, the pattern taken to its end, the result shown."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from kit import __version__
from kit.cli.again.keeping import kept
from kit.cli.descriptors import at_most
from kit.cli.members import Members
from kit.cli.options import Limits, Output
from kit.cli.result import Ledger, checked_path
from kit.cli.screen.render import putter
from kit.cli.signals import listening
from kit.dataclass import dataclass
from kit.errors import BudgetError, KitError, StoppedError, UsageError
from kit.events import Event, Json, RunFinished, RunStarted
from kit.patterns.budget import Budget
from kit.patterns.run import Brake, Checker, Stream, Tap, run
from kit.patterns.steps import Outcome, Steps
from kit.patterns.using import Toolbox
from kit.trace.folders import runs_folder
from kit.trace.journal import Journal
from kit.trace.tape import Player
from kit.trace.ulid import ulid

if TYPE_CHECKING:
    from kit.patterns.recall import Recall

TICK_S = 0.08
GARBAGE = 20_000  # new objects until the collector looks at them; Python's default is 700


class Workshop(Toolbox, Protocol):
    """Tools that are opened before a run (``settings`` and ``steps`` are asked for after it), and
    closed at its end."""

    async def open(self) -> None: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class Session:
    """What a command decides about its run; everything else is the same for all commands."""

    pattern: str
    steps: Callable[[], Steps[Outcome]]
    members: Members
    limits: Limits
    output: Output
    settings: Callable[[], Mapping[str, Json]] = dict
    taps: tuple[Tap, ...] = ()
    ticks: tuple[Callable[[], None], ...] = ()
    at_once: int = 64
    check: Checker | None = None
    tools: Workshop | None = None
    recall: Recall | None = None  # of the run that this one goes on from

    def perform(self) -> tuple[Outcome, dict[str, Json]]:
        """The outcome and the object of ``--json``."""
        if self.output.field:
            checked_path(self.output.field)
        gc.freeze()  # what is loaded stays, and need not be looked through again: with many
        gc.set_threshold(GARBAGE)  # calls under way that is a tenth of the CPU
        return asyncio.run(_equipped(self))


async def _equipped(session: Session) -> tuple[Outcome, dict[str, Json]]:
    """The run with its tools; one whose tools cannot be had is a run all the same."""
    if session.tools is None:
        return await _performed(session)
    fault: KitError | None = None
    try:
        try:
            await session.tools.open()
        except UsageError:
            raise
        except KitError as error:
            fault = error
        return await _performed(session, fault)
    finally:
        await session.tools.aclose()


async def _performed(
    session: Session, fault: KitError | None = None
) -> tuple[Outcome, dict[str, Json]]:
    loop = asyncio.get_running_loop()
    name = ulid()
    ledger, journal = Ledger(name, session.pattern), _journal(session, name, loop)
    taps: tuple[Tap, ...] = (journal, ledger, *session.taps)

    def tap(event: Event) -> None:
        for each in taps:
            each(event)

    brake = Brake()
    if isinstance(session.members.tape, Player):
        session.members.tape.stop = brake.pull
    _tick(loop, session.ticks)
    if session.limits.deadline is not None:
        loop.call_later(session.limits.deadline, brake.pull, _too_late(session.limits.deadline))
    tap(_started(session, name))
    outcome = Outcome(error=StoppedError("the reader of the answer went away", signal=13))
    try:
        with listening(lambda error: _brakes(loop, brake, error)):
            ended = Outcome(error=fault) if fault else None
            outcome = ended or await _outcome(session, tap, brake)
    finally:
        result = ledger.object(outcome)
        journal(RunFinished(result=result))
        journal.close()
        await session.members.aclose()
    return outcome, result


def _started(session: Session, name: str) -> RunStarted:
    return RunStarted(
        kit=__version__,
        run=name,
        pattern=session.pattern,
        settings=kept(session.settings()),
        resumed_from=session.recall.run if session.recall else "",
    )


async def _outcome(session: Session, tap: Tap, brake: Brake) -> Outcome:
    limits = session.limits
    budget = Budget(
        max_calls=limits.max_calls, max_tokens=limits.max_tokens_total, max_usd=limits.max_cost
    )
    stream, check, tools = _sources(session)
    try:
        outcome = await run(
            session.steps(),
            stream,
            tap=tap,
            budget=budget,
            brake=brake,
            at_once=at_most(session.at_once),
            check=check,
            tools=tools,
        )
    except KitError as error:
        outcome = Outcome(error=error)
    if brake.error:  # what was obtained stands, but it is not what the user waited for
        return Outcome(outcome.answer, outcome.detail, brake.error)
    return outcome


def _sources(session: Session) -> tuple[Stream, Checker | None, Toolbox | None]:
    """Who answers, checks and uses tools: what was recorded comes before them."""
    stream: Stream = session.members.stream
    recall, check, tools = session.recall, session.check, session.tools
    if recall is None:
        return stream, check, tools
    return (
        recall.stream(stream),
        recall.checker(check) if check else None,
        recall.toolbox(tools) if tools else None,
    )


def _brakes(loop: asyncio.AbstractEventLoop, brake: Brake, error: StoppedError) -> None:
    """Said from a signal's handler: the loop does it when it comes to it."""
    loop.call_soon_threadsafe(brake.pull, error)


def _tick(loop: asyncio.AbstractEventLoop, ticks: tuple[Callable[[], None], ...]) -> None:
    """Views move on while nothing arrives."""

    def again() -> None:
        for tick in ticks:
            tick()
        loop.call_later(TICK_S, again)

    if ticks:
        loop.call_later(TICK_S, again)


def _too_late(seconds: float) -> BudgetError:
    return BudgetError(
        f"the deadline of {seconds:g} s has passed", hint="raise --deadline to wait longer"
    )


def _journal(session: Session, name: str, loop: asyncio.AbstractEventLoop) -> Journal:
    off = session.output.no_trace or os.environ.get("KIT_TRACE") == "off"
    return Journal.open(
        None if off else runs_folder(os.environ),
        name,
        also=putter(sys.stdout) if session.output.events else None,
        later=loop.call_later,
        warn=session.members.tell,
        redact=session.members.redacted,
        veil=session.members.veil,
    )
