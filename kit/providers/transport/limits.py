"""How many requests go to one host at once: shared by all endpoints of the process."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

from kit.dataclass import dataclass

AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Clock:
    """Where time comes from; tests bring their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class Host:
    """What a host has asked of everybody: no request before ``held_until``."""

    def __init__(self) -> None:
        self.held_until = 0.0

    def hold(self, until: float) -> None:
        self.held_until = max(self.held_until, until)


class Gate:
    """Lets requests through: so many at once, so many a minute, none while the host holds."""

    def __init__(self, host: Host, at_once: int, rpm: float | None) -> None:
        self.host = host
        self._room = asyncio.Semaphore(at_once)
        self._gap = 60.0 / rpm if rpm else 0.0
        self._next = 0.0

    async def enter(self, clock: Clock) -> None:
        """Returns when a request may leave. Each ``enter`` that returned needs one ``leave``."""
        await self._room.acquire()
        try:
            await self._pace(clock)
            while (wait := self.host.held_until - clock.now()) > 0:
                await clock.sleep(wait)
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        self._room.release()

    async def _pace(self, clock: Clock) -> None:
        """Takes the next place in the minute: requests leave one gap apart."""
        if not self._gap:
            return
        place = max(clock.now(), self._next)
        self._next = place + self._gap
        if (wait := place - clock.now()) > 0:
            await clock.sleep(wait)


class _Known:
    """The gates of one event loop: a semaphore belongs to the loop that first waited for it."""

    def __init__(self) -> None:
        self.hosts: dict[str, Host] = {}
        self.gates: dict[tuple[str, int, float | None], Gate] = {}


_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, _Known] = WeakKeyDictionary()


def gate(host: str, at_once: int | None = None, rpm: float | None = None) -> Gate:
    """The gate of ``host`` in the running loop; endpoints with the same limits share it, and all
    endpoints of a host share what it asked to wait."""
    known = _loops.setdefault(asyncio.get_running_loop(), _Known())
    wanted = (host, at_once or AT_ONCE, rpm)
    if wanted not in known.gates:
        shared = known.hosts.setdefault(host, Host())
        known.gates[wanted] = Gate(shared, wanted[1], rpm)
    return known.gates[wanted]
