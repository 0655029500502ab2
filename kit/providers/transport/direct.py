"""The way straight to the server: one connection for each request under way."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing

import h11

from kit.providers.transport import address, tls
from kit.providers.transport.answer import Reply, cause
from kit.providers.transport.connection import Connection, request
from kit.providers.transport.network import Place, failure
from kit.providers.transport.outgoing import KEEP, Outgoing, Waiting


class Direct:
    """Connections to one address, used again by the next request."""

    def __init__(self, url: str, at: str, clean: Callable[[str], str]) -> None:
        self._url, self._at, self._clean = url, at, clean
        self._headed: tuple[Outgoing, h11.Request] | None = None  # the last head that was made
        self._idle: Waiting[Connection] = Waiting()

    async def ask(self, outgoing: Outgoing, place: Place) -> Reply:
        """Some servers close a connection that they had promised to keep, and a request meets that
        on its way: it is sent once more, over a new one."""
        try:
            head = self._head(outgoing)
            if idle := self._usable():
                try:
                    return await self._asked(idle, head, outgoing)
                except ConnectionError:
                    if idle.heard:
                        raise
            fresh = await self._connected(outgoing.patience)
            return await self._asked(fresh, head, outgoing)
        except Connection.failures as error:
            raise failure(error, place) from cause(error, self._clean)

    async def _asked(self, connection: Connection, head: h11.Request, outgoing: Outgoing) -> Reply:
        try:
            status, headers = await connection.ask(head, outgoing.body, outgoing.timeout)
        except BaseException:
            connection.close()
            raise
        here = self._idle.here()
        return _Spoken(connection, status, headers, lambda: self._idle.back(connection, here))

    async def aclose(self) -> None:
        """Close the idle connections; those in use are closed when they have been used."""
        for connection in self._idle.taken():
            connection.close()

    def _head(self, outgoing: Outgoing) -> h11.Request:
        """Made once for requests that are the same: a thousand members ask one thing."""
        if self._headed is None or self._headed[0] is not outgoing:
            host, target = address.parted(outgoing.url)
            headers = {"Host": host, **outgoing.sent(), "Content-Length": str(len(outgoing.body))}
            self._headed = outgoing, request(outgoing.method, target, headers)
        return self._headed[1]

    def _usable(self) -> Connection | None:
        idle = self._idle.here()
        while idle:
            connection = idle.pop()
            if connection.is_usable(KEEP):
                return connection
            connection.close()
        return None

    async def _connected(self, patience: float) -> Connection:
        host, port, secure = address.server(self._url)
        trust = tls.trust() if secure else None
        return await Connection.open(self._at or host, port, trust, patience, host)


class _Spoken:
    """The reply of a connection, which goes ``back`` to the idle ones, where they still are, once
    it was read to its end."""

    def __init__(
        self,
        connection: Connection,
        status: int,
        headers: Mapping[str, str],
        back: Callable[[], bool],
    ) -> None:
        self._connection, self._back = connection, back
        self.status, self.headers = status, headers
        self._plain = headers.get("content-encoding", "identity").lower() == "identity"

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        if self._plain:
            return self._connection.failures
        from kit.providers.transport import client  # for the few that compress what they stream

        return client.FAILURES

    def pieces(self) -> AsyncGenerator[bytes, None]:
        return self._connection.pieces() if self._plain else self._decoded()

    async def _decoded(self) -> AsyncGenerator[bytes, None]:
        from kit.providers.transport import client

        encoding = self.headers["content-encoding"]
        async with (
            aclosing(self._connection.pieces()) as coded,
            aclosing(client.decoded(encoding, coded)) as pieces,
        ):
            async for piece in pieces:
                yield piece

    def finished(self) -> bool:
        return self._connection.finished()

    async def aclose(self) -> None:
        if self._connection.ready() and not self._back():
            self._connection.close()
