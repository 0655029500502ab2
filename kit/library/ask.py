"""One answer, for a Python program."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Unpack

from kit.errors import UsageError
from kit.library.asked import members_of, request, shape_of
from kit.library.held import Result, Settings, held
from kit.patterns.ask import ask as asking
from kit.patterns.requests import Prompt, in_shape
from kit.providers import Provider


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
    members = members_of([provider, *fallback])
    shape = shape_of(settings.get("schema"))
    if repairs < 0:
        raise UsageError(f"repairs must be at least 0, not {repairs}")
    plain = [request(name, prompt, settings, stop) for name in members]
    first, *others = [in_shape(one, shape) for one in plain] if shape else plain
    steps = partial(asking, first, others, shape=shape, repairs=repairs)
    return await held(steps, members, settings)
