"""A command that judges a text: it passes when it ends with the exit code 0.

The text is its stdin, and the file that ``{}`` names in its words. No shell takes part, unless the
command begins with ``sh:``. It runs in a process group of its own, which ends with it: when it is
done, when its time is up, and when the run is stopped.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from kit.errors import UsageError
from kit.events import Checked
from kit.patterns.run import Checker
from kit.patterns.steps import Check

SECONDS = 60.0
HEAD, TAIL = 4000, 12_000
"""Bytes of the output that are kept: what went wrong stands mostly at its end."""


def words(command: str) -> list[str]:
    """The words of the command, as a shell would part them; UsageError when there are none."""
    if command.startswith("sh:") and command[3:].strip():
        return ["sh", "-c", command[3:]]
    try:
        parted = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"--check {command!r}: {str(error).lower()}") from error
    if not parted or parted == ["sh:"]:
        raise UsageError("--check names no command", hint="for example --check 'jq .'")
    return parted


def checker(environ: Callable[[], Mapping[str, str]], seconds: float = SECONDS) -> Checker:
    """What runs checks: in the environment that ``environ`` gives, which holds no key, each for
    ``seconds`` at most."""

    async def checked(check: Check) -> Checked:
        with TemporaryDirectory(prefix="kit-") as folder:
            place = Path(folder) / "text"
            end = "" if check.text.endswith("\n") else "\n"
            place.write_bytes((check.text + end).encode(errors="replace"))
            argv = [word.replace("{}", str(place)) for word in words(check.command)]
            code, output = await _ran(argv, place, environ(), seconds)
        return Checked(check.call, check.command, code == 0, code, output)

    return checked


async def _ran(
    argv: list[str], stdin: Path, environ: Mapping[str, str], seconds: float
) -> tuple[int | None, str]:
    """The exit code (None: it has none) and the output."""
    loop = asyncio.get_running_loop()
    try:
        with stdin.open("rb") as given:  # a file: whoever does not read it breaks no pipe
            _, heard = await loop.subprocess_exec(
                _Heard,
                *argv,
                stdin=given,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environ),
                start_new_session=True,
            )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        return None, f"cannot run {argv[0]}: {why}"
    try:
        async with asyncio.timeout(seconds):
            await heard.closed.wait()
    except TimeoutError:
        if not heard.exited.is_set():
            return None, f"{heard.output}\n[ended after {seconds:g} s: too slow]".lstrip()
    finally:
        await heard.end()
    return heard.transport.get_returncode(), heard.output


class _Heard(asyncio.SubprocessProtocol):
    """What a process writes, as much of it as is kept, and how it ends."""

    def __init__(self) -> None:
        self.exited, self.closed = asyncio.Event(), asyncio.Event()
        self.head, self.tail, self.left_out = bytearray(), bytearray(), 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.SubprocessTransport)  # asyncio's own promise
        self.transport = transport

    def pipe_data_received(self, fd: int, data: bytes | str) -> None:  # noqa: ARG002  # the only pipe
        assert isinstance(data, bytes)
        room = HEAD - len(self.head)
        self.head += data[:room]
        self.tail += data[room:]
        surplus = max(len(self.tail) - TAIL, 0)
        del self.tail[:surplus]
        self.left_out += surplus

    def process_exited(self) -> None:
        self.exited.set()
        _kill_group(self.transport.get_pid())  # what it left behind would keep the pipe open

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002  # it tells nothing
        self.closed.set()

    async def end(self) -> None:
        """End it, and all that it started, now; nothing when it has ended."""
        if not self.exited.is_set():
            _kill_group(self.transport.get_pid())
            await self.exited.wait()
        self.transport.close()  # the pipe, when somebody outside its group still holds it

    @property
    def output(self) -> str:
        gap = f"\n[… {self.left_out} bytes left out …]\n".encode() if self.left_out else b""
        return (self.head + gap + self.tail).decode(errors="replace").strip()


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # nobody is left in it
        os.killpg(pid, signal.SIGKILL)
