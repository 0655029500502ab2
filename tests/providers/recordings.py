"""Recorded replies of one dialect: each as the frames that a reader is fed, cut at every size."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from kit.errors import KitError
from kit.events import Event, ReasoningDelta, Replied, TextDelta
from kit.providers.dialects.decoder import Decoder
from kit.providers.dialects.wire import Dialect


class Closes(Protocol):
    def close(self) -> Replied: ...


CUTS = ("whole", "1", "7", "original")


def streams(reference: Path, dialect: str) -> list[dict[str, Any]]:
    index = json.loads((reference / "wire/streams/index.json").read_text())
    return [entry for entry in index if entry["dialect"] == dialect]


def bodies(reference: Path, dialect: str) -> list[dict[str, Any]]:
    every = json.loads((reference / "wire/nonstream.json").read_text())
    return [entry for entry in every if entry["dialect"] == dialect]


def pieces(data: bytes, cut: str, sizes: Iterable[int] = ()) -> Iterator[bytes]:
    if cut == "original":
        for size in sizes:
            yield data[:size]
            data = data[size:]
    step = int(cut) if cut.isdigit() else max(1, len(data))
    yield from (data[i : i + step] for i in range(0, len(data), step))


def outcome(reader: Closes, events: Iterable[Event]) -> dict[str, Any]:
    """What a user would have seen, and how it ended: a Replied or the name of an error."""
    seen: list[Event] = []
    end: Any
    try:
        seen.extend(events)
        end = reader.close()
    except KitError as error:
        end = type(error).__name__
    return {
        "text": "".join(one.text for one in seen if isinstance(one, TextDelta)),
        "reasoning": "".join(one.text for one in seen if isinstance(one, ReasoningDelta)),
        "end": end,
    }


def replayed(dialect: Dialect, data: bytes, cut: str, sizes: Iterable[int] = ()) -> dict[str, Any]:
    decoder = Decoder(dialect.reader())
    return outcome(
        decoder, (event for one in pieces(data, cut, sizes) for event in decoder.feed(one))
    )
