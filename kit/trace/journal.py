"""The tap that records a run: each event a line on disk, deltas gathered, milestones synced."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from kit.events import (
    CallSent,
    CallStarted,
    Event,
    Json,
    ReasoningDelta,
    Replied,
    Request,
    RunFinished,
    RunStarted,
    TextDelta,
    ToolStarted,
    ToolUsed,
)
from kit.trace.appender import Appender
from kit.trace.blobs import Blobs
from kit.trace.folders import prepare
from kit.trace.gathered import Bare, Delta, Gathered, Veil
from kit.trace.records import encode, line, masked

GATHER_BYTES = 4096
GATHER_S = 0.25

SYNC_NOW = (RunFinished, ToolStarted)
"""On disk before kit goes on: a tool that may have worked is known after a power failure too."""
SYNC_SOON = (CallSent, Replied, ToolUsed)

Later: TypeAlias = Callable[[float, Callable[[], None]], object]


def _silent(_: str) -> None:
    """Where warnings go when nobody asks for them."""


class Journal:
    """Records what it is called with; never raises for the disk's sake.

    ``also`` gets the bytes of every line, and its exceptions (a closed pipe) are raised.
    """

    def __init__(
        self,
        file: Appender | None,
        path: Path | None,
        *,
        also: Callable[[bytes], None] | None,
        later: Later,
        clock: Callable[[], float],
        redact: Callable[[str], str] | None,
        veil: Callable[[], Veil],
        warn: Callable[[str], None],
    ) -> None:
        self.path = path
        self._file, self._also, self._later = file, also, later
        self._clock, self._redact, self._veil, self._warn = clock, redact, veil, warn
        self._seq = 0
        self._blobs = Blobs()
        self._asked: tuple[Request | None, dict[str, Json]] = (None, {})  # the last request
        self._gathered: dict[str, Gathered] = {}
        self._waking = self._syncing = False

    @classmethod
    def open(
        cls,
        folder: Path | None,
        run: str,
        *,
        later: Later,
        also: Callable[[bytes], None] | None = None,
        clock: Callable[[], float] = time.time,
        redact: Callable[[str], str] | None = None,
        veil: Callable[[], Veil] = Bare,
        warn: Callable[[str], None] = _silent,
    ) -> Journal:
        """A journal in ``folder`` (None: no file) for the run of this name, a ULID.

        ``later`` is ``loop.call_later``; ``clock`` tells seconds since 1970; ``redact`` takes keys
        out of a string, a ``veil`` out of the deltas of one call; ``warn`` hears one sentence,
        once, when the file cannot be written.
        """
        file = path = None
        if folder is not None:
            try:
                path = prepare(folder, run)
                file = Appender(path)
            except OSError as error:
                warn(_sorry(error, path or folder))
                path = None
        return cls(
            file, path, also=also, later=later, clock=clock, redact=redact, veil=veil, warn=warn
        )

    def __call__(self, event: Event) -> None:
        if isinstance(event, (TextDelta, ReasoningDelta)):
            return self._gather(event)
        if isinstance(event, RunFinished):
            self._end_all()
        self._end_call(event.call)
        self._write(event, self._clock())
        if isinstance(event, SYNC_NOW):
            self._sync()
        elif isinstance(event, SYNC_SOON):
            self._sync_soon()
        return None

    def close(self) -> None:
        """Write what is left and let go of the file. May be called twice."""
        self._end_all()
        if self._syncing:
            self._sync()
        self._drop()

    # --- deltas ---------------------------------------------------------------------------------
    def _gather(self, delta: Delta) -> None:
        gathered = self._gathered.get(delta.call)
        if gathered is None or type(gathered.first) is not type(delta):
            self._end_call(delta.call)
            gathered = self._gathered[delta.call] = Gathered(delta, self._veil())
        if not gathered.texts:
            gathered.t = self._clock()
            self._wake_later()
        gathered.add(delta.text)
        if gathered.size >= GATHER_BYTES:
            self._flush(gathered)

    def _wake_later(self) -> None:
        if not self._waking:
            self._waking = True
            self._later(GATHER_S, self._woken)

    def _woken(self) -> None:
        self._waking = False
        for gathered in self._gathered.values():
            self._flush(gathered)

    def _flush(self, gathered: Gathered) -> None:
        """All on disk but for an end that may be the beginning of a key."""
        if gathered.texts:
            self._tell(gathered, gathered.taken() + gathered.veil.release())

    def _end_call(self, call: str) -> None:
        if gathered := self._gathered.pop(call, None):
            self._tell(gathered, gathered.taken() + gathered.veil.close())

    def _end_all(self) -> None:
        for call in list(self._gathered):
            self._end_call(call)

    def _tell(self, gathered: Gathered, text: str) -> None:
        if text:
            self._write(replace(gathered.first, text=text), gathered.t)

    # --- lines ----------------------------------------------------------------------------------
    def _write(self, event: Event, t: float) -> None:
        if isinstance(event, CallStarted):
            self._put({"kind": event.kind, "call": event.call, **self._asking(event, t)}, t)
            return
        record = masked(encode(event), self._redact) if self._redact else encode(event)
        behind: list[dict[str, Json]] = []  # it is the first record, whatever it mentions
        if isinstance(event, RunStarted):
            record["pid"] = os.getpid()  # tells who is still running where there are no locks
            if event.settings:
                record["settings"] = self._blobs.taken_out(record["settings"], behind.append)
        for each in (record, *behind):
            self._put(each, t)

    def _asking(self, started: CallStarted, t: float) -> dict[str, Json]:
        """All but the name of a call: made once for members of a vote, who are asked the same."""
        request, told = self._asked
        if request is not started.request:
            told = masked(encode(started), self._redact) if self._redact else encode(started)
            del told["kind"], told["call"]
            if "request" in told:
                asked = told["request"]
                told["request"] = self._blobs.taken_out(asked, lambda blob: self._put(blob, t))
            self._asked = started.request, told
        return told

    def _put(self, record: dict[str, Json], t: float) -> None:
        self._seq += 1
        written = line({"seq": self._seq, "t": stamp(t), **record})
        self._on_disk(lambda file: file.append(written))
        if self._also:
            self._also(written)

    def _sync_soon(self) -> None:
        """Once for all milestones of this turn of the loop: a sync may take 50 ms."""
        if self._file and not self._syncing:
            self._syncing = True
            self._later(0, self._synced)

    def _synced(self) -> None:
        if self._syncing:
            self._sync()

    def _sync(self) -> None:
        self._syncing = False
        self._on_disk(Appender.sync)

    def _on_disk(self, act: Callable[[Appender], None]) -> None:
        """A full disk must not cost the answer: warn once, then go on without a file."""
        if self._file is None:
            return
        try:
            act(self._file)
        except OSError as error:
            self._drop()
            self._warn(_sorry(error, self.path))

    def _drop(self) -> None:
        file, self._file = self._file, None
        if file:
            with suppress(OSError):
                file.close()


def stamp(t: float) -> str:
    """RFC 3339 in UTC with milliseconds."""
    whole, ms = divmod(round(t * 1000), 1000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{ms:03}Z"


def _sorry(error: OSError, path: Path | None) -> str:
    why = (error.strerror or str(error)).lower()
    return f"this run is not recorded to its end: {path}: {why}; the answer is not affected"
