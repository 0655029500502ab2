"""Knows when a reply has ended although its bytes have not: some servers keep the line open."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from kit.events import Event, Json, Replied
from kit.providers.dialects.wire import Reader

LAST = frozenset({"message_stop", "response.completed", "response.incomplete", "response.failed"})


class Ending:
    """The same reader; ``seen`` turns true with ``[DONE]`` or the last event of its dialect."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.seen = False

    def feed(self, event: str, data: Mapping[str, Json]) -> Iterable[Event]:
        if self.seen:
            return ()
        self.seen = event in LAST
        return self._reader.feed(event, data)

    def done(self) -> None:
        self.seen = True
        self._reader.done()

    def whole(self, body: Mapping[str, Json]) -> Iterable[Event]:
        return self._reader.whole(body)

    def close(self) -> Replied:
        return self._reader.close()
