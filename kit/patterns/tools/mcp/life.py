"""The life of a session with an MCP server: begun before a run, in one task, ended with it.

The SDK lives in task groups, which must be left in the task that entered them and which cancel
that task when one of theirs fails. So a session has a task of its own from its beginning to its end
(``run.kept``): whoever begins, uses and ends it, in whatever order and from whatever task, only
leaves word for it, and no cancel scope is ever shared.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kit.errors import AuthError, KitError, TimedOutError, UnavailableError, UsageError
from kit.patterns.run import kept
from kit.patterns.tools.ability import ToolFault
from kit.patterns.tools.mcp.child import Child
from kit.patterns.tools.mcp.spec import McpServer, environment
from kit.patterns.tools.mcp.text import sentence

if TYPE_CHECKING:
    from mcp.client.session import ClientSession

PARTING_PIPES, PARTING_HTTP = 4.0, 1.0  # seconds for an orderly end


class Life:
    """``changed`` is told when the server says that its list of tools is another one. ``patience``
    in seconds: until it has been greeted. ``insecure``: plain http to a far host is meant."""

    def __init__(
        self,
        server: McpServer,
        environ: Mapping[str, str],
        *,
        changed: Callable[[], None],
        patience: float,
        insecure: bool,
    ) -> None:
        self._server, self._environ, self._changed = server, environ, changed
        self._patience, self._insecure = patience, insecure
        self._task: asyncio.Task[None] | None = None
        self._session: ClientSession | None = None
        self._child: Child | None = None
        self._fault = ""  # why it is of no more use
        self._closing = asyncio.Event()

    async def begin(self) -> None:
        """UsageError, ConfigError and AuthError: what the user named cannot be; UnavailableError:
        it does not start, does not answer or does not speak MCP."""
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._task = kept(self._run(begun))
        try:
            await begun
        except BaseException:
            await self.end()
            raise

    async def end(self) -> None:
        """Of the session and the server; never raises for what they did."""
        self._closing.set()
        if self._task:
            if self._session is None:  # it was not greeted yet: there is nothing to end in order
                self._task.cancel()
            parting = PARTING_PIPES if self._child else PARTING_HTTP
            await asyncio.wait([self._task], timeout=parting)
            self._task.cancel()  # nothing when it has ended
            await asyncio.wait([self._task])

    @property
    def session(self) -> ClientSession:
        """ToolFault when it has ended."""
        if self._session is None:
            raise ToolFault(f"its server {self._fault or 'was closed'}")
        return self._session

    async def lost(self, why: str) -> ToolFault:
        """What to tell of a use that came to no answer, or to an error that looks so."""
        if self._child and self._child.over:
            self._fault = self._fault or await self._child.fate()
        said = f"says: {why}" if self._child else f"failed: {why}"
        return ToolFault(f"its server {self._fault or said}")

    async def _run(self, begun: asyncio.Future[None]) -> None:
        try:
            async with asyncio.timeout(self._patience) as limit, self._connected() as session:
                await self._greet(session)
                self._session = session
                if not begun.done():  # else nobody waits any more
                    begun.set_result(None)
                limit.reschedule(None)
                await self._closing.wait()
        except Exception as error:  # a task's border: the SDK raises what it likes, in groups
            first = _innermost(error)
            self._fault = self._fault or f"failed: {_said(first)}"
            if not begun.done():
                begun.set_exception(self._complaint(first))
        finally:
            self._session = None
            begun.cancel()  # nothing when it is done

    @asynccontextmanager
    async def _connected(self) -> AsyncGenerator[ClientSession]:
        over = self._over_http() if self._server.url else self._over_pipes()
        async with over as session:
            yield session

    @asynccontextmanager
    async def _over_pipes(self) -> AsyncGenerator[ClientSession]:
        seen = environment(self._server, self._environ)
        self._child = child = await Child.born(self._server.command, seen)
        try:
            _needed()  # while the server starts
            from kit.patterns.tools.mcp import sdk, wire

            sieve = wire.Sieve(self._changed, child.kill)
            async with sdk.over_pipes(child, sieve) as session:
                yield session
        finally:
            if child.over and not self._closing.is_set():
                self._fault = await child.fate()
            await child.end()

    @asynccontextmanager
    async def _over_http(self) -> AsyncGenerator[ClientSession]:
        _needed()
        from kit.patterns.tools.mcp import sdk, web, wire

        url = self._server.url
        if url.startswith("http:") and not self._insecure and not web.is_loopback(url):
            raise UsageError(
                f"the MCP server {self._server.shown} would be spoken to over plain http",
                hint="use https, or allow it with --insecure-http",
            )
        token, address = self._token(), await web.looked_up(url)
        sieve = wire.Sieve(self._changed, self._give_up)
        async with sdk.over_http(url, address, token, sieve) as session:
            yield session

    async def _greet(self, session: ClientSession) -> None:
        from kit.patterns.tools.mcp import sdk

        await sdk.greet(session)

    def _token(self) -> str:
        name = self._server.token_env
        token = self._environ.get(name, "").strip()
        if name and not token:
            raise AuthError(
                f"{name}, which holds the token of the MCP server {self._server.name}, is not set",
                hint=f"export {name}=…",
            )
        return token

    def _give_up(self, why: str) -> None:
        self._fault = self._fault or why
        self._closing.set()

    def _complaint(self, error: BaseException) -> KitError:
        if isinstance(error, KitError):
            return error
        name = f"the MCP server {self._server.shown if self._server.url else self._server.name}"
        hint = f"try it by itself: {self._server.shown}"
        if isinstance(error, TimeoutError):
            late = f"{name} does not answer within {self._patience:g} s"
            return TimedOutError(late, hint=hint)
        return UnavailableError(f"{name} {self._fault}", hint=hint)


def _needed() -> None:
    """UsageError without the SDK."""
    try:
        import mcp.client.session  # noqa: F401  # 1 s of CPU
    except ImportError as error:
        raise UsageError(
            "MCP servers need an extra that is not installed",
            hint="pip install 'kit-llm[mcp]'",
        ) from error


def _innermost(error: BaseException) -> BaseException:
    """What a task group's failure began with."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _said(error: BaseException) -> str:
    return sentence(str(error)) or type(error).__name__
