"""The tools of a loop that a Python program holds: opened for it, approved as it says, closed."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial

from kit.errors import UsageError
from kit.patterns.steps import ToolUse
from kit.patterns.tools import approval
from kit.patterns.tools.ability import Source, ToolFault
from kit.patterns.tools.approval import Answer
from kit.patterns.tools.given import Given, sources
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.toolbox import Box, Question

__all__ = ["Approve", "Given", "toolbox"]

Approve = Callable[[ToolUse], Awaitable[bool]]


@asynccontextmanager
async def toolbox(
    given: Sequence[Given],
    allow: Sequence[str],
    approve: Approve | None,
    seconds: float,
    room: int,
) -> AsyncIterator[Box]:
    """UsageError for a tool that cannot be had, and for an ``allow`` that names none."""
    from kit.providers.transport.fetching import fetch  # the network, for who lets a model use it

    ports = replace(Ports(fetch, _environ, seconds=seconds, room=room), serve=_served)
    ports = replace(ports, network="network" in allow)
    found, own = sources(given, ports)
    box = Box(ask=partial(_asked, approve) if approve else None, seconds=seconds)
    async with AsyncExitStack() as stack:
        for source in found:
            stack.push_async_callback(source.aclose)
            try:
                box.put(await source.open())
            except ToolFault as fault:
                raise UsageError(str(fault)) from fault
        box.allow = approval.checked(approval.allowed([*own, *allow]), list(box.abilities))
        yield box


async def _asked(approve: Approve, question: Question) -> Answer:
    return "once" if await approve(question.use) else "no"


def _environ() -> Mapping[str, str]:
    """Without what looks like a key: which of them a program's providers use is not known here."""
    hidden = ("KEY", "TOKEN", "SECRET", "PASSWORD")
    return {n: value for n, value in os.environ.items() if not any(h in n.upper() for h in hidden)}


def _served(server: object) -> Source:
    from kit.patterns.tools.mcp import McpServer, McpSource

    assert isinstance(server, McpServer)  # as the ports say
    return McpSource(server, os.environ)
