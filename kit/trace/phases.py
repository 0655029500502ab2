"""What a call did when: it queued, was tried in vain, paused, waited for words, spoke."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate
from typing import Literal, TypeAlias

from kit.dataclass import dataclass
from kit.trace.calls import Called

Kind: TypeAlias = Literal["queue", "tried", "pause", "first", "stream", "work"]

WORDS: dict[Kind, str] = {
    "queue": "waits for its turn",
    "tried": "an attempt that failed",
    "pause": "waits before it tries again",
    "first": "sent, no words yet",
    "stream": "answers",
    "work": "a tool or a check works",
}


@dataclass(frozen=True, slots=True)
class Phase:
    """``begin`` and ``end`` in seconds since 1970."""

    kind: Kind
    begin: float
    end: float


def phases(call: Called, end: float) -> list[Phase]:
    """From its start to its end, or to ``end`` where it has none, without a gap. Empty for a call
    of which no start is recorded."""
    if call.began is None:
        return []
    begun: list[tuple[Kind, float]] = [("queue", call.began), *_marks(call)]
    # A clock that was set back makes no phase negative.
    starts = list(accumulate((t for _, t in begun), max))
    ends = [*starts[1:], max(call.ended or end, starts[-1])]
    spans = [Phase(kind, *span) for (kind, _), *span in zip(begun, starts, ends, strict=True)]
    return [span for span in spans if span.end > span.begin] or spans[-1:]


def _marks(call: Called) -> Iterator[tuple[Kind, float]]:
    """The kinds that follow the queue, each with its beginning."""
    for each in call.tries:
        if each.sent is not None:
            yield ("first" if each.failed is None else "tried"), each.sent
        if each.failed is not None:
            yield "pause", each.failed
    if call.first is not None:
        yield "stream", call.first
