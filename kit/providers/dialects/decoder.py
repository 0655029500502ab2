"""From the bytes of one reply to its events: what is the same whatever the dialect. Pure.

A server that was asked to stream may send one JSON body instead, or a web page: told apart by the
first byte, which in an event stream is never ``{``, ``[`` or ``<``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from kit.errors import IncompleteError, KitError, UnusableError
from kit.events import Event, Json, ReasoningDelta, Replied, TextDelta
from kit.providers.dialects import surrogates
from kit.providers.dialects.sse import CAP, Events, too_long
from kit.providers.dialects.trouble import in_stream
from kit.providers.dialects.wire import Reader
from kit.providers.dialects.wording import one_line

DONE = "[DONE]"
_BLANK = b"\xef\xbb\xbf \t\r\n"


class Decoder:
    """``feed`` the bytes as they come, then ``rest``, then ``close``."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._events = Events()
        self._body: list[bytes] | None = None  # what is no event stream, kept until its end
        self._size = 0
        self._begun = False  # a byte that is not blank was seen
        self._heard = False  # an event was seen
        self._escapes = False  # only an escape in JSON can make half of a pair
        self._halves: dict[type[Event], str] = {}  # a high surrogate that waits for its low one

    def feed(self, chunk: bytes) -> Iterator[Event]:
        """The events in ``chunk``; neighbouring deltas of one kind come as one.

        Raises IncompleteError for what is not the protocol, and what the reader raises for an
        error of the provider: both after the events before it.
        """
        if not self._begun and (first := chunk.lstrip(_BLANK)[:1]):
            self._begun = True
            self._body = [] if first in b"{[<" else None
        if self._body is not None:
            self._keep(self._body, chunk)
            return
        found: list[Event] = []
        try:
            for name, data in self._events.feed(chunk):
                found += self._read(name, data)
        except KitError:
            yield from self._joined(found)
            raise
        if found:
            yield from self._joined(found)

    def rest(self) -> Iterator[Event]:
        """The events that only the end of the bytes makes known. ``close`` calls it if need be."""
        body, self._body = self._body, None
        if body:
            self._heard = self._escapes = True
            yield from self._joined(self._reader.whole(_record(b"".join(body))))
        elif self._events.tail.strip() == DONE:  # unterminated, and as good as terminated
            self._heard = True
            self._reader.done()
        for kind in tuple(self._halves):
            self._halves.pop(kind)
            yield _delta(kind, "\ufffd")

    def close(self) -> Replied:
        """The whole reply. Raises IncompleteError when it is not known whole, UnusableError when
        nothing came."""
        for _ in self.rest():
            pass
        if not self._heard and not self._events.tail:
            raise UnusableError("the provider sent an empty response", hint="ask again")
        reply = self._reader.close()
        return surrogates.mended(reply) if self._escapes else reply

    def _keep(self, body: list[bytes], chunk: bytes) -> None:
        self._size += len(chunk)
        if self._size > CAP:
            raise too_long("a body", CAP)
        body.append(chunk)

    def _read(self, name: str, data: str) -> Iterable[Event]:
        self._heard = True
        self._escapes = self._escapes or "\\u" in data
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            if data.strip() == DONE:
                self._reader.done()
                return ()
            if name == "error":
                raise in_stream(data) from error
            raise IncompleteError(
                f"the provider sent an event that is not JSON: {one_line(data, 80)}",
                hint="ask again",
            ) from error
        if isinstance(value, dict):
            return self._reader.feed(name, value)
        return ()  # null, a list, a number: some gateways send them to keep the line open

    def _joined(self, found: Iterable[Event]) -> Iterator[Event]:
        for kind, run in groupby(found, key=type):
            if kind is TextDelta or kind is ReasoningDelta:
                if text := self._paired(kind, "".join(one.text for one in run)):  # type: ignore[union-attr]  # groupby loses the type
                    yield _delta(kind, text)
            else:
                yield from run

    def _paired(self, kind: type[Event], text: str) -> str:
        """``text`` without broken surrogates: half a pair at its end waits for the next delta."""
        if text.isascii() and not self._halves:
            return text
        text = self._halves.pop(kind, "") + text
        if "\ud800" <= text[-1:] <= "\udbff":
            self._halves[kind] = text[-1]
            text = text[:-1]
        return surrogates.mend(text)


def _delta(kind: type[Event], text: str) -> Event:
    return ReasoningDelta(text=text) if kind is ReasoningDelta else TextDelta(text=text)


def _record(body: bytes) -> Mapping[str, Json]:
    """The body of a server that did not stream; Google wraps its errors in a list."""
    try:
        value = json.loads(body.decode("utf-8", "replace").strip("\ufeff \t\r\n"))
    except (ValueError, RecursionError) as error:
        if body.lstrip(_BLANK)[:1] == b"<":
            raise UnusableError(
                "the provider sent a web page, not an API response", hint="check base_url"
            ) from error
        raise IncompleteError(
            "the provider's reply is cut or is not JSON", hint="ask again"
        ) from error
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, dict):
        return value
    raise UnusableError("the provider's reply is not an API response", hint="check base_url")
