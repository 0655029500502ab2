"""``--schema``: the schema that was named."""

from __future__ import annotations

import json

from kit.cli.prompt import text_of
from kit.errors import UsageError
from kit.patterns.structure import Shape


def shaped(given: str) -> Shape:
    """FILE or JSON: what starts with a brace is the schema itself. UsageError when it is none."""
    text = given if given.lstrip().startswith("{") else text_of(given.removeprefix("@"))
    try:
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"--schema is not JSON: {error}") from error
    if not isinstance(schema, dict):
        raise UsageError("--schema is not a JSON object")
    return Shape(schema).checked()
