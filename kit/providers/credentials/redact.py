"""Takes keys out of a text: those in use by their value, others by their shape. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from urllib.parse import quote

MASK = "[redacted]"
WINDOW = 4096  # characters: the most that a stream holds back
HARMLESS = 4  # characters of a key: as many as `kit key list` shows
SHORTEST = 15  # characters of the shortest match of a shape: none fits into less
SHORT = 256  # characters of a text that may be cleaned once for all times that it comes
_PLACEHOLDERS = frozenset({"not-needed", "lm-studio", "no-key-needed"})  # what stands for no key

# Literals in lower case, one of which is in every text that matches; the shape itself. A match is
# masked whole, or its named group. Strict on purpose: an answer about keys must stay readable.
_SHAPES = (
    (("sk-",), r"\bsk-(?=[A-Za-z0-9_-]{0,60}(?:[0-9A-Z]|[a-z]{16}))[A-Za-z0-9_-]{16,}"),
    (("gsk_", "hf_", "r8_", "fw_"), r"\b(?:gsk|hf|r8|fw)_(?=[A-Za-z]*[0-9])[A-Za-z0-9]{20,}"),
    (("xai-", "csk-", "pplx-"), r"\b(?:xai|csk|pplx)-(?=[A-Za-z]*[0-9])[A-Za-z0-9]{20,}"),
    (("tgp_v1_", "nvapi-"), r"\b(?:tgp_v1_|nvapi-)[A-Za-z0-9_-]{20,}"),
    (("aiza",), r"\bAIza[0-9A-Za-z_-]{35,}"),
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
    (("github_pat_",), r"\bgithub_pat_[A-Za-z0-9_]{20,}"),
    (("akia",), r"\bAKIA[0-9A-Z]{16}\b"),
    (("eyj",), r"\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?"),
    (
        ("bearer",),
        r"(?i:\bbearer)[ \t]+(?=[^\s\"']{0,100}[0-9]|[^\s\"']{20})(?P<it>[\w.~+/=-]{8,})",
    ),
    (("key=", "token=", "sig="), r"(?i:[?&][\w-]*(?:key|token|sig)=)(?P<it>[^&\s\"'#<>]{16,})"),
    (
        ("authorization", "api-key"),
        r"(?i:\b(?:authorization|api-key)[\"']?[ \t]*[:=][ \t]*[\"']?(?:bearer|basic|token)?)[ \t]*"
        r"(?=[^\s\"']{0,100}[0-9])(?P<it>[^\s\"',;{}\[\]]{16,})",
    ),
    (("cookie",), r"(?i:\bcookie[\"']?[ \t]*[:=][ \t]*[\"']?)(?P<it>[\w.-]{1,64}=[^\r\n\"']{8,})"),
)
_OPENINGS = (
    *("sk-", "gsk_", "hf_", "r8_", "fw_", "xai-", "csk-", "pplx-", "tgp_v1_", "nvapi-", "AIza"),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "AKIA", "eyJ"),
)


class Redactor:
    """``secrets``: the keys in use. ``clean`` masks them (in base64 and in a URL's encoding too)
    and whatever has the shape of a key; without ``shapes`` only them, so that an answer about keys
    is left as it is."""

    def __init__(self, secrets: Iterable[str] = (), *, shapes: bool = True) -> None:
        self.shapes = shapes
        known = {form for secret in secrets if _is_telling(secret) for form in _forms(secret)}
        self.known = tuple(sorted(known, key=len, reverse=True))
        self._known = re.compile("|".join(map(re.escape, self.known))) if known else None
        self._again = lru_cache(1024)(self._cleaned)  # the records of a run say much again
        self._whole = lru_cache(1)(self._cleaned)  # the reply, then the same as the answer

    def clean(self, text: str) -> str:
        return self._again(text) if len(text) <= SHORT else self._whole(text)

    def _cleaned(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(MASK, text)
        if not self.shapes or len(text) < SHORTEST:
            return text
        lower = text.lower()
        for hints, shape in _SHAPES:
            if any(hint in lower for hint in hints):
                text = _compiled(shape).sub(_masked, text)
        return text

    def uncut(self, text: str, at: int) -> int:
        """Where to part the text instead, when ``at`` would part a key: its last letters may begin
        another form of it."""
        if at < len(text) and self._known is not None:
            for match in self._known.finditer(text):
                if match.start() < at < match.end():
                    return match.start()
        return at

    def stream(self) -> RedactedStream:
        """For one text that arrives in pieces."""
        return RedactedStream(self)


class RedactedStream:
    """Gives what ``clean`` would give for the whole text, and holds back only what may turn out to
    be a key: up to ``WINDOW`` characters, above which a key's rest would pass."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._held = ""
        self._told = 0  # characters of what is held that were given all the same
        self._before = ""  # stands for what was given: whether a word begins depends on it

    def feed(self, piece: str) -> str:
        """What can be shown of the text so far."""
        text = self._held + piece
        cut = min(self._open_shape(text), self._open_value(text))
        cut = self._redactor.uncut(text, max(cut, len(text) - WINDOW))
        self._held = text[cut:]
        return self._given(text[:cut])

    def release(self) -> str:
        """What is held, while it is so short that it tells nothing: for who cannot wait. It stays
        in mind, so that the rest of a key is masked."""
        if len(self._held) > HARMLESS:
            return ""
        fresh, self._told = self._held[self._told :], len(self._held)
        return fresh

    def close(self) -> str:
        """The rest, once nothing more will come."""
        text, self._held = self._held, ""
        return self._given(text)

    def _given(self, text: str) -> str:
        if not text:
            return ""
        clean = self._redactor.clean(self._before + text)[len(self._before) :]
        self._before = "_" if text[-1].isalnum() or text[-1] == "_" else " "
        told, self._told = text[: self._told], max(self._told - len(text), 0)
        return clean.removeprefix(told)  # all of it when a key began there

    def _open_shape(self, text: str) -> int:
        """Where something begins that goes on to the end of ``text`` and may be part of a key."""
        if not self._redactor.shapes:
            return len(text)
        found = _opened(self._before + text[-WINDOW:])
        skipped = max(len(text) - WINDOW, 0) - len(self._before)
        return len(text) if found is None else max(found + skipped, 0)

    def _open_value(self, text: str) -> int:
        """Where the text ends in the beginning of a known value."""
        last, two = text[-1:], text[-2:]  # rule nearly every text out, at a tenth of the price
        likely = [each for each in self._redactor.known if two in each or last == each[0]]
        return len(text) - max((_overlap(text, each) for each in likely), default=0)


def _is_telling(secret: str) -> bool:
    """Not a placeholder, nor a short word that may well stand in an answer."""
    if len(secret) >= 8:
        return secret not in _PLACEHOLDERS
    return len(secret) >= 5 and (secret.startswith("sk-") or any(map(str.isdigit, secret)))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    for escaped in (quote(secret, safe=""), quote(secret)):
        yield escaped
        yield re.sub("%..", lambda code: code[0].lower(), escaped)
    yield secret.replace("/", "\\/")  # as some servers write JSON
    yield repr(secret)[1:-1]
    raw = secret.encode("utf-8", "surrogatepass")
    for shift in range(3):  # where the key stands within what was encoded: Basic user:key
        coded = base64.b64encode(b"\0" * shift + raw).decode()
        sure = coded[(0, 2, 3)[shift] : (len(raw) + shift) * 8 // 6]
        if len(sure) >= 8:
            yield sure
            yield sure.replace("+", "-").replace("/", "_")


def _masked(match: re.Match[str]) -> str:
    if match.lastgroup is None:
        return MASK
    start, whole = match.start(), match[0]
    return whole[: match.start("it") - start] + MASK + whole[match.end("it") - start :]


def _overlap(text: str, value: str) -> int:
    """The length of the longest end of ``text`` that begins ``value`` and is not all of it."""
    at = max(len(text) - len(value) + 1, 0)
    while (at := text.find(value[0], at)) >= 0:
        if value.startswith(text[at:]):
            return len(text) - at
        at += 1
    return 0


@cache
def _compiled(shape: str) -> re.Pattern[str]:
    return re.compile(shape)


# What a key, or its header, looks like where the text ends in it: literals, the shape.
_OPEN = (
    (
        tuple(opening.lower() for opening in _OPENINGS),
        rf"\b(?:{'|'.join(_OPENINGS)})[A-Za-z0-9_.-]*\Z",
    ),
    (("bearer",), r"(?i:\bbearer)(?:[ \t]+[^\s\"']*)?\Z"),
    (("?", "&"), r"[?&][\w-]*(?:=[^&\s\"'#<>]*)?\Z"),
    (
        ("authorization", "api-key"),
        r"(?i:\b(?:authorization|api-key)[\"']?[ \t]*(?:[:=][ \t]*[\"']?"
        r"(?:(?:b|be|bea|bear|beare|bearer|ba|bas|basi|basic|t|to|tok|toke|token)[ \t]*)?"
        r"[^\s\"',;{}\[\]]*)?)\Z",
    ),
    (("cookie",), r"(?i:\bcookie[\"']?[ \t]*(?:[:=][ \t]*[\"']?[^\r\n\"']*)?)\Z"),
)
_WORDS = ("bearer", "authorization", "api-key", "cookie")
_BEGINNING = max(map(len, (*_OPENINGS, *_WORDS)))  # no beginning of one of them is longer


def _opened(text: str) -> int | None:
    """Where what may become a key begins, which goes on to the end of ``text``; the first of all.

    One expression of all these, tried at each character, takes ten times as long.
    """
    lower = text.lower()
    likely = [shape for hints, shape in _OPEN if any(hint in lower for hint in hints)]
    found = [_compiled(shape).search(text) for shape in likely]
    found.append(_begun().search(text, max(len(text) - _BEGINNING, 0)))
    return min((match.start() for match in found if match), default=None)


@cache
def _begun() -> re.Pattern[str]:
    """The beginning of a key or of its header at the end of a text."""
    starts = {word[:size] for word in _OPENINGS for size in range(1, len(word))}
    begun = {word[:size] for word in _WORDS for size in range(1, len(word))}
    return re.compile(rf"\b(?:{'|'.join(sorted(starts))})\Z|(?i:\b(?:{'|'.join(sorted(begun))}))\Z")
