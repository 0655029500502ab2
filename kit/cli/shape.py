"""``--schema``: the schema that was named, and requests that ask for its shape."""

from __future__ import annotations

import json
from dataclasses import replace

from kit.cli.prompt import text_of
from kit.errors import UsageError
from kit.events import Message, Request, Text
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


def shape_asked(request: Request, shape: Shape) -> Request:
    """The request for an answer of this shape: by the provider's own means where it has them, and
    in words for all others."""
    last = request.messages[-1]
    asked = Message(last.role, (*last.parts, Text(f"\n\n{shape.instruction()}")))
    return replace(request, schema=shape.schema, messages=(*request.messages[:-1], asked))
