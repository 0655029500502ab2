"""One page of the web: from the address that was checked, whatever its status."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing

from kit import __version__
from kit.dataclass import dataclass
from kit.errors import TimedOutError
from kit.providers.transport import address as addresses
from kit.providers.transport.http import Http
from kit.providers.transport.outgoing import Outgoing

_HEADERS = {
    "User-Agent": f"kit/{__version__}",
    "Accept": "text/html, application/json, text/*;q=0.9, */*;q=0.5",
}


@dataclass(frozen=True, slots=True)
class Fetched:
    """``body``: decompressed; ``cut``: there was more. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool


async def fetch(url: str, *, address: str, seconds: float, most: int) -> Fetched:
    """GET ``url`` from ``address``, an IP address, within ``seconds``; at most ``most`` bytes of
    it. No cookie, no key and no redirect. Raises UnavailableError and its kin."""
    http = Http(url, at=address)
    try:
        async with asyncio.timeout(seconds):
            return await _fetched(http, Outgoing("GET", url, _HEADERS, timeout=seconds), most)
    except TimeoutError as error:
        raise TimedOutError(
            f"{addresses.host(url)} did not answer within {seconds:g} s", hint="try again"
        ) from error
    finally:
        await http.aclose()


async def _fetched(http: Http, outgoing: Outgoing, most: int) -> Fetched:
    answer = await http.sent(outgoing)
    body = bytearray()
    try:
        async with aclosing(answer.chunks()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > most:
                    break
    finally:
        await answer.aclose()
    return Fetched(answer.status, answer.headers, bytes(body[:most]), len(body) > most)
