"""Texts that come in pieces: joined at the end, seen while they grow. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from kit.events import Event, ReasoningDelta, TextDelta

_SHOWN: Mapping[str, type[TextDelta | ReasoningDelta]] = {
    "text": TextDelta,
    "thinking": ReasoningDelta,
}  # others, as arguments and signatures, grow unseen


class Growth:
    """One text for each name: ``text`` and ``thinking`` are shown."""

    __slots__ = ("_pieces",)

    def __init__(self) -> None:
        self._pieces: dict[str, list[str]] = {}  # joined once, so time is linear

    def add(self, name: str, piece: str) -> list[Event]:
        if not piece:
            return []
        self._pieces.setdefault(name, []).append(piece)
        delta = _SHOWN.get(name)
        return [delta(text=piece)] if delta else []

    def complete(self, name: str, whole: str) -> list[Event]:
        """``whole`` is told at last. What is missing of it is added; what was shown stands."""
        known = self.joined(name)
        return self.add(name, whole.removeprefix(known)) if whole.startswith(known) else []

    def replace(self, name: str, whole: str) -> None:
        """For what is not shown: the last word stands."""
        if whole:
            self._pieces[name] = [whole]

    def joined(self, name: str) -> str:
        return "".join(self._pieces.get(name, ()))
