"""What gates a draft: commands that check it, a schema that it must satisfy."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kit.events import Checked
from kit.patterns.refining.drafts import Draft, Gate, bare, opening_block
from kit.patterns.refining.scores import score
from kit.patterns.refining.terms import Terms
from kit.patterns.steps import Check, Steps
from kit.patterns.structure import Shape


def cleaned(text: str, terms: Terms) -> str:
    """What a reply is as a draft: the JSON in it, where a schema is asked for; without a fence
    around all of it, which is no part of what a check shall read or of a text given without one."""
    if terms.schema is not None:
        value, faults = Shape(terms.schema).read(text)
        return text if faults else json.dumps(value, ensure_ascii=False)
    return bare(text) if terms.checks or terms.draft is not None else text


def gated(draft: Draft, terms: Terms) -> Steps[None]:
    """Put the draft through every gate. One that fails a check, and opens with a block of code,
    is tried once more as that block alone: many models cannot but talk after it."""
    draft.gates = yield from _tried(draft.text, draft, terms)
    failed = any(not gate.passed for gate in draft.gates)
    block = opening_block(draft.text) if terms.checks and failed else None
    if block is None:
        return
    gates = yield from _tried(block, draft, terms)
    if _sum(gates) > _sum(draft.gates):
        draft.text, draft.gates = block, gates
        draft.fault = ""  # a block that was closed is whole, however the talk after it ended


def _tried(text: str, draft: Draft, terms: Terms) -> Steps[list[Gate]]:
    """Every gate, also after one that fails, so that one revision can heed them all."""
    gates = [_shaped(text, Shape(terms.schema))] if terms.schema is not None else []
    for command in terms.checks:
        found: Checked = yield Check(command, text, draft.call)
        output = found.output or _silent(found)
        gates.append(Gate(command, found.passed, score(found), output))
    return gates


def _sum(gates: Sequence[Gate]) -> tuple[int, float]:
    return sum(gate.passed for gate in gates), sum(gate.score for gate in gates)


def _shaped(text: str, shape: Shape) -> Gate:
    """The fewer faults the better."""
    value, faults = shape.read(text)
    if faults:
        worth = 0.0 if value is None else 1 / (1 + len(faults))
        return Gate("schema", False, worth, "\n".join(faults))
    return Gate("schema", True, 1.0)


def _silent(check: Checked) -> str:
    return f"it wrote nothing and ended with the exit code {check.code}"
