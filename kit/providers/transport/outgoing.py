"""A request that is about to leave, and connections that wait for the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Generic, TypeVar

from kit.dataclass import dataclass
from kit.errors import ConfigError

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

    @property
    def patience(self) -> float:
        """Seconds that connecting may take."""
        return min(CONNECT, self.timeout)

    def sent(self) -> dict[str, str]:
        """The headers, unless one of them cannot be sent: a library's message would quote it."""
        for name, value in self.headers.items():
            if not (value.isascii() and value.isprintable()):
                raise ConfigError(
                    f"the header {name!r} holds a character that cannot be sent",
                    hint="remove line ends and letters outside ASCII; is it the key?",
                )
        return {"Accept-Encoding": "gzip, deflate", **self.headers}


class Waiting(Generic[T]):
    """What waits to be used again, for each event loop: another can neither use it nor close it."""

    def __init__(self) -> None:
        self._lists: dict[asyncio.AbstractEventLoop, list[T]] = {}

    def here(self) -> list[T]:
        loop = asyncio.get_running_loop()
        if loop not in self._lists:
            self._lists = {each: some for each, some in self._lists.items() if not each.is_closed()}
        return self._lists.setdefault(loop, [])

    def back(self, each: T, here: list[T]) -> bool:
        """Let it wait ``here`` again; not where those that waited there have been taken since."""
        known = any(some is here for some in self._lists.values())
        if known:
            here.append(each)
        return known

    def taken(self) -> list[T]:
        return self._lists.pop(asyncio.get_running_loop(), [])
