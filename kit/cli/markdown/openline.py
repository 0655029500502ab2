"""The last line on the screen: the only one that may still change, without ever moving up."""

from __future__ import annotations

from collections.abc import Callable

from kit.cli.markdown.inline import Piece
from kit.cli.markdown.wrap import Row, row_width

_ERASE = "\r\x1b[K"


def sgr(row: Row) -> str:
    return "".join(f"\x1b[{style}m{text}\x1b[0m" if style else text for text, style in row)


class OpenLine:
    """``live``: a line may be shown before it is finished. ``columns`` tells the width as it is
    now. What is to be written is collected; ``taken`` hands it over."""

    def __init__(self, columns: Callable[[], int], *, live: bool) -> None:
        self.columns = columns
        self.live = live
        self.empty = True  # nothing was ever finished
        self._drawn: Row = []
        self._out: list[str] = []

    @property
    def room(self) -> int:
        """Columns that a row may take: the last one stays free, for terminals wrap there early."""
        return max(self.columns() - 1, 2)

    @property
    def stranded(self) -> bool:
        """The terminal has become narrower than what is drawn: it cannot be taken back."""
        return bool(self._drawn) and row_width(self._drawn) > self.room

    def show(self, row: Row) -> None:
        """Draw the line as it stands, with as few bytes as will do."""
        if self.live:
            self._draw(row)

    def finish(self, row: Row) -> None:
        """Draw the line for good and go to the next."""
        self._draw(row)
        self.leave()

    def leave(self) -> None:
        """What is drawn stays as it is; a new line begins."""
        self._out.append("\n")
        self._drawn = []
        self.empty = False

    def append(self, row: Row) -> None:
        """Text that is sure: only ever added to, so it may be wider than the terminal."""
        if row:
            self._clear()
            self._out.append(sgr(row))

    def taken(self) -> str:
        out = "".join(self._out)
        self._out.clear()
        return out

    def _draw(self, row: Row) -> None:
        more = _rest(self._drawn, row)
        if more is None:
            self._clear()
            more = row
        self._out.append(sgr(more))
        self._drawn = row

    def _clear(self) -> None:
        if self._drawn:
            self._out.append(_ERASE)
            self._drawn = []


def _rest(old: Row, new: Row) -> Row | None:
    """What turns ``old`` into ``new`` by adding at its end; None where adding is not enough."""
    if not old:
        return new
    if len(new) < len(old) or new[: len(old) - 1] != old[:-1]:
        return None
    last, now = old[-1], new[len(old) - 1]
    if now.style != last.style or not now.text.startswith(last.text):
        return None
    grown = now.text[len(last.text) :]
    return ([Piece(grown, now.style)] if grown else []) + new[len(old) :]
