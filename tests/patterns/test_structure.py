"""JSON in a reply, held against a schema."""

import pytest

from kit.errors import IncompleteError, UnmetError, UsageError
from kit.events import Message, Replied, Request, Text
from kit.patterns.ask import ask
from kit.patterns.play import play
from kit.patterns.structure import Shape, found

AGE = Shape({"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]})
ASKED = Request((Message("user", (Text("How old?"),)),))


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        (" [1, 2]\n", [1, 2]),
        ("3", 3),
        ('Sure!\n```json\n{"a": 1}\n```\nDone.', {"a": 1}),
        ('```\n{"a": 1}\n```\nno, better:\n```json\n{"a": 2}\n```', {"a": 2}),
        ('It is {"a": {"b": [1]}} I think {', {"a": {"b": [1]}}),
        ('first {"a": 1} then {"a": 2}.', {"a": 2}),
    ],
)
def test_json_is_found_wherever_it_stands(reply: str, value: object) -> None:
    assert found(reply) == value


@pytest.mark.parametrize("reply", ["", "none", "{broken", "[" * 100_000])
def test_no_json_is_said_so(reply: str) -> None:
    assert AGE.read(reply) == (None, ["the reply holds no JSON"])


def test_a_fault_says_where_and_what() -> None:
    assert AGE.faults({"age": "x"}) == ["$.age: 'x' is not of type 'integer'"]
    assert AGE.faults({}) == ["$: 'age' is a required property"]
    assert AGE.faults({"age": 3}) == []


def test_what_is_nested_too_deeply_to_be_recorded_fits_no_shape() -> None:
    anything = Shape({})
    assert anything.read("[" * 100 + "1" + "]" * 100)[1] == []
    for open_, close in (("[", "]"), ('{"a":', "}")):
        for depth in (101, 600):
            assert anything.read(open_ * depth + "1" + close * depth)[1] == ["nested too deeply"]


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="not a JSON Schema"):
        Shape({"type": "nonsense"}).checked()


def test_a_reference_to_another_place_is_never_fetched() -> None:
    with pytest.raises(UsageError, match="not in it"):
        Shape({"$ref": "http://127.0.0.1:9/schema"}).faults(1)


def test_an_answer_of_the_right_shape_needs_one_call() -> None:
    outcome, calls, _ = play(ask(ASKED, shape=AGE), 'Here: {"age": 4}')
    assert (outcome.answer, outcome.error) == ('{"age": 4}', None)
    assert (outcome.detail["parsed"], len(calls)) == ({"age": 4}, 1)


def test_a_wrong_shape_is_sent_back_with_what_is_wrong() -> None:
    outcome, calls, _ = play(ask(ASKED, shape=AGE), '{"age": "four"}', '{"age": 4}')
    assert outcome.answer == '{"age": 4}'
    question, reply, complaint = calls[1].request.messages
    assert (question.text, reply.text) == ("How old?", '{"age": "four"}')
    assert "$.age: 'four' is not of type 'integer'" in complaint.text


def test_a_shape_that_never_comes_is_unmet_with_the_last_text() -> None:
    outcome, calls, _ = play(ask(ASKED, shape=AGE, repairs=1), "no", "nor this")
    assert isinstance(outcome.error, UnmetError)
    assert (outcome.answer, outcome.detail["parsed"], len(calls)) == ("nor this", None, 2)


def test_a_cut_reply_is_not_repaired() -> None:
    cut = Replied(message=Message("assistant", (Text('{"ag'),)), finish="length")
    outcome, calls, _ = play(ask(ASKED, shape=AGE), cut)
    assert isinstance(outcome.error, IncompleteError)
    assert len(calls) == 1
