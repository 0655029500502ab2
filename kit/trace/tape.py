"""Requests with what came back, a file each in one folder: recorded once, played with no network.

A file is named ``KEY.N.json``: KEY by the request alone, N counts equal requests in the order of
their start (nine members of a vote may ask the same). N is reserved when a request starts, so that
commands which run side by side do not mix. Files are indented JSON in the records of a trace, to be
kept beside the script that they test.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from dataclasses import field, replace
from pathlib import Path

from kit.dataclass import dataclass
from kit.errors import KitError, UsageError, rebuilt
from kit.events import (
    CallCancelled,
    CallFailed,
    Event,
    ReasoningDelta,
    Request,
    TextDelta,
)
from kit.trace.records import decode, encode, masked, plain

CUT_S = 1.0
"""How long a call that was cut off while it was recorded waits to be cut off once more."""
KEY = 16  # digits of the sum


def key(request: Request) -> str:
    """The name of this request; the same in every process and on every machine."""
    import hashlib  # with OpenSSL: 2 ms, for who records or plays

    text = json.dumps(plain(request), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:KEY]


class Recorder:
    """Writes to ``folder``, which is made; ``clean`` takes keys out of a text."""

    def __init__(self, folder: Path, clean: Callable[[str], str]) -> None:
        self.folder, self._clean = folder, clean
        folder.mkdir(parents=True, exist_ok=True)

    async def heard(
        self, request: Request, events: AsyncIterator[Event]
    ) -> AsyncGenerator[Event, None]:
        """The same events, which are on disk when they have come to an end."""
        place, heard = self._reserved(request), list[Event]()
        try:
            async for event in events:
                heard.append(event)
                yield event
        except KitError as error:
            heard.append(_failed(error))
            raise
        except (asyncio.CancelledError, GeneratorExit):
            heard.append(CallCancelled())
            raise
        finally:
            self._write(place, request, heard)
            close = getattr(events, "aclose", None)  # a custom provider may have nothing to close
            if close:
                await close()

    def _reserved(self, request: Request) -> Path:
        name, number = key(request), 1
        while True:
            place = self.folder / f"{name}.{number}.json"
            try:
                os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
            except FileExistsError:
                number += 1
            else:
                return place

    def _write(self, place: Path, request: Request, heard: list[Event]) -> None:
        kept = [{**encode(event), "call": ""} for event in _joined(heard)]
        whole = masked({"request": plain(request), "events": kept}, self._clean)
        text = json.dumps(whole, indent=1, ensure_ascii=False) + "\n"
        place.write_bytes(text.encode("utf-8", "replace"))


@dataclass
class Player:
    """Answers from ``folder``, and from nowhere else. ``stop`` ends the whole run on a request that
    was never recorded. ``state``: a file in which commands that follow each other count together;
    without one each command begins with the first of equal requests."""

    folder: Path
    state: Path | None = None
    stop: Callable[[KitError], None] = lambda _: None
    _given: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        if self.state and self.state.exists():
            self._given.update(self.state.read_text(encoding="utf-8").split())

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """The recorded events of the next of equal requests, at once."""
        events = self._next(request)
        if not events:
            await self._miss(f"{self.folder} holds no answer of {_told(request)}")
        for event in events:
            if isinstance(event, CallFailed):
                raise rebuilt(
                    event.error, event.message, hint=event.hint, http_status=event.http_status
                )
            if isinstance(event, CallCancelled):
                await asyncio.sleep(CUT_S)  # as a rule it is not needed this time either
                await self._miss(f"the answer of {_told(request)} was cut off in {self.folder}")
            yield event

    def _next(self, request: Request) -> list[Event]:
        name = key(request)
        self._given[name] += 1
        if self.state:
            with self.state.open("a", encoding="utf-8") as file:
                file.write(f"{name}\n")
        place = self.folder / f"{name}.{self._given[name]}.json"
        try:
            kept = json.loads(place.read_bytes())["events"]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{place} cannot be read: {error}") from error
        return [event for each in kept if (event := decode(each))]

    async def _miss(self, why: str) -> None:
        error = UsageError(why, hint="record it again with --record, into an empty folder")
        self.stop(error)
        await asyncio.sleep(0)  # the whole run ends here when ``stop`` could stop it
        raise error


def _told(request: Request) -> str:
    said = " ".join((request.messages[-1].text if request.messages else "").split())
    short = said if len(said) <= 60 else f"{said[:59]}…"
    return f"{request.profile} to {short!r} as it is asked now"


def _joined(events: list[Event]) -> Iterator[Event]:
    """Neighbouring deltas of one kind as one."""
    last: TextDelta | ReasoningDelta | None = None
    for event in events:
        if last and isinstance(event, TextDelta | ReasoningDelta) and type(event) is type(last):
            last = replace(last, text=last.text + event.text)
            continue
        if last:
            yield last
        last = event if isinstance(event, TextDelta | ReasoningDelta) else None
        if last is None:
            yield event
    if last:
        yield last


def _failed(error: KitError) -> CallFailed:
    return CallFailed(
        error=type(error).__name__, message=error.message, status=error.status,
        hint=error.hint, http_status=error.http_status,
    )  # fmt: skip
