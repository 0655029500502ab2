"""What is rare is the HTTP client library's work, which only this file imports: proxies, compressed
answers, trust where the system has no folder of certificates.

Of it the transport is used and not the client. So there are in no case cookies, redirects that
would carry a key to another origin, a ``.netrc``, or a log line with a URL in it.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from functools import cache

import httpx2

from kit.errors import ConfigError
from kit.providers.transport import proxies, tls
from kit.providers.transport.answer import Reply, cause
from kit.providers.transport.connection import Connection
from kit.providers.transport.network import Place, failure
from kit.providers.transport.outgoing import KEEP, Outgoing, Waiting

FAILURES: tuple[type[Exception], ...] = (httpx2.HTTPError, httpx2.StreamError, *Connection.failures)
_LOGGERS = ("connection", "http11", "http2", "proxy", "socks")


class Proxied:
    """The way through a proxy."""

    def __init__(self, url: str, proxy: str, at: str, clean: Callable[[str], str]) -> None:
        self._url, self._proxy, self._at, self._clean = url, proxy, at, clean
        self._pools: Waiting[httpx2.AsyncHTTPTransport] = Waiting()

    async def ask(self, outgoing: Outgoing, place: Place) -> Reply:
        pools = self._pools.here()
        pool = pools.pop() if pools else self._pool()

        async def free() -> None:
            if not self._pools.back(pool, pools):
                await pool.aclose()

        try:
            response = await _headed(pool, self._request(outgoing), outgoing.timeout)
        except FAILURES as error:
            await free()
            raise failure(error, place) from cause(error, self._clean)
        except BaseException:
            await free()
            raise
        return _Passed(response, free)

    async def aclose(self) -> None:
        for pool in self._pools.taken():
            await pool.aclose()

    def _pool(self) -> httpx2.AsyncHTTPTransport:
        """A pool of one: the library's own looks at all its requests for every event."""
        _silence()
        limits = httpx2.Limits(max_keepalive_connections=1, keepalive_expiry=KEEP)
        secure = self._proxy.startswith("https:")
        try:
            return httpx2.AsyncHTTPTransport(
                verify=tls.trust() if self._url.startswith("https:") else tls.distrust(),
                trust_env=False,
                limits=limits,
                proxy=httpx2.Proxy(self._proxy, ssl_context=tls.trust() if secure else None),
            )
        except (ValueError, ImportError) as error:  # socks without its package, another scheme
            raise ConfigError(
                f"the proxy {proxies.named(self._proxy)} cannot be used",
                hint="set HTTPS_PROXY to an http:// or https:// address, or NO_PROXY",
            ) from error

    def _request(self, outgoing: Outgoing) -> httpx2.Request:
        """The proxy is asked for the address ``at``; the name stays for the server and its TLS."""
        limits = httpx2.Timeout(outgoing.timeout, connect=outgoing.patience, pool=None)
        try:
            request = httpx2.Request(
                outgoing.method,
                outgoing.url,
                headers=outgoing.sent(),
                content=outgoing.body,
                extensions={"timeout": limits.as_dict()},
            )
            if self._at:
                request.extensions["sni_hostname"] = request.url.host
                request.url = request.url.copy_with(host=self._at)
            return request
        except (httpx2.InvalidURL, UnicodeError) as error:
            raise ConfigError("base_url is not an address", hint="like https://host/v1") from error


class _Passed:
    """The reply of the library's transport."""

    def __init__(self, response: httpx2.Response, free: Callable[[], Awaitable[None]]) -> None:
        self._response, self._free = response, free
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.failures = FAILURES

    def pieces(self) -> AsyncGenerator[bytes, None]:
        return self._response.aiter_bytes()

    def finished(self) -> bool:
        return False  # it does not say

    async def aclose(self) -> None:
        try:
            await self._response.aclose()
        finally:
            await self._free()


def decoded(encoding: str, coded: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """What was compressed, in pieces of bounded size."""
    return httpx2.Response(200, headers={"Content-Encoding": encoding}, content=coded).aiter_bytes()


def trust() -> ssl.SSLContext:
    """The library's own certificates."""
    return httpx2.create_ssl_context()


async def _headed(
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


@cache
def _silence() -> None:
    """The library's debug records quote headers in both directions: keep only what happened."""

    def first_word(record: logging.LogRecord) -> bool:
        record.msg, record.args = str(record.msg).partition(" ")[0], ()
        return True

    for name in ("httpx2", *(f"httpcore2.{part}" for part in _LOGGERS)):
        logging.getLogger(name).addFilter(first_word)
