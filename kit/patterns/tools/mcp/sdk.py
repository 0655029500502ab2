"""One session with a server, in the SDK's terms: greeted, its tools listed, one of them used.

Imports the SDK at its top (1 s of CPU): so it is imported only once a server is wanted.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import (
    CONNECTION_CLOSED,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    ListToolsRequest,
    ListToolsResult,
    PaginatedRequestParams,
    Request,
)
from pydantic import BaseModel

from kit.events import Json
from kit.patterns.tools.ability import ToolFault
from kit.patterns.tools.mcp import web
from kit.patterns.tools.mcp.child import Child
from kit.patterns.tools.mcp.faces import TOOLS, Offer
from kit.patterns.tools.mcp.results import told
from kit.patterns.tools.mcp.text import sentence
from kit.patterns.tools.mcp.wire import Inbox, Outbox, Sieve, of_child, sifted

T = TypeVar("T", bound=BaseModel)

PAGES = 64  # of a list of tools

FAILURES = (MCPError, ValueError, RuntimeError)
"""What the SDK raises for what a server answers: an error, no valid result, no common version."""


class Closed(Exception):
    """The server went away in the middle of a use."""


@asynccontextmanager
async def over_pipes(child: Child, sieve: Sieve) -> AsyncGenerator[ClientSession]:
    async with _session(of_child(child, sieve)) as session:
        yield session


@asynccontextmanager
async def over_http(
    url: str, address: str, token: str, sieve: Sieve
) -> AsyncGenerator[ClientSession]:
    async with (
        web.client(url, address, token) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=web.EVENT) as streams,
        _session(sifted(*streams, sieve)) as session,
    ):
        yield session


@asynccontextmanager
async def _session(streams: tuple[Inbox, Outbox]) -> AsyncGenerator[ClientSession]:
    _silence()
    who = Implementation(name="kit", version="1")
    async with ClientSession(*streams, client_info=who) as session:
        yield session


async def greet(session: ClientSession) -> None:
    """Agree on a version: first as all servers do, then as those that know only newer ones."""
    try:
        await session.initialize()
    except MCPError as error:
        try:
            await session.discover()
        except FAILURES:
            raise error from None


async def offers(session: ClientSession, say: Callable[[str], None]) -> Sequence[Offer]:
    """Its tools, page by page, as long as there is a sensible number of them; ToolFault when it
    has no list."""
    found: dict[str, Offer] = {}  # of two that are called the same, the first
    seen, cursor = 0, None
    for _ in range(PAGES):
        page = await _asked(
            session, ListToolsRequest(params=PaginatedRequestParams(cursor=cursor)), ListToolsResult
        )
        for each in page.tools[: TOOLS - seen]:
            found.setdefault(each.name, Offer(each.name, each.description or "", each.input_schema))
        seen, cursor = seen + len(page.tools), page.next_cursor
        if not cursor or seen > TOOLS:
            break
    if seen > len(found):
        say(f"an MCP server names tools twice or more than {TOOLS}: {seen - len(found)} left out")
    return list(found.values())


async def use(session: ClientSession, tool: str, arguments: Mapping[str, Json]) -> str:
    """The whole observation. Not the SDK's own call_tool: that checks answers by a schema which
    the server chose."""
    params = CallToolRequestParams(name=tool, arguments=dict(arguments))
    return told(await _asked(session, CallToolRequest(params=params), CallToolResult))


async def _asked(session: ClientSession, request: Request[Any, Any], kind: type[T]) -> T:
    """Its answer; ToolFault when it is an error or none, Closed when there will never be one."""
    try:
        return await session.send_request(request, kind)
    except MCPError as error:
        said = sentence(error.message, 1000)
        if error.code == CONNECTION_CLOSED:
            raise Closed(said) from error
        raise ToolFault(f"its server says: {said}" if said else "its server failed") from error
    except (ValueError, RuntimeError) as error:
        raise ToolFault("its server's answer is not what MCP wants there") from error


def _silence() -> None:
    """The SDK logs what servers send, tracebacks included, and without a handler that would be
    printed."""
    for name in ("mcp", "client", "httpx2", "httpcore2", "anyio"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
        logger.propagate = False
