"""What is read out of judgements, of checks' outputs, of rubrics."""

from __future__ import annotations

import json

import pytest

from kit.errors import UsageError
from kit.events import Checked
from kit.patterns.refining.drafts import bare, opening_block, same
from kit.patterns.refining.judgement import Judgement, nothing_to_change, read
from kit.patterns.refining.rubric import BUILT_IN, Criterion, form, parse, sheet
from kit.patterns.refining.scores import figure, score
from kit.patterns.structure import Shape

TWO = (Criterion("true", weight=3), Criterion("short"))


def judged(true: object, short: object, **more: object) -> str:
    return json.dumps({"criteria": {"true": true, "short": short}, **more})


# --- judgements -----------------------------------------------------------------------------------
def test_the_weighted_mean_of_the_ratings_is_the_score():
    reply = judged({"evidence": "e", "score": 5}, {"score": 1}, critique=" cut it ")
    assert read(reply, TWO) == Judgement(0.8, "cut it")
    assert read(judged(5, 5), TWO) == Judgement(1.0)
    assert read(f"So:\n```json\n{reply}\n```\nThat is all.", TWO).score == 0.8


def test_ratings_may_be_a_list_with_names():
    ratings = [{"name": "Short ", "score": "5"}, {"criterion": "true", "score": 1}]
    assert read(json.dumps({"criteria": ratings}), TWO).score == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (judged(5, 6), "'short' has the rating 6, not one of 1-5"),
        (judged(5, 0), "'short' has the rating 0, not one of 1-5"),
        (judged(5, None), "'short' has no rating, not one of 1-5"),
        (judged(5, True), "'short' has no rating, not one of 1-5"),
        (judged(5, "NaN"), "'short' has no rating, not one of 1-5"),
        ('{"criteria": {"true": 5}}', "'short' has no rating, not one of 1-5"),
        ('{"critique": "fine"}', 'it has no "criteria"'),
        ('{"score": 11}', "its score is 11"),
        ('{"score": 1}', "its score is 1"),
        ('{"score": -0.1}', "its score is -0.1"),
        ('{"score": null}', "its score is None"),
        ("[1, 2]", "it is not the JSON that was asked for"),
        ("excellent", "it is not the JSON that was asked for"),
        ("", "it is not the JSON that was asked for"),
        ("11", "it is not the JSON that was asked for"),
        ("1", "it is not the JSON that was asked for"),
        ("11/10", "it is not the JSON that was asked for"),
        ("between 6/10 and 8/10", "it is not the JSON that was asked for"),
        ('{"score": 2} {"score": 9}', "it holds more than one JSON object"),
        ('{"criteria": ' + "[" * 100_000, "it is not the JSON that was asked for"),
    ],
)
def test_what_leaves_a_doubt_is_no_score_and_never_zero(reply: str, fault: str):
    found = read(reply, TWO)
    assert (found.score, found.fault) == (None, fault)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("8/10", 0.8),
        ("**Score:** 9 out of 10", 0.9),
        ("On a 0-10 scale: 9", 0.9),
        ("I give it 4/5, for its rhyme.", 0.8),
        ("5", 0.5),
        ("9.5", 0.95),
        ("**7**", 0.7),
        ('{"score": 9.5}', 0.95),
        ('{"score": 0.95, "feedback": "x"}', 0.95),
        ('{"score": "8/10"}', 0.8),
        ('{"score": 4, "out_of": 5}', 0.8),
        ('{"score": 0}', 0.0),
    ],
)
def test_case_22_one_plain_mark_is_understood(reply: str, expected: float):
    assert read(reply, BUILT_IN).score == pytest.approx(expected)


def test_a_date_or_a_path_is_no_mark():
    for reply in ("since 2026/01/02", "see a/1/2", "1/2/3"):
        assert read(reply, TWO).score is None


def test_no_changes_is_said_and_nothing_else():
    said = ["NO_CHANGES", " no changes.", "**NO CHANGES NEEDED**", "No changes are necessary!"]
    assert all(map(nothing_to_change, said))
    assert not any(map(nothing_to_change, ["", "no", "NO_CHANGES but one: rhyme", "changes"]))


# --- what a check tells ---------------------------------------------------------------------------
PYTEST = "tests/a.py F.. [100%]\n=== 1 failed, 3 passed, 2 skipped in 0.12s ==="
TAP = "TAP version 13\n1..4\nok 1 - a\nnot ok 2 - b\nok 3 # SKIP\nnot ok 4 # TODO later"
JUNIT = (
    '<?xml version="1.0"?><testsuites tests="5" failures="1" errors="1" skipped="1">'
    '<testsuite name="a" tests="5" failures="1" errors="1" skipped="1"></testsuite></testsuites>'
)
SUITES = '<testsuite tests="2" failures="1"/><testsuite tests="2" failures="0"/>'


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("0.75", 0.75),
        ("lots of words\n 1.0 \n", 1.0),
        ("score: 0.4", 0.4),
        ("Score = 1", 1.0),
        ("75 %", 0.75),
        ("62.5%", 0.625),
        ("3/4", 0.75),
        (PYTEST, 0.75),
        ("3 passed in 0.1s", 1.0),
        ("1 error in 0.05s", 0.0),
        ("test result: FAILED. 2 passed; 2 failed; 0 ignored; 0 measured", 0.5),
        ("Tests:       1 failed, 4 passed, 5 total\nTime: 2 s", 0.8),
        (TAP, 0.75),
        ("1..4\nok 1\nBail out!", 0.25),
        (JUNIT, 0.5),
        (SUITES, 0.75),
        ("..F\nRan 4 tests in 0.001s\n\nFAILED (failures=1, errors=1)", 0.5),
        ("....\nRan 4 tests in 0.001s\n\nOK", 1.0),
        ("", None),
        ("120", None),
        ("0", None),
        ("1.5", None),
        ("7/4", None),
        ("3/0", None),
        ("everything passed", None),
        ("0 passed, 0 failed", None),
    ],
)
def test_a_score_is_read_from_a_last_line_or_from_counts(output: str, expected: float | None):
    assert figure(output) == expected


def test_only_the_exit_code_passes():
    assert score(Checked(passed=True, code=0, output="")) == 1.0
    assert score(Checked(passed=False, code=1, output="")) == 0.0
    assert score(Checked(passed=True, code=0, output="0.3")) == 0.3
    assert score(Checked(passed=False, code=1, output="5 passed in 1s")) == 0.99


# --- rubrics --------------------------------------------------------------------------------------
def test_a_rubric_has_a_criterion_a_line():
    text = (
        "- Accuracy (3): every fact is right.\n    1: wrong; 5: right\ntone (weight 0.5): polite?"
    )
    assert parse(text) == (
        Criterion("accuracy", "every fact is right. 1: wrong; 5: right", 3.0),
        Criterion("tone", "polite?", 0.5),
    )
    assert sheet(parse(text)).splitlines()[1] == "- tone: polite?"


def test_a_rubric_in_plain_words_is_one_criterion():
    assert parse("Short, and\nwithout jargon.") == (
        Criterion("rubric", "Short, and without jargon."),
    )


@pytest.mark.parametrize("text", ["", " \n", "a: x\na: y", "a (0): x"])
def test_a_rubric_that_says_nothing_is_the_users_fault(text: str):
    with pytest.raises(UsageError):
        parse(text)


def test_the_form_of_a_judgement_is_a_schema_that_a_judgement_satisfies():
    rating = {"evidence": "e", "score": 3}
    whole = {"criteria": {each.name: rating for each in BUILT_IN}, "critique": "c"}
    assert Shape(form(BUILT_IN)).checked().faults(whole) == []
    assert read(json.dumps(whole), BUILT_IN) == Judgement(0.6, "c")


# --- drafts ---------------------------------------------------------------------------------------
def test_a_fence_around_the_whole_is_taken_off_and_no_other():
    assert bare("```python\na\n\nb\n```\n") == "a\n\nb"
    assert bare("~~~\na\n~~~") == "a"
    assert bare("```\n```") == ""
    for text in ("a\n```\nb\n```", "```\na\n```\n\n```\nb\n```", "```a```", "a"):
        assert bare(text) == text


def test_the_code_block_that_a_text_opens_with_is_found():
    assert opening_block("So:\n```py\na\n\nb\n```\nDone.") == "a\n\nb"
    assert opening_block("\n```\na\n```\nUse it so:\n```\nb\n```") == "a"
    assert opening_block("````\n```\na\n```\n````") == "```\na\n```"
    for text in ("no block, only `a`", "```a```", "```\na", "# Page\n\nWords.\n\n```\na\n```"):
        assert opening_block(text) is None


def test_texts_that_differ_in_blanks_at_the_ends_of_lines_are_the_same():
    assert same("a \nb\n", "a\nb")
    assert not same("a b", "ab")
