"""What a pattern may want. A pattern is a generator that yields these and returns its outcome.

Start calls, wait for the next one to finish, cancel what is no longer needed, check a text with a
command, use tools, show an event: every shape of work (a list that ends together, a race, a wave
that grows) is written with them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import field
from typing import Any, TypeAlias, TypeVar

from kit.dataclass import dataclass
from kit.errors import KitError
from kit.events import Event, Json, Replied, Request


@dataclass(eq=False, slots=True)
class Call:
    """One request and what became of it. ``id`` is given when it is started; once it is finished
    there is either a ``reply`` or an ``error``, and ``text`` is whatever had arrived."""

    request: Request
    id: str = ""
    reply: Replied | None = None
    error: KitError | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """Make these calls, all at once; control comes back without waiting."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Come back with the next of these calls that finishes (a finished one comes at once)."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Cancel:
    """Close these calls; they finish with a StoppedError that says UNNEEDED."""

    calls: tuple[Call, ...]


UNNEEDED = "no longer needed"


@dataclass(frozen=True, slots=True)
class Check:
    """Run this command on this text and come back with the ``Checked`` event, which is shown too.
    ``call`` is the call that the text came from. How a command is written: checks.py."""

    command: str
    text: str
    call: str = ""


@dataclass(frozen=True, slots=True)
class ToolUse:
    """One use of a tool, as the model wants it: ``id`` is its name for it, ``call`` the call that
    asked. ``tainted``: what others wrote has been read before, so an earlier approval is stale."""

    id: str
    name: str
    arguments: Mapping[str, Json]
    call: str = ""
    tainted: bool = False


@dataclass(frozen=True, slots=True)
class Use:
    """Use these tools, all at once; come back with their ``ToolUsed`` events in the same order,
    which are shown too, each as soon as it is known."""

    uses: tuple[ToolUse, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a pattern returns: the answer, the pattern's part of ``--json``, and what was wrong with
    it (an answer and an error together: a cut text, the best draft that missed its target)."""

    answer: str = ""
    detail: Mapping[str, Json] = field(default_factory=dict)
    error: KitError | None = None


Step: TypeAlias = Start | Wait | Cancel | Check | Use | Event
T = TypeVar("T")
Steps: TypeAlias = Generator[Step, Any, T]


def made(call: Call) -> Steps[Call]:
    """Make one call and wait for it."""
    yield Start((call,))
    yield Wait((call,))
    return call


def together(calls: Iterable[Call]) -> Steps[list[Call]]:
    """Make several calls at once and wait for all; they come back in the order of their start."""
    started = list(calls)
    yield Start(tuple(started))
    for call in started:
        yield Wait((call,))
    return started
