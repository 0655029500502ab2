"""Standard input: read where it cannot hang, left alone where it is somebody else's."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Callable
from typing import BinaryIO

from kit.errors import UsageError

GRACE_S = 0.3
"""How long an open pipe may stay silent before kit goes on without it (words were given)."""
LIMIT = 16 << 20
"""The longest prompt, in bytes: more than any model reads."""

Say = Callable[[str], None]


class Stdin:
    """Read at most once. ``say`` tells what is waited for; without ``ask`` no terminal is read."""

    def __init__(self, say: Say, *, ask: bool = True, verbose: bool = False) -> None:
        self.say, self._ask = say, ask
        self._tells = verbose or (sys.stderr is not None and sys.stderr.isatty())
        self._taken = False

    def whole(self) -> bytes:
        """All of it. UsageError when two flags name it."""
        if self._taken:
            raise UsageError("stdin is named twice", hint="it can be read once")
        self._taken = True
        if sys.stdin is None:
            return b""
        if sys.stdin.isatty():
            if not self._ask:
                return b""
            self.say("kit: type the prompt; Ctrl-D on an empty line ends it")
        return _read(sys.stdin.buffer, self.say)

    def beside(self, wanted: bool | None) -> bytes:
        """Stdin when words were given: read only if it cannot hang and is not somebody else's."""
        if wanted:
            return self.whole()
        if wanted is False or sys.stdin is None or sys.stdin.isatty():
            return b""
        if not _readable(sys.stdin.buffer, self.say):
            return b""
        data = self.whole()
        if self._tells and not _is_file(sys.stdin.buffer):
            # in a loop that a pipe feeds, these are the lines that were meant for the next rounds
            read = f"read {len(data):,} bytes from" if data else "nothing came from"
            self.say(f"kit: {read} stdin")
        return data


def _readable(stream: BinaryIO, say: Say) -> bool:
    """A regular file from its start, or a pipe that has something to say (or has ended)."""
    mode = _mode(stream)
    if stat.S_ISREG(mode):
        # Past 0 the file belongs to the loop around: while read l; do kit ask "$l"; done < file
        return os.lseek(stream.fileno(), 0, os.SEEK_CUR) == 0
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return False
    if select.select([stream], [], [], GRACE_S)[0]:
        return True
    say("kit: stdin is open but silent, going on without it (--stdin waits, --no-stdin is quiet)")
    return False


def _mode(stream: BinaryIO) -> int:
    try:
        return os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # closed, or a stand-in without a descriptor
        return 0


def _is_file(stream: BinaryIO) -> bool:
    return stat.S_ISREG(_mode(stream))


def _read(stream: BinaryIO, say: Say) -> bytes:
    """All of it; one line on stderr when its end is slow to come."""
    data, told = bytearray(), False
    while True:
        if not told and not _soon(stream):
            say("kit: waiting for the end of stdin")
            told = True
        piece = stream.read1(1 << 16) if hasattr(stream, "read1") else stream.read(1 << 16)
        if not piece:
            return bytes(data)
        data += piece
        if len(data) > LIMIT:
            raise UsageError(f"stdin holds more than {LIMIT >> 20} MiB", hint="shorten the prompt")


def _soon(stream: BinaryIO) -> bool:
    try:
        return bool(select.select([stream], [], [], 1.0)[0])
    except (OSError, ValueError):
        return True
