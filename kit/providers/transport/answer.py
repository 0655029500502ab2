"""An answer whose headers are here and whose bytes are still to come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Protocol

from kit.errors import IncompleteError, KitError, UnavailableError, UnusableError
from kit.providers.transport.network import Place, failure

BODY = 64 * 2**20  # bytes after decompression: the most that is read of an answer
ERROR_BODY = 2**20  # bytes that are read of an answer that is none
DRAIN = 0.1  # seconds that the end of a body may come after the end of the reply in it


class Reply(Protocol):
    """What a connection gives. Header names are in lower case; ``failures`` is what may be raised
    while the pieces (of at most 1 MiB, decompressed) come."""

    status: int
    headers: Mapping[str, str]

    @property
    def failures(self) -> tuple[type[Exception], ...]: ...
    def pieces(self) -> AsyncGenerator[bytes, None]: ...
    def finished(self) -> bool:
        """Whether the end of the body is here, as far as can be told without a wait."""

    async def aclose(self) -> None: ...


class Answer:
    """A reply within limits; its failures are kit's errors."""

    def __init__(self, reply: Reply, place: Place) -> None:
        self._reply, self._place = reply, place
        self._closed = False
        self.status, self.headers = reply.status, reply.headers
        self.media_type = reply.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def check(self) -> None:
        """Raise when this is no answer to a prompt."""
        if self.status in {204, 205}:
            raise UnusableError(
                f"{self._place.host} sent an empty response", http_status=self.status
            )
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
            async with aclosing(self._reply.pieces()) as pieces:
                async for piece in pieces:
                    size += len(piece)
                    if size > BODY:
                        raise UnusableError(
                            f"the response of {self._place.host} is larger than {BODY >> 20} MiB"
                        )
                    yield piece
        except self._reply.failures as error:
            raise failure(error, self._place, begun=size > 0) from cause(error, self._place.clean)

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
            if not self._reply.finished():
                async with asyncio.timeout(DRAIN):
                    async for _ in chunks:
                        pass
        except (TimeoutError, UnavailableError, IncompleteError, UnusableError):
            pass
        except self._reply.failures:
            pass

    async def aclose(self) -> None:
        """Close the connection unless the body was read to its end."""
        if self._closed:
            return
        self._closed = True
        with suppress(*self._reply.failures):  # it was to be closed, and is
            await self._reply.aclose()

    async def _complaint(self) -> KitError:
        from kit.providers.dialects import complaints  # for what is none of what was asked for

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


def cause(error: Exception, clean: Callable[[str], str]) -> Exception | None:
    """The exception to chain: none when its text may hold a header that was to be sent, or holds a
    key that the server said back."""
    names = {kind.__name__ for kind in type(error).__mro__}
    telling = "LocalProtocolError" in names or clean(str(error)) != str(error)
    return None if telling else error
