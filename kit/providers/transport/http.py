"""One HTTP request, its answer as bytes: straight to the server, or through a proxy.

What is rare is the client library's (``client.py``): its import alone costs half a short ``kit
ask``, and its pool most of a thousand calls at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from kit.providers.transport import address, proxies
from kit.providers.transport.answer import Answer, Reply
from kit.providers.transport.network import Place
from kit.providers.transport.outgoing import Outgoing


class Way(Protocol):
    """How requests reach their server."""

    async def ask(self, outgoing: Outgoing, place: Place) -> Reply: ...

    async def aclose(self) -> None: ...


class Http:
    """Connections to one address: one for each request under way, used again by the next."""

    def __init__(
        self, url: str, clean: Callable[[str], str] = lambda text: text, *, at: str = ""
    ) -> None:
        """``clean`` takes the keys out of a text before it enters a message. ``at``: the address
        to connect to, whatever the name in the URL may stand for by now."""
        self._url, self._host, self._clean, self._at = url, address.host(url), clean, at
        self._proxy = ""
        self._way: Way | None = None  # found when the first request leaves

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
        way = self._way = self._way or self._found()
        place = Place(self._host, proxies.named(self._proxy), outgoing.timeout, self._clean)
        return Answer(await way.ask(outgoing, place), place)

    async def aclose(self) -> None:
        """Close the idle connections; those in use are closed when they have been used."""
        if self._way:
            await self._way.aclose()
        await asyncio.sleep(0)  # asyncio lets go of a socket in its next turn

    def _found(self) -> Way:
        # Imported when a request leaves: h11 for each, the library for who has a proxy.
        self._proxy = proxies.proxy_for(self._url)
        if self._proxy:
            from kit.providers.transport.client import Proxied

            return Proxied(self._url, self._proxy, self._at, self._clean)
        from kit.providers.transport.direct import Direct

        return Direct(self._url, self._at, self._clean)
