"""What was typed and piped: the words, stdin, files and attachments of one prompt."""

from __future__ import annotations

import os
from pathlib import Path

from kit.cli.options import Prompt
from kit.cli.screen.sanitise import visible
from kit.cli.stdin import LIMIT, Say, Stdin
from kit.errors import UsageError
from kit.events import Attachment, Message, Part, Text

STDIN = "-"


def message(given: Prompt, *, say: Say, ask: bool = True, verbose: bool = False) -> Message:
    """The user's message. UsageError when it would be empty. ``say`` takes a line for stderr;
    without ``ask`` nothing is read from a terminal."""
    stdin = Stdin(say, ask=ask, verbose=verbose)
    files, places = given.file or [], given.attach or []
    wanted = given.stdin
    if STDIN in (*files, *places):  # a flag has named it: it is not read a second time
        wanted = False
    text = _joined(list(given.words or []), wanted, stdin)
    text += "".join(_context(path, stdin) for path in files)
    attached: list[Part] = [attachment(place, stdin) for place in places]
    if not text.strip():
        raise UsageError("the prompt is empty", hint="give it as words or on stdin")
    return Message("user", (*attached, Text(text)))


def _joined(words: list[str], wanted: bool | None, stdin: Stdin) -> str:
    """Words, a blank line, stdin: whichever of them there are."""
    first = words[0] if len(words) == 1 else ""
    if not any(words) or first in (STDIN, f"@{STDIN}"):
        return _read(stdin.whole(), stdin.say) if wanted is not False else ""
    if first.startswith("@") and len(first) > 1 and " " not in first:
        text = decoded(_bytes_of(first[1:]), first[1:], stdin.say)
    else:
        if words[-1] == STDIN:  # `kit ask "sum up" -`: it is waited for, as with --stdin
            words, wanted = words[:-1], wanted is not False
        text = " ".join(map(_meant, words))
    beside = _read(stdin.beside(wanted), stdin.say)
    return "\n\n".join(part for part in (text, beside) if part)


def _read(data: bytes, say: Say) -> str:
    return decoded(data, "stdin", say).rstrip("\n")


def _meant(word: str) -> str:
    """A word as UTF-8, where Python had to keep bytes that the locale has no letters for."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return os.fsencode(word).decode("utf-8", "replace")
    return word


def piped() -> str:
    """All of stdin, for a flag that names it: who does knows that it is waited for."""
    return decoded(Stdin(lambda _: None).whole(), "stdin")


def decoded(data: bytes, name: str, say: Say | None = None) -> str:
    """Text from outside: UTF-8 with or without a BOM; anything that is no text is refused. ``say``
    hears of letters that are lost, as those of Latin-1."""
    if b"\0" in data:
        raise UsageError(f"{name} is binary, not text", hint="attach images and PDFs with -a")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8-sig", errors="replace")
        if say:
            line = data.count(b"\n", 0, error.start) + 1
            say(f"kit: {name} is not UTF-8 (line {line}): what cannot be read became \ufffd")
    return text.replace("\r\n", "\n")


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


def _context(path: str, stdin: Stdin) -> str:
    name = "stdin" if path == STDIN else visible(Path(path).name).replace('"', "'")
    data = stdin.whole() if path == STDIN else _bytes_of(path)
    text = decoded(data, name if path == STDIN else path, stdin.say)
    return f'\n\n<file name="{name}">\n{text.rstrip()}\n</file>'


MEDIA = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}


def attachment(place: str, stdin: Stdin) -> Attachment:
    """An image or a PDF, by its path, on stdin, or by a URL that the provider will fetch."""
    if place.startswith(("http://", "https://")):
        pdf = place.lower().split("?")[0].endswith(".pdf")
        return Attachment("application/pdf" if pdf else "image/*", url=place)
    import base64

    data = stdin.whole() if place == STDIN else _bytes_of(place)
    place = "stdin" if place == STDIN else place
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
