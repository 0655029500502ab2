"""A model with tools, for a Python program."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Unpack

from kit.errors import UsageError
from kit.library.asked import members_of, request, shape_of
from kit.library.held import Result, Settings, held
from kit.library.tools import Given, toolbox
from kit.patterns.react import react as using
from kit.patterns.reacting import terms as reacting
from kit.patterns.reacting.sampling import sampled
from kit.patterns.requests import Prompt
from kit.patterns.steps import ToolUse
from kit.providers import Provider


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
    members = members_of([provider])
    (name,) = members
    shape = shape_of(settings.get("schema"))
    if min(max_rounds, samples) < 1:
        raise UsageError("max_rounds and samples must be at least 1")
    asked = replace(request(name, prompt, settings, stop), schema=None)
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
        return await held(many if samples > 1 else one, members, settings, tools=box)
