"""The rounds as they pass, on stderr: what each draft is worth and, under -v, what it changed."""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import IO

from kit.cli.markdown.cells import shorten
from kit.cli.screen.notes import noted
from kit.cli.screen.render import putter
from kit.cli.screen.sanitise import clean
from kit.cli.screen.surrogates import mended
from kit.cli.screen.terminal import Terminal, columns, in_front
from kit.cli.trace_views.figures import money, seconds
from kit.events import (
    CallStarted,
    Checked,
    Compared,
    Drafted,
    Event,
    Json,
    Scored,
)

MOST = 80
"""Lines of one diff that are shown."""
_COLOURS = {"+": "32", "-": "31", "@": "36"}
_ASCII = str.maketrans({"·": "-", "→": ">", "…": "~"})


class Rounds:
    """A tap: call it with events, ``tick`` it while nothing happens, ``close`` it at the end. What
    cannot be shown never ends a run."""

    def __init__(
        self,
        stream: IO[str],
        terminal: Terminal,
        *,
        diffs: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bytes, self._stream, self._clock = putter(stream), stream, clock
        self._terminal, self._diffs = terminal, diffs
        self._texts: dict[int, str] = {}
        self._failed: dict[str, None] = {}  # the checks that the latest draft fails
        self._pending = False  # a draft is there and has no score yet
        self._doing, self._since, self._drawn = "", 0.0, False

    def __call__(self, event: Event) -> None:
        match event:
            case CallStarted():
                self._do("judging" if self._pending else "writing")
            case Drafted():
                self._drafted(event)
            case Checked(passed=False, command=command):
                self._failed[command] = None
            case Scored():
                self._pending = False
                self._line(_worth(event, list(self._failed)))
                self._failed = {}
            case Compared(first=first, second=second, winner=winner):
                won = f"draft {winner} is better" if winner else "neither is better"
                self._line(f"draft {first} against draft {second}: {won}")
            case _:
                if line := noted(event):
                    self._line(line)

    def _do(self, what: str) -> None:
        if what != self._doing:
            self._doing, self._since = what, self._clock()

    def _drafted(self, event: Drafted) -> None:
        self._pending = True
        self._texts[event.draft] = event.text
        self._do("judging")
        before = self._texts.get(event.revises)
        if self._diffs and before is not None:
            for line in islice(_diff(before, event.text, event.revises, event.draft), MOST):
                self._line(line, _COLOURS.get(line[:1], ""))

    def tick(self) -> None:
        """The line that is redrawn while one waits."""
        if self._terminal.err_live and self._doing and in_front(self._stream):
            room = max(columns(self._stream) - 1, 1)
            text = f"{self._doing} … {self._clock() - self._since:.0f} s"
            self._put(f"\r\x1b[K{shorten(self._plain(text), room)}")
            self._drawn = True

    def close(self, result: Mapping[str, Json]) -> None:
        self._doing = ""
        self._line(closing(result))

    def _line(self, text: str, style: str = "") -> None:
        text = self._plain(" ".join(clean(text).split("\n")).rstrip())
        if style and self._terminal.err_colour:
            text = f"\x1b[{style}m{text}\x1b[0m"
        self._put(("\r\x1b[K" if self._drawn else "") + text + "\n")
        self._drawn = False

    def _put(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._bytes(mended(text).encode())

    def _plain(self, text: str) -> str:
        return text if self._terminal.unicode else text.translate(_ASCII)


def _worth(scored: Scored, failed: Sequence[str]) -> str:
    """ "draft 2 · round 1 · 0.70 · the best so far · …critique…"."""
    parts = [f"draft {scored.draft}", f"round {scored.round}"]
    parts.append("no score" if scored.score is None else f"{scored.score:.2f}")
    if not scored.passed:
        parts.append(f"does not pass {', '.join(failed)}".rstrip())
    if scored.round:
        parts.append("the best so far" if scored.best else "no better")
    if critique := " ".join(scored.critique.split()):
        parts.append(critique if len(critique) <= 120 else critique[:119] + "…")
    return " · ".join(parts)


def _diff(before: str, after: str, old: int, new: int) -> Iterator[str]:
    names = (f"draft {old}", f"draft {new}")
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), *names, n=2, lineterm="")
    return (line.rstrip("\n") for line in lines)


def closing(result: Mapping[str, Json]) -> str:
    """ "0.95 · draft of round 2 · stopped: target · 6 calls · 3.1 s · $0.0031"."""
    detail, usage = result["detail"], result["usage"]
    if not detail:
        return ""
    score = detail["score"]
    calls = usage["calls"]
    parts = (
        "no score" if score is None else f"{score:.2f}",
        "" if detail["best_round"] is None else f"draft of round {detail['best_round']}",
        f"stopped: {detail['stopped']}",
        f"{calls} call{'' if calls == 1 else 's'}",
        seconds(result["elapsed_s"]),
        money(usage["cost_usd"]) or "cost unknown",
    )
    return " · ".join(part for part in parts if part)
