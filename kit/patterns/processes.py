"""A program run to its end: in a process group of its own, with as much of its output as is kept.

Nothing that it started outlives it: its group is killed when it is done, when its time is up, when
it writes without end and when the run is stopped; so is what left the group (``strays.py``).
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from kit.dataclass import dataclass
from kit.patterns import strays


@dataclass(frozen=True, slots=True)
class Bounds:
    """``seconds`` it may take; bytes of its output that are kept of the beginning (``head``) and of
    the end (``tail``: what went wrong stands mostly there); bytes after which it is ended."""

    seconds: float
    head: int
    tail: int
    most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Ended:
    """``code`` None: it did not come to its end, for the reason in ``why``; negative: the signal
    that ended it. ``output`` is what it wrote on both streams, its middle left out when long."""

    code: int | None
    output: bytes
    why: str = ""


async def ended(
    argv: Sequence[str],
    environ: Mapping[str, str],
    bounds: Bounds,
    *,
    stdin: Path | None = None,
    folder: Path | None = None,
) -> Ended:
    """What came of it. Without ``stdin`` it reads an empty file; ``folder`` is where it runs."""
    loop = asyncio.get_running_loop()
    mark, marked = strays.marked(environ)
    try:
        with Path(stdin or os.devnull).open("rb") as given:  # a file: nobody has to read it
            _, heard = await loop.subprocess_exec(
                lambda: _Heard(bounds, mark),
                *argv,
                stdin=given,
                stderr=asyncio.subprocess.STDOUT,
                env=marked,
                cwd=folder,
                start_new_session=True,
            )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return Ended(None, b"", f"cannot run {argv[0]}: {why}")
    try:
        async with asyncio.timeout(bounds.seconds):
            await heard.closed.wait()
    except TimeoutError:
        if not heard.exited.is_set():
            return Ended(None, heard.output, f"ended after {bounds.seconds:g} s: too slow")
    finally:
        await heard.end()
    if heard.flooded:
        return Ended(None, heard.output, f"ended after {heard.size >> 10} KiB: too much output")
    return Ended(heard.transport.get_returncode(), heard.output)


class _Heard(asyncio.SubprocessProtocol):
    """What a process writes, as much of it as is kept, and how it ends."""

    def __init__(self, bounds: Bounds, mark: str) -> None:
        self.exited, self.closed = asyncio.Event(), asyncio.Event()
        self.bounds, self.mark = bounds, mark
        self.head, self.tail, self.size = bytearray(), bytearray(), 0
        self.flooded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)  # asyncio's own promise
        self.transport = transport

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:  # noqa: ARG002  # the only pipe
        assert isinstance(data, bytes)
        self.size += len(data)
        room = self.bounds.head - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        del self.tail[: max(len(self.tail) - self.bounds.tail, 0)]
        if self.size > self.bounds.most and not self.flooded:
            self.flooded = True
            self._kill()

    def process_exited(self) -> None:
        self.exited.set()
        self._kill()  # what it left behind would keep the pipe open

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # it tells nothing
        self.closed.set()

    async def end(self) -> None:
        """End it, and all that it started, now; nothing when it has ended."""
        if not self.exited.is_set():
            self._kill()
            await self.exited.wait()
        self.transport.close()  # the pipe, when somebody still holds it

    @property
    def output(self) -> bytes:
        left_out = self.size - len(self.head) - len(self.tail)
        gap = f"\n[… {left_out} bytes left out …]\n".encode() if left_out else b""
        return bytes(self.head + gap + self.tail)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):  # nobody is left in it
            if hasattr(os, "killpg"):
                os.killpg(self.transport.get_pid(), signal.SIGKILL)
            else:  # Windows: what it has started lives on
                self.transport.kill()
        strays.kill(self.mark)
