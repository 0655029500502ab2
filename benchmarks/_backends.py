"""The multi-turn sets of the Berkeley leaderboard: an oracle that makes the recorded calls through
kit's loop, and the back ends' states afterwards."""

from __future__ import annotations

import ast
import asyncio
import copy
import importlib
import inspect
import json
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import _bfcl
from kit.events import Event, Json, Message, Replied, Request, Text, ToolCall
from kit.patterns.react import react
from kit.patterns.reacting.terms import Terms, offered
from kit.patterns.run import run
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.approval import allowed
from kit.patterns.tools.toolbox import Box

SETS = ("base", "long_context", "miss_func", "miss_param")
_ROOM = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"
_FILES = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TwitterAPI": "posting_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "VehicleControlAPI": "vehicle_control",
}
Instances = dict[str, Any]


@dataclass
class Tally:
    entries: int = 0
    same: int = 0  # ended in the same state
    calls: int = 0
    made: int = 0  # by the loop, as they were recorded
    faults: list[str] = field(default_factory=list)


def played(place: Path, name: str, *, parallel: bool) -> Tally:
    """Every conversation of a set through the loop; ``parallel``: the calls of a turn all in one
    reply, else one a round."""
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
    answers = {
        row["id"]: row
        for row in _bfcl.rows(place, f"possible_answer/BFCL_v4_multi_turn_{name}.json")
    }
    tally = Tally()
    for row in _bfcl.rows(place, f"BFCL_v4_multi_turn_{name}.json"):
        turns = answers[row["id"]]["ground_truth"]
        _one(place, row, turns, tally, long="long_context" in name, parallel=parallel)
    return tally


def _one(
    place: Path,
    row: Mapping[str, Any],
    turns: list[list[str]],
    tally: Tally,
    *,
    long: bool,
    parallel: bool,
) -> None:
    theirs, ours = _instances(row, long=long), _instances(row, long=long)
    spoken = [[_read(call, theirs) for call in turn] for turn in turns]
    for turn in spoken:
        for name, arguments in turn:
            _did(theirs, name, arguments)
    made = asyncio.run(_looped(place, row, spoken, ours, parallel=parallel))
    tally.entries += 1
    tally.calls += sum(map(len, spoken))
    wanted = [call for turn in spoken for call in turn]
    tally.made += sum(one == two for one, two in zip(wanted, made, strict=False))
    if _state(theirs) == _state(ours) and made == wanted:
        tally.same += 1
    else:
        tally.faults.append(row["id"])


def _instances(row: Mapping[str, Any], *, long: bool) -> Instances:
    found = {}
    for name in row["involved_classes"]:
        found[name] = getattr(importlib.import_module(f"{_ROOM}.{_FILES[name]}"), name)()
        if name != "MathAPI":
            given = copy.deepcopy(row["initial_config"].get(name, {}))
            found[name]._load_scenario(given, long_context=long)
    return found


def _read(call: str, instances: Instances) -> tuple[str, dict[str, Json]]:
    """``mv('a', destination='b')`` as a name and arguments by name."""
    tree = ast.parse(call, mode="eval").body
    assert isinstance(tree, ast.Call)
    name = ast.unparse(tree.func)
    names = list(inspect.signature(_method(instances, name)).parameters)
    given = dict(zip(names, map(ast.literal_eval, tree.args), strict=False))
    given |= {str(each.arg): ast.literal_eval(each.value) for each in tree.keywords}
    return name, json.loads(json.dumps(given))


def _method(instances: Instances, name: str) -> Any:
    return next(getattr(each, name) for each in instances.values() if hasattr(each, name))


def _did(instances: Instances, name: str, arguments: Mapping[str, Json]) -> str:
    try:
        said = _method(instances, name)(**copy.deepcopy(dict(arguments)))  # some keep them
    except Exception as error:  # as the leaderboard's own runner tells it
        return f"Error during execution: {error}"
    return said if isinstance(said, str) else json.dumps(said, default=str)


async def _looped(
    place: Path, row: Mapping[str, Any], turns: list[list[Any]], ours: Instances, *, parallel: bool
) -> list[tuple[str, dict[str, Json]]]:
    """The calls that the loop made, turn after turn of one conversation."""
    made: list[tuple[str, dict[str, Json]]] = []
    box = Box(allow=allowed(["write"]))
    for each in row["involved_classes"]:
        box.put(_abilities(place, each, ours, made))
    terms = Terms(tuple(map(offered, box.abilities.values())), max_rounds=99, max_tool_calls=99)
    for words, calls in zip(row["question"], turns, strict=True):
        text = "\n".join(one["content"] for one in words) or "go on"
        asked = Request((Message("user", (Text(text),)),))
        await run(react(asked, terms), _Oracle(calls, parallel=parallel).stream, tools=box)
    return made


def _abilities(place: Path, name: str, ours: Instances, made: list[Any]) -> list[Ability]:
    def ability(function: Mapping[str, Json]) -> Ability:
        face = _bfcl.tool(function)

        async def use(arguments: Mapping[str, Json]) -> str:
            made.append((face.name, dict(arguments)))
            said = _did({name: ours[name]}, face.name, arguments)
            if said.startswith("Error during execution"):
                raise ToolFault(said)
            return said

        return Ability(
            face, "write", use, lambda arguments: json.dumps(dict(arguments)), tainting=False
        )

    return [ability(each) for each in _bfcl.rows(place, f"multi_turn_func_doc/{_FILES[name]}.json")]


class _Oracle:
    """A model that wants the recorded calls, then says that it is done."""

    def __init__(self, calls: list[tuple[str, dict[str, Json]]], *, parallel: bool) -> None:
        wanted = [ToolCall(f"c{n}", name, json.dumps(a)) for n, (name, a) in enumerate(calls)]
        self.rounds = [tuple(wanted)] if parallel and wanted else [(each,) for each in wanted]

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        done = sum(message.role == "tool" for message in request.messages)
        calls = self.rounds[done] if done < len(self.rounds) else ()
        yield Replied(message=Message("assistant", calls or (Text("done"),)))


def _state(instances: Instances) -> Any:
    return {name: _plain(each) for name, each in instances.items()}


def _plain(value: Any) -> Any:
    """What can be compared: without times, which are those of this run."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(each) for each in value]
    if hasattr(value, "__dict__"):
        return {
            key: _plain(each)
            for key, each in vars(value).items()
            if key not in ("_last_modified", "parent", "_parent", "_random")
        }
    return value if isinstance(value, str | int | float | bool | None) else str(value)
