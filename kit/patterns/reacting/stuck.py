"""Whether a model goes round in circles: told from what it called and what came of it. Pure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeAlias

from kit.events import ToolUsed

SAME = 3
"""Rounds with the same call and the same result, or with nothing but errors of one tool."""
CYCLES = (2, 3)
"""Lengths, in rounds, of a sequence that is stuck once it has come twice."""

Round: TypeAlias = tuple[ToolUsed, ...]
"""What came of all that a model wanted in one reply."""


def stuck(rounds: Sequence[Round]) -> str:
    """In which way, in a sentence; "" when it moves on. Only the last round can show it."""
    return _same(rounds) or _cycle(rounds) or _failing(rounds)


def _same(rounds: Sequence[Round]) -> str:
    for key in _keys(rounds[-1]) if rounds else ():
        times = sum(key in _keys(each) for each in rounds)
        if times >= SAME:
            name = key[0] or "the same"
            return f"{name} was called {times} times with the same arguments and the same result"
    return ""


def _cycle(rounds: Sequence[Round]) -> str:
    for length in CYCLES:
        last, before = rounds[-length:], rounds[-2 * length : -length]
        if len(before) == length and list(map(_keys, last)) == list(map(_keys, before)):
            return f"the last {length} rounds were the same as the {length} before them"
    return ""


def _failing(rounds: Sequence[Round]) -> str:
    for name in dict.fromkeys(used.name for used in rounds[-1]) if rounds else ():
        tried = [each for each in rounds if any(used.name == name for used in each)][-SAME:]
        uses = [used for each in tried for used in each if used.name == name]
        if len(tried) == SAME and all(used.error for used in uses):
            return f"{name} has failed {SAME} times in a row"
    return ""


def _keys(uses: Round) -> list[tuple[str, str, str]]:
    return [
        (used.name, json.dumps(used.arguments, sort_keys=True), f"{used.error}\0{used.output}")
        for used in uses
    ]
