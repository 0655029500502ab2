"""What a foreign server says of its tools, and what of it reaches a model."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from kit.events import Tool
from kit.patterns.tools.mcp.faces import Offer, faces, named
from kit.patterns.tools.mcp.schema import Unfit, tamed
from kit.patterns.tools.mcp.text import seen, sentence

OBJECT = {"type": "object", "properties": {}}


def offered(*offers: Offer) -> tuple[dict[str, Tool], list[str]]:
    words: list[str] = []
    return faces("srv", offers, words.append), words


# --- names ----------------------------------------------------------------------------------------
@given(st.sets(st.text(max_size=100), max_size=30))
def test_every_name_is_one_that_all_providers_take_and_no_two_are_the_same(own: set[str]) -> None:
    names = named("a-server", sorted(own))
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in names.values())
    assert all(name.startswith("a-server__") for name in names.values())
    assert len(set(names.values())) == len(names) == len(own)


@given(st.lists(st.text("ab._ ", max_size=4), unique=True), st.randoms())
def test_names_do_not_depend_on_the_order_of_the_offer(own: list[str], dice: Any) -> None:
    mixed = list(own)
    dice.shuffle(mixed)
    assert named("s", own) == named("s", mixed)


def test_a_tool_cannot_take_the_name_of_another() -> None:
    assert named("s", ["get.x", "put"]) == {"get.x": "s__get_x", "put": "s__put"}
    both = named("s", ["get.x", "get_x"])
    assert "s__get_x" not in both.values()
    assert len(set(both.values())) == 2
    stolen = both["get.x"].removeprefix("s__")  # known beforehand to whoever wants to steal it
    assert both["get.x"] not in named("s", ["get.x", "get_x", stolen]).values()


def test_servers_do_not_meet_in_a_name() -> None:
    assert named("a", ["b__c"])["b__c"] == "a__b__c"
    with_two = [named(server, ["t"])["t"] for server in ("a", "a-2")]
    assert with_two == ["a__t", "a-2__t"]


# --- words ----------------------------------------------------------------------------------------
HIDDEN = "\u200b\u202e\u2066\ufeff\U000e0041\ue000\x1b\x00\x9b\u3164\ufe0f\U000e0100\u00ad"


def test_a_description_hides_nothing_and_is_not_endless() -> None:
    found, words = offered(Offer("get", f"Ge{HIDDEN}ts\r\n\tit", OBJECT))
    assert found["get"] == Tool("srv__get", "Gets\n\tit", OBJECT)
    (long,) = offered(Offer("get", "x" * 10_000, OBJECT))[0].values()
    assert (len(long.description), long.description[-1], words) == (4000, "…", [])


@given(st.text())
def test_what_is_seen_can_be_printed(text: str) -> None:
    assert all(
        letter.isprintable() or letter in "\n\t" or letter.isspace() for letter in seen(text, 99)
    )
    assert "\n" not in sentence(text)


def test_descriptions_within_a_schema_are_cleaned_and_values_are_not() -> None:
    schema = {
        "type": "object",
        "title": f"T{HIDDEN}",
        "properties": {
            "description": {"type": "string", "description": f"a{HIDDEN}b" + "x" * 2000},
            "mood": {"enum": ["✔\ufe0f", "no"], "default": "no", "$comment": "psst"},
        },
    }
    kept = tamed(schema)
    assert kept["title"] == "T"
    assert kept["properties"]["mood"] == {"enum": ["✔\ufe0f", "no"], "default": "no"}
    assert kept["properties"]["description"]["description"].startswith("abxx")
    assert len(kept["properties"]["description"]["description"]) == 1000


# --- schemas --------------------------------------------------------------------------------------
def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


def doubled(levels: int) -> dict[str, Any]:
    """Each level asks the next one twice."""
    ask = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)}
    return {**OBJECT, "$defs": {**ask, f"d{levels}": {}}, "allOf": [{"$ref": "#/$defs/d0"}]}


UNFIT: dict[str, dict[str, Any]] = {
    "its arguments are no object": {"type": "array"},
    "its schema is longer than 64 KiB": {**OBJECT, "description": "x" * 70_000},
    "its schema is nested too deeply": nested(60),
    "its schema refers to somewhere else": {
        "properties": {"a": {"$ref": "http://169.254.169.254/"}}
    },
    "its schema refers to what is not there": {"properties": {"a": {"$ref": "#/$defs/b"}}},
    "its schema is too much work to check by": doubled(40),
    "its schema is no valid JSON Schema": {"properties": {"a": {"multipleOf": 0}}},
    "its schema has a name with characters that cannot be seen": {"properties": {"a\u200b": {}}},
}


@pytest.mark.parametrize("why", UNFIT)
def test_a_tool_with_a_schema_that_cannot_be_used_is_left_out_with_a_word(why: str) -> None:
    found, words = offered(Offer("good", "", OBJECT), Offer("bad", "", UNFIT[why]))
    assert list(found) == ["good"]
    assert words == [f"srv offers 'bad', which is left out: {why}"]


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"properties": {"a": {"$ref": "#/properties/a"}}},
        {"$defs": {"a": {"anyOf": [{"not": {"$ref": "#/$defs/a"}}]}}},
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"if": {"$ref": "#/$defs/a"}}}},
        {"$dynamicRef": "#a", "$dynamicAnchor": "a"},
        {"$defs": {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(1500)}},
    ],
)
def test_references_in_a_circle_are_not_followed(schema: dict[str, Any]) -> None:
    with pytest.raises(Unfit):
        tamed(schema)


def test_a_schema_that_is_recursive_in_its_values_is_fine() -> None:
    tree = {"type": "object", "properties": {"left": {"$ref": "#"}, "v": {"$ref": "#/$defs/n"}}}
    kept = tamed({**tree, "$defs": {"n": {"type": "integer"}}})
    check = Draft202012Validator(kept)
    assert check.is_valid({"left": {"left": {"v": 1}}})
    assert not check.is_valid({"left": {"left": {"v": "1"}}})


@pytest.mark.parametrize(
    ("pattern", "kept"),
    [("^[a-z0-9-]+$", True), ("(a+)+$", False), ("(a?){30}a{30}", False), ("(.*)\\1", False),
     ("^v[0-9]$", True), ("[", False), ("a" * 300, False)],
)  # fmt: skip
def test_a_pattern_that_may_backtrack_for_years_is_left_to_the_server(
    pattern: str, kept: bool
) -> None:
    schema = tamed({"properties": {"a": {"type": "string", "pattern": pattern}}})
    assert ("pattern" in schema["properties"]["a"]) is kept
    open_ended = tamed({"patternProperties": {pattern: {}}, "additionalProperties": False})
    assert ("patternProperties" in open_ended) is kept
    assert open_ended.get("additionalProperties", True) is not kept


def test_of_an_object_that_nothing_is_said_of_anything_may_be_said() -> None:
    assert tamed({"type": "object"})["additionalProperties"] is True
    assert tamed({"type": "object", "additionalProperties": False})["additionalProperties"] is False
    assert "additionalProperties" not in tamed({"properties": {}})


def test_a_schema_of_an_earlier_draft_is_understood() -> None:
    old = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://example.org/x",
        "properties": {"p": {"type": "array", "items": [{"type": "integer"}]}},
    }
    kept = tamed(old)
    assert kept == {
        "type": "object",
        "properties": {"p": {"type": "array", "prefixItems": [{"type": "integer"}]}},
    }


def test_properties_that_are_called_like_keywords_stay() -> None:
    properties = {name: {"type": "string"} for name in ("$ref", "pattern", "items", "title", "$id")}
    assert tamed({"properties": properties})["properties"] == properties


@given(st.recursive(st.none() | st.integers() | st.text("a$#/", max_size=3), lambda inner: st.lists(
    inner, max_size=3) | st.dictionaries(st.sampled_from(["$ref", "allOf", "items", "properties",
    "not", "$defs", "type", "pattern", "a"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_any_schema_is_either_unfit_or_one_that_can_be_checked_by(schema: Any) -> None:
    whole = {"type": "object", "properties": {"a": schema}}
    try:
        kept = tamed(whole)
    except Unfit:
        return
    json.dumps(kept)
    list(Draft202012Validator(kept).iter_errors({"a": [{"a": "b"}, 1]}))
