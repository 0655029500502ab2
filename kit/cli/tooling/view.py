"""Tools at work, a line or two for each step, on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from contextlib import suppress

from kit.cli.markdown.cells import shorten
from kit.cli.screen.notes import noted
from kit.cli.screen.render import err, putter
from kit.cli.screen.sanitise import visible
from kit.cli.screen.surrogates import mended
from kit.cli.screen.terminal import Terminal, columns
from kit.events import Event, Replied, ToolCall, ToolStarted, ToolUsed

ERROR_LINES = 3
"""A reason is worth more room than a result."""
_ASCII = str.maketrans({"→": ">", "✓": "+", "✗": "x", "·": "-", "…": "~"})


class View:
    """A tap. Told ``fully`` each call, its tool and what came of it; else only what was refused or
    failed, for who must change something."""

    def __init__(
        self,
        terminal: Terminal,
        *,
        fully: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal, self._fully, self._clock = terminal, fully, clock
        self._began: dict[tuple[str, str], float] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case ToolStarted(call=call, id=id_, name=name, arguments=arguments):
                self._began[call, id_] = self._clock()
                if self._fully:
                    self._say(f"→ {name} {_compact(arguments)}", "36")
            case ToolUsed():
                self._used(event)
            case Replied(message=message) if self._fully:
                calls = any(isinstance(part, ToolCall) for part in message.parts)
                if calls and message.text.strip():
                    self._say(f"· {message.text.strip()}", "2")
            case _:
                if line := noted(event):
                    err(line)

    def _used(self, used: ToolUsed) -> None:
        if self._fully:
            style, lines = ("31", ERROR_LINES) if used.error else ("32", 1)
            self._say(f"  {self._result(used)}", style, lines)
        elif used.error.startswith("refused"):
            err(f"kit: {used.name}: {used.error}")

    def _result(self, used: ToolUsed) -> str:
        """ "✓ read 0.2 s, 1234 characters: the first words"."""
        began = self._began.pop((used.call, used.id), None)
        took = "" if began is None else f" {self._clock() - began:.1f} s"
        if used.error:
            return f"✗ {used.name or 'a call'}{took}: {used.error}"
        words = " ".join(used.output[:500].split())
        return f"✓ {used.name}{took}, {len(used.output)} characters: {words}"

    def _say(self, text: str, style: str, lines: int = 1) -> None:
        line = shorten(visible(mended(text)), max(columns(sys.stderr) * lines - 1, 20))
        line = line if self._terminal.unicode else line.translate(_ASCII)
        if self._terminal.err_colour:
            line = f"\x1b[{style}m{line}\x1b[0m"
        with suppress(OSError, ValueError, AttributeError):  # a view must not end a run
            putter(sys.stderr)(f"{line}\n".encode())


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
