"""Several patterns at once as one: each goes on when the call that it waits for has ended. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from kit.dataclass import dataclass
from kit.patterns.steps import Call, Steps, Wait

T = TypeVar("T")


@dataclass
class _Strand:
    steps: Any
    wait: Wait | None = None
    done: bool = False
    value: Any = None


def braided(patterns: Sequence[Steps[T]]) -> Steps[list[T]]:
    """The values of all, in their order. Only waiting is shared: a tool or a check of one holds up
    the others."""
    strands = [_Strand(each) for each in patterns]
    for strand in strands:
        yield from _advanced(strand, None)
    while waiting := [each for each in strands if each.wait]:
        calls = tuple(call for each in waiting if each.wait for call in each.wait.calls)
        ended: Call = yield Wait(calls)
        strand = next(each for each in waiting if each.wait and ended in each.wait.calls)
        yield from _advanced(strand, ended)
    return [each.value for each in strands]


def _advanced(strand: _Strand, answer: Any) -> Steps[None]:
    """Until it waits again, or has ended."""
    strand.wait = None
    while True:
        try:
            step = strand.steps.send(answer)
        except StopIteration as end:
            strand.done, strand.value = True, end.value
            return
        if isinstance(step, Wait):
            strand.wait = step
            return
        answer = yield step
