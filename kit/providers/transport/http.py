"""One HTTP request, its answer as bytes: the only file that imports the HTTP client.

A request goes straight to its server over a ``Connection``. The client library does what is rare
(proxies, compressed answers, trust where the system has no folder of certificates): its import
alone costs half a short ``kit ask``, and its pool most of a thousand calls at once. Of it the
transport is used and not the client. So there are in no case cookies, redirects that would carry a
key to another origin, a ``.netrc``, or a log line with a URL in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Generic, TypeVar

from kit.errors import ConfigError
from kit.providers.transport import address, proxies, tls
from kit.providers.transport.answer import Answer, Reply, cause
from kit.providers.transport.network import Place, failure

if TYPE_CHECKING:
    import ssl

    import h11
    import httpx2

    from kit.providers.transport.connection import Connection

CONNECT = 10.0  # seconds
KEEP = 30.0  # seconds that an idle connection is kept
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``timeout`` bounds, in seconds, the wait for the headers and between any two bytes."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    timeout: float = 120.0


class Http:
    """Connections to one address: one for each request under way, used again by the next."""

    def __init__(
        self, url: str, clean: Callable[[str], str] = lambda text: text, *, at: str = ""
    ) -> None:
        """``clean`` takes the keys out of a text before it enters a message. ``at``: the address
        to connect to, whatever the name in the URL may stand for by now."""
        self._url, self._host, self._clean, self._at = url, address.host(url), clean, at
        self._proxy: str | None = None  # asked of the environment when the first request leaves
        self._headed: tuple[Outgoing, h11.Request] | None = None  # the last head that was made
        self._idle: _ByLoop[Connection] = _ByLoop()
        self._pools: _ByLoop[httpx2.AsyncHTTPTransport] = _ByLoop()

    async def send(self, outgoing: Outgoing) -> Answer:
        """The answer once its headers are here, when it may be one: 200, and no HTML.

        Raises what ``complaint`` makes of another status, and UnavailableError and its kin for
        what goes wrong on the way.
        """
        answer = await self.sent(outgoing)
        try:
            await answer.check()
        except BaseException:
            await answer.aclose()
            raise
        return answer

    async def sent(self, outgoing: Outgoing) -> Answer:
        """Any answer, once its headers are here."""
        if self._proxy is None:
            self._proxy = proxies.proxy_for(self._url)
        place = Place(self._host, proxies.named(self._proxy), outgoing.timeout, self._clean)
        way = self._through if self._proxy else self._direct
        return Answer(await way(outgoing, place), place)

    async def aclose(self) -> None:
        """Close the idle connections; those in use are closed by who uses them."""
        for connection in self._idle.taken():
            connection.close()
        for pool in self._pools.taken():
            await pool.aclose()
        await asyncio.sleep(0)  # asyncio lets go of a socket in its next turn

    # --- straight to the server -----------------------------------------------------------------
    async def _direct(self, outgoing: Outgoing, place: Place) -> Reply:
        from kit.providers.transport.connection import Connection  # h11: only who sends pays

        connection = self._usable()
        try:
            head = self._head(outgoing)
            if connection is None:
                connection = await self._connected(min(CONNECT, outgoing.timeout))
            status, headers = await connection.ask(head, outgoing.body, outgoing.timeout)
        except Connection.failures as error:
            if connection:
                connection.close()
            raise failure(error, place) from cause(error, self._clean)
        except BaseException:
            if connection:
                connection.close()
            raise
        return _Direct(connection, status, headers, self._idle.here())

    def _head(self, outgoing: Outgoing) -> h11.Request:
        """Made once for requests that are the same: a thousand members ask one thing."""
        from kit.providers.transport import connection

        if self._headed is None or self._headed[0] is not outgoing:
            host, target = address.parted(outgoing.url)
            headers = {"Host": host, **_sent(outgoing), "Content-Length": str(len(outgoing.body))}
            self._headed = outgoing, connection.request(outgoing.method, target, headers)
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
        from kit.providers.transport.connection import Connection

        host, port, secure = address.server(self._url)
        trust = _trust() if secure else None
        return await Connection.open(self._at or host, port, trust, patience, host)

    # --- through a proxy ------------------------------------------------------------------------
    async def _through(self, outgoing: Outgoing, place: Place) -> Reply:
        pools = self._pools.here()
        pool = pools.pop() if pools else self._pool()
        try:
            response = await _headers(pool, _request(outgoing, self._at), outgoing.timeout)
        except _failures() as error:
            pools.append(pool)
            raise failure(error, place) from cause(error, self._clean)
        except BaseException:
            pools.append(pool)
            raise
        return _Library(response, lambda: pools.append(pool))

    def _pool(self) -> httpx2.AsyncHTTPTransport:
        """A pool of one: the library's own looks at all its requests for every event."""
        import httpx2

        _silence()
        assert self._proxy
        limits = httpx2.Limits(max_keepalive_connections=1, keepalive_expiry=KEEP)
        try:
            return httpx2.AsyncHTTPTransport(
                verify=_trust() if self._url.startswith("https:") else tls.distrust(),
                trust_env=False,
                limits=limits,
                proxy=httpx2.Proxy(
                    self._proxy, ssl_context=_trust() if self._proxy.startswith("https:") else None
                ),
            )
        except (ValueError, ImportError) as error:  # socks without its package, another scheme
            raise ConfigError(
                f"the proxy {proxies.named(self._proxy)} cannot be used",
                hint="set HTTPS_PROXY to an http:// or https:// address, or NO_PROXY",
            ) from error


class _ByLoop(Generic[T]):
    """What waits to be used again, for each event loop: another can neither use it nor close it."""

    def __init__(self) -> None:
        self._lists: dict[asyncio.AbstractEventLoop, list[T]] = {}

    def here(self) -> list[T]:
        loop = asyncio.get_running_loop()
        if loop not in self._lists:
            self._lists = {each: some for each, some in self._lists.items() if not each.is_closed()}
        return self._lists.setdefault(loop, [])

    def taken(self) -> list[T]:
        return self._lists.pop(asyncio.get_running_loop(), [])


class _Direct:
    """The reply of a connection, which is ``idle`` again once it was read to its end."""

    def __init__(
        self,
        connection: Connection,
        status: int,
        headers: Mapping[str, str],
        idle: list[Connection],
    ) -> None:
        self._connection, self._idle = connection, idle
        self.status, self.headers = status, headers
        self._plain = headers.get("content-encoding", "identity").lower() == "identity"

    @property
    def failures(self) -> tuple[type[Exception], ...]:
        return self._connection.failures if self._plain else _failures()

    def pieces(self) -> AsyncGenerator[bytes, None]:
        return self._connection.pieces() if self._plain else self._decoded()

    async def _decoded(self) -> AsyncGenerator[bytes, None]:
        import httpx2

        named = {"Content-Encoding": self.headers["content-encoding"]}
        async with aclosing(self._connection.pieces()) as coded:
            response = httpx2.Response(self.status, headers=named, content=coded)
            async with aclosing(response.aiter_bytes()) as pieces:
                async for piece in pieces:
                    yield piece

    def finished(self) -> bool:
        return self._connection.finished()

    async def aclose(self) -> None:
        if self._connection.ready():
            self._idle.append(self._connection)


class _Library:
    """The reply of the library's transport."""

    def __init__(self, response: httpx2.Response, free: Callable[[], None]) -> None:
        self._response, self._free = response, free
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.failures = _failures()

    def pieces(self) -> AsyncGenerator[bytes, None]:
        return self._response.aiter_bytes()

    def finished(self) -> bool:
        return False  # it does not say

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        finally:
            self._free()


async def _headers(
    transport: httpx2.AsyncHTTPTransport, request: httpx2.Request, timeout: float
) -> httpx2.Response:
    """Send; the whole wait for headers is bounded, not only the wait between two of their bytes."""
    clock = asyncio.get_running_loop().time
    async with asyncio.timeout(None) as limit:

        async def watch(name: str, _info: Mapping[str, object]) -> None:
            if name.endswith("receive_response_headers.started"):
                limit.reschedule(clock() + timeout)

        request.extensions["trace"] = watch
        return await transport.handle_async_request(request)


def _request(outgoing: Outgoing, at: str) -> httpx2.Request:
    """``at``: the address that a proxy is asked for; the name stays for the server and its TLS."""
    import httpx2

    limits = httpx2.Timeout(outgoing.timeout, connect=min(CONNECT, outgoing.timeout), pool=None)
    try:
        request = httpx2.Request(
            outgoing.method,
            outgoing.url,
            headers=_sent(outgoing),
            content=outgoing.body,
            extensions={"timeout": limits.as_dict()},
        )
        if at:
            request.extensions["sni_hostname"] = request.url.host
            request.url = request.url.copy_with(host=at)
        return request
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise ConfigError("base_url is not an address", hint="like https://host/v1") from error


def _sent(outgoing: Outgoing) -> dict[str, str]:
    """The headers, unless one of them cannot be sent: a library's message would quote it."""
    for name, value in outgoing.headers.items():
        if not (value.isascii() and value.isprintable()):
            raise ConfigError(
                f"the header {name!r} holds a character that cannot be sent",
                hint="remove line ends and letters outside ASCII; is it the key?",
            )
    return {"Accept-Encoding": "gzip, deflate", **outgoing.headers}


@cache
def _failures() -> tuple[type[Exception], ...]:
    import httpx2

    from kit.providers.transport.connection import Connection

    return (httpx2.HTTPError, httpx2.StreamError, *Connection.failures)


def _trust() -> ssl.SSLContext:
    return tls.trust(_library_trust)


def _library_trust() -> ssl.SSLContext:
    import httpx2

    return httpx2.create_ssl_context()


@cache
def _silence() -> None:
    """The library's debug records quote headers in both directions: keep only what happened."""

    def first_word(record: logging.LogRecord) -> bool:
        record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True

    for name in ("httpx2", *(f"httpcore2.{part}" for part in _LOGGERS)):
        logging.getLogger(name).addFilter(first_word)


_LOGGERS = ("connection", "http11", "http2", "proxy", "socks")
