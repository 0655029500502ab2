"""The library's face: a pattern held with providers, its outcome as a typed result."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Literal, TypedDict, Unpack

from kit.errors import BudgetError, KitError, UsageError
from kit.events import Event, Json, Request
from kit.patterns import answers, stopping
from kit.patterns.aiding import Accept, Aid
from kit.patterns.ask import ask as asking
from kit.patterns.ballots import Terms
from kit.patterns.budget import Budget
from kit.patterns.calibration import read
from kit.patterns.consensus import consensus as voting
from kit.patterns.holding import SPEED, calibrated, reading
from kit.patterns.judging import Judge
from kit.patterns.plan import Member, plan
from kit.patterns.react import react as using
from kit.patterns.reacting import terms as reacting
from kit.patterns.requests import Prompt, in_shape, messages, told
from kit.patterns.run import Brake, Checker, run
from kit.patterns.spent import Meter, Spent
from kit.patterns.steps import Outcome, Steps, ToolUse
from kit.patterns.structure import Shape
from kit.patterns.using import Toolbox
from kit.providers import Provider
from kit.providers.config.settings import SETTINGS, Unfit, fitted, meant

if TYPE_CHECKING:
    from kit.library_tools import Given


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


async def ask(
    provider: Provider,
    prompt: Prompt,
    *,
    stop: str | Sequence[str] = (),
    fallback: Sequence[Provider] = (),
    repairs: int = 2,
    **settings: Unpack[Settings],
) -> Result:
    """One answer. ``fallback``: who answers when those before are unavailable; ``stop``: texts at
    which the model stops. With ``schema`` the answer is JSON that satisfies it, its value stands in
    ``detail["parsed"]``; a reply that does not is sent back up to ``repairs`` times, then it is an
    UnmetError. The KitError that is raised holds in ``result`` what there is."""
    members = _members([provider, *fallback])
    shape = _shape(settings.get("schema"))
    if repairs < 0:
        raise UsageError(f"repairs must be at least 0, not {repairs}")
    plain = [_request(name, prompt, settings, stop) for name in members]
    first, *others = [in_shape(one, shape) for one in plain] if shape else plain
    steps = partial(asking, first, others, shape=shape, repairs=repairs)
    return await _held(steps, members, settings)


async def consensus(
    provider: Provider | Sequence[Provider],
    prompt: Prompt,
    *,
    samples: int = 9,
    risk: float = 0.05,
    stop: str | stopping.Rule = "risk",
    kind: str = "auto",
    choices: str | Sequence[str] = (),
    vote_field: str = "",
    marker: bool = True,
    strategy: Literal["majority", "unanimous", "weighted", "judge", "best"] | None = None,
    judge: Provider | None = None,
    accept: Accept | None = None,
    escalate: Provider | None = None,
    calibration: Mapping[str, Json] | None = None,
    min_agreement: float = 0.0,
    need: int | None = None,
    on_tie: Literal["first", "extend", "error"] = "first",
    speed: Literal["thrifty", "fast", "max"] = "thrifty",
    weights: Sequence[float] | None = None,
    counts: Sequence[int | None] | None = None,
    plan_seed: int | None = None,
    full: bool = False,
    stop_at: str | Sequence[str] = (),
    **settings: Unpack[Settings],
) -> Result:
    """The answer that most of at most ``samples`` replies give; stopped as soon as the chance that
    the rest would change it is at most ``risk``.

    The parameters are the flags of ``kit consensus`` (``kind`` is --answer, ``marker`` the opposite
    of --no-marker, ``accept`` a function in place of the command of --check, ``calibration`` what
    ``kit consensus calibrate`` wrote, as a dict); with a ``schema`` replies are read as json.
    ``weights`` and ``counts`` say for each provider what its vote weighs and how many of the calls
    are its; ``judge`` and ``escalate`` have no vote. UnmetError when the vote does not reach its
    terms.
    """
    everybody, members, (judging, beyond) = _panel(provider, judge, escalate)
    shape = _shape(settings.get("schema"))
    kind = "json" if shape and kind == "auto" else kind
    faults = {
        f"samples must be at least 1, not {samples}": samples < 1,
        f"need is {need}, more than the {samples} samples": (need or 0) > samples,
        "min_agreement must be from 0 to 1": not 0 <= min_agreement <= 1,
        "strategy='weighted' needs weights or a calibration": strategy == "weighted"
        and not (weights or calibration),
        f"there is no on_tie {on_tie!r}": on_tie not in ("first", "extend", "error"),
        f"there is no speed {speed!r}": speed not in SPEED,
    }
    for fault in (words for words, there in faults.items() if there):
        raise UsageError(fault)
    terms = Terms(
        rule=stopping.parse(stop, risk) if isinstance(stop, str) else stop,
        reading=reading(kind, choices, vote_field),
        min_agreement=min_agreement,
        need=need,
        on_tie=on_tie,
        spare=SPEED[speed],
        at_once=settings.get("max_concurrency") or 64,
        full=full,
    )
    line = answers.instruction(terms.reading.kind or "auto", terms.reading.choices)

    def request(name: str) -> Request:
        plain = _request(name, prompt, settings, stop_at)
        return told(in_shape(plain, shape) if shape else plain, line if marker else "")

    requests = {name: request(name) for name in members}
    compares = judging or (next(iter(members)) if strategy == "judge" else "")
    aid = Aid(
        strategy,
        accept,
        Judge(Request((), compares), messages(prompt)[-1].text) if compares else None,
        request(beyond) if beyond else None,
    )
    seed = random.SystemRandom().randrange(2**32) if plan_seed is None else plan_seed
    voters = _voters(members, weights, counts)
    terms = replace(aid.given_to(terms), seed=seed)
    if calibration is not None:
        learned = read(calibration)
        voters, terms = calibrated(voters, learned)[0], replace(terms, curve=learned.curve)
    slots = plan(voters, samples, seed)
    steps = partial(voting, requests.__getitem__, slots, terms)
    return await _held(steps, everybody, settings, aid.checker())


async def react(
    provider: Provider,
    prompt: Prompt,
    *,
    tools: Sequence[Given] = (),
    allow: Sequence[str] = (),
    approve: Callable[[ToolUse], Awaitable[bool]] | None = None,
    max_rounds: int = 12,
    max_tool_calls: int = 40,
    tool_timeout: float = 30.0,
    max_observation: int = 16_000,
    text_protocol: bool = False,
    repairs: int = 2,
    samples: int = 1,
    stop: str | Sequence[str] = (),
    **settings: Unpack[Settings],
) -> Result:
    """The answer of a model that may use ``tools``: functions (their annotations and docstrings
    tell the model what they are), ``Ability`` objects, or words as for ``kit react -t``.

    Functions and abilities that are passed may run; words follow ``allow``, as --allow does, and
    what is not allowed is put to ``approve``, else refused. The other parameters are the flags of
    ``kit react``. UnmetError when rounds or calls are used up, or the model is stuck.
    """
    # Both bring what only a loop with tools needs.
    from kit.library_tools import toolbox
    from kit.patterns.reacting.sampling import sampled

    members = _members([provider])
    (name,) = members
    shape = _shape(settings.get("schema"))
    if min(max_rounds, samples) < 1:
        raise UsageError("max_rounds and samples must be at least 1")
    asked = replace(_request(name, prompt, settings, stop), schema=None)
    async with toolbox(tools, allow, approve, tool_timeout, max_observation) as box:
        terms = reacting.Terms(
            tuple(map(reacting.offered, box.abilities.values())),
            max_rounds=max_rounds,
            max_tool_calls=max_tool_calls,
            max_observation=max_observation,
            repairs=repairs,
            textual=text_protocol,
            schema=shape.schema if shape else None,
            fence=secrets.token_hex(3),
        )
        many = partial(sampled, asked, terms, samples)
        one = partial(using, asked, terms)
        return await _held(many if samples > 1 else one, members, settings, tools=box)


async def _held(
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


def _members(providers: object) -> dict[str, Provider]:
    """The providers by the names that requests carry; UsageError for what is none."""
    members: dict[str, Provider] = {}
    for each in providers if isinstance(providers, Sequence) else ():
        if isinstance(each, type) or not callable(getattr(each, "stream", None)):
            raise UsageError(
                f"{each!r} is no provider: it has no method stream",
                hint="a provider is: async def stream(self, request) -> events",
            )
        given = getattr(each, "name", "")
        known = given if given and isinstance(given, str) else type(each).__name__
        names = (f"{known}#{number}" if number > 1 else known for number in count(1))
        members[next(name for name in names if name not in members)] = each
    if not members:
        raise UsageError("nobody is asked", hint="give a provider, or a list of them")
    return members


def _panel(
    voters: object, *helpers: Provider | None
) -> tuple[dict[str, Provider], dict[str, Provider], list[str]]:
    """All providers by name, those that vote, and the name of each helper ("" for none)."""
    first = list(_members([voters] if hasattr(voters, "stream") else voters).values())
    everybody = _members([*first, *(each for each in helpers if each is not None)])
    names = iter(everybody)
    members = {next(names): each for each in first}
    return everybody, members, [next(names) if each is not None else "" for each in helpers]


def _request(
    profile: str, prompt: Prompt, settings: Settings, stop: str | Sequence[str]
) -> Request:
    for name in settings.keys() - Settings.__annotations__.keys():
        raise TypeError(f"unexpected argument {name!r}{meant(name, Settings.__annotations__)}")
    asked = {name: value for name, value in settings.items() if value is not None}
    for name in asked.keys() & SETTINGS.keys():
        try:
            fitted(name, asked[name])
        except Unfit as error:
            raise UsageError(f"{name} must be {error}") from error
    fields = {name: asked[name] for name in Request.__slots__ if name in asked}
    stops = (stop,) if isinstance(stop, str) else tuple(stop)
    said = messages(prompt, settings.get("system"))
    return Request(said, profile, stop=stops, **fields)  # type: ignore[arg-type]  # as in Asked


def _shape(schema: object) -> Shape | None:
    if schema is None:
        return None
    if not isinstance(schema, Mapping):
        raise UsageError("schema must be a JSON Schema, as a dict")
    return Shape(dict(schema)).checked()


def _voters(
    members: Mapping[str, Provider],
    weights: Sequence[float] | None,
    counts: Sequence[int | None] | None,
) -> list[Member]:
    """UsageError unless there is one weight, and one count, for each provider."""
    shares = counts or [None] * len(members)
    weighs = weights or [1.0] * len(members)
    if not len(members) == len(shares) == len(weighs):
        raise UsageError(f"{len(members)} providers need as many weights and counts")
    if min(weighs) <= 0 or any(share is not None and share < 1 for share in shares):
        raise UsageError("a count or a weight of nothing")
    return [Member(*each) for each in zip(members, shares, weighs, strict=True)]
