"""A run as a tree of spans, before any convention names what they say: the run, and below it its
calls, its tools and its checks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.events import CallFailed
from kit.trace.calls import Called
from kit.trace.runs import Run
from kit.trace.story import Story, Tooled, Trial
from kit.trace.ulid import DIGITS


@dataclass(frozen=True, slots=True)
class Whole:
    """A run as the subject of its own span."""

    run: Run
    story: Story


Subject: TypeAlias = Whole | Called | Tooled | Trial


@dataclass(frozen=True, slots=True)
class Span:
    """``begin`` and ``end`` in seconds since 1970. ``error`` is a short word for what went wrong,
    empty where nothing did; a call that was not needed any more is no error."""

    id: str
    subject: Subject
    begin: float
    end: float
    error: str = ""
    message: str = ""


def trace_id(run: str) -> str:
    """32 hex digits: a ULID is 128 bits, and so is the id of a trace. The same for ever."""
    number = 0
    for digit in run:
        number = number * 32 + DIGITS.index(digit)
    return f"{number:032x}"


def span_id(run: str, part: str = "") -> str:
    """16 hex digits for a part of a run, the same in every export of it."""
    return hashlib.sha256(f"{run}/{part}".encode("utf-8", "replace")).hexdigest()[:16]


def spans(run: Run, story: Story) -> Iterator[Span]:
    """The run's own span is the first; all others are its children, in the order of their kind."""
    start = story.begin or 0.0
    end = max(story.end or start, start)
    broken = "" if run.status in ("ok", "running") else run.status
    yield Span(span_id(run.id), Whole(run, story), start, end, broken, run.error)
    for call in story.calls:
        if call.began is not None or call.sent is not None:
            yield _call(run.id, call, end)
    for number, use in enumerate(story.tools):
        begin = use.began or start
        error = {"failed": "tool_error", "open": "interrupted"}.get(use.status, "")
        yield _span(run.id, f"tool/{number}", use, begin, use.ended or end, error, use.error)
    for number, trial in enumerate(story.checks):
        begin = trial.began or start
        yield _span(run.id, f"check/{number}", trial, begin, trial.ended or begin)


def _call(run: str, call: Called, end: float) -> Span:
    begin = call.sent or call.began or 0.0
    error = "" if call.status in ("ok", "cancelled") else call.status
    message = call.failure.message if isinstance(call.failure, CallFailed) else ""
    if error == "open":
        error = "interrupted"
    return _span(run, f"call/{call.id}", call, begin, call.ended or end, error, message)


def _span(
    run: str,
    part: str,
    subject: Subject,
    begin: float,
    end: float,
    error: str = "",
    message: str = "",
) -> Span:
    """A clock that was set back makes no span end before it begins."""
    return Span(span_id(run, part), subject, begin, max(end, begin), error, message)
