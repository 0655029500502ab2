"""What one run is worth remembering of: its sum, the figures of its calls, the words said in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from kit.dataclass import dataclass
from kit.events import Json, Message, Text, ToolResult
from kit.trace.calls import Called, calls
from kit.trace.runs import Run, parted, summed, writer

WORDS = 4_000_000
"""Characters of the questions, and as many of the answers, in which a run can be found."""

RECORDED = "recorded"
"""The status of a call that was not made, as its end stands in the record of another run."""

_UNFIT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Figures:
    """One call in numbers; None is unknown. The times are seconds since its first request left: to
    the end of the reply, and to the first words of it, thoughts included. ``agreed``: its vote was
    the winner's; None without a valid vote or a winner. ``model`` is the one that was asked, so
    that those that failed stand with those that answered."""

    profile: str = ""
    model: str = ""
    status: str = ""
    sent: int = 0  # requests that left, repeats included
    replied: bool = False
    latency_s: float | None = None
    first_s: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    cost_usd: float | None = None
    agreed: bool | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """``ended``: the record has its last line, else ``pid`` is who writes it. The words are one
    line: all that was asked, and all that was answered, each thing once."""

    run: Run
    figures: tuple[Figures, ...]
    asked: str
    said: str
    ended: bool = True
    pid: int = 0


def entry(path: Path) -> Entry:
    """Read from the file. UsageError when it cannot be opened."""
    known, skipped = parted(path)
    made = calls(known)
    run = summed(path, known, made, skipped)
    winner = _winner(known)
    return Entry(
        run=run,
        figures=tuple(figures(call, winner) for call in made),
        asked=one_line(_asked(made)),
        said=one_line((*(call.words for call in made), run.answer)),
        ended=any(each["kind"] == "run.finished" for each in known),
        pid=next((writer(each) for each in known if each["kind"] == "run.started"), 0),
    )


def figures(call: Called, winner: str | None) -> Figures:
    """Of what a resumed run took from the record of another only the vote counts: all else counts
    there."""
    usage = call.usage
    vote = call.ballot.vote if call.ballot else None
    agreed = None if vote is None or winner is None else vote == winner
    if call.recorded:
        return Figures(call.request.profile, call.asked or call.model, RECORDED, agreed=agreed)
    return Figures(
        profile=call.request.profile,
        model=call.asked or call.model,
        status=call.status,
        sent=call.attempts,
        replied=call.reply is not None,
        latency_s=_between(call.sent, call.ended) if call.reply else None,
        first_s=_between(call.sent, call.first),
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        cached_tokens=usage.cached_tokens,
        cost_usd=_finite(usage.cost_usd),
        agreed=agreed,
    )


def one_line(texts: Iterable[str]) -> str:
    """Each text once, with one blank for all that is white, and nothing that cannot be UTF-8."""
    whole = "\n".join(dict.fromkeys(text for text in texts if text))[:WORDS]
    return " ".join(_UNFIT.sub("\ufffd", whole).split())


def _asked(made: Sequence[Called]) -> Iterator[str]:
    """What the models were given; their own earlier words are answers."""
    for call in made:
        for message in call.request.messages:
            if message.role != "assistant":
                yield from _texts(message)


def _texts(message: Message) -> Iterator[str]:
    for part in message.parts:
        match part:
            case Text(text):
                yield text
            case ToolResult(_, output):
                yield output
            case _:
                pass


def _winner(known: Sequence[dict[str, Json]]) -> str | None:
    closed = (each for each in reversed(known) if each["kind"] == "vote.closed")
    winner = next(closed, {}).get("winner")
    return winner if isinstance(winner, str) else None


def _between(start: float | None, end: float | None) -> float | None:
    return None if start is None or end is None else round(max(end - start, 0.0), 3)


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
