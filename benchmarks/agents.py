"""The loop with tools on recorded and published data: what is validated, mended, read and made.

Needs no model. The leaderboard's data (Berkeley, Apache-2.0) is downloaded by pip into a cache
once; the recorded conversations (tau-bench, MIT) are read where the reference data is.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import _backends, _bfcl, _tau
from benchmarks._spoilt import FORMS, MUTATIONS, SPOILT, Arguments
from kit.events import Json, Message, Text, Tool, ToolCall
from kit.patterns.reacting.arguments import read
from kit.patterns.reacting.textual import heard

SEED = 7


def main() -> int:
    place, reference = _bfcl.folder(), _reference()
    if place is None:
        print("the leaderboard's data cannot be downloaded here: its tables are left out")
    else:
        ground = list(_bfcl.single(place))
        accepting(ground)
        rejecting(ground)
        mending(ground)
        reading([(tool.name, json.dumps(given)) for _, tool, given in ground], "ground truth")
    if reference:
        talks = _tau.recorded(reference)
        reading(list(_tau.calls(talks)), "recorded, gpt-4o")
    if place:
        multi_turn(place)
    if reference:
        conversations(talks)
    return 0


# --- the validator --------------------------------------------------------------------------------
def accepting(ground: list[tuple[str, Tool, Arguments]]) -> None:
    """Those that it refuses contradict their own schema: an independent validator says so, or the
    schema does not name the argument."""
    counts: dict[str, Counter[str]] = {}
    for name, tool, given in ground:
        found = read(json.dumps(given), tool)
        kind = "accepted" if found.arguments == given and not found.fault else "mended"
        if found.fault:
            kind = "own fault" if _contradicts(tool, given) else "WRONGLY REFUSED"
        counts.setdefault(name, Counter())[kind] += 1
    _table(
        "ground-truth calls through the validator",
        ("set", "calls", "accepted", "mended", "contradict their schema", "wrongly refused"),
        [
            (name, c.total(), c["accepted"], c["mended"], c["own fault"], c["WRONGLY REFUSED"])
            for name, c in [*counts.items(), ("all", sum(counts.values(), Counter()))]
        ],
    )


def _contradicts(tool: Tool, given: Arguments) -> bool:
    from jsonschema import Draft202012Validator

    named = tool.parameters.get("properties", {})
    valid = Draft202012Validator(dict(tool.parameters)).is_valid(given)
    return not valid or not given.keys() <= named.keys()


def rejecting(ground: list[tuple[str, Tool, Arguments]]) -> None:
    rows = []
    for name, mutation in MUTATIONS.items():
        chance, tried, refused = random.Random(SEED), 0, 0
        for tool, given in _fitting(ground):
            if (text := mutation(given, tool, chance)) is not None:
                tried += 1
                refused += bool(read(text, tool).fault)
        rows.append((name, tried, refused, f"{refused / tried:.2%}"))
    _table("calls with one thing wrong", ("what", "calls", "refused", "share"), rows)


def _fitting(ground: list[tuple[str, Tool, Arguments]]) -> Iterator[tuple[Tool, Arguments]]:
    return ((tool, given) for _, tool, given in ground if not _contradicts(tool, given))


# --- mending --------------------------------------------------------------------------------------
def mending(ground: list[tuple[str, Tool, Arguments]]) -> None:
    """Recovered: exactly the arguments that were there before. Where the schema takes the spoilt
    value too (a string where any string will do), nothing is wrong, and nothing is mended."""
    rows = []
    for name, spoil in SPOILT.items():
        counts: Counter[str] = Counter()
        for tool, given in _fitting(ground):
            spoilt = spoil(given, tool)
            if spoilt != given:
                counts[_mended(tool, given, spoilt)] += 1
        tried = counts.total() - counts["valid as it is"]
        share = f"{counts['recovered'] / tried:.2%}" if tried else ""
        rows.append((name, tried, counts["recovered"], counts["refused"], counts["other"], share))
    heads = ("what", "calls", "recovered", "refused", "made something else", "share")
    _table("calls that a weak model spoils, mended", heads, rows)


def _mended(tool: Tool, given: Arguments, spoilt: Json) -> str:
    if isinstance(spoilt, dict) and not _contradicts(tool, spoilt):
        return "valid as it is"
    found = read(json.dumps(spoilt), tool)
    if found.fault:
        return "refused"
    return "recovered" if found.arguments == given else "other"


# --- calls in plain text --------------------------------------------------------------------------
def reading(calls: list[tuple[str, str]], whose: str) -> None:
    rows = []
    for form, pattern in FORMS.items():
        right = sum(_heard(pattern, name, arguments) for name, arguments in calls)
        rows.append((form, len(calls), right, f"{right / len(calls):.2%}"))
    _table(f"calls written in plain text ({whose})", ("form", "calls", "read", "share"), rows)


def _heard(pattern: str, name: str, arguments: str) -> bool:
    text = pattern.format(
        name=json.dumps(name), bare=name, arguments=arguments, quoted=json.dumps(arguments)
    )
    found = [p for p in heard(Message("assistant", (Text(text),))).parts if isinstance(p, ToolCall)]
    wanted = (name, json.loads(arguments))
    return len(found) == 1 and (found[0].name, _json(found[0].arguments)) == wanted


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


# --- whole conversations --------------------------------------------------------------------------
def multi_turn(place: Path) -> None:
    rows = []
    for name in _backends.SETS:
        for parallel in (False, True):
            t = _backends.played(place, name, parallel=parallel)
            how = "all calls of a turn at once" if parallel else "one call a round"
            rows.append((name, how, t.entries, t.same, t.calls, t.made, " ".join(t.faults)))
    heads = ("set", "oracle", "talks", "same end state", "calls", "made", "not the same")
    _table("multi-turn sets: an oracle through the loop, real back ends", heads, rows)
    print("  173 closes a ticket 'ticket_001', which its own schema wants as an integer: not made")


def conversations(talks: list[list[_tau.Said]]) -> None:
    t = _tau.played(talks)
    heads = ("talks", "same calls", "calls", "made", "requests", "pairs whole")
    row = (t.talks, t.same, t.calls, t.made, t.requests, t.paired)
    _table("tau-bench, airline, gpt-4o: the recorded model through the loop", heads, [row])
    print("  the other talk goes in circles: the same booking, the same error; kit ended it")


def _reference() -> Path | None:
    given = os.environ.get("KIT_REFERENCE")
    place = Path(given) if given else Path(__file__).parents[2] / "shared" / "reference"
    if (place / _tau.FILE).is_file():
        return place
    print("the recorded conversations are not here (KIT_REFERENCE): their tables are left out")
    return None


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    cells = [heads, *(tuple(map(str, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    sys.exit(main())
