"""A pattern taken to its end for a Python program: its bounds, and what comes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TypedDict

from kit.dataclass import dataclass
from kit.errors import BudgetError, KitError
from kit.events import Event, Json
from kit.patterns.budget import Budget
from kit.patterns.run import Brake, Checker, run
from kit.patterns.spent import Meter, Spent
from kit.patterns.steps import Outcome, Steps
from kit.patterns.using import Toolbox
from kit.providers import Provider


@dataclass(frozen=True, slots=True)
class Result:
    """``usage`` is what was spent (None: unknown), ``detail`` the pattern's part of ``--json``.
    ``error`` is None unless it was asked for with ``check=False``, or this hangs on an error."""

    answer: str
    usage: Spent
    detail: Mapping[str, Json]
    error: KitError | None = None

    def __str__(self) -> str:
        return self.answer


class Asked(TypedDict, total=False):
    """What a call may ask for: it wins over what its provider says."""

    model: str
    system: str
    temperature: float
    max_tokens: int
    top_p: float
    seed: int
    reasoning_effort: str
    schema: Mapping[str, Json]  # a JSON Schema; ``ask`` sees to it that the answer satisfies it
    options: Mapping[str, Json]  # raw fields of the body


class Settings(Asked, total=False):
    """And what bounds the run; a limit that is reached is a BudgetError."""

    max_cost: float  # USD
    max_calls: int
    max_tokens_total: int
    deadline: float  # seconds
    max_concurrency: int
    on_event: Callable[[Event], None]  # told of everything that happens, as it happens
    check: bool  # False: an error stands in the result, and is not raised


async def held(
    steps: Callable[[], Steps[Outcome]],
    members: Mapping[str, Provider],
    settings: Settings,
    check: Checker | None = None,
    tools: Toolbox | None = None,
) -> Result:
    """Take the pattern to its end, within its bounds."""
    meter, brake, watch = Meter(), Brake(), settings.get("on_event")

    def tap(event: Event) -> None:
        meter(event)
        if watch:
            watch(event)

    timer = _timer(brake, settings.get("deadline"))
    try:
        outcome = await run(
            steps(),
            lambda request: members[request.profile].stream(request),
            tap=tap,
            budget=Budget(
                max_calls=settings.get("max_calls"),
                max_tokens=settings.get("max_tokens_total"),
                max_usd=settings.get("max_cost"),
            ),
            brake=brake,
            at_once=settings.get("max_concurrency") or 64,
            check=check,
            tools=tools,
        )
    except KitError as error:
        outcome = Outcome(error=error)
    finally:
        if timer:
            timer.cancel()
    fault = brake.error or outcome.error
    result = Result(outcome.answer, meter.spent(), outcome.detail, fault)
    if fault is None or not settings.get("check", True):
        return result
    fault.result = result
    raise fault


def _timer(brake: Brake, seconds: float | None) -> asyncio.TimerHandle | None:
    if seconds is None:
        return None
    late = BudgetError(f"the deadline of {seconds:g} s has passed", hint="raise it to wait longer")
    return asyncio.get_running_loop().call_later(seconds, brake.pull, late)
