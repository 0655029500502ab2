"""Recorded conversations of tau-bench (airline, gpt-4o): the model as it spoke, the tools as they
answered, through kit's loop."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from kit.events import Event, Json, Message, Replied, Request, Text, Tool, ToolCall, ToolResult
from kit.patterns.react import react
from kit.patterns.reacting.terms import Terms, offered
from kit.patterns.run import run
from kit.patterns.tools.ability import Ability
from kit.patterns.tools.approval import allowed
from kit.patterns.tools.toolbox import Box

FILE = "agents/tau_bench_gpt-4o-airline.json.gz"
Said: TypeAlias = Mapping[str, Any]
Made: TypeAlias = tuple[str, Json]


@dataclass
class Tally:
    talks: int = 0
    same: int = 0  # every recorded call was made, and no other
    calls: int = 0
    made: int = 0
    paired: int = 0  # requests in which each call had its result, in order
    requests: int = 0


def recorded(reference: Path) -> list[list[Said]]:
    with gzip.open(reference / FILE) as file:
        return [talk["traj"] for talk in json.load(file)]


def calls(talks: list[list[Said]]) -> Iterator[tuple[str, str]]:
    """Name and arguments of every recorded call, as the model wrote them."""
    for talk in talks:
        for said in talk:
            for each in said.get("tool_calls") or ():
                yield each["function"]["name"], each["function"]["arguments"]


def played(talks: list[list[Said]]) -> Tally:
    tally = Tally()
    for talk in talks:
        wanted = [(name, json.loads(arguments)) for name, arguments in calls([talk])]
        made = asyncio.run(_Talk(talk, tally).held())
        tally.talks += 1
        tally.same += made == wanted
        tally.calls += len(wanted)
        tally.made += sum(one == two for one, two in zip(wanted, made, strict=False))
    return tally


class _Talk:
    """Each of the user's turns is one loop; the talk so far stands before it."""

    def __init__(self, talk: list[Said], tally: Tally) -> None:
        self.talk, self.tally = talk, tally
        self.model = iter([said for said in talk if said["role"] == "assistant"])
        self.tools = iter([said for said in talk if said["role"] == "tool"])
        self.made: list[Made] = []

    async def held(self) -> list[Made]:
        box = Box(allow=allowed(["write"]))
        box.put(self._ability(name) for name in sorted({name for name, _ in calls([self.talk])}))
        terms = Terms(tuple(map(offered, box.abilities.values())), max_rounds=99, max_tool_calls=99)
        for place, said in enumerate(self.talk):
            if said["role"] == "user" and place + 1 < len(self.talk):
                before = tuple(map(_message, self.talk[: place + 1]))
                await run(react(Request(before), terms), self._stream, tools=box)
        return self.made

    async def _stream(self, request: Request) -> AsyncGenerator[Event, None]:
        self.tally.requests += 1
        self.tally.paired += _is_paired(request.messages)
        said = next(self.model, None) or {"role": "assistant", "content": "end"}
        finish = "tool_calls" if said.get("tool_calls") else "stop"
        yield Replied(message=_message(said), finish=finish)  # type: ignore[arg-type]  # one of two

    def _ability(self, name: str) -> Ability:
        """The recording holds no schemas: any object will do."""
        face = Tool(name, "", {"type": "object", "additionalProperties": True})

        async def use(arguments: Mapping[str, Json]) -> str:
            self.made.append((name, dict(arguments)))
            return str(next(self.tools)["content"])

        return Ability(face, "write", use, str, tainting=False)


def _message(said: Said) -> Message:
    if said["role"] == "tool":
        return Message("tool", (ToolResult(said["tool_call_id"], str(said["content"])),))
    parts: list[Any] = [Text(said["content"])] if said.get("content") else []
    wanted = [(each["id"], each["function"]) for each in said.get("tool_calls") or ()]
    parts += [ToolCall(id_, each["name"], each["arguments"]) for id_, each in wanted]
    return Message(said["role"], tuple(parts))


def _is_paired(messages: tuple[Message, ...]) -> bool:
    """Each message with calls is followed by exactly their results."""
    open_: list[str] = []
    for message in messages:
        results = [part.id for part in message.parts if isinstance(part, ToolResult)]
        if results != open_[: len(results)] or (open_ and not results):
            return False
        open_ = open_[len(results) :]
        open_ += [part.id for part in message.parts if isinstance(part, ToolCall)]
    return not open_
