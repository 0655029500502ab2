"""A function as a tool: called with what its signature wants, its result given back as text."""

from __future__ import annotations

import dataclasses
import inspect
import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Any

from kit.events import Json
from kit.patterns.tools import plain
from kit.patterns.tools.ability import Ability, Access, ToolFault
from kit.patterns.tools.functions.signature import signature
from kit.patterns.tools.threads import in_thread

MOST = 2**20
"""Characters of a result."""


def callable_ability(
    function: Callable[..., Any],
    access: Access,
    *,
    place: str = "",
    around: Callable[[], AbstractContextManager[None]] = nullcontext,
    bugs: tuple[type[BaseException], ...] = (Exception,),
    told: Callable[[BaseException], None] = lambda _: None,
) -> Ability:
    """``place`` says where the function comes from, to who approves a use. It is called within
    ``around``. What it raises of the kinds ``bugs`` is its answer, and ``told`` hears of it."""
    name = function.__name__
    known = signature(function, name)

    async def run(arguments: Mapping[str, Json]) -> str:
        try:
            return _written(await _called(function, known.bound(arguments), around))
        except ToolFault:
            raise
        except bugs as error:
            told(error)
            raise ToolFault(f"{name} raised {type(error).__name__}") from error

    def shown(arguments: Mapping[str, Json]) -> str:
        return f"{name}({json.dumps(dict(arguments), ensure_ascii=False)}){place}"

    return Ability(known.face, access, run, shown)


async def _called(
    function: Callable[..., Any],
    given: Mapping[str, Any],
    around: Callable[[], AbstractContextManager[None]],
) -> Any:
    def called() -> Any:
        with around():
            return function(**given)

    if inspect.iscoroutinefunction(function):
        with around():
            return await function(**given)
    return await in_thread(called)


def _written(value: Any) -> str:
    """A result as text: strings as they are, the rest as JSON as far as it goes."""
    if isinstance(value, str):
        text = value.replace("\0", "\ufffd")
    elif isinstance(value, bytes | bytearray):
        text = plain.text(bytes(value))
    else:
        text = json.dumps(value, ensure_ascii=False, default=_json)
    return text if len(text) <= MOST else f"{text[:MOST]}\n[cut: {len(text)} characters]"


def _json(value: Any) -> Json:
    if isinstance(value, Enum):
        return value.value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.asdict(value)
    return list(value) if isinstance(value, set | frozenset | tuple) else str(value)
