"""Many answers and one vote, for a Python program."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Literal, Unpack

from kit.errors import UsageError
from kit.events import Json, Request
from kit.library.asked import panel, refuse, request, shape_of
from kit.library.held import Result, Settings, held
from kit.patterns import answers, stopping
from kit.patterns.aiding import Accept, Aid
from kit.patterns.ballots import Terms
from kit.patterns.calibration import read
from kit.patterns.consensus import consensus as voting
from kit.patterns.holding import SPEED, calibrated, reading
from kit.patterns.judging import Judge
from kit.patterns.plan import Member, plan
from kit.patterns.requests import Prompt, in_shape, messages, told
from kit.patterns.structure import Shape
from kit.providers import Provider


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
    everybody, members, (judging, beyond) = panel(provider, judge, escalate)
    shape = shape_of(settings.get("schema"))
    kind = "json" if shape and kind == "auto" else kind
    refuse({
        f"samples must be at least 1, not {samples}": samples < 1,
        f"need is {need}, more than the {samples} samples": (need or 0) > samples,
        "min_agreement must be from 0 to 1": not 0 <= min_agreement <= 1,
        "strategy='weighted' needs weights or a calibration": strategy == "weighted"
        and not (weights or calibration),
        f"there is no on_tie {on_tie!r}": on_tie not in ("first", "extend", "error"),
        f"there is no speed {speed!r}": speed not in SPEED,
    })  # fmt: skip
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
    asked = partial(_asked, prompt, settings, stop_at, shape, line if marker else "")
    requests = {name: asked(name) for name in members}
    compares = judging or (next(iter(members)) if strategy == "judge" else "")
    aid = Aid(
        strategy,
        accept,
        Judge(Request((), compares), messages(prompt)[-1].text) if compares else None,
        asked(beyond) if beyond else None,
    )
    seed = random.SystemRandom().randrange(2**32) if plan_seed is None else plan_seed
    learned = None if calibration is None else read(calibration)
    terms = replace(aid.given_to(terms), seed=seed, curve=learned.curve if learned else ())
    voters = _voters(members, weights, counts)
    slots = plan(calibrated(voters, learned)[0] if learned else voters, samples, seed)
    steps = partial(voting, requests.__getitem__, slots, terms)
    return await held(steps, everybody, settings, aid.checker())


def _asked(
    prompt: Prompt,
    settings: Settings,
    stop_at: str | Sequence[str],
    shape: Shape | None,
    line: str,
    name: str,
) -> Request:
    """``line`` says how to write the answer."""
    plain = request(name, prompt, settings, stop_at)
    return told(in_shape(plain, shape) if shape else plain, line)


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
