"""A server's process: whole lines of what it writes, the last of what it complains, its end.

It has a group of its own, which is killed when it ends and when it is to end; so is what left the
group (``strays.py``). Should kit itself be killed, a shell that waits for that kills the group.
What it writes is bounded in the length of a line, in what waits to be read, and in what comes
between two answers.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from kit.errors import UsageError
from kit.patterns import strays
from kit.patterns.tools.mcp.text import sentence

LINE = 8 * 2**20  # bytes of one message
WAITING = 2**20  # bytes of messages that wait to be read: then it has to wait itself
FLOOD = 64 * 2**20  # bytes between two answers: then it is ended
COMPLAINTS = 4096  # bytes of its stderr that are kept
KILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows ends a process in one way only
PATIENCE = {signal.SIGTERM: 1.0, KILL: 0.5}
"""Seconds that it has to end by itself before it is told to, and then before it is killed."""
TOO_LONG = b""
"""Stands where a line was longer than LINE."""

# Waits for the end of its stdin, which nobody but kit holds open: "done" means that all is well.
HEIR = """
read -r word
[ "$word" = done ] && exit
kill -s TERM -- "-$1"
sleep 1
kill -s KILL -- "-$1"
for each in $(grep -l "$2" /proc/[0-9]*/environ); do
  each=${each#/proc/}
  kill -s KILL "${each%/environ}"
done
"""


class Child(asyncio.SubprocessProtocol):
    """Made by ``born``; every ``born`` is followed by an ``end``."""

    transport: asyncio.SubprocessTransport

    def __init__(self, mark: str) -> None:
        self.exited = asyncio.Event()
        self.why = ""  # kit ended it
        self._mark = mark
        self._lines: deque[bytes] = deque()
        self._part, self._skipping = bytearray(), False
        self._waiting = self._flood = 0
        self._complaints = bytearray()
        self._bell, self._room = asyncio.Event(), asyncio.Event()
        self._room.set()
        self._ended = False  # its stdout
        self._heir: subprocess.Popen[bytes] | None = None

    @classmethod
    async def born(cls, command: Sequence[str], environ: Mapping[str, str]) -> Child:
        """UsageError when the command cannot be run."""
        mark, marked = strays.marked(environ)
        loop = asyncio.get_running_loop()
        try:
            _, child = await loop.subprocess_exec(
                lambda: cls(mark), *command, env=marked, start_new_session=True
            )
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise UsageError(f"the MCP server {command[0]!r} cannot be run: {why}") from error
        child._name_an_heir()
        return child

    async def line(self) -> bytes | None:
        """The next line that it wrote on stdout, TOO_LONG for one that was; None after the last."""
        while not self._lines:
            if self._ended:
                return None
            self._bell.clear()
            await self._bell.wait()
        line = self._lines.popleft()
        self._waiting -= len(line)
        if self._waiting < WAITING:
            self._pipe(1).resume_reading()
        return line

    async def write(self, data: bytes) -> None:
        """BrokenPipeError when it reads no more."""
        pipe = self.transport.get_pipe_transport(0)
        if not isinstance(pipe, asyncio.WriteTransport) or pipe.is_closing():
            raise BrokenPipeError
        pipe.write(data)
        await self._room.wait()

    def answered(self) -> None:
        """What it wrote so far was worth it."""
        self._flood = 0

    def kill(self, why: str) -> None:
        """End it now, for a reason that is told to whoever asks it for something. What it wrote
        and nobody has read is dropped."""
        if self.why:
            return
        self.why, self._ended = why, True
        self._lines.clear()
        self._bell.set()
        self._kill(KILL)

    async def end(self) -> None:
        """Its stdin is closed; if that is not enough it is told to end, then it is killed."""
        try:
            if pipe := self.transport.get_pipe_transport(0):
                pipe.close()
            for number, seconds in PATIENCE.items():
                if not await self._gone(seconds):
                    self._kill(number)
            await self._gone(1.0)
        finally:
            self._kill(KILL)
            self.transport.close()
            self._dismiss()

    @property
    def over(self) -> bool:
        """It says nothing any more."""
        return self._ended or self.exited.is_set()

    async def fate(self) -> str:
        """How it ended and what it said last, as a part of a sentence. Who closes its stdout is
        about to end: its exit code is waited for."""
        if self._ended:
            await self._gone(0.5)
        code = self.transport.get_returncode()
        how = self.why or _how(code)
        lines = self._complaints.decode(errors="replace").strip().splitlines()
        last = sentence(" / ".join(line.strip() for line in lines[-3:] if line.strip()))
        return f"{how}; its last words: {last}" if last else how

    # --- what asyncio tells ---
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)  # asyncio's own promise
        self.transport = transport

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:
        assert isinstance(data, bytes)
        if fd == 2:
            self._complaints += data
            del self._complaints[: max(len(self._complaints) - COMPLAINTS, 0)]
            return
        if self.why:
            return
        self._flood += len(data)
        if self._flood > FLOOD:
            self.kill(f"was ended: it wrote {FLOOD >> 20} MiB without an answer")
            return
        first, *rest = data.split(b"\n")
        self._add(first)
        for each in rest:
            self._close_line()
            self._add(each)
        if self._waiting >= WAITING:
            self._pipe(1).pause_reading()
        self._bell.set()

    @property
    def reads(self) -> bool:
        """It takes what is written to it."""
        return self._room.is_set()

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:  # noqa: ARG002  # it tells nothing
        if fd == 0:
            self._room.set()
        if fd == 1:
            self._ended = True
            self._bell.set()

    def process_exited(self) -> None:
        self._kill(KILL)  # what it left behind would keep the pipe open
        self.exited.set()  # from now on its number may be somebody else's
        self._dismiss()

    # --- inside ---
    def _add(self, data: bytes) -> None:
        if len(self._part) + len(data) > LINE:
            self._part, self._skipping = bytearray(), True
        if not self._skipping:
            self._part += data

    def _close_line(self) -> None:
        if self._skipping or self._part.strip():
            self._lines.append(TOO_LONG if self._skipping else bytes(self._part))
            self._waiting += len(self._part)
        self._part, self._skipping = bytearray(), False

    def _pipe(self, number: int) -> asyncio.ReadTransport:
        pipe = self.transport.get_pipe_transport(number)
        assert isinstance(pipe, asyncio.ReadTransport)  # it was made with one
        return pipe

    async def _gone(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.exited.wait()
        return self.exited.is_set()

    def _kill(self, number: signal.Signals) -> None:
        if not self.exited.is_set():
            with suppress(ProcessLookupError, PermissionError):  # nobody is left in it
                if hasattr(os, "killpg"):
                    os.killpg(self.transport.get_pid(), number)
                else:
                    self.transport.kill()
        if number == KILL:
            strays.kill(self._mark)

    def _name_an_heir(self) -> None:
        if os.name == "posix":
            with suppress(OSError):  # without a shell it lives on when kit is killed
                self._heir = subprocess.Popen(  # noqa: S603  # kit's own words
                    ["/bin/sh", "-c", HEIR, "sh", str(self.transport.get_pid()), self._mark],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )

    def _dismiss(self) -> None:
        heir, self._heir = self._heir, None
        if heir:
            with suppress(OSError, subprocess.TimeoutExpired):  # it may have been killed
                heir.communicate(b"done\n", timeout=1)


def _how(code: int | None) -> str:
    if code is None:
        return "does not answer any more"
    return f"ended with the exit code {code}" if code >= 0 else f"was ended by signal {-code}"
