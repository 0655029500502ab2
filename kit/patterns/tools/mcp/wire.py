"""Messages to and from a server, as the SDK wants its streams; what floods or babbles is stopped.

Imports the SDK at its top (1 s of CPU): so it is imported only once a server is wanted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Self

import anyio
from mcp.client._transport import ReadStream, WriteStream
from mcp.shared.message import SessionMessage
from mcp_types import (
    INTERNAL_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCMessage,
    JSONRPCNotification,
    JSONRPCRequest,
    jsonrpc_message_adapter,
)

from kit.patterns.tools.mcp.child import LINE, TOO_LONG, Child

NOTIFICATIONS, REQUESTS, GARBAGE = 10_000, 200, 1000
"""So many of each may come between two answers."""

CHANGED = "notifications/tools/list_changed"


class Sieve:
    """Lets answers through that were asked for, and requests, which want a refusal; counts all
    else. ``changed`` is told that the list of tools has changed, ``stop`` that it is too much."""

    def __init__(self, changed: Callable[[], None], stop: Callable[[str], None]) -> None:
        self.asked: dict[str | int, None] = {}
        self._changed, self._stop = changed, stop
        self._left = self._full()

    def lets(self, message: JSONRPCMessage) -> bool:
        match message:
            case JSONRPCNotification(method=method):
                self._count("notifications")
                if method == CHANGED:
                    self._changed()
                return False
            case JSONRPCRequest():
                self._count("requests")
                return True
            case answer:
                wanted = answer.id in self.asked
                if wanted:
                    self.answered(answer.id)
                else:
                    self._count("garbage")
                return wanted

    def babble(self) -> None:
        """Something came that is no message."""
        self._count("garbage")

    def answered(self, identity: str | int | None) -> None:
        if identity is not None:
            self.asked.pop(identity, None)
        self._left = self._full()

    def _count(self, kind: str) -> None:
        self._left[kind] -= 1
        if self._left[kind] < 0:
            self._stop(f"was ended: it sent too many messages that nobody asked for ({kind})")

    @staticmethod
    def _full() -> dict[str, int]:
        return {"notifications": NOTIFICATIONS, "requests": REQUESTS, "garbage": GARBAGE}


class Inbox(ReadStream[SessionMessage | Exception]):
    """What is left of a source of messages behind a sieve."""

    def __init__(self, source: AsyncIterator[SessionMessage]) -> None:
        self._source = source

    async def receive(self) -> SessionMessage | Exception:
        try:
            return await anext(self._source)
        except StopAsyncIteration:
            raise anyio.EndOfStream from None

    async def aclose(self) -> None:
        pass  # who made the source closes it

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return await anext(self._source)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class Outbox(WriteStream[SessionMessage]):
    """Where messages go: ``post`` takes one."""

    def __init__(self, post: Callable[[SessionMessage], object], sieve: Sieve) -> None:
        self._post, self._sieve = post, sieve

    async def send(self, item: SessionMessage, /) -> None:
        if isinstance(item.message, JSONRPCRequest):
            self._sieve.asked[item.message.id] = None
        await self._post(item)  # type: ignore[misc]  # a coroutine function

    async def aclose(self) -> None:
        pass  # who made it closes it

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


def of_child(child: Child, sieve: Sieve) -> tuple[Inbox, Outbox]:
    """One message a line, over the pipes of a process."""

    async def post(item: SessionMessage) -> None:
        if not child.reads and isinstance(item.message, JSONRPCNotification):
            return  # nobody is to wait for a server that hangs
        try:
            data = item.message.model_dump_json(by_alias=True, exclude_unset=True)
            await child.write(data.encode(errors="replace") + b"\n")
        except BrokenPipeError as error:
            raise anyio.BrokenResourceError from error

    return Inbox(_said(child, sieve)), Outbox(post, sieve)


async def _said(child: Child, sieve: Sieve) -> AsyncIterator[SessionMessage]:
    while (line := await child.line()) is not None:
        if line is TOO_LONG:
            for each in _refused(sieve):
                yield SessionMessage(each)
            continue
        try:
            message = jsonrpc_message_adapter.validate_json(line, by_name=False)
        except ValueError:  # a banner, a log line
            sieve.babble()
            continue
        if sieve.lets(message):
            child.answered()
            yield SessionMessage(message)


def _refused(sieve: Sieve) -> deque[JSONRPCError]:
    """Whose answer was too long is not known: nobody who waits shall wait for nothing."""
    error = ErrorData(code=INTERNAL_ERROR, message=f"its answer is longer than {LINE >> 20} MiB")
    waiting = deque(JSONRPCError(jsonrpc="2.0", id=each, error=error) for each in sieve.asked)
    sieve.asked.clear()
    return waiting


def sifted(
    read: ReadStream[SessionMessage | Exception], write: WriteStream[SessionMessage], sieve: Sieve
) -> tuple[Inbox, Outbox]:
    """The streams of a transport of the SDK, behind the same sieve."""

    async def said() -> AsyncIterator[SessionMessage]:
        async for item in read:
            if isinstance(item, Exception):
                sieve.babble()
            elif sieve.lets(item.message):
                yield item

    return Inbox(said()), Outbox(write.send, sieve)
