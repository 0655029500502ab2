"""``kit`` on a pseudo-terminal of its own: each byte that it wrote, and what a person sees."""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pexpect
import pyte
from command import Kit
from screens import Reflowing

OWN = re.compile(r"\x1b\[[0-9;]*m|\r?\x1b\[[KJ]|\r\x1b\[\d+A|\r\n")
"""What kit itself says to a terminal: colours, erasing, the way up within its live view, lines."""
OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""What a terminal obeys, or may: every control character but newline and tab."""


class Terminal:
    """The command, or a line of sh in which ``$K`` is the command, on ``rows`` × ``columns``."""

    def __init__(
        self, kit: Kit, *args: str, sh: str = "", columns: int = 80, rows: int = 24, **environ: str
    ) -> None:
        command = " ".join((sys.executable, "-m", "kit"))
        program, *words = ["sh", "-c", sh.replace("$K", command)] if sh else kit.argv(*args)
        env: Any = {"TERM": "xterm-256color", **kit.env(), **environ}
        self.child = pexpect.spawn(program, words, env=env, timeout=60, dimensions=(rows, columns))
        self._log = self.child.logfile_read = BytesIO()
        self._sizes = [(0, columns, rows)]  # from which byte on the terminal had which size

    def wait_for(self, pattern: str) -> None:
        self.child.expect(pattern)

    def type(self, text: str) -> None:
        self.child.send(text)

    def signal(self, number: int) -> None:
        self.child.kill(number)

    def resize(self, columns: int, rows: int = 24) -> None:
        """As a terminal does it: the program gets a SIGWINCH."""
        self._sizes.append((len(self._log.getvalue()), columns, rows))
        self.child.setwinsize(rows, columns)

    def end(self) -> int:
        """Wait for the end; the exit code, as a shell tells it."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        status = self.child.exitstatus
        return int(128 + self.child.signalstatus if status is None else status)

    @property
    def raw(self) -> bytes:
        return self._log.getvalue()

    @property
    def text(self) -> str:
        """All bytes: UTF-8, or this fails."""
        return self.raw.decode()

    @property
    def screen(self) -> pyte.HistoryScreen:
        """What stands there now, on a terminal that does not break its lines anew."""
        _, columns, rows = self._sizes[0]
        screen = pyte.HistoryScreen(columns, rows, history=100_000)
        stream = pyte.ByteStream(screen)
        ends = [start for start, _, _ in self._sizes[1:]]
        for (start, columns, rows), end in zip(self._sizes, [*ends, len(self.raw)], strict=True):
            screen.resize(rows, columns)
            stream.feed(self.raw[start:end])
        return screen

    @property
    def lines(self) -> list[str]:
        """All lines, also those that have left at the top; blanks at their ends left out."""
        found = self.rows(self.screen)
        while found and not found[-1]:
            found.pop()
        return found

    @staticmethod
    def rows(screen: pyte.HistoryScreen) -> list[str]:
        history = [
            "".join(row[x].data for x in range(screen.columns)) for row in screen.history.top
        ]
        return [line.rstrip() for line in [*history, *screen.display]]

    @property
    def reflowed(self) -> list[str]:
        """The lines on a terminal that breaks them anew with each new size."""
        screen = Reflowing(self._sizes[0][1])
        ends = [start for start, _, _ in self._sizes[1:]]
        for (start, columns, _), end in zip(self._sizes, [*ends, len(self.raw)], strict=True):
            screen.columns = columns
            screen.write(self.raw[start:end].decode(errors="replace").replace("\r\n", "\n"))
        return screen.lines

    @property
    def obeyed(self) -> set[str]:
        """Control characters that are not kit's own."""
        return set(OBEYED.findall(OWN.sub("", self.text)))


@contextmanager
def on_terminal(kit: Kit, *args: str, **settings: Any) -> Iterator[Terminal]:
    """A terminal that is gone at the end, with whatever still runs on it."""
    terminal = Terminal(kit, *args, **settings)
    try:
        yield terminal
    finally:
        if terminal.child.isalive():
            terminal.child.kill(signal.SIGKILL)
        terminal.child.close(force=True)


def watched(kit: Kit, *args: str, **settings: Any) -> Terminal:
    """The command taken to its end on a terminal; it must end with ``code``."""
    code = settings.pop("code", 0)
    with on_terminal(kit, *args, **settings) as terminal:
        assert terminal.end() == code, terminal.text
    return terminal
