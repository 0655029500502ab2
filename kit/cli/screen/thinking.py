"""``--think``: a model's reasoning on stderr, apart from the answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from kit.cli.screen.sanitise import Sanitiser
from kit.cli.screen.surrogates import Pairs
from kit.events import Event, ReasoningDelta

DIM = ("\x1b[2m", "\x1b[22m")


class Thoughts:
    """Takes part in a run's events; a line of reasoning is ended before anything else is shown.
    ``put`` writes bytes at once; that nobody reads them is no error."""

    def __init__(self, put: Callable[[bytes], None], *, dim: bool) -> None:
        self._put, self._style = put, DIM if dim else ("", "")
        self._pairs, self._clean = Pairs(), Sanitiser()
        self._open = False  # the last line has no newline yet

    def __call__(self, event: Event) -> None:
        if isinstance(event, ReasoningDelta):
            self._say(self._clean.feed(self._pairs.feed(event.text)))
        elif self._open:
            self._say(self._clean.feed(self._pairs.close()) + "\n")

    def _say(self, text: str) -> None:
        if not text:
            return
        before, after = self._style if text.strip() else ("", "")
        self._open = not text.endswith("\n")
        with suppress(OSError, ValueError):
            self._put(f"{before}{text}{after}".encode())
