"""Events survive the way to a line of JSON and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import events as ev
from kit.trace.records import decode, encode, line

SAFE = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | NUMBERS | SAFE,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(SAFE, inner, max_size=2),
    max_leaves=3,
)
OBJECTS = st.dictionaries(SAFE, JSON, max_size=2)


st.register_type_strategy(str, SAFE)
st.register_type_strategy(float, NUMBERS)


def built(kind: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of this dataclass, every field drawn from its annotation."""
    hints = get_type_hints(kind)
    return st.builds(kind, **{each.name: drawn(hints[each.name]) for each in fields(kind)})


def drawn(hint: Any) -> st.SearchStrategy[Any]:
    if hint is Any:
        return JSON
    if hint == ev.Message:
        parts = st.one_of(*map(built, get_args(ev.Part)))
        return st.builds(ev.Message, drawn(ev.Role), st.lists(parts, max_size=3).map(tuple))
    if isinstance(hint, type) and hasattr(hint, "__dataclass_fields__"):
        return built(hint)
    origin, inside = getattr(hint, "__origin__", None), get_args(hint)
    if origin is tuple:
        return st.lists(drawn(inside[0]), max_size=2).map(tuple)
    if origin is Mapping:
        return OBJECTS if inside[1] is Any else st.dictionaries(SAFE, drawn(inside[1]), max_size=2)
    if origin is None and type(None) in inside:
        return st.none() | st.one_of(*(drawn(each) for each in inside if each is not type(None)))
    return drawn(origin[inside]) if origin is Mapping else st.from_type(hint)


EVENTS = st.one_of(*map(built, get_args(ev.Event)))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(EVENTS)
def test_every_event_survives_a_line_of_json(event: ev.Event) -> None:
    assert decode(json.loads(line(encode(event)))) == event


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(get_args(ev.Event)), st.data())
def test_no_misshapen_record_breaks_the_reader(kind: Any, data: st.DataObject) -> None:
    names = [each.name for each in fields(kind)]
    record = {name: data.draw(JSON) for name in names} | {"kind": kind.kind}
    assert isinstance(decode(record), kind)


def test_a_record_holds_only_what_differs_from_the_default() -> None:
    request = ev.Request((ev.Message("user", (ev.Text("hi"),)),), profile="groq", temperature=0.0)
    assert encode(ev.CallStarted("1", request)) == {
        "kind": "call.started",
        "call": "1",
        "request": {
            "messages": [{"role": "user", "parts": [{"type": "text", "text": "hi"}]}],
            "profile": "groq",
            "temperature": 0.0,
        },
    }


def test_the_first_record_always_says_its_schema() -> None:
    assert encode(ev.RunStarted())["schema"] == ev.SCHEMA


def test_an_unknown_kind_is_no_event() -> None:
    assert decode({"kind": "call.dreamt", "call": "1"}) is None
    assert decode({"kind": ["text"]}) is None


def test_unknown_fields_are_ignored_and_missing_ones_take_their_default() -> None:
    assert decode({"kind": "text", "colour": "red"}) == ev.TextDelta()


def test_a_part_of_a_later_release_is_left_out_of_its_message() -> None:
    parts = [{"type": "hologram", "url": "x"}, {"type": "text", "text": "hi"}]
    record = {"kind": "call.replied", "message": {"role": "assistant", "parts": parts}}
    assert decode(record) == ev.Replied(message=ev.Message("assistant", (ev.Text("hi"),)))


def test_a_finish_word_of_a_later_release_is_kept() -> None:
    decoded = decode({"kind": "call.replied", "finish": "paused"})
    assert isinstance(decoded, ev.Replied)
    assert decoded.finish == "paused"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("a\ud83db", "a\ufffdb"),
        ("\udc00", "\ufffd"),
        ("\ud83d\ude00!", "😀!"),
        ("é\ud83d", "é\ufffd"),
    ],
)
def test_lone_surrogates_are_replaced_and_halves_of_a_pair_joined(text: str, read: str) -> None:
    assert json.loads(line({"text": text}).decode("utf-8")) == {"text": read}


def test_numbers_that_json_lacks_become_null() -> None:
    record = encode(ev.RunStarted(settings={"a": float("nan"), "b": [float("-inf")]}))
    assert json.loads(line(record), parse_constant=pytest.fail)["settings"] == {
        "a": None,
        "b": [None],
    }


def test_a_value_that_is_no_json_is_recorded_as_text() -> None:
    assert encode(ev.RunStarted(settings={"kind": {1: str}}))["settings"] == {
        "kind": {"1": "<class 'str'>"}
    }


@pytest.mark.parametrize("depth", [200, 201, 900])
def test_what_is_nested_too_deeply_is_recorded_as_far_as_it_goes(depth: int) -> None:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    read = json.loads(line(encode(ev.RunFinished(result=value))))["result"]
    for _ in range(200):
        read = read["a"]
    assert read == (1 if depth == 200 else "[nested too deeply to be recorded]")
