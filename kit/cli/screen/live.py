"""The live view of many calls on stderr: a line for each member, the votes growing underneath.

Only its own lines are ever redrawn, never more of them than the terminal has rows, at most ten
times a second, and not while another program has the terminal. Where lines cannot be redrawn, each
member that finishes is one line.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from textwrap import wrap
from typing import IO

from kit.cli.markdown.cells import shorten, width
from kit.cli.screen.board import ENDED, Board, Member
from kit.cli.screen.render import putter
from kit.cli.screen.sanitise import clean, quoted, visible
from kit.cli.screen.surrogates import mended
from kit.cli.screen.terminal import Terminal, in_front, size
from kit.cli.signals import returned
from kit.events import Event, Noted, VoteCast

FRAME = 0.1  # seconds between two drawings, at least
_COLOURS = {"done": "32", "failed": "31", "cancelled": "2", "streaming": "36", "retrying": "33"}
_MARKS = {"done": "✓", "failed": "✗", "cancelled": "–", "retrying": "↻"}
_FIGURES = (2, 3)  # of the cells of a line: seconds, tokens
_ASCII = str.maketrans({"✓": "+", "✗": "x", "–": "-", "↻": "~", "·": "-", "×": "x", "→": ">"})


class Live:
    """A tap: call it with events, ``tick`` it while nothing happens, ``close`` it at the end. It
    writes to ``stream`` and never raises for it: what a view cannot show must not end a run."""

    def __init__(
        self, stream: IO[str], terminal: Terminal, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._bytes, self._stream, self._clock = putter(stream), stream, clock
        self._redraw, self._colour = terminal.err_live, terminal.err_colour
        self._unicode = terminal.unicode
        self._board = Board()
        self._uncounted: dict[str, Member] = {}  # printed with their votes, or at the end
        self._drawn: list[int] = []  # the widths of the lines that stand on the screen
        self._next = 0.0
        self._returned = returned()

    def __call__(self, event: Event) -> None:
        now = self._clock()
        if isinstance(event, Noted):
            self._say(event.text)
            return
        ended = self._board.hear(event, now)
        if self._redraw:
            self.tick()
        elif ended and ended.state == "done":
            self._uncounted[ended.id] = ended
        elif ended:
            self._tell(ended)
        elif isinstance(event, VoteCast) and event.call in self._uncounted:
            self._tell(self._uncounted.pop(event.call))

    def tick(self) -> None:
        """Draw, when it is time."""
        due = self._redraw and self._clock() >= self._next and self._board.members
        if due and in_front(self._stream):
            self._draw(self._lines())

    def close(self, verdict: str = "") -> None:
        """The last drawing; it stays. ``verdict`` takes the place of the tally, and is shown whole:
        nothing will be drawn over it."""
        if not self._board.members:
            return
        last = self._plain(clean(verdict) or self._board.tally())
        for member in self._uncounted.values():
            self._tell(member)
        self._uncounted.clear()
        if self._redraw:
            self._draw(self._lines(last), whole=last if verdict else "")
        elif last:
            self._put(last + "\n")
        self._board, self._drawn = Board(), []

    def _say(self, text: str) -> None:
        """A note stands above the view, for good."""
        line = self._plain(quoted(text))
        self._put(self._home() + ("\x1b[J" if self._drawn else "") + line + "\n")
        self._drawn, self._next = [], 0.0
        self.tick()

    def _tell(self, member: Member) -> None:
        """For good, where lines cannot be redrawn."""
        cells = filter(None, _cells(member, self._clock()))
        self._put(self._plain("  ".join(cells)) + "\n")

    def _lines(self, last: str | None = None) -> list[tuple[str, str]]:
        """The lines as they should stand, each with its colour; as many as the terminal takes."""
        members = list(self._board.members.values())
        rows = max((size(self._stream)[1] or 24) - 1, 1)
        tally = self._board.tally() if last is None else last
        foot = [(tally, "1")] if tally and rows > 1 else []
        if len(members) + len(foot) > rows:
            room = max(rows - len(foot) - 1, 0)
            foot = [(self._board.counts(), ""), *foot]
            members = _most_telling(members, room)
        now = self._clock()
        lines = _aligned([_cells(member, now) for member in members])
        colours = (_COLOURS.get(member.state, "") for member in members)
        return [*zip(lines, colours, strict=True), *foot]

    def _draw(self, lines: list[tuple[str, str]], whole: str = "") -> None:
        room = max((size(self._stream)[0] or 80) - 1, 1)
        shown = [
            (part, style)
            for text, style in lines
            for part in (wrap(text, room) if text == whole else [shorten(self._plain(text), room)])
        ]
        out = self._home()
        out += "".join(f"{self._painted(text, style)}\x1b[K\n" for text, style in shown)
        out += "\x1b[J" if len(self._drawn) > len(shown) else ""
        self._drawn = [width(text) for text, _ in shown]
        self._next = self._clock() + FRAME
        self._put(out)

    def _home(self) -> str:
        """To the view's first line. A terminal that was made narrower has broken its lines anew, or
        cut them: nobody knows where they are, so they are left and a new view begins below. So it
        does when others have written: kit was stopped and went on, or is behind a shell."""
        columns, rows = size(self._stream)
        before, self._returned = self._returned, returned()
        moved = before != self._returned or not in_front(self._stream)
        if moved or not self._drawn or max(self._drawn) > (columns or 80):
            self._drawn = []
            return ""
        return f"\r\x1b[{min(len(self._drawn), max((rows or 24) - 1, 1))}A"

    def _put(self, text: str) -> None:
        with suppress(OSError, ValueError):
            self._bytes(mended(text).encode())

    def _painted(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if style and self._colour else text

    def _plain(self, text: str) -> str:
        return text if self._unicode else text.translate(_ASCII)


def _most_telling(members: list[Member], room: int) -> list[Member]:
    """Those still at work first, then the last that ended; in the order of their calls."""
    working = [m for m in members if m.state not in ENDED]
    ended = [m for m in members if m.state in ENDED]
    kept = {m.id for m in (working + ended[::-1])[:room]}
    return [m for m in members if m.id in kept]


def _cells(member: Member, now: float) -> list[str]:
    """ "✓ 3 groq/llama-3.3", "done", "2.1 s", "145 tokens", "→ 42"; empty what is not known."""
    mark = _MARKS.get(member.state, " ")
    seconds = (member.ended if member.ended is not None else now) - member.began
    count = f"{'' if member.exact else '~'}{member.tokens} token{'s' * (member.tokens != 1)}"
    last = member.note if member.vote is None else f"→ {visible(member.vote)}"
    return [f"{mark} {member.id} {member.name}", member.state, f"{seconds:.1f} s",
            count if member.tokens else "", last]  # fmt: skip


def _aligned(rows: list[list[str]]) -> list[str]:
    """Columns two apart, figures to the right; a column of which nobody knows anything takes no
    room."""
    wide = [max(map(width, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(_padded(row, wide)).rstrip() for row in rows]


def _padded(row: list[str], wide: list[int]) -> Iterator[str]:
    for at, (cell, room) in enumerate(zip(row, wide, strict=True)):
        blank = " " * (room - width(cell))
        if room:
            yield blank + cell if at in _FIGURES else cell + blank
