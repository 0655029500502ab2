"""One HTTP request, its answer as bytes: the only file that imports the HTTP client.

It uses the client library's transport and not its client: so there are no cookies, no redirects
that would carry a key to another origin, no ``.netrc``, no log line with a URL in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from kit.errors import (
    ConfigError,
    IncompleteError,
    KitError,
    UnavailableError,
    UnusableError,
)
from kit.providers.dialects import complaints
from kit.providers.transport import address, proxies, tls
from kit.providers.transport.network import Place, failure

if TYPE_CHECKING:
    import ssl

    import httpx2

CONNECT = 10.0  # seconds
BODY = 64 * 2**20  # bytes after decompression: the most that is read of an answer
ERROR_BODY = 2**20  # bytes that are read of an answer that is none
KEEP = 30.0  # seconds that an idle connection is kept
DRAIN = 0.1  # seconds that the end of a body may come after the end of the reply in it


@dataclass(frozen=True, slots=True)
class Outgoing:
    """``timeout`` bounds, in seconds, the wait for the headers and between any two bytes."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = b""
    timeout: float = 120.0


class Http:
    """Connections to one address: a pool of one for each request under way, used again by the
    next. (The library's own pool looks at all its requests for every event: quadratic.)"""

    def __init__(self, url: str, clean: Callable[[str], str] = lambda text: text) -> None:
        """``clean`` takes the keys out of a text before it enters a message."""
        self._host, self._clean = address.host(url), clean
        self._proxy: str | None = None  # asked of the environment when the first request leaves
        self._url = url
        # connections of another loop can neither be used nor closed
        self._idle: dict[asyncio.AbstractEventLoop, list[httpx2.AsyncHTTPTransport]] = {}

    async def send(self, outgoing: Outgoing) -> Answer:
        """The answer once its headers are here, when it may be one: 200, and no HTML.

        Raises what ``complaint`` makes of another status, and UnavailableError and its kin for
        what goes wrong on the way.
        """
        request = _request(outgoing)
        free = self._free()
        transport = free.pop() if free else self._open()
        place = Place(self._host, proxies.named(self._proxy or ""), outgoing.timeout, self._clean)
        try:
            response = await _headers(transport, request, outgoing.timeout)
        except _FAILURES() as error:
            free.append(transport)
            raise failure(error, place) from _cause(error, self._clean)
        except BaseException:
            free.append(transport)
            raise
        answer = Answer(response, place, lambda: free.append(transport))
        try:
            await answer.check()
        except BaseException:
            await answer.aclose()
            raise
        return answer

    async def aclose(self) -> None:
        """Close the idle connections; those in use are closed by who uses them."""
        free = self._free()
        while free:
            await free.pop().aclose()

    def _free(self) -> list[httpx2.AsyncHTTPTransport]:
        """The idle connections of the running loop; those of loops that ended are let go."""
        for loop in [each for each in self._idle if each.is_closed()]:
            self._idle.pop(loop, None)
        return self._idle.setdefault(asyncio.get_running_loop(), [])

    def _open(self) -> httpx2.AsyncHTTPTransport:
        import httpx2  # 0.1 s: only who sends pays for it

        _silence()
        if self._proxy is None:
            self._proxy = proxies.proxy_for(self._url)
        limits = httpx2.Limits(max_keepalive_connections=1, keepalive_expiry=KEEP)
        try:
            return httpx2.AsyncHTTPTransport(
                verify=_trust() if self._url.startswith("https:") else tls.distrust(),
                trust_env=False,
                limits=limits,
                proxy=_proxy(self._proxy) if self._proxy else None,
            )
        except (ValueError, ImportError) as error:  # socks without its package, another scheme
            raise ConfigError(
                f"the proxy {proxies.named(self._proxy)} cannot be used",
                hint="set HTTPS_PROXY to an http:// or https:// address, or NO_PROXY",
            ) from error


class Answer:
    """An answer whose headers are here and whose bytes are still to come."""

    def __init__(self, response: httpx2.Response, place: Place, free: Callable[[], None]) -> None:
        self._response, self._place, self._free = response, place, free
        self._closed = False
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def check(self) -> None:
        """Raise when this is no answer to a prompt."""
        if self.status in {204, 205}:
            raise UnusableError(f"{self._place.host} sent an empty response", http_status=204)
        if self.status != 200:
            raise await self._complaint()
        if self.media_type in {"text/html", "application/xhtml+xml"}:
            raise UnusableError(
                f"{self._place.host} sent a web page, not an API response",
                hint="check base_url",
                http_status=200,
            )

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The decompressed body in pieces of at most 1 MiB."""
        size = 0
        try:
            async with aclosing(self._response.aiter_bytes()) as pieces:
                async for piece in pieces:
                    size += len(piece)
                    if size > BODY:
                        raise UnusableError(
                            f"the response of {self._place.host} is larger than {BODY >> 20} MiB"
                        )
                    yield piece
        except _FAILURES() as error:
            raise failure(error, self._place, begun=size > 0) from _cause(error, self._place.clean)

    async def whole(self) -> bytes:
        """The body at once."""
        body = bytearray()
        async with aclosing(self.chunks()) as pieces:
            async for piece in pieces:
                body += piece
        return bytes(body)

    async def drain(self, chunks: AsyncGenerator[bytes, None]) -> None:
        """Read what is left of ``chunks``, if it comes at once: so the connection is used again."""
        try:
            async with asyncio.timeout(DRAIN):
                async for _ in chunks:
                    pass
        except (TimeoutError, UnavailableError, IncompleteError, UnusableError):
            pass

    async def aclose(self) -> None:
        """Close the connection unless the body was read to its end."""
        if self._closed:
            return
        self._closed = True
        try:
            await self._response.aclose()
        except _FAILURES():
            pass  # it was to be closed, and is
        finally:
            self._free()

    async def _complaint(self) -> KitError:
        body = await self._first(ERROR_BODY)
        error = complaints.complaint(self.status, self.headers, body, host=self._place.host)
        word = self.headers.get("x-should-retry", "").strip().lower()
        error.should_retry = {"true": True, "false": False}.get(word)
        return error

    async def _first(self, limit: int) -> bytes:
        """What came of a body within the time-out and up to ``limit`` bytes: better than none."""
        body = bytearray()
        try:
            async with asyncio.timeout(self._place.timeout), aclosing(self.chunks()) as pieces:
                async for piece in pieces:
                    body += piece
                    if len(body) >= limit:
                        break
        except (TimeoutError, UnavailableError, IncompleteError, UnusableError):
            pass
        return bytes(body[:limit])


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


def _request(outgoing: Outgoing) -> httpx2.Request:
    import httpx2

    for name, value in outgoing.headers.items():
        if not (value.isascii() and value.isprintable()):  # the library's message would quote it
            raise ConfigError(
                f"the header {name!r} holds a character that cannot be sent",
                hint="remove line ends and letters outside ASCII; is it the key?",
            )
    limits = httpx2.Timeout(outgoing.timeout, connect=min(CONNECT, outgoing.timeout), pool=None)
    try:
        return httpx2.Request(
            outgoing.method,
            _parsed(outgoing.url),
            headers={"Accept-Encoding": "gzip, deflate", **outgoing.headers},
            content=outgoing.body,
            extensions={"timeout": limits.as_dict()},
        )
    except (httpx2.InvalidURL, UnicodeError) as error:
        raise ConfigError("base_url is not an address", hint="like https://host/v1") from error


@lru_cache
def _parsed(url: str) -> httpx2.URL:
    """Parsed once: a thousand requests go to one address."""
    import httpx2

    return httpx2.URL(url)


@cache
def _FAILURES() -> tuple[type[Exception], ...]:  # noqa: N802  # a constant, made late
    import httpx2

    return (httpx2.HTTPError, httpx2.StreamError, TimeoutError, OSError)


def _proxy(url: str) -> httpx2.Proxy:
    import httpx2

    return httpx2.Proxy(url, ssl_context=_trust() if url.startswith("https:") else None)


def _trust() -> ssl.SSLContext:
    import httpx2

    return tls.trust(httpx2.create_ssl_context)


def _cause(error: Exception, clean: Callable[[str], str]) -> Exception | None:
    """The exception to chain: none when its text may hold a header that was to be sent, or holds a
    key that the server said back."""
    import httpx2

    telling = isinstance(error, httpx2.LocalProtocolError) or clean(str(error)) != str(error)
    return None if telling else error


@cache
def _silence() -> None:
    """The library's debug records quote headers in both directions: keep only what happened."""

    def first_word(record: logging.LogRecord) -> bool:
        record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True

    for name in ("httpx2", *(f"httpcore2.{part}" for part in _LOGGERS)):
        logging.getLogger(name).addFilter(first_word)


_LOGGERS = ("connection", "http11", "http2", "proxy", "socks")
