"""Calls as models get them wrong: spoilt so that nothing can be done, or so that it can."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping

from kit.events import Json, Tool

Arguments = dict[str, Json]

# ruff: noqa: ARG001  # each has the parameters that some need

# --- beyond repair --------------------------------------------------------------------------------
Mutation = Callable[[Arguments, Tool, random.Random], str | None]


def _missing(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    required = [name for name in tool.parameters.get("required", ()) if name in given]
    left_out = chance.choice(required) if required else None
    kept = {name: value for name, value in given.items() if name != left_out}
    return json.dumps(kept) if required else None


def _unknown(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    return (
        json.dumps({**given, "no_such_argument": 1}) if tool.parameters.get("properties") else None
    )


def _misspelt(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    name = chance.choice(sorted(given)) if given else ""
    return json.dumps({n + "x" if n == name else n: v for n, v in given.items()}) if given else None


def _wrong_type(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    """A kind of value that spells nothing which the schema takes."""
    kinds = {n: s.get("type") for n, s in tool.parameters.get("properties", {}).items()}
    names = sorted(name for name in given if kinds.get(name) in _WRONG)
    if not names:
        return None
    name = chance.choice(names)
    return json.dumps({**given, name: _WRONG[str(kinds[name])]})


def _not_in_enum(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    schemas = tool.parameters.get("properties", {})
    names = [name for name in given if "enum" in schemas.get(name, {})]
    return json.dumps({**given, names[0]: "no such choice"}) if names else None


def _cut(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    text = json.dumps(given)
    return text[: chance.randrange(1, len(text))] if len(text) > 2 else None


def _merged(given: Arguments, tool: Tool, chance: random.Random) -> str | None:
    return json.dumps(given) * 2


_WRONG: Mapping[str, Json] = {
    "integer": "many", "number": {"value": 1}, "boolean": "perhaps", "object": "none",
    "string": {"text": "x"},
}  # fmt: skip
MUTATIONS: Mapping[str, Mutation] = {
    "a required argument left out": _missing,
    "an argument more": _unknown,
    "a name misspelt": _misspelt,
    "a wrong type": _wrong_type,
    "none of the choices": _not_in_enum,
    "cut somewhere": _cut,
    "two halves merged": _merged,
}


# --- to be mended ---------------------------------------------------------------------------------
def _numbers_quoted(given: Arguments, tool: Tool) -> Json:
    return _each(
        given,
        lambda v: json.dumps(v) if isinstance(v, int | float) and v not in (True, False) else v,
    )


def _booleans_quoted(given: Arguments, tool: Tool) -> Json:
    return _each(given, lambda value: str(value) if isinstance(value, bool) else value)


def _nested_quoted(given: Arguments, tool: Tool) -> Json:
    return _each(given, lambda v: json.dumps(v) if isinstance(v, dict | list) else v)


def _lists_unpacked(given: Arguments, tool: Tool) -> Json:
    return _each(given, lambda v: v[0] if isinstance(v, list) and len(v) == 1 and v[0] else v)


def _nulls_added(given: Arguments, tool: Tool) -> Json:
    absent = tool.parameters.get("properties", {}).keys() - given.keys()
    optional = absent - set(tool.parameters.get("required", ()))
    return {**given, **dict.fromkeys(sorted(optional))}


def _all_quoted(given: Arguments, tool: Tool) -> Json:
    return json.dumps(given)


def _each(given: Arguments, change: Callable[[Json], Json]) -> Arguments:
    return {name: change(value) for name, value in given.items()}


SPOILT: Mapping[str, Callable[[Arguments, Tool], Json]] = {
    "numbers as strings": _numbers_quoted,
    "booleans as strings": _booleans_quoted,
    "lists, objects as strings": _nested_quoted,
    "lists of one without the list": _lists_unpacked,
    "null for what is left out": _nulls_added,
    "the whole as a string": _all_quoted,
}


# --- in plain text --------------------------------------------------------------------------------
_CALL = '{{"name": {name}, "arguments": {arguments}}}'
FORMS: Mapping[str, str] = {
    "as asked for": f"<tool_call>{_CALL}</tool_call>",
    "with words before": f"I will look.\n<tool_call>{_CALL}</tool_call>",
    "stopped before its end": f"<tool_call>{_CALL}\n",
    "in a fence": f"<tool_call>\n```json\n{_CALL}\n```\n</tool_call>",
    "a comma too many": f"<tool_call>{_CALL[:-2]},}}}}</tool_call>",
    "a brace too few": f"<tool_call>{_CALL[:-2]}</tool_call>",
    "a brace too many": f"<tool_call>{_CALL}}}}}</tool_call>",
    "arguments in a string": '<tool_call>{{"name": {name}, "arguments": {quoted}}}</tool_call>',
    "called parameters": '<tool_call>{{"name": {name}, "parameters": {arguments}}}</tool_call>',
    "Action, Action Input": "Thought: I look.\nAction: {bare}\nAction Input: {arguments}\n",
    "a result imagined": f"<tool_call>{_CALL}</tool_call>\n"
    "<tool_response>42</tool_response>\nIt is 42.",
}
