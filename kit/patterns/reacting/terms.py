"""What a loop with tools is started with: plain values, which a trace holds and gives back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from kit.dataclass import dataclass
from kit.events import Json, Tool
from kit.patterns.tools.ability import Ability, Access


@dataclass(frozen=True, slots=True)
class Offered:
    """What the loop knows of a tool: never the function behind it."""

    face: Tool
    access: Access = "readonly"
    tainting: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """``max_observation`` in characters; ``repairs``: how often a final answer is sent back that
    misses the ``schema`` or the command ``check``. ``textual``: calls are written in the text, for
    models that know no other. ``fence`` marks what others wrote (a random word; "" for none);
    ``window``: tokens of a conversation beyond which old observations are left out."""

    tools: tuple[Offered, ...] = ()
    max_rounds: int = 12
    max_tool_calls: int = 40
    max_observation: int = 16_000
    repairs: int = 2
    textual: bool = False
    schema: Mapping[str, Json] | None = None
    check: str = ""
    fence: str = ""
    window: int = 120_000


def offered(ability: Ability) -> Offered:
    return Offered(ability.face, ability.access, ability.tainting)


def settings(terms: Terms) -> dict[str, Json]:
    """The terms as ``run.started`` holds them."""
    told: dict[str, Json] = {
        field.name: getattr(terms, field.name) for field in fields(terms) if field.name != "tools"
    }
    return {**told, "tools": [asdict(each) for each in terms.tools]}


def of(settings: Mapping[str, Json]) -> Terms:
    """The terms of a run, from its settings; what they do not say is the default."""
    names = {field.name for field in fields(Terms)} - {"tools"}
    told: dict[str, Any] = {name: settings[name] for name in names & settings.keys()}
    tools = tuple(_offered(each) for each in settings.get("tools", ()))
    return Terms(tools, **told)


def _offered(told: Mapping[str, Json]) -> Offered:
    face = told["face"]
    tool = Tool(face["name"], face["description"], face["parameters"])
    return Offered(tool, told.get("access", "readonly"), told.get("tainting", True))
