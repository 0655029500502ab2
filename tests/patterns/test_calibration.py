"""What labelled questions teach: weights, the curve, and the run that asks for them."""

from __future__ import annotations

import json
from math import log

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.errors import AuthError, BudgetError, UnavailableError, UnmetError, UsageError
from kit.events import Message, Request, Text
from kit.patterns.ballots import Reading
from kit.patterns.calibrating import calibrate, item
from kit.patterns.calibration import (
    LEAST,
    MOST,
    Record,
    classes,
    curve,
    expected,
    read,
    report,
    shrunk,
    weight,
)
from kit.patterns.plan import Member
from kit.patterns.play import play

# --- the arithmetic -------------------------------------------------------------------------------


def test_a_weight_is_the_log_odds_within_bounds():
    assert shrunk(0, 0) == 0.5
    assert shrunk(8, 8) == 0.9
    assert weight(0.75, 2) == pytest.approx(log(3))
    assert weight(0.5, 4) == pytest.approx(log(3))
    assert (weight(0.1, 2), weight(0.999, 10)) == (LEAST, MOST)


def test_how_many_answers_there_are():
    assert classes(["A", "B", "A", "C"]) == 3
    assert classes(["A"]) == 2
    assert classes(map(str, range(500))) == 10
    assert classes(["A", "B"], choices=4) == 4


def test_neighbours_that_contradict_each_other_are_pooled():
    votes = [(0.4, False)] * 8 + [(0.6, True)] * 6 + [(0.6, False)] * 2
    votes += [(0.8, True)] * 4 + [(0.8, False)] * 4 + [(1.0, True)] * 18
    assert curve(votes) == ((0.4, 0.1), (0.6, round(11 / 18, 4)), (1.0, 0.95))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.25, 0.5, 0.75, 1.0]), st.booleans()), max_size=60))
def test_a_curve_never_falls_and_is_never_sure(votes):
    points = curve(votes)
    rates = [rate for _, rate in points]
    assert rates == sorted(set(rates))
    assert [low for low, _ in points] == sorted({low for low, _ in points})
    assert all(0 < rate < 1 for rate in rates)
    assert bool(points) == bool(votes)


def test_what_is_expected_of_an_agreement():
    known = ((0.4, 0.2), (0.7, 0.6), (1.0, 0.9))
    assert [expected(known, at) for at in (0.1, 0.4, 0.69, 0.7, 0.99, 1.0)] == [
        0.2, 0.2, 0.2, 0.6, 0.6, 0.9,
    ]  # fmt: skip
    assert expected((), 1.0) is None


def test_a_calibration_survives_its_file():
    records = {"a": Record(8, 8), "b": Record(4, 8)}
    written = json.loads(json.dumps(report(records, [(1.0, True), (0.5, False)], 2)))
    found = read(written)
    assert found.weights == {"a": pytest.approx(log(9), abs=1e-4), "b": LEAST}
    assert found.curve == ((0.5, 0.3333), (1.0, 0.6667))


@pytest.mark.parametrize(
    "given",
    [{}, [], None, {"calibration": 2}, {"calibration": 1, "members": {}},
     {"calibration": 1, "members": {"a": {"weight": "x"}}, "curve": []},
     {"calibration": 1, "members": {"a": {"weight": 99}}, "curve": []}],
)  # fmt: skip
def test_what_is_no_calibration_is_refused(given):
    with pytest.raises(UsageError):
        read(given)


# --- asking for it --------------------------------------------------------------------------------
def request(profile: str, prompt: str) -> Request:
    return Request((Message("user", (Text(prompt),)),), profile=profile)


def learned(labels, members, *replies, reading=None, at_once=1):
    reading = reading or Reading()
    items = [item(f"q{n}", label, reading) for n, label in enumerate(labels)]
    return play(calibrate(items, members, request, reading, at_once), *replies)


def test_each_member_is_asked_each_item():
    outcome, calls, _ = learned(
        [4, "9"], [Member("a"), Member("b")], "ANSWER: 4", "ANSWER: 5", "It is 9", "ANSWER: 9.0"
    )
    asked = [(call.request.profile, call.request.messages[0].text) for call in calls]
    assert asked == [("a", "q0"), ("b", "q0"), ("a", "q1"), ("b", "q1")]
    assert json.loads(outcome.answer) == outcome.detail
    members = outcome.detail["members"]
    assert (members["a"]["right"], members["a"]["valid"]) == (2, 2)
    assert (members["b"]["right"], members["b"]["valid"]) == (1, 2)
    assert members["a"]["accuracy"] == 0.75
    assert members["a"]["weight"] > members["b"]["weight"] == LEAST
    assert outcome.detail["classes"] == 2
    assert [rate for _, rate in read(outcome.detail).curve] == [0.75]


def test_a_count_asks_a_member_so_often():
    _, calls, _ = learned(["x"], [Member("a", 3)], *["ANSWER: x"] * 3)
    assert len(calls) == 3


def test_never_more_calls_are_open_than_allowed():
    outcome, calls, _ = learned(["x"] * 10, [Member("a")], *["ANSWER: x"] * 10, at_once=4)
    assert (len(calls), outcome.detail["members"]["a"]["right"]) == (10, 10)


def test_what_is_no_answer_counts_neither_way():
    outcome, _, events = learned(["x"] * 3, [Member("a")], "ANSWER: x", "", UnavailableError("503"))
    assert outcome.detail["members"]["a"]["valid"] == 1
    assert outcome.error is None
    assert [event.text for event in events] == ["a: 503"]


def test_a_member_that_is_refused_is_asked_no_more():
    outcome, calls, _ = learned(
        ["x"] * 3, [Member("a"), Member("b")], AuthError("key"), *["ANSWER: x"] * 3
    )
    assert [call.request.profile for call in calls] == ["a", "b", "b", "b"]
    assert list(outcome.detail["members"]) == ["b"]


def test_nothing_learnt_is_an_error():
    outcome, _, _ = learned(["x"], [Member("a")], AuthError("key"))
    assert (outcome.answer, type(outcome.error)) == ("", AuthError)
    outcome, _, _ = learned(["x"], [Member("a")], " ")
    assert isinstance(outcome.error, UnmetError)


def test_a_limit_ends_it_with_what_was_learnt():
    outcome, calls, _ = learned(["x"] * 5, [Member("a")], "ANSWER: x", BudgetError("enough"))
    assert isinstance(outcome.error, BudgetError)
    assert (len(calls), outcome.detail["members"]["a"]["valid"]) == (2, 1)


def test_labels_are_read_as_replies_are():
    assert item("q", "1,000", Reading()).kind == "number"
    assert item("q", True, Reading("bool")).label.key == "yes"
    assert item("q", "B", Reading("choice", ("red", "blue"))).label.key == "blue"
    assert item("q", "the Bard", Reading()).kind == "line"
    with pytest.raises(ValueError, match="green"):
        item("q", "green", Reading("choice", ("red", "blue")))
