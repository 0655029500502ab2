"""``calc``: arithmetic that a model cannot get wrong."""

from __future__ import annotations

from collections.abc import Mapping

from kit.events import Json, Tool
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.calculating.exact import CannotCalculate
from kit.patterns.tools.calculating.expression import LONGEST, value
from kit.patterns.tools.calculating.functions import FUNCTIONS
from kit.patterns.tools.calculating.writing import written
from kit.patterns.tools.threads import in_thread

_KNOWN = ", ".join([*FUNCTIONS, "pi", "e", "tau"])
FACE = Tool(
    "calc",
    "Work out an expression exactly: integers of any size, fractions, decimals. Signs: + - * /"
    f" // (rounded down) % (remainder) ** (power) ! and brackets. Known: {_KNOWN}. Angles are in"
    " radians. What cannot be exact is rounded and begins with ≈.",
    {
        "type": "object",
        "properties": {
            "expression": {
                "type": "string",
                "minLength": 1,
                "maxLength": LONGEST,
                "description": "For example (17.5 * 3 - 2/7) ** 2.",
            }
        },
        "required": ["expression"],
        "additionalProperties": False,
    },
)


def calculated(expression: str) -> str:
    """The value as text; ToolFault where there is none."""
    try:
        return written(value(expression))
    except CannotCalculate as error:
        raise ToolFault(f"cannot calculate: {error}") from error


def calc() -> Ability:
    async def run(arguments: Mapping[str, Json]) -> str:
        return await in_thread(lambda: calculated(arguments["expression"]))

    return Ability(
        FACE, "readonly", run, lambda arguments: str(arguments["expression"]), tainting=False
    )
