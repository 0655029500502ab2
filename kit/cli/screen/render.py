"""Where the answer's text goes: a pipe, a plain terminal, or one that shows Markdown."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Protocol

from kit.cli.screen.sanitise import Sanitiser, quoted
from kit.cli.screen.surrogates import Pairs, mended
from kit.cli.screen.terminal import Terminal, columns
from kit.cli.signals import stopped

PATIENCE_S = 0.2
"""How long a reader that takes nothing may keep kit from noticing a signal."""


class Answer(Protocol):
    """``write`` as text comes, ``tick`` now and then while none comes, ``close`` at the end. A
    reader that went away is a BrokenPipeError, a full disk another OSError."""

    def write(self, text: str) -> None: ...
    def tick(self) -> None: ...
    def close(self) -> None: ...


def answer_to(terminal: Terminal, stream: IO[str]) -> Answer:
    put = putter(stream)
    if terminal.out_style:
        from kit.cli.markdown.markdown import Markdown  # here: only a terminal pays for it

        return Markdown(
            lambda text: put(text.encode()),
            columns=lambda: columns(stream, terminal.width),
            clock=time.monotonic,
            live=terminal.out_live,
            unicode=terminal.unicode,
        )
    return Plain(put, sanitised=terminal.out_tty)


class Plain:
    """Text as it comes, one write for each piece. Newlines after the first wait for what follows
    them, so that the answer ends with exactly one; an empty answer writes nothing."""

    def __init__(self, put: Callable[[bytes], None], *, sanitised: bool) -> None:
        self._put = put
        self._pairs = Pairs()
        self._feed = Sanitiser().feed if sanitised else str
        self._ended = True  # a newline was written last, or nothing was
        self._held = ""  # newlines

    def write(self, text: str) -> None:
        text = self._held + self._feed(self._pairs.feed(text))
        body = text.rstrip("\n")
        newline = "\n" if len(body) < len(text) and (body or not self._ended) else ""
        self._held = text[len(body) + len(newline) :]
        self._send(body + newline)

    def tick(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        self.write(self._pairs.close())
        self._held = ""
        self._send("" if self._ended else "\n")

    def _send(self, text: str) -> None:
        if text:
            self._ended = text.endswith("\n")
            self._put(text.encode())


def putter(stream: IO[str]) -> Callable[[bytes], None]:
    """Writes bytes whole and at once. Past Python's buffers where that is possible: what a broken
    pipe did not take must not come back at exit."""
    stream.flush()
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError, AttributeError):
        descriptor = -1
    if descriptor >= 0 and os.name == "posix":
        return _Descriptor(descriptor)
    return lambda data: _write_buffered(stream, data)


class _Descriptor:
    """Writes in pieces that fit once there is room: a write that blocks could not be given up. When
    a signal came and there is no room, or no terminal any more, the rest is dropped."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._given_up = False

    def __call__(self, data: bytes) -> None:
        try:
            while data and not self._given_up:
                data = data[self._taken(data) :]
        except OSError:
            if not stopped():
                raise
            self._given_up = True

    def _taken(self, data: bytes) -> int:
        """How many bytes were written; nothing after some time without room."""
        if select.select([], [self._number], [], 0 if stopped() else PATIENCE_S)[1]:
            with suppress(BlockingIOError):  # it was made non-blocking, and others write too
                return os.write(self._number, data[: select.PIPE_BUF])
        else:
            self._given_up = stopped()
        return 0


def _write_buffered(stream: IO[str], data: bytes) -> None:
    buffer = getattr(stream, "buffer", None)
    if buffer is None:
        stream.write(data.decode())
    else:
        buffer.write(data)
    stream.flush()


def err(text: str) -> None:
    """One line for a person, on stderr: sanitised, whatever it quotes. Never raises."""
    with suppress(OSError, ValueError, AttributeError):  # closed, full or not there
        putter(sys.stderr)(f"{quoted(mended(text))}\n".encode())
