"""Server-sent events out of bytes, however they are cut (WHATWG HTML, section 9.2.6).

``id`` and ``retry`` are read past: no provider resumes a stream.
"""

from __future__ import annotations

from collections.abc import Iterator

from kit.errors import IncompleteError

CAP = 16 * 1024 * 1024
"""Bytes that one line, and that one event, may hold. Recorded events stay under 1 MiB."""

_BOM = b"\xef\xbb\xbf"


class Lines:
    """Bytes in, whole lines out, without their ends: LF, CR or CRLF. Nothing else ends a line."""

    __slots__ = ("_cap", "_cr", "_head", "_parts", "_size")

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        self._head: bytes | None = b""  # the first bytes, while they may still become a BOM
        self._cr = False  # the last byte was a CR: a LF right after it ends no second line
        self._parts: list[bytes] = []  # the line that has no end yet; joined once: linear time
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that ``chunk`` ended. Raises IncompleteError for a line above the cap."""
        if self._head is not None:
            chunk = self._past_bom(chunk)
        if self._cr or b"\r" in chunk:
            chunk = self._unified(chunk)
        heavy = self._size + len(chunk) > self._cap
        *lines, tail = chunk.split(b"\n")
        if lines and self._parts:
            lines[0] = b"".join((*self._parts, lines[0]))
            self._parts.clear()
            self._size = 0
        if tail:
            self._parts.append(tail)
            self._size += len(tail)
        if heavy and (self._size > self._cap or any(len(line) > self._cap for line in lines)):
            raise too_long("a line", self._cap)
        return lines

    @property
    def rest(self) -> bytes:
        """The line that was begun and not ended."""
        return b"".join(self._parts)

    def _past_bom(self, chunk: bytes) -> bytes:
        head = (self._head or b"") + chunk
        if len(head) < len(_BOM) and _BOM.startswith(head):
            self._head = head
            return b""
        self._head = None
        return head.removeprefix(_BOM)

    def _unified(self, chunk: bytes) -> bytes:
        if self._cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._cr = False
        if chunk:
            self._cr = chunk.endswith(b"\r")
        return chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


class Events:
    """Bytes in, ``(name, data)`` out. Bad UTF-8 becomes U+FFFD; an event without data is none."""

    __slots__ = ("_cap", "_data", "_lines", "_name", "_size")

    def __init__(self, cap: int = CAP) -> None:
        self._cap = cap
        self._lines = Lines(cap)
        self._data: list[bytes] = []
        self._name = ""
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[tuple[str, str]]:
        """The events that ``chunk`` completed. Raises IncompleteError for one above the cap."""
        data = self._data
        for line in self._lines.feed(chunk):
            if line.startswith(b"data: "):  # nearly every line: the short way
                self._grow(line, line[6:])
            elif line:
                self._field(line)
            else:
                if data:
                    yield self._name or "message", self._text(data)
                    data.clear()
                    self._size = 0
                self._name = ""

    @property
    def tail(self) -> str:
        """Data of an event that no blank line ended; not an event by the standard."""
        line = self._lines.rest
        if line.startswith(b"data:"):
            return self._text([*self._data, line[5:].removeprefix(b" ")])
        return self._text(self._data)

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            self._grow(line, value.removeprefix(b" "))
        elif name == b"event":
            self._name = value.removeprefix(b" ").decode("utf-8", "replace")

    def _grow(self, line: bytes, value: bytes) -> None:
        self._size += len(line)
        if self._size > self._cap:
            raise too_long("an event", self._cap)
        self._data.append(value)

    @staticmethod
    def _text(data: list[bytes]) -> str:
        return b"\n".join(data).decode("utf-8", "replace")


def too_long(what: str, cap: int) -> IncompleteError:
    """The error for ``what`` when it holds more than ``cap`` bytes."""
    return IncompleteError(
        f"the provider sent {what} of more than {cap // 1048576} MiB",
        hint="this is no answer of a language model: check base_url",
    )
