"""A function's face for a model, and the arguments that its signature wants."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json, Tool
from kit.patterns.tools.ability import ToolFault
from kit.patterns.tools.functions.docs import parted
from kit.patterns.tools.functions.types import Shape, shape

_REFUSED: Mapping[object, str] = {
    inspect.Parameter.POSITIONAL_ONLY: "takes a parameter by its place only",
    inspect.Parameter.VAR_POSITIONAL: "takes any number of values",
    inspect.Parameter.VAR_KEYWORD: "takes any parameters",
}


@dataclass(frozen=True)
class Signature:
    """``shapes``: of each parameter."""

    face: Tool
    shapes: Mapping[str, Shape]

    def bound(self, arguments: Mapping[str, Json]) -> dict[str, Any]:
        """The arguments as the types want them; ToolFault for one that cannot be."""
        found = {}
        for name, value in arguments.items():
            try:
                found[name] = self.shapes[name].made(value)
            except (TypeError, ValueError, KeyError) as error:
                raise ToolFault(f"the argument {name!r} cannot be used") from error
        return found


def signature(function: Callable[..., Any], name: str) -> Signature:
    """UsageError, which names the parameter, for what cannot be called with JSON."""
    said, of_parameters = parted(function.__doc__)
    hints = _hints(function, name)
    shapes: dict[str, Shape] = {}
    schemas: dict[str, Json] = {}
    needed: list[str] = []
    for each in inspect.signature(function).parameters.values():
        if why := _REFUSED.get(each.kind):
            raise UsageError(f"the function {name} {why}", hint="a tool's arguments have names")
        shapes[each.name] = _shape(hints.get(each.name, Any), each.name, name)
        told = {"description": of_parameters[each.name]} if each.name in of_parameters else {}
        schemas[each.name] = {**told, **shapes[each.name].schema, **_default(each)}
        needed += [each.name] if each.default is each.empty else []
    parameters = {
        "type": "object",
        "properties": schemas,
        "required": needed,
        "additionalProperties": False,
    }
    return Signature(Tool(name, said or f"The user's function {name}.", parameters), shapes)


def _hints(function: Callable[..., Any], name: str) -> dict[str, Any]:
    try:
        return get_type_hints(function, include_extras=True)
    except (NameError, TypeError, AttributeError) as error:
        raise UsageError(f"the types of the function {name} cannot be read: {error}") from error


def _shape(kind: Any, parameter: str, name: str) -> Shape:
    try:
        return shape(kind)
    except UsageError as error:
        raise UsageError(f"the parameter {parameter!r} of {name}: {error.message}") from error


def _default(parameter: inspect.Parameter) -> dict[str, Json]:
    """The default, where JSON has it."""
    if parameter.default in (parameter.empty, None):
        return {}
    try:
        return {"default": json.loads(json.dumps(parameter.default))}
    except (TypeError, ValueError):
        return {}
