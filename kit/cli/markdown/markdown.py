"""Streaming Markdown on a terminal: what is finished is printed once, only the last line changes.

The words arrive, ``blocks.place`` says what each line is, the open block (flow.py, table.py) draws
itself on the open line. Model text never becomes markup of another kind, and never reaches the
terminal but through the Sanitiser. Whatever way the text is cut, the same screen comes out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from kit.cli.markdown.blocks import START, Line, place
from kit.cli.markdown.emphasis import BOLD, DIM
from kit.cli.markdown.flow import Flow, Verbatim
from kit.cli.markdown.highlight import Even, painter
from kit.cli.markdown.inline import Piece
from kit.cli.markdown.openline import OpenLine
from kit.cli.markdown.table import Table
from kit.cli.markdown.wrap import Row
from kit.cli.screen.sanitise import Sanitiser
from kit.cli.screen.surrogates import Pairs

FRAMES = 15  # drawn in a second, at most
LEAST = 4  # columns that are left for text, however deep a list or quote is


class Block(Protocol):
    def line(self) -> None: ...
    def add(self, text: str) -> None: ...
    def draw(self, out: OpenLine) -> None: ...
    def end(self, out: OpenLine) -> None: ...


class Markdown:
    """An Answer. ``put`` writes to the terminal, ``columns`` tells its width now, ``clock`` the
    seconds; without ``live`` nothing is drawn before it is finished (colour on a pipe)."""

    def __init__(
        self,
        put: Callable[[str], None],
        *,
        columns: Callable[[], int],
        clock: Callable[[], float],
        live: bool = True,
        unicode: bool = True,
    ) -> None:
        self._put, self._clock, self._unicode = put, clock, unicode
        self._out = OpenLine(columns, live=live)
        self._pairs = Pairs()
        self._sanitiser = Sanitiser()
        self._waiting: list[str] = []  # arrived, not looked at
        self._start = ""  # of a line of which it is not known what it is
        self._line: Line | None = None  # what the current line is
        self._before = START
        self._block: Block | None = None
        self._next_frame = 0.0

    def write(self, text: str) -> None:
        clean = self._sanitiser.feed(self._pairs.feed(text))
        if not clean:
            return
        self._waiting.append(clean)
        if "\n" in clean or (self._out.live and self._clock() >= self._next_frame):
            self._advance()

    def tick(self) -> None:
        """Show what waits for its frame; for a stream that has paused."""
        if self._waiting and self._out.live and self._clock() >= self._next_frame:
            self._advance()

    def close(self) -> None:
        self._waiting.append(self._sanitiser.feed(self._pairs.close()))
        self._take("".join(self._waiting))
        self._waiting.clear()
        if self._line or self._start:
            self._newline()
        self._end_block()
        self._flush()

    def _advance(self) -> None:
        self._take("".join(self._waiting))
        self._waiting.clear()
        if self._block:
            self._block.draw(self._out)
        self._next_frame = self._clock() + 1 / FRAMES
        self._flush()

    def _flush(self) -> None:
        if out := self._out.taken():
            self._put(out)

    def _take(self, text: str) -> None:
        first, *lines = text.split("\n")
        self._more(first)
        for line in lines:
            self._newline()
            self._more(line)

    def _more(self, text: str) -> None:
        """More of the current line."""
        if self._line is None:
            self._start += text
            self._line = place(self._start, ended=False, before=self._before)
            if self._line is None:
                return
            text, self._start = self._start[self._line.skip :], ""
            self._begin(self._line)
        if self._block:
            self._block.add(text)

    def _newline(self) -> None:
        """The current line is complete."""
        if self._line is None:
            self._ended(self._start)
        line = self._line
        assert line
        if line.head and isinstance(self._block, Flow):
            line = replace(line, head=bool(self._block.single(self._out)))
        self._before, self._line, self._start = line, None, ""

    def _ended(self, text: str) -> None:
        """A line of which only its end told what it is."""
        line = place(text, ended=True, before=self._before)
        assert line
        self._line = line
        match line.kind:
            case "blank" | "rule" | "fence":
                self._end_block()
                if line.opens and line.kind != "blank":
                    self._open(line)
            case "underline":
                self._underline()
            case "divider":
                self._divider(text)
            case _:
                self._begin(line)
                if self._block:
                    self._block.add(text[line.skip :])

    def _begin(self, line: Line) -> None:
        if line.opens:
            self._end_block()
            self._open(line)
        if self._block:
            self._block.line()

    def _open(self, line: Line) -> None:
        self._separate(line)
        self._block = self._made(line)

    def _made(self, line: Line) -> Block | None:
        match line.kind:
            case "fence":
                return Verbatim(painter(line.word))
            case "html":
                return Verbatim(Even(""))
            case "table":
                return Table(unicode=self._unicode)
            case "rule":
                self._out.finish(
                    [Piece(("─" if self._unicode else "-") * min(self._out.room, 32), DIM)]
                )
                return None
            case _:
                return Flow(*self._prefixes(line), BOLD if line.kind == "heading" else "")

    def _prefixes(self, line: Line) -> tuple[Row, Row]:
        """What stands before the first row of a block and before the others: never so much that
        there is no room for the text."""
        room = max(self._out.room - LEAST, 0)
        bullet = line.marker if len(line.marker) > 1 else "•" if self._unicode else "-"
        mark = f"{bullet} " if line.kind == "item" else ""
        if line.kind == "quote":
            mark = ("│ " if self._unicode else "| ") * min(line.depth, 4, max(room // 2, 1))
        margin = Piece(" " * max(min(line.indent, self._out.room // 2, room - len(mark)), 0))
        if line.kind == "quote":
            return [margin, Piece(mark, DIM)], [margin, Piece(mark, DIM)]
        return [margin, Piece(mark)], [margin, Piece(" " * len(mark))]

    def _separate(self, line: Line) -> None:
        """One empty line between blocks, but none inside a list that is written without."""
        tight = line.kind == "item" and self._before.kind in ("item", "paragraph")
        if not self._out.empty and not tight:
            self._out.finish([])

    def _end_block(self) -> None:
        if self._block:
            self._block.end(self._out)
            self._block = None

    def _underline(self) -> None:
        """The line above was a heading."""
        flow = self._block
        assert isinstance(flow, Flow)
        flow.style = BOLD
        self._end_block()

    def _divider(self, text: str) -> None:
        """The line above was the head of a table, if it has columns."""
        if isinstance(self._block, Flow):
            head = self._block.single(self._out)
            if "|" not in head:
                self._line = replace(self._before, opens=False, head=False, skip=0)
                self._block.line()
                self._block.add(text.strip())
                return
            self._block = Table(head, unicode=self._unicode)
        assert isinstance(self._block, Table)
        self._block.divide(text)
