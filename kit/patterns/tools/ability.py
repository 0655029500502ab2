"""What a tool is to kit: its face for the model, what it may touch, the function behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, Protocol, TypeAlias

from kit.dataclass import dataclass
from kit.events import Json, Tool

Access: TypeAlias = Literal["readonly", "write", "exec", "network"]
"""readonly: looks at what the user pointed at. write: changes something. exec: runs a program.
network: talks to another machine."""


class ToolFault(Exception):
    """A tool could not do its work; the message is for the model, in one sentence."""


async def _none() -> str:
    return ""


@dataclass(frozen=True)
class Ability:
    """One tool. ``run`` takes arguments that satisfy ``face.parameters`` and returns the whole
    observation; it raises ToolFault, and may be cancelled. ``shown`` says exactly what a use would
    do (an argv, a URL, JSON), for whoever approves it. ``tainting``: its output was written by
    others (a file, a page, a server), so what the model wants next needs fresh approval."""

    face: Tool
    access: Access
    run: Callable[[Mapping[str, Json]], Awaitable[str]]
    shown: Callable[[Mapping[str, Json]], str]
    tainting: bool = True
    doubt: Callable[[], Awaitable[str]] = _none
    """Why no earlier permission (a flag, a class, a yes) covers the next use, in one sentence: its
    server has changed it since. "" when nothing has. Then only a user may let it, asked afresh."""
    vouch: Callable[[], None] = lambda: None
    """Told when a user, asked, has said yes to it as it is now: there is no doubt any more."""


class Source(Protocol):
    """Where tools come from: opened once before a run, closed when it ends."""

    async def open(self) -> Sequence[Ability]: ...

    async def aclose(self) -> None: ...
