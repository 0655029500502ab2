"""In what two requests, or two events, differ first: said in words for whoever replays. Pure."""

from __future__ import annotations

import dataclasses
import json

from kit.events import Event, Json, Request
from kit.patterns.canonical import plain

SHORT = 60


def request_differs(then: Request, now: Request) -> str:
    """``prompt: …`` or ``parameter temperature: …``; "" when they are the same."""
    for field in dataclasses.fields(Request):
        was, becomes = plain(getattr(then, field.name)), plain(getattr(now, field.name))
        if was != becomes:
            if field.name == "messages":
                return f"prompt: {_messages(was, becomes)}"
            return f"parameter {field.name}: {changed(was, becomes)}"
    return ""


def event_differs(then: Event, now: Event) -> str:
    """What two events of a pattern do not share; "" when they are the same."""
    if then.kind != now.kind:
        return f"pattern: the record has {then.kind} where now comes {now.kind}"
    for field in dataclasses.fields(now):
        was, becomes = plain(getattr(then, field.name)), plain(getattr(now, field.name))
        if was != becomes:
            return f"pattern: {field.name} of {now.kind} {changed(was, becomes)}"
    return ""


def changed(was: Json, becomes: Json) -> str:
    return f"was {_short(was)} and is now {_short(becomes)}"


def _messages(was: Json, becomes: Json) -> str:
    if len(was) != len(becomes):
        return f"there were {len(was)} messages and are now {len(becomes)}"
    at = next(at for at, pair in enumerate(zip(was, becomes, strict=True)) if pair[0] != pair[1])
    then, now = _said(was[at]), _said(becomes[at])
    if then == now:
        return f"message {at + 1} has other parts"
    start = max(0, _shared(then, now) - 20)
    return f"message {at + 1} {changed(then[start:], now[start:])}"


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _said(message: Json) -> str:
    words = (part.get("text") or part.get("output") or "" for part in message["parts"])
    return " ".join("".join(words).split())


def _short(value: Json) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return repr(text if len(text) <= SHORT else text[: SHORT - 1] + "…") if text else "empty"
