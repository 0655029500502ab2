"""Blocks that appear as they arrive: running text in rows, and code line by line."""

from __future__ import annotations

import re

from kit.cli.markdown.emphasis import BOLD, combined
from kit.cli.markdown.highlight import Painter
from kit.cli.markdown.inline import Piece, parse
from kit.cli.markdown.openline import OpenLine
from kit.cli.markdown.wrap import Row, joined, merged, row_width, wrap


class Flow:
    """A paragraph, heading, list item or quote. A row is finished when it is full and nothing in it
    can change; the last one is shown as it stands."""

    def __init__(self, first: Row, rest: Row, style: str = "") -> None:
        self.first, self.rest, self.style = first, rest, style
        self._hashes = style == BOLD  # a heading may end in #, which are not shown
        self._begun = False  # a row was finished: from now on the prefix is ``rest``
        self._lines = 0
        self._ready: Row = []
        self._tail: list[str] = []
        self._before = ""
        self._source: list[str] = []  # all text, until the first row is finished
        self._seen = 0  # characters of the tail that the last drawing was made of
        self._unseen: Row = []  # what of that did not fit its row

    def line(self) -> None:
        """Another line of the source begins."""
        self._lines += 1
        if self._lines > 1:
            self.add("\n")

    def add(self, text: str) -> None:
        self._tail.append(text)
        if not self._begun:
            self._source.append(text)

    def draw(self, out: OpenLine) -> None:
        self._resettle(out)
        maybe = self._settle(final=False)
        *full, last = wrap(self._ready, self._room(out.room))
        for row in full:
            self._finish(row, out)
        self._ready = last
        row, *rest = wrap([*last, *maybe], self._room(out.room))
        self._seen = len("".join(self._tail))
        self._unseen = [piece for each in rest for piece in (Piece(" "), *each)][1:]
        out.show(self._whole(row))

    def end(self, out: OpenLine) -> None:
        self._resettle(out)
        self._settle(final=True)
        *full, last = wrap(self._ready, self._room(out.room))
        for row in full:
            self._finish(row, out)
        if joined(last) or not self._begun:
            self._finish(last, out)
        else:
            out.show([])

    def single(self, out: OpenLine) -> str:
        """The source, if it is one line that fits one row: it may become a heading or a table's
        head. Empty otherwise."""
        if self._begun or self._lines > 1:
            return ""
        source = "".join(self._source)
        if len(source) > 3 * out.room:  # it cannot fit: markup is not that long
            return ""
        return (
            source if len(wrap(parse(source, final=True).sure, self._room(out.room))) == 1 else ""
        )

    def _settle(self, *, final: bool) -> Row:
        """Moves what is sure from the tail to the rows; what is not is returned as a guess."""
        text = "".join(self._tail)
        text, held = self._without_closing(text, final)
        parsed = parse(text, before=self._before, final=final)
        self._before = text[parsed.used - 1] if parsed.used else self._before
        self._tail = [text[parsed.used :] + held]
        self._ready += parsed.sure
        return parsed.maybe

    def _without_closing(self, text: str, final: bool) -> tuple[str, str]:
        """The text of a heading without the # at its end, and those that may be it."""
        if not self._hashes:
            return text, ""
        if final:
            start = "" if self._before else "^|"
            return re.sub(rf"(?:{start} +)#+ *\Z", "", text), ""
        kept = text.rstrip(" #")
        return kept, text[len(kept) :]

    def _whole(self, row: Row) -> Row:
        """The row as it is drawn: after its prefix, in the style of the block."""
        prefix = self.rest if self._begun else self.first
        return joined(prefix, [Piece(text, combined(style, self.style)) for text, style in row])

    def _resettle(self, out: OpenLine) -> None:
        """What a resize has left behind stands as it was drawn: it is not said again."""
        if out.stranded:
            out.leave()
            self._tail = ["".join(self._tail)[self._seen :]]
            self._ready = self._unseen
            self._begun, self._source = True, []

    def _room(self, room: int) -> int:
        return max(room - row_width(self.first), 2)

    def _finish(self, row: Row, out: OpenLine) -> None:
        out.finish(self._whole(row))
        self._begun, self._source = True, []


class Verbatim:
    """Code and HTML: written as it comes and never redrawn. No frame, no padding, blanks at the end
    of lines dropped: it can be copied."""

    def __init__(self, painter: Painter) -> None:
        self._painter = painter
        self._lines = 0
        self._held = ""

    def line(self) -> None:
        self._lines += 1
        if self._lines > 1:
            self._held = self._held.rstrip(" \t") + "\n"

    def add(self, text: str) -> None:
        self._held += text

    def draw(self, out: OpenLine) -> None:
        *lines, last = self._held.split("\n")
        for line in lines:
            self._write(line.rstrip(" \t"), out, ended=True)
            out.leave()
        if out.live:
            last = last[self._write(last.rstrip(" \t"), out, ended=False) :]
        self._held = last

    def end(self, out: OpenLine) -> None:
        if self._lines:
            self._held = self._held.rstrip(" \t") + "\n"
            self.draw(out)

    def _write(self, text: str, out: OpenLine, *, ended: bool) -> int:
        pieces, used = self._painter.paint(text, ended=ended)
        out.append(merged(pieces))
        return used
