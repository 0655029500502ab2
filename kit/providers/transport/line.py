"""A connection as bytes: opened, written to, read with a limit to each wait."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl

FULL = 2**18  # bytes that wait here to be read: above them the server has to wait
STAGGER = 0.25  # seconds until the next address of a name is tried beside the first (RFC 8305)


class ConnectError(OSError):
    """There is no connection. ``__cause__`` says why."""


class ConnectTimeout(ConnectError, TimeoutError):
    """There is no connection yet."""


class Line(asyncio.Protocol):
    """One connection, used by one task at a time. ``ended``: nothing more will come.

    asyncio's own streams would do, at three times the cost of a call: a reader, a writer, a lock,
    and a time-out object for every wait.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._came = bytearray()
        self._held = False  # the server has to wait
        self._clogged = False  # what was written has not left
        self._waiter: asyncio.Future[None] | None = None
        self._lost: Exception | None = None
        self.ended = False

    @classmethod
    async def open(
        cls, host: str, port: int, tls: ssl.SSLContext | None, patience: float, name: str = ""
    ) -> Line:
        """All addresses of ``host`` are tried within ``patience`` seconds; ``name`` is whose
        certificate is wanted, where ``host`` is an address. Raises ConnectError."""
        loop = asyncio.get_running_loop()
        named = not _is_address(host)
        try:
            async with asyncio.timeout(patience):
                _, line = await loop.create_connection(
                    cls,
                    host,
                    port,
                    ssl=tls,
                    server_hostname=(name or host) if tls else None,
                    happy_eyeballs_delay=STAGGER if named else None,
                )
        except TimeoutError as error:
            raise ConnectTimeout from error
        except OSError as error:  # also every ssl.SSLError
            raise ConnectError from error
        return line

    async def write(self, data: bytes, patience: float) -> None:
        """Until it has left, or the server says something. Each wait is bounded by ``patience``."""
        self._transport.write(data)
        while self._clogged and not (self.ended or self._came):
            await self._wait(patience)

    async def read(self, patience: float) -> bytes:
        """What has come, after a wait of at most ``patience`` seconds; empty at the end. Raises
        TimeoutError, and OSError when the connection broke."""
        if not self._came and not self.ended:
            await self._wait(patience)
        if not self._came and self._lost:
            raise self._lost
        data = bytes(self._came)
        self._came.clear()
        if self._held:
            self._held = False
            self._transport.resume_reading()
        return data

    def is_quiet(self) -> bool:
        """Open, and the server has said nothing that was not asked for, not even its end."""
        if self.ended or self._came:
            return False
        with selectors.DefaultSelector() as selector:
            selector.register(self._transport.get_extra_info("socket"), selectors.EVENT_READ)
            return not selector.select(0)

    def close(self) -> None:
        """At once: what has not left is not sent."""
        self.ended = True
        self._transport.abort()

    async def _wait(self, patience: float) -> None:
        self._waiter = waiter = self._loop.create_future()
        timer = self._loop.call_later(patience, _give_up, waiter)
        try:
            await waiter
        finally:
            timer.cancel()
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    # --- called by asyncio ----------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        if len(self._came) > FULL and not self._held:
            self._held = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        self.ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended, self._lost = True, exc
        self._wake()

    def pause_writing(self) -> None:
        self._clogged = True

    def resume_writing(self) -> None:
        self._clogged = False
        self._wake()


def _give_up(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(TimeoutError())


def _is_address(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
