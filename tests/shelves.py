"""Runs on disk, made by the journal itself, for tests of what reads them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from kit.events import (
    CallFailed,
    CallRetried,
    CallSent,
    CallStarted,
    Event,
    Message,
    Replied,
    Request,
    RunFinished,
    RunStarted,
    Text,
    TextDelta,
    Usage,
    VoteCast,
    VoteClosed,
)
from kit.trace.folders import place
from kit.trace.journal import Journal
from kit.trace.ulid import made_at, ulid

STEP_S = 0.1
"""Between any two events of a run."""


def write(folder: Path, events: Sequence[Event], *, run: str = "") -> Path:
    """The file of a run of these events, the first at the moment of its name."""
    name = run or ulid()
    ticks = itertools.count()
    journal = Journal.open(
        folder, name, later=lambda *_: None, clock=lambda: made_at(name) + next(ticks) * STEP_S
    )
    for event in events:
        journal(event)
    journal.close()
    return place(folder, name)


def ask(
    folder: Path,
    prompt: str = "What is 6 × 7?",
    answer: str = "42",
    *,
    run: str = "",
    ended: bool = True,
    usage: Usage | None = None,
) -> Path:
    name = run or ulid()
    result = {"run": name, "pattern": "ask", "status": "ok", "exit": 0, "answer": answer,
              "usage": {"calls": 1, "cost_usd": None}, "elapsed_s": 0.5}  # fmt: skip
    begun: list[Event] = [
        RunStarted(kit="0.1.0", run=name, pattern="ask"),
        CallStarted("1", Request((Message("user", (Text(prompt),)),), profile="m", model="m-1")),
        CallSent("1", model="m-1"),
        TextDelta("1", answer),
    ]
    end: list[Event] = [
        Replied("1", Message("assistant", (Text(answer),)), usage=usage, model="m-1"),
        RunFinished(result=result),
    ]
    return write(folder, begun + (end if ended else []), run=name)


def vote(folder: Path, *, run: str = "") -> Path:
    """Three asked: one after a repeat, one in vain, one who disagrees."""
    name = run or ulid()
    asked = Message("user", (Text("What is 6 × 7?"),))
    events: list[Event] = [RunStarted(kit="0.1.0", run=name, pattern="consensus")]
    for call, profile, vote_, usage in (
        ("1", "a", "42", Usage(10, 5, cost_usd=0.001)),
        ("2", "b", "41", Usage(20, 6, reasoning_tokens=2)),
        ("3", "b", None, None),
    ):
        model = f"{profile}-1"
        events += [CallStarted(call, Request((asked,), profile=profile, model=model)),
                   CallSent(call, model=model)]  # fmt: skip
        if call == "1":
            events += [CallRetried(call, "HTTP 503", 1.5), CallSent(call, 2, model)]
        if vote_ is None:
            events += [CallFailed(call, "UnavailableError", "no server", "unavailable"),
                       VoteCast(call, 2, None, "no server")]  # fmt: skip
        else:
            said = Message("assistant", (Text(f"It is {vote_}."),))
            events += [TextDelta(call, f"It is {vote_}."),
                       Replied(call, said, usage=usage, model=model, id=f"r-{call}"),
                       VoteCast(call, int(call) - 1, vote_)]  # fmt: skip
    result = {"run": name, "pattern": "consensus", "status": "ok", "exit": 0, "answer": "42",
              "detail": {"agreement": 0.5, "stopped": "all"}, "elapsed_s": 1.0}  # fmt: skip
    events += [VoteClosed("", "42", {"42": 1.0, "41": 1.0}, "all"), RunFinished(result=result)]
    return write(folder, events, run=name)
