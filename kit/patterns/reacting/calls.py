"""The calls in a reply: which of them may be made, and how each is named from now on. Pure.

Nothing that is not whole is ever executed: a reply that was cut, two calls under one id, a name
that no tool has, arguments that are no JSON or do not fit. Each is answered all the same.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import field, replace

from kit.dataclass import dataclass
from kit.events import Finish, Json, Message, Part, ToolCall
from kit.patterns.reacting.arguments import parsed, read
from kit.patterns.reacting.terms import Offered

_NAME = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One call. ``id`` is its own in the reply; ``fault`` says why it is not made, "" when it may
    be; ``repairs`` what was mended in its ``arguments``."""

    id: str
    name: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    fault: str = ""
    repairs: tuple[str, ...] = ()


def wanted(message: Message, finish: Finish, tools: Mapping[str, Offered]) -> list[Wanted]:
    """Every call of a reply, in its order, each with an id of its own."""
    calls = [part for part in message.parts if isinstance(part, ToolCall)]
    times = Counter(call.id for call in calls)
    return [
        replace(_read(call, finish, tools, twice=bool(call.id) and times[call.id] > 1), id=id_)
        for call, id_ in zip(calls, _ids(calls), strict=True)
    ]


def told(message: Message, calls: list[Wanted]) -> Message:
    """The reply as it is given back: the very same, but for what no server would take again (an
    id that stands twice, arguments that are no object, a name with other characters)."""
    ids = iter(calls)
    parts: tuple[Part, ...] = tuple(
        _sendable(part, next(ids).id) if isinstance(part, ToolCall) else part
        for part in message.parts
    )
    return message if parts == message.parts else replace(message, parts=parts)


def _ids(calls: list[ToolCall]) -> list[str]:
    taken: dict[str, None] = {}
    for number, call in enumerate(calls, 1):
        id_ = call.id or f"call_{number}"
        while id_ in taken:
            id_ += f"_{number}"
        taken[id_] = None
    return list(taken)


def _read(call: ToolCall, finish: Finish, tools: Mapping[str, Offered], *, twice: bool) -> Wanted:
    if finish == "length":
        fault = "the reply was cut at the limit of tokens before this call was whole"
    elif twice:
        fault = "two calls of this reply have the same id; make them again, one at a time"
    elif call.name not in tools:
        fault = _unknown(call.name, tools)
    else:
        found = read(call.arguments, tools[call.name].face)
        return Wanted(call.id, call.name, found.arguments, found.fault, found.repairs)
    return Wanted(call.id, call.name, fault=fault)


def _unknown(name: str, tools: Mapping[str, Offered]) -> str:
    if not name:
        return "this call names no tool, or is not the JSON that was asked for"
    near = difflib.get_close_matches(name, tools, n=1)
    there = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(tools) or 'none'}"
    return f"there is no tool {name[:100]!r}; {there}"


def _sendable(call: ToolCall, id_: str) -> ToolCall:
    name = _NAME.sub("_", call.name)[:64] or "unknown"
    return ToolCall(id_, name, call.arguments if _is_object(call.arguments) else "{}")


def _is_object(text: str) -> bool:
    try:
        return isinstance(parsed(text), dict)
    except (ValueError, RecursionError):
        return False
