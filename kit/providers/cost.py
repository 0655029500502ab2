"""What a request costs: the one place where tokens become money. Pure.

A price has USD per million tokens for ``input`` and ``output`` and, where they differ from input,
``cached`` and ``cache_write``; ``request`` is USD for each request.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from kit.dataclass import dataclass
from kit.events import Json, Request, Usage
from kit.providers.complete import worst_input
from kit.providers.config.presets import preset_of
from kit.providers.config.profiles import Profile
from kit.providers.prices import price_of

MILLION = 1_000_000
ANSWER = 500  # tokens, where only a guess can be made
FREE: Mapping[str, float] = {"input": 0.0, "output": 0.0}
TELLS = ("openrouter", "perplexity", "xai")
"""Hosts whose usage says in USD what was charged; elsewhere such a field means who knows what."""

_PLAIN: Mapping[str, tuple[Json, ...]] = {
    "service_tier": (None, "auto", "default", "standard", "standard_only"),
    "speed": (None, "standard"),
    "inference_geo": (None, "global", "not_available"),
}
"""Raw fields of a body that change its price, and the values that do not."""
_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")


@dataclass(frozen=True, slots=True)
class Worst:
    """The most that a request can use. None is unknown."""

    input: int | None = None
    output: int | None = None
    usd: float | None = None

    @property
    def tokens(self) -> int | None:
        return None if self.input is None or self.output is None else self.input + self.output


def price(
    profile: Profile,
    request: Request,
    *,
    model: str = "",
    tokens: int = 0,
    at: datetime | None = None,
) -> Mapping[str, float] | None:
    """What a resolved profile's host takes for a whole request, by the profile's own word, else by
    the snapshot; None where nobody knows. ``model``: the one that answered, when it is known."""
    if profile.price is not None:
        return profile.price
    if profile.api in ("fake", "local"):
        return FREE
    if _special(request.options):
        return None
    preset = preset_of(profile)
    names = (model, request.model or profile.model)
    found = (price_of(preset.name, name, tokens=tokens, at=at) for name in names if preset and name)
    return next((each for each in found if each), None)


def worst(
    profile: Profile, request: Request, *, more: int = 0, at: datetime | None = None
) -> Worst:
    """Every byte a token of input (with attachments: all that the model can read), all of the limit
    of tokens written, nothing of it served from a cache. ``request`` is whole, ``more`` tokens will
    be added to it."""
    read, written = worst_input(request), _written(request)
    read = None if read is None else read + more
    known = price(profile, request, tokens=MILLION if read is None else read, at=at)
    if not known or "input" not in known:
        return Worst(read, written)
    dear = {**known, "input": max(known["input"], known.get("cache_write", 0.0))}
    most = int(known["context"]) if read is None and "context" in known else read
    usage = priced(Usage(most, written), dear)
    return Worst(read, written, usage.cost_usd if usage else None)


def likely(profile: Profile, request: Request, at: datetime | None = None) -> float | None:
    """USD for a whole request whose every token has four bytes, and for ANSWER tokens."""
    read, written = worst_input(request), _written(request)
    if read is None or written is None:
        return None
    known = price(profile, request, tokens=read // 4, at=at)
    usage = priced(Usage(read // 4, min(written, ANSWER)), known)
    return usage.cost_usd if usage else None


def priced(usage: Usage | None, price: Mapping[str, float] | None) -> Usage | None:
    """The usage with its cost. One that stands there already stays; unknown stays None."""
    if usage is None or usage.cost_usd is not None:
        return usage
    if not price or "input" not in price or "output" not in price:
        return usage
    if usage.input_tokens is None or usage.output_tokens is None:
        return replace(usage, cost_usd=0.0) if not any(price[kind] for kind in FREE) else usage
    cached = min(usage.cached_tokens or 0, usage.input_tokens)
    written = min(usage.cache_write_tokens or 0, usage.input_tokens - cached)
    usd = (
        (usage.input_tokens - cached - written) * price["input"]
        + cached * price.get("cached", price["input"])
        + written * price.get("cache_write", price["input"])
        + usage.output_tokens * price["output"]
    ) / MILLION
    whole = usd + price.get("request", 0.0)
    return replace(usage, cost_usd=round(whole, 12))  # what is beyond is a float's own noise


def charged(
    profile: Profile, request: Request, usage: Usage | None, model: str, at: datetime | None = None
) -> Usage | None:
    """The usage of a reply with its cost: by the profile's own price, else what the host says that
    it charged, else by the snapshot."""
    bare = usage or Usage()
    preset = preset_of(profile)
    if profile.price is not None or preset is None or preset.name not in TELLS:
        bare = replace(bare, cost_usd=None)
    known = price(profile, request, model=model, tokens=bare.input_tokens or 0, at=at)
    found = priced(bare, known)
    return usage if found == Usage() else found


def _special(options: Mapping[str, Json]) -> bool:
    """The request asks for what is not sold at the plain price."""
    cache = options.get("cache_control")
    long = isinstance(cache, Mapping) and cache.get("ttl") not in (None, "5m")
    return long or any(options.get(name) not in plain for name, plain in _PLAIN.items())


def _written(request: Request) -> int | None:
    """The most tokens of output: the limit, for each of the answers asked for."""
    given = (request.options.get(name) for name in _LIMITS)
    limits = [limit for limit in (request.max_tokens, *given) if isinstance(limit, int)]
    answers = request.options.get("n", 1)
    return max(limits) * answers if limits and isinstance(answers, int) else None
