"""Using a tool as a run does: its source opened, one tool used, the source closed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

import jsonschema

from kit.patterns.tools.ability import Ability, Source, ToolFault
from kit.patterns.tools.ports import Ports


async def no_fetch(url: str, *, address: str, seconds: float, most: int) -> Any:
    raise AssertionError(f"{url} is not to be fetched")


def ports(**more: Any) -> Ports:
    given: dict[str, Any] = {"fetch": no_fetch, "environ": lambda: {"PATH": os.environ["PATH"]}}
    return Ports(**{**given, **more})


def within(source: Source, work: Callable[[list[Ability]], Awaitable[Any]]) -> Any:
    """The result of ``work`` with the tools of the source, which is open meanwhile."""

    async def done() -> Any:
        abilities = list(await source.open())
        try:
            return await work(abilities)
        finally:
            await source.aclose()

    return asyncio.run(done())


def use(source: Source, **arguments: Any) -> str:
    """The observation of its first tool; the arguments must satisfy its schema."""

    async def work(abilities: list[Ability]) -> Any:
        jsonschema.Draft202012Validator.check_schema(abilities[0].face.parameters)
        jsonschema.validate(arguments, abilities[0].face.parameters)
        return await abilities[0].run(arguments)

    return within(source, work)


def fault(source: Source, **arguments: Any) -> str:
    """What the model is told when the tool cannot do it."""
    try:
        said = use(source, **arguments)
    except ToolFault as error:
        return str(error)
    raise AssertionError(f"it did: {said}")


def shown(source: Source, **arguments: Any) -> str:
    """What a person is asked to approve."""

    async def work(abilities: list[Ability]) -> Any:
        return abilities[0].shown(arguments)

    return within(source, work)
