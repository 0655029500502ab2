"""One HTTP/1.1 connection: a request out, the head of its answer in, then its body.

h11 knows the protocol (framing, limits, what may follow what); this only carries its bytes. The
HTTP client's own connections do the same through a pool, a trace and a portable event loop: seven
times the CPU of a call, where a thousand of them leave at once.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Iterable, Mapping
from typing import TYPE_CHECKING

import h11

from kit.providers.transport.line import Line

if TYPE_CHECKING:
    import ssl

HEAD = 100 * 1024  # bytes: the longest head of an answer


class Connection:
    """One request at a time: ``ask``, then ``pieces`` to their end, then ``ready``."""

    failures: tuple[type[Exception], ...] = (h11.ProtocolError, OSError)

    def __init__(self, line: Line) -> None:
        self._line = line
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD)
        self._patience = self._since = 0.0
        self.heard = False  # whether any byte has come since the last request

    @classmethod
    async def open(
        cls, host: str, port: int, tls: ssl.SSLContext | None, patience: float, name: str = ""
    ) -> Connection:
        """As ``Line.open``: raises line.ConnectError after at most ``patience`` seconds."""
        return cls(await Line.open(host, port, tls, patience, name))

    async def ask(
        self, head: h11.Request, body: bytes, patience: float
    ) -> tuple[int, Mapping[str, str]]:
        """Status and headers, their names in lower case. The wait for all of them together is
        bounded by ``patience`` seconds, and so is every later wait for bytes of the body."""
        self._patience, self.heard = patience, False
        await self._line.write(self._sent(head, body), patience)
        until = time.monotonic() + patience
        while True:
            event = await self._next(until)
            if isinstance(event, h11.Response):
                return event.status_code, _joined(event.headers)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes."""
        while True:
            event = await self._next()
            if not isinstance(event, h11.Data):
                return
            yield bytes(event.data)

    def finished(self) -> bool:
        """Whether the end of the body is here; what else of it had come is thrown away."""
        while self._http.their_state is h11.SEND_BODY:
            if self._http.next_event() is h11.NEED_DATA:
                return False
        return self._http.their_state is h11.DONE

    def ready(self) -> bool:
        """Made ready for the next request, where the answer was read to its end; else closed. What
        a server says after its answer would be taken for the next one: closed too."""
        states = {self._http.our_state, self._http.their_state}
        if states != {h11.DONE} or self._http.trailing_data[0]:
            self._line.close()
            return False
        self._http.start_next_cycle()
        self._since = time.monotonic()
        return True

    def is_usable(self, keep: float) -> bool:
        """Idle for at most ``keep`` seconds, and the server has not closed it."""
        return time.monotonic() - self._since <= keep and self._line.is_quiet()

    def close(self) -> None:
        self._line.close()

    def _sent(self, head: h11.Request, body: bytes) -> bytes:
        parts = [self._http.send(head), self._http.send(h11.Data(body)) if body else b""]
        return b"".join(part or b"" for part in (*parts, self._http.send(h11.EndOfMessage())))

    async def _next(self, until: float | None = None) -> object:
        """What h11 makes of the next bytes, waited for ``until`` then, else as long as may be."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            wait = self._patience if until is None else max(until - time.monotonic(), 0)
            data = await self._line.read(wait)
            if not data and self._http.their_state is h11.SEND_RESPONSE:
                raise ConnectionAbortedError("closed before an answer came")
            self.heard = self.heard or bool(data)
            self._http.receive_data(data)
        return event


def request(method: str, target: str, headers: Mapping[str, str]) -> h11.Request:
    """The head of a request. h11.LocalProtocolError for what cannot be sent."""
    return h11.Request(method=method, target=target, headers=list(headers.items()))


def _joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("ascii"), raw_value.decode("latin-1")
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined
