"""From bytes to events: what a dialect must offer; SSE lines, however the bytes are cut. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Protocol

from kit.dataclass import dataclass
from kit.events import Event, Json, Replied, Request


@dataclass(frozen=True, slots=True)
class Quirks:
    """Where a host departs from its dialect. Data of a preset, or learned from a refusal."""

    max_tokens_field: str = "max_tokens"
    dropped: frozenset[str] = frozenset()  # body fields that are not sent
    stream_options: bool = True  # ask for usage in the stream
    native_schema: bool = False  # response_format json_schema is enforced by the server
    system_role: str = "system"  # or "developer", or "user": in front of the user's own words
    version: str = ""  # anthropic-version
    body: Mapping[str, Json] = field(default_factory=dict)  # fields that the host wants always


class Reader(Protocol):
    """Reads one reply. Raises KitError for an error object inside a 200."""

    def feed(self, event: str, data: Mapping[str, Json]) -> Iterable[Event]:
        """One server-sent event whose data was a JSON object; deltas that it holds."""
        ...

    def done(self) -> None:
        """The literal ``[DONE]`` was seen."""
        ...

    def whole(self, body: Mapping[str, Json]) -> Iterable[Event]:
        """The body of a server that did not stream; its deltas."""
        ...

    def close(self) -> Replied:
        """The bytes have ended: the whole reply, or IncompleteError when it is not known whole."""
        ...


class Dialect(Protocol):
    """One wire format: where to send, what to send, how to read what comes back."""

    path: str

    def encode(self, request: Request, quirks: Quirks) -> dict[str, Json]:
        """The JSON body. ``request`` is complete: its model is set, defaults are filled in."""
        ...

    def reader(self) -> Reader: ...
