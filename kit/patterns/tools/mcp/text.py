"""What a foreign server says, as text that hides nothing from who reads it and is not too long."""

from __future__ import annotations

import re
import unicodedata

UNSEEN = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}  # fillers, blank letters
    | {*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}  # variants
)


def seen(text: str, most: int) -> str:
    """Without control, format (zero-width, bidi, tags), private and unassigned characters: what a
    person would not see a model shall not read either. Line ends and tabs stay. Cut to ``most``
    characters."""
    kept = "".join(each for each in text[: 4 * most] if each in "\n\t" or not _hidden(each))
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"


def sentence(text: str, most: int = 300) -> str:
    """The same on one line, as a part of a sentence: no full stop at its end."""
    return re.sub(r"\s+", " ", seen(text, most)).strip().rstrip(".")


def _hidden(letter: str) -> bool:
    return unicodedata.category(letter).startswith("C") or ord(letter) in UNSEEN
