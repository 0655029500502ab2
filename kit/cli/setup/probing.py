"""``kit profile test`` and ``kit key test``: does it work, in a few tiny calls."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated, Any, TypeVar

from typer import Option

from kit.cli.app import report
from kit.cli.screen.render import err
from kit.cli.screen.rows import print_json, print_rows
from kit.cli.setup.configured import AsJson, Name, Where, file_of
from kit.errors import KitError, RejectedError
from kit.events import Json
from kit.providers import Provider, open_provider
from kit.providers.config.choosing import filled, named
from kit.providers.config.learned import memory
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Profile, load
from kit.providers.credentials.keys import Found, find

PATIENCE = 30.0  # seconds a call
HELP = (
    "\b\nExamples:\n  kit profile test fast\n"
    "  kit profile test --json groq/llama-3.3-70b-versatile\n\n"
    "Try a profile with three tiny calls: speed, model, streaming, tools, schema."
)
KEY_HELP = (
    "\b\nExamples:\n  kit key test fast && echo accepted\n\n"
    "Ask the provider whether it accepts the key: exit 3 when it does not. Costs nothing where\n"
    "the provider lists its models, else one tiny call."
)
Seconds = Annotated[float, Option("--timeout", min=0.001, metavar="S", help="for each call")]
T = TypeVar("T")


def try_profile(
    name: Name, config: Where = None, as_json: AsJson = False, timeout: Seconds = PATIENCE
) -> int:
    from kit.cli.setup.probe import Probe, probed

    error: KitError | None
    try:
        profile, found = _chosen(name, config, timeout)
        probe = _asked(profile, found, lambda provider: probed(provider, profile.name, timeout))
        error = probe.error
    except KitError as failed:
        if failed.exit == 2:
            raise
        probe, error = Probe(), failed
    if as_json:
        print_json(_object(name, probe, error))
    elif error is None:
        print_rows(_rows(name, probe))
    return report(error) if error else 0


def _object(name: str, probe: Any, error: KitError | None) -> dict[str, Json]:
    from kit.cli.setup.probe import usage

    told = ("model", "latency_s", "first_token_s", "streaming", "tools", "schema", "why")
    return {
        "profile": name,
        "status": error.status if error else "ok",
        "exit": error.code if error else 0,
        **{each: _rounded(getattr(probe, each)) for each in told},
        "usage": usage(probe),
        "error": {"message": error.message, "hint": error.hint} if error else None,
    }


def _rounded(value: Json) -> Json:
    return round(value, 3) if isinstance(value, float) else value


def _rows(name: str, probe: Any) -> list[list[str]]:
    first = "" if probe.first_token_s is None else f"{probe.first_token_s:.2f} s"
    abilities = [[each, _yes_or_no(probe, each)] for each in ("streaming", "tools", "schema")]
    return [
        ["profile", name],
        ["model", probe.model],
        ["latency", f"{probe.latency_s:.2f} s"],
        ["first token", first],
        *abilities,
    ]


def _yes_or_no(probe: Any, ability: str) -> str:
    word = {True: "yes", False: "no", None: "unknown"}[getattr(probe, ability)]
    return f"{word}: {probe.why[ability]}" if ability in probe.why else word


def try_key(
    name: Name, config: Where = None, as_json: AsJson = False, timeout: Seconds = PATIENCE
) -> int:
    found, error = Found(None, ""), None
    try:
        profile, found = _chosen(name, config, timeout)
        _asked(profile, found, lambda provider: _accepted(provider, profile, timeout))
    except KitError as failed:
        if failed.exit == 2:
            raise
        error = failed
    tail = f"…{found.secret.tail}" if found.secret and found.secret.tail else ""
    if as_json:
        said = {"message": error.message, "hint": error.hint} if error else None
        print_json({"name": name, "source": found.source, "tail": tail, "accepted": error is None,
                    "exit": error.code if error else 0, "error": said})  # fmt: skip
    elif error is None:
        word = "accepted" if found.secret else "no key is needed"
        print_rows([[name, word, found.source, tail]])
    return report(error) if error else 0


async def _accepted(provider: Provider, profile: Profile, timeout: float) -> None:
    """The provider takes the key, or this raises. Its list of models costs nothing; where that is
    open to everybody, or not there, one tiny call decides."""
    preset = PRESETS.get(profile.provider)
    models = getattr(provider, "models", None)
    if models and not (preset and preset.open_list):
        try:
            await models()
        except RejectedError as error:
            if error.http_status not in (None, 404, 405, 501):
                raise
        else:
            return
    from kit.cli.setup.probe import tiny

    await tiny(provider, profile.name, timeout)


def _chosen(name: str, config: str | None, timeout: float) -> tuple[Profile, Found]:
    """The profile, ready to be opened, and its key."""
    profile = filled(named(load(file_of(config)), name), os.environ)
    profile = replace(profile, timeout=min(profile.timeout, timeout))
    found = find(profile, PRESETS.get(profile.provider), os.environ)
    if found.note:
        err(f"kit: {found.note}")
    return profile, found


def _asked(profile: Profile, found: Found, question: Callable[[Provider], Awaitable[T]]) -> T:
    """The answer of an open provider, which is closed again. Nothing is tried twice."""
    import asyncio  # 70 ms

    async def asked() -> T:
        provider = open_provider(
            profile, found.secret, source=found.source, retries=0, memory=memory(os.environ)
        )
        try:
            return await question(provider)
        finally:
            close = getattr(provider, "aclose", None)
            if close:
                await close()

    return asyncio.run(asked())
