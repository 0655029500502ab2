"""Bytes and names that others wrote, as text that can be sent."""

from __future__ import annotations

import re

_ESCAPES = re.compile(
    r"\x1b\[[ -?]*[@-~]"  # CSI: colours, the cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC and its kin: titles, links, the clipboard
    r"|\x1b[ -/]*[0-~]"
)
_NAMED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"\xef\xbb\xbf": "utf-8-sig"}


def text(data: bytes) -> str:
    """Decoded as UTF-8 (UTF-16 where its mark stands); what is no text is replaced, also NULs,
    which no request may hold."""
    kind = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    return data.decode(kind, errors="replace").replace("\0", "\ufffd")


def printed(data: bytes) -> str:
    """What a program wrote for a terminal, without the terminal's own language."""
    return _ESCAPES.sub("", text(data)).replace("\r\n", "\n")


def is_binary(data: bytes) -> bool:
    """A NUL in the beginning, as grep and git tell it; UTF-16 with its mark is text."""
    return b"\0" in data[:8192] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def name(raw: str) -> str:
    """A file's name on one line, what cannot be seen or reorders written as ``\\u{202e}``."""
    return "".join(each if each.isprintable() else f"\\u{{{ord(each):x}}}" for each in raw)


def unnamed(shown: str) -> str:
    """The name of which ``name`` made this."""
    return _NAMED.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), shown)
