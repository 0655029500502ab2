"""What a person sees: bytes fed to a terminal emulator, and the real file descriptors of a pty."""

from __future__ import annotations

import os
import pty
import re
import threading
from collections.abc import Callable

import pyte


def seen(data: str, columns: int = 80, rows: int = 150) -> list[str]:
    """The lines on the screen, blanks at their ends and empty lines at the bottom left out."""
    screen = pyte.Screen(columns, rows)
    pyte.Stream(screen).feed(data.replace("\n", "\r\n"))
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def escapes(data: str) -> set[str]:
    """The last letters of the escape sequences: "m" colours, "K" erases a line, "A" moves up."""
    return set(re.findall(r"\x1b\[[0-9;?]*([A-Za-z])", data)) | set(
        re.findall(r"\x1b([^\[])", data)
    )


def clock_of(step: float) -> Callable[[], float]:
    """A clock that goes on by ``step`` seconds each time it is read."""
    now = [0.0]

    def clock() -> float:
        now[0] += step
        return now[0]

    return clock


class Reflowing:
    """A terminal that breaks its lines anew when it is resized: erasing reaches one row only."""

    def __init__(self, columns):
        self.columns, self.lines = columns, [""]

    def write(self, data):
        for part in re.findall(r"\r\x1b\[K|\n|[^\r\n]+", re.sub(r"\x1b\[[\d;]*m", "", data)):
            if part == "\n":
                self.lines.append("")
            elif part == "\r\x1b[K":
                full_rows = (max(len(self.lines[-1]), 1) - 1) // self.columns
                self.lines[-1] = self.lines[-1][: full_rows * self.columns]
            else:
                self.lines[-1] += part


class Pty:
    """A terminal of our own: ``stream`` is what a program writes to, ``text`` all that arrived."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        self.stream = os.fdopen(theirs, "w", encoding="utf-8")
        self._data = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        try:
            while data := os.read(self._ours, 65536):
                self._data += data
        except OSError:  # the other end was closed
            pass

    def text(self) -> str:
        self.stream.close()
        self._reader.join(5)
        os.close(self._ours)
        return self._data.decode().replace("\r\n", "\n")
