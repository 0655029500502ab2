"""Pieces of a streamed text, gathered until they are worth a line; no key is cut in two by it."""

from __future__ import annotations

from dataclasses import field
from typing import Protocol, TypeAlias

from kit.dataclass import dataclass
from kit.events import ReasoningDelta, TextDelta

Delta: TypeAlias = TextDelta | ReasoningDelta


class Veil(Protocol):
    """Takes keys out of a text that comes in pieces, and so holds back what may turn out to be one.
    ``release`` gives what is held when it is too short to tell anything."""

    def feed(self, piece: str) -> str: ...
    def release(self) -> str: ...
    def close(self) -> str: ...


class Bare:
    """No veil: text as it comes."""

    def feed(self, piece: str) -> str:
        return piece

    def release(self) -> str:
        return ""

    close = release


@dataclass(slots=True)
class Gathered:
    """The deltas of one kind and one call, one text for its ``veil``: a record must not cut a key
    in two. ``texts`` are not written yet; ``t`` is when the first of them came."""

    first: Delta
    veil: Veil
    t: float = 0.0
    texts: list[str] = field(default_factory=list)
    size: int = 0

    def add(self, text: str) -> None:
        self.texts.append(text)
        self.size += len(text.encode("utf-8", "surrogatepass"))

    def taken(self) -> str:
        text = "".join(self.texts)
        self.texts.clear()
        self.size = 0
        return self.veil.feed(text)
