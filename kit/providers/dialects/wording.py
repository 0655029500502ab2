"""What an error body says: the provider's own words, labels and numbers, whatever its shape. Pure.

The shapes are those of all recorded error bodies: OpenAI, Anthropic, Google, Azure, AWS, Mistral,
Cohere, xAI, Ollama, OpenRouter, llama.cpp, FastAPI …
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from kit.dataclass import dataclass
from kit.events import Json
from kit.providers.dialects.fields import table, tables, text

_MESSAGES = ("error", "message", "detail", "errors", "msg", "error_message")
_LABELS = ("code", "type", "error_type", "status", "reason")
_STATUSES = ("status_code", "status", "code", "http_status")
_DELAY = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")  # google.protobuf.Duration
_PYTHON = re.compile(r"""'msg': (["'])(.+?)\1""")  # a list that a server wrote with repr()
_TITLE = re.compile(r"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Said:
    """An error as it was sent: what ``json.loads`` returned, or plain text."""

    value: Json

    @cached_property
    def words(self) -> str:
        return _words(self.value)

    @cached_property
    def labels(self) -> list[str]:
        """Codes and types in letters, the most telling first."""
        found = (text(one, name) for name in _LABELS for one in self._tables)
        return [label for label in found if label and not label.isdigit() and label != "error"]

    @property
    def label(self) -> str:
        return self.labels[0] if self.labels else ""

    @property
    def status(self) -> int | None:
        """The HTTP status that stands in the body itself."""
        found = (str(one.get(name)) for name in _STATUSES for one in self._tables)
        return next((int(code) for code in found if re.fullmatch("[45][0-9]{2}", code)), None)

    @property
    def wait(self) -> float | None:
        """Seconds that Google's RetryInfo asks to wait."""
        details = (detail for one in self._tables for detail in tables(one, "details"))
        found = (_DELAY.fullmatch(text(detail, "retryDelay")) for detail in details)
        return next((float(match[1]) for match in found if match), None)

    @property
    def request_id(self) -> str:
        return next((found for one in self._tables if (found := text(one, "request_id"))), "")

    @cached_property
    def meaning(self) -> str:
        """All that tells what went wrong, in lower case: to be searched, not to be shown."""
        details = (detail for one in self._tables for detail in tables(one, "details"))
        reasons = (text(detail, "reason") for detail in details)
        return " ".join([self.words, *self.labels, *reasons]).lower()

    @cached_property
    def _tables(self) -> list[Mapping[str, Json]]:
        """The error object and what surrounds it, from within."""
        return list(_tables(self.value))


def parsed(body: bytes) -> Json:
    """The JSON of a body, or its text."""
    said = body.decode("utf-8", "replace").strip("\ufeff \t\r\n")
    try:
        return json.loads(said)
    except (ValueError, RecursionError):
        return said


def title(markup: str) -> str:
    """The title of a web page."""
    found = _TITLE.search(markup)
    return one_line(found[1]) if found else ""


def one_line(words: str, limit: int = 380) -> str:
    """``words`` without line ends, control and invisible characters, and not longer than that."""
    line = " ".join("".join(c if c.isprintable() else " " for c in words[: 4 * limit]).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _tables(value: Json) -> Iterator[Mapping[str, Json]]:
    if isinstance(value, list):
        yield from (found for one in value[:1] for found in _tables(one))
    elif isinstance(value, Mapping):
        yield from _tables(value.get("error"))
        yield from _tables(value.get("errors"))
        yield value


def _words(value: Json, depth: int = 0) -> str:
    if depth > 8:
        return ""
    match value:
        case str():
            return _unpacked(value, depth)
        case list():
            found = (_words(one, depth + 1) for one in value[:3])
            return "; ".join(words for words in found if words)
        case Mapping():
            return _told(value, depth)
        case _:
            return ""


def _unpacked(words: str, depth: int) -> str:
    """Errors of other servers come wrapped in text: JSON, or a list in Python's own notation."""
    words = words.strip()
    if words.startswith(("{", "[{")):
        told = "; ".join(match[2] for match in _PYTHON.finditer(words))
        value = parsed(words.encode("utf-8", "replace"))
        return told or (words if isinstance(value, str) else _words(value, depth + 1)) or words
    return words


def _told(value: Mapping[str, Json], depth: int) -> str:
    found = (_words(value.get(name), depth + 1) for name in _MESSAGES)
    words = next((said for said in found if said), "")
    if (where := value.get("loc")) and isinstance(where, list):
        words = f"{'.'.join(map(str, where))}: {words}"
    metadata = table(value, "metadata")
    more = {
        "the model wrote": text(value, "failed_generation")[:120],
        "details": _words([one for one in tables(value, "details") if "msg" in one], depth + 1),
        text(metadata, "provider_name") or "upstream": _words(metadata.get("raw"), depth + 1),
    }
    notes = (f"{name}: {said}" for name, said in more.items() if said)
    return "; ".join(note for note in (words, *notes) if note)
