"""How many columns text takes on a terminal, counted so that no line is wider than was thought."""

from __future__ import annotations

from functools import lru_cache

_WIDENS = "\ufe0f"  # emoji presentation: two columns on some terminals, one on others


def width(text: str) -> int:
    """Columns, at most: joined emoji count one by one, as terminals without joining show them. So
    text that grows never gets narrower, wherever it was cut."""
    return len(text) if text.isascii() else sum(map(_cell, text))


@lru_cache(maxsize=4096)
def _cell(char: str) -> int:
    from rich.cells import get_character_cell_size  # here: pipes and ASCII never need rich

    return 1 if char == _WIDENS else get_character_cell_size(char)


def fit(text: str, room: int) -> str:
    """The longest start of ``text`` that takes at most ``room`` columns."""
    if text.isascii():
        return text[: max(room, 0)]
    used = 0
    for at, char in enumerate(text):
        used += _cell(char)
        if used > room:
            return text[:at]
    return text


def shorten(text: str, room: int) -> str:
    """``text``, or its start and an ellipsis where it is too wide."""
    if width(text) <= room:
        return text
    mark = "..." if text.isascii() else "…"
    return fit(text, room - len(mark)) + mark if room > len(mark) else fit(text, room)
