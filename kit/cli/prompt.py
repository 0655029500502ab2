"""What was typed and piped: the words, stdin, files and attachments of one prompt."""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from kit.cli.options import Prompt
from kit.cli.screen.sanitise import visible
from kit.errors import UsageError
from kit.events import Attachment, Message, Part, Text

GRACE_S = 0.3
"""How long an open pipe may stay silent before kit goes on without it (words were given)."""
LIMIT = 16 << 20
"""The longest prompt, in bytes: more than any model reads."""

Say = Callable[[str], None]


def message(given: Prompt, *, say: Say, ask: bool = True) -> Message:
    """The user's message. UsageError when it would be empty. ``say`` takes a line for stderr;
    without ``ask`` nothing is read from a terminal."""
    words = " ".join(given.words or [])
    text = _joined(words, given.stdin, say=say, ask=ask)
    text += "".join(_context(path) for path in given.file or [])
    if not text.strip():
        raise UsageError("the prompt is empty", hint='give it as words, `kit ask "…"`, or on stdin')
    attached: list[Part] = [attachment(place) for place in given.attach or []]
    return Message("user", (*attached, Text(text)))


def _joined(words: str, wanted: bool | None, *, say: Say, ask: bool) -> str:
    """Words, a blank line, stdin: whichever of them there are."""
    if words.startswith("@") and len(words) > 1 and " " not in words:
        words = text_of(words[1:])
    elif words in ("", "-"):
        return _whole_stdin(say, ask) if wanted is not False else ""
    piped = _stdin_beside_words(wanted, say)
    return "\n\n".join(part for part in (words, piped.rstrip("\n")) if part)


def _whole_stdin(say: Say, ask: bool) -> str:
    if sys.stdin is None:
        return ""
    if sys.stdin.isatty():
        if not ask:
            return ""
        say("kit: type the prompt; Ctrl-D on an empty line ends it")
    return decoded(_read(sys.stdin.buffer, say), "stdin").rstrip("\n")


def piped() -> str:
    """All of stdin, for a flag that names it."""
    return "" if sys.stdin is None else decoded(_read(sys.stdin.buffer, _quiet), "stdin")


def _quiet(text: str) -> None:
    """Who names stdin knows that it is waited for."""


def _stdin_beside_words(wanted: bool | None, say: Say) -> str:
    """Stdin when words were given: read only if it cannot hang and is not somebody else's."""
    if wanted is False or sys.stdin is None or (sys.stdin.isatty() and not wanted):
        return ""
    stream = sys.stdin.buffer
    if not wanted and not _readable(stream, say):
        return ""
    return decoded(_read(stream, say), "stdin")


def _readable(stream: BinaryIO, say: Say) -> bool:
    """A regular file from its start, or a pipe that has something to say (or has ended)."""
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # closed, or a stand-in without a descriptor
        return False
    if stat.S_ISREG(mode):
        # Past 0 the file belongs to the loop around: while read l; do kit ask "$l"; done < file
        return os.lseek(stream.fileno(), 0, os.SEEK_CUR) == 0
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
        return False
    if select.select([stream], [], [], GRACE_S)[0]:
        return True
    say("kit: stdin is open but silent, going on without it (--stdin waits, --no-stdin is quiet)")
    return False


def _read(stream: BinaryIO, say: Say) -> bytes:
    """All of it; one line on stderr when its end is slow to come."""
    data, told = bytearray(), False
    while True:
        if not told and not _soon(stream):
            say("kit: waiting for the end of stdin")
            told = True
        piece = stream.read1(1 << 16) if hasattr(stream, "read1") else stream.read(1 << 16)
        if not piece:
            return bytes(data)
        data += piece
        if len(data) > LIMIT:
            raise UsageError(f"stdin holds more than {LIMIT >> 20} MiB", hint="shorten the prompt")


def _soon(stream: BinaryIO) -> bool:
    try:
        return bool(select.select([stream], [], [], 1.0)[0])
    except (OSError, ValueError):
        return True


def decoded(data: bytes, name: str) -> str:
    """Text from outside: UTF-8 with or without a BOM; anything that is no text is refused."""
    if b"\0" in data[:4096]:
        raise UsageError(f"{name} is binary, not text", hint="attach images and PDFs with -a")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")


def text_of(path: str) -> str:
    """The text of a file that the user named."""
    return decoded(_bytes_of(path), path)


def _bytes_of(path: str) -> bytes:
    try:
        with open(os.path.expanduser(path), "rb") as file:
            data = file.read(LIMIT + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    if len(data) > LIMIT:
        raise UsageError(f"{path} is larger than {LIMIT >> 20} MiB")
    return data


def _context(path: str) -> str:
    name = visible(Path(path).name).replace('"', "'")
    return f'\n\n<file name="{name}">\n{text_of(path).rstrip()}\n</file>'


MEDIA = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def attachment(place: str) -> Attachment:
    """An image or a PDF, by its path or by a URL that the provider will fetch."""
    if place.startswith(("http://", "https://")):
        pdf = place.lower().split("?")[0].endswith(".pdf")
        return Attachment("application/pdf" if pdf else "image/*", url=place)
    import base64

    data = _bytes_of(place)
    media = next((kind for magic, kind in MEDIA.items() if data.startswith(magic)), "")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        media = "image/webp"
    elif data.startswith(b"%PDF"):
        media = "application/pdf"
    if not media:
        raise UsageError(
            f"{place} is neither an image (PNG, JPEG, GIF, WebP) nor a PDF",
            hint="add text files with -f",
        )
    return Attachment(media, base64.b64encode(data).decode("ascii"), name=Path(place).name)
