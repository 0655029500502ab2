"""Which JSON Schemas a provider can hold a model to. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kit.events import Json


def closed(schema: Json) -> bool:
    """Every object forbids properties that it does not name: what Anthropic wants."""
    return _everywhere(schema, lambda one: one.get("additionalProperties") is False)


def strict(schema: Json) -> bool:
    """Closed, and every property is required: what OpenAI's strict mode wants."""
    return closed(schema) and _everywhere(
        schema, lambda one: set(one.get("required") or ()) == set(one.get("properties") or ())
    )


def _everywhere(schema: Json, holds: Callable[[Mapping[str, Json]], bool]) -> bool:
    if isinstance(schema, list):
        return all(_everywhere(one, holds) for one in schema)
    if not isinstance(schema, Mapping):
        return True
    is_object = schema.get("type") == "object" or isinstance(schema.get("properties"), Mapping)
    if is_object and not holds(schema):
        return False
    return all(_everywhere(one, holds) for one in schema.values())
