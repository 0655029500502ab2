"""The HTTP client that an MCP server's URL is asked with: one origin, one address, bounded answers.

The SDK speaks HTTP through a client that it is given. This one looks the name up once, refuses
addresses that only the machine itself should reach, connects to no other address and sends to no
other origin, whatever a redirect says. What goes wrong becomes an answer to the request that it
went wrong for, because an exception would end the whole session.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import os
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial

import httpx2

from kit.errors import AuthError, UnavailableError, UsageError
from kit.patterns.tools.threads import in_thread

BODY = 64 * 2**20  # bytes of one answer; of one event in it: EVENT
EVENT = 8 * 2**20
CONNECT = 10.0  # seconds
QUIET = 300.0  # seconds without a byte

METADATA = frozenset({"100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "168.63.129.16"})
"""Where clouds tell a machine its own credentials, beside the link-local addresses."""


async def looked_up(url: str) -> str:
    """The address to connect to. UsageError for one that nobody means unless they write it out,
    UnavailableError for a name that has none."""
    parts = _parsed(url)
    host = parts.host
    with suppress(ValueError):  # a name
        return str(ipaddress.ip_address(host))
    find = partial(socket.getaddrinfo, host, parts.port or 0, type=socket.SOCK_STREAM)
    try:
        async with asyncio.timeout(CONNECT):
            found = await in_thread(find)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise UnavailableError(f"the MCP server {host} cannot be found") from error
    addresses = [str(each[4][0]) for each in found]
    if forbidden := next(filter(is_forbidden, addresses), ""):
        raise UsageError(
            f"the MCP server {host} has the address {forbidden}, which a name should not lead to",
            hint="if you mean it, write the address itself into the URL",
        )
    return addresses[0]


def is_forbidden(address: str) -> bool:
    """Link-local, multicast, unspecified, or known to give away a machine's credentials."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or _translated(ip) or ip
    return ip.is_link_local or ip.is_multicast or ip.is_unspecified or str(ip) in METADATA


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The address within one that NAT64 makes of it."""
    inside = ip in ipaddress.IPv6Network("64:ff9b::/96")
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if inside else None


def is_loopback(url: str) -> bool:
    host = _parsed(url).host
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost" or host.endswith(".localhost")


def _parsed(url: str) -> httpx2.URL:
    try:
        return httpx2.URL(url)
    except httpx2.InvalidURL as error:
        raise UsageError("the address of an MCP server cannot be read") from error


def client(url: str, address: str, token: str) -> httpx2.AsyncClient:
    """For this URL at this address alone; ``token`` is sent as a bearer token when there is one."""
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise AuthError("the token of the MCP server holds a character that cannot be sent")
    headers = {"accept-encoding": "identity", "user-agent": "kit"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    return httpx2.AsyncClient(
        transport=_OneOrigin(httpx2.URL(url), address),
        headers=headers,
        timeout=httpx2.Timeout(CONNECT, read=QUIET),
        trust_env=False,
        max_redirects=3,
    )


class _OneOrigin(httpx2.AsyncBaseTransport):
    """Sends to one address what is meant for one origin; everything else it answers itself."""

    def __init__(self, url: httpx2.URL, address: str) -> None:
        self._origin, self._address = _origin(url), address
        self._inner = httpx2.AsyncHTTPTransport(
            verify=url.scheme == "https" or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
            trust_env=False,
            limits=httpx2.Limits(max_connections=16, max_keepalive_connections=4),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if _origin(request.url) != self._origin:
            return _failed(f"it sends kit on to another origin ({request.url.host})")
        extensions = {**request.extensions, "sni_hostname": request.url.host}
        sent = httpx2.Request(
            request.method,
            request.url.copy_with(host=self._address),
            headers=request.headers,  # Host is among them: the name
            stream=request.stream,
            extensions=extensions,
        )
        try:
            response = await self._inner.handle_async_request(sent)
        except httpx2.ConnectTimeout:
            return _failed("it cannot be reached in time")
        except httpx2.ConnectError as error:
            return _failed(f"it cannot be reached ({_reason(error)})")
        except httpx2.TransportError as error:
            return _failed(f"the connection failed ({type(error).__name__})")
        return await self._checked(response)

    async def _checked(self, response: httpx2.Response) -> httpx2.Response:
        status = response.status_code
        coding = response.headers.get("content-encoding", "identity").lower()
        why = _REFUSALS.get(status, "")
        if coding != "identity":
            why = f"its answer is compressed ({coding}) though that was not asked for"
        if status >= 500 and "json" not in response.headers.get("content-type", ""):
            why = f"it answers with HTTP {status}"
        if why:
            await response.aclose()
            return _failed(why)
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # an async transport's
        response.stream = _Bounded(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


_REFUSALS = {
    401: "it wants a token (HTTP 401): name the variable that holds it as token_env",
    403: "it refuses access (HTTP 403)",
    407: "a proxy refuses access (HTTP 407)",
    429: "it has had too many requests for now (HTTP 429)",
}


class _Bounded(httpx2.AsyncByteStream):
    """The bytes of an answer up to BODY. One that breaks ends early: then it is no whole message,
    and its request fails alone."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        with suppress(httpx2.TransportError):
            async for piece in self._inner:
                size += len(piece)
                if size > BODY:
                    return
                yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()


def _failed(why: str) -> httpx2.Response:
    """An answer of kit's own, in the server's stead."""
    error = {"jsonrpc": "2.0", "id": None, "error": {"code": -32000, "message": why}}
    return httpx2.Response(
        502, headers={"content-type": "application/json"}, content=json.dumps(error).encode()
    )


def _origin(url: httpx2.URL) -> tuple[str, str, int]:
    return url.scheme, url.host, url.port or {"https": 443, "http": 80}.get(url.scheme, 0)


def _reason(error: BaseException | None) -> str:
    """What the system says of it, when it says something."""
    while error:
        if isinstance(error, OSError) and error.errno:
            return os.strerror(error.errno).lower()
        error = error.__cause__ or error.__context__
    return "no connection"
