"""Which schemas a provider can hold a model to."""

from __future__ import annotations

from typing import Any

import pytest

from kit.providers.dialects.schemas import closed, strict

A = {"a": {"type": "string"}}
FULL = {"type": "object", "properties": A, "required": ["a"], "additionalProperties": False}
OPTIONAL = {"type": "object", "properties": A, "additionalProperties": False}
OPEN = {"type": "object", "properties": A, "required": ["a"]}


@pytest.mark.parametrize(
    ("schema", "is_closed", "is_strict"),
    [
        (FULL, True, True),
        (OPTIONAL, True, False),
        (OPEN, False, False),
        ({"type": "array", "items": FULL}, True, True),
        ({"anyOf": [FULL, OPTIONAL]}, True, False),
        ({"type": "array", "items": {"properties": A}}, False, False),
        ({"type": "string"}, True, True),
    ],
)
def test_a_schema_is_closed_or_strict_down_to_its_leaves(
    schema: dict[str, Any], is_closed: bool, is_strict: bool
) -> None:
    assert (closed(schema), strict(schema)) == (is_closed, is_strict)
