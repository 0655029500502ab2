"""The refine pattern, played: which draft is kept, when it stops, what a revision is told."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kit.errors import (
    AuthError,
    BudgetError,
    RejectedError,
    StoppedError,
    UnavailableError,
    UnmetError,
)
from kit.events import (
    Checked,
    Compared,
    Drafted,
    Judged,
    Message,
    Noted,
    Replied,
    Request,
    Scored,
    Text,
)
from kit.patterns.play import Given, play
from kit.patterns.refine import refine
from kit.patterns.refining.rubric import BUILT_IN, Criterion
from kit.patterns.refining.terms import Terms
from kit.patterns.steps import Outcome

TASK = Request((Message("user", (Text("Write a haiku on rust."),)),), profile="m")
ONE = (Criterion("good", "Is it good?"),)
JUDGED = Terms(rubric=ONE, duel=False)
CHECKED = Terms(checks=("grep rust",), rounds=5, patience=2)


def mark(score: float, critique: str = "more rust") -> str:
    """A judgement from 1 to 5 of the one criterion."""
    rating = {"evidence": "…", "score": score}
    return json.dumps({"criteria": {"good": rating}, "critique": critique})


def of_ten(score: float) -> str:
    return json.dumps({"score": score})


def fails(output: str) -> Checked:
    return Checked("", "grep rust", False, 1, output)


def held(terms: Terms, *replies: Given, checks=()) -> Outcome:
    return play(refine(TASK, terms), *replies, checks=checks)[0]


def said(call) -> str:
    return call.request.messages[-1].text


# --- which draft is kept --------------------------------------------------------------------------
def test_case_20_the_draft_that_reaches_the_target_is_the_answer():
    terms = Terms(rubric=BUILT_IN, duel=False)
    replies = ("one", of_ten(5), "two", of_ten(7), "three", of_ten(9.5))
    outcome, calls, _ = play(refine(TASK, terms), *replies)
    assert (outcome.answer, outcome.error) == ("three", None)
    assert {name: outcome.detail[name] for name in ("score", "rounds", "scores", "best_round")} == {
        "score": 0.95, "rounds": 2, "scores": [0.5, 0.7, 0.95], "best_round": 2,
    }  # fmt: skip
    assert outcome.detail["stopped"] == "target"
    assert len(calls) == 6


def test_case_21_the_best_draft_is_the_answer_and_not_the_last():
    scores = [of_ten(8), of_ten(2), of_ten(2), of_ten(2), of_ten(2)]
    replies = [text for pair in zip("abcde", scores, strict=True) for text in pair]
    outcome = held(replace(JUDGED, patience=2, rounds=4), *replies)
    assert outcome.answer == "a"
    assert (outcome.detail["stopped"], outcome.detail["rounds"]) == ("plateau", 2)
    assert (outcome.detail["score"], outcome.detail["best_round"]) == (0.8, 0)
    assert isinstance(outcome.error, UnmetError)
    assert "scores 0.80, below the target 0.9" in outcome.error.message


@pytest.mark.parametrize("lost", ["excellent", "", "11/10", '{"score": 11}', UnavailableError("x")])
def test_case_22_a_judgement_that_cannot_be_read_never_loses_a_draft(lost: Given):
    again = () if isinstance(lost, UnavailableError) else (lost,)
    outcome = held(JUDGED, "one", of_ten(8), "two", lost, *again)
    assert (outcome.answer, outcome.detail["score"]) == ("one", 0.8)
    assert outcome.detail["scores"] == [0.8, None]
    outcome = held(replace(JUDGED, rounds=0), "one", lost, *again)
    assert (outcome.answer, outcome.detail["score"]) == ("one", None)
    assert isinstance(outcome.error, UnmetError)


def test_a_draft_with_a_score_beats_one_that_nobody_could_judge():
    outcome = held(JUDGED, "one", UnavailableError("x"), "two", mark(5))
    assert (outcome.answer, outcome.detail["scores"]) == ("two", [None, 1.0])


def test_a_draft_that_passes_beats_one_that_a_judge_likes():
    terms = replace(JUDGED, checks=("grep rust",), rounds=2, patience=2, target=1.0)
    outcome = held(
        terms, "a", "rust b", mark(2), "rust c", mark(4), checks=[fails("0.9"), True, True]
    )
    assert outcome.answer == "rust c"
    assert [draft["passed"] for draft in outcome.detail["drafts"]] == [False, True, True]


def test_a_judge_is_asked_only_for_what_passes():
    terms = replace(JUDGED, checks=("grep rust",), rounds=1)
    _, calls, _ = play(refine(TASK, terms), "a", "rust b", mark(5), checks=[False, True])
    assert len(calls) == 3


def test_more_tests_that_pass_make_a_better_draft():
    counts = [
        "1 passed, 3 failed",
        "2 passed, 2 failed",
        "1 passed, 3 failed",
        "2 passed, 2 failed",
    ]
    checks = [fails(count) for count in counts]
    outcome = held(CHECKED, "a", "b", "c", "d", checks=checks)
    assert outcome.answer == "b"
    assert outcome.detail["scores"] == [0.25, 0.5, 0.25, 0.5]
    assert (outcome.detail["stopped"], outcome.detail["score"]) == ("plateau", 0.5)
    assert "no draft passes grep rust" in str(outcome.error)


def test_the_first_that_passes_the_check_ends_it():
    outcome = held(CHECKED, "a", "b", checks=[False, True])
    assert (outcome.answer, outcome.error, outcome.detail["stopped"]) == ("b", None, "check")


def test_a_check_that_passes_with_a_low_score_is_not_enough():
    low = Checked("", "grep rust", True, 0, "score: 0.5")
    outcome, calls, _ = play(refine(TASK, CHECKED), "a", "b", checks=[low, True])
    assert outcome.answer == "b"
    assert "passes with a score of only 0.50 this check: grep rust" in said(calls[1])


def test_the_code_block_that_a_reply_opens_with_is_tried_where_all_of_it_fails():
    reply = "Sure!\n\n```python\nrust = 1\n```\nIt is short."
    outcome, _, events = play(refine(TASK, CHECKED), reply, checks=[False, True])
    assert outcome.answer == "rust = 1"
    assert [event.text for event in events if isinstance(event, Drafted)] == ["rust = 1"]
    outcome = held(CHECKED, reply, checks=[True])
    assert outcome.answer == reply


def test_a_code_block_that_fares_no_better_leaves_the_reply_whole():
    reply = "```python\niron\n```\nIt is short."
    terms = replace(CHECKED, rounds=0)
    assert held(terms, reply, checks=[False, False]).answer == reply


def test_a_block_that_was_closed_is_whole_though_the_talk_after_it_was_cut():
    message = Message("assistant", (Text("```\nrust\n```\nThis is"),))
    cut = Replied(message=message, finish="length")
    outcome = held(CHECKED, cut, checks=[False, True])
    assert (outcome.answer, outcome.error) == ("rust", None)


def test_a_fence_around_all_of_it_is_no_part_of_what_is_checked():
    assert held(CHECKED, "```\nrust\n```", checks=[True]).answer == "rust"
    assert held(JUDGED, "```\nrust\n```", mark(5)).answer == "```\nrust\n```"


def test_the_schema_is_a_gate_and_its_faults_are_the_critique():
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
    terms = Terms(schema=schema, rounds=3, patience=2)
    outcome, calls, _ = play(refine(TASK, terms), "none", '{"a": "x"}', '```\n{"a":1}\n```')
    assert (outcome.answer, outcome.detail["stopped"]) == ('{"a": 1}', "check")
    assert outcome.detail["scores"] == [0.0, 0.5, 1.0]
    assert "the reply holds no JSON" in said(calls[1])
    assert "$.a: 'x' is not of type 'integer'" in said(calls[2])


def test_the_best_of_several_drafts_is_the_one_that_is_revised():
    terms = replace(JUDGED, drafts=3, rounds=1)
    replies = ("a", "b", "c", mark(2), mark(4), mark(3), "d", mark(5))
    outcome, calls, events = play(refine(TASK, terms), *replies)
    assert calls[6].request.messages[1] == Message("assistant", (Text("b"),))
    assert outcome.answer == "d"
    assert outcome.detail["scores"] == [0.8, 1.0]
    drafts = [event for event in events if isinstance(event, Drafted)]
    assert [(each.draft, each.round, each.revises) for each in drafts] == [
        (1, 0, 0), (2, 0, 0), (3, 0, 0), (4, 1, 2),
    ]  # fmt: skip


def test_equal_first_drafts_are_judged_once():
    outcome, calls, _ = play(refine(TASK, replace(JUDGED, drafts=3)), "a", "a ", "a\n", mark(5))
    assert (outcome.answer, len(calls)) == ("a", 4)


def test_a_text_that_is_there_already_is_the_first_draft():
    outcome, calls, _ = play(refine(TASK, replace(JUDGED, draft="old")), mark(3), "new", mark(5))
    assert (outcome.answer, outcome.detail["rounds"], len(calls)) == ("new", 1, 3)
    outcome, calls, _ = play(refine(TASK, replace(CHECKED, draft="old")), checks=[True])
    assert (outcome.answer, calls) == ("old", [])


# --- when it stops --------------------------------------------------------------------------------
def test_a_first_draft_that_is_good_enough_is_not_revised():
    outcome, calls, _ = play(refine(TASK, JUDGED), "a", mark(5))
    assert (outcome.detail["stopped"], outcome.detail["rounds"], len(calls)) == ("target", 0, 2)


def test_a_gain_too_small_to_mean_anything_is_none():
    terms = replace(JUDGED, rounds=3)
    outcome = held(terms, "a", of_ten(7), "b", of_ten(7.1))
    assert (outcome.answer, outcome.detail["stopped"]) == ("a", "plateau")


@pytest.mark.parametrize("words", ["NO_CHANGES", "No changes.", "**no changes needed**"])
def test_it_stops_when_the_writer_has_nothing_to_change(words: str):
    outcome = held(JUDGED, "a", mark(4), words)
    assert (outcome.answer, outcome.detail["stopped"]) == ("a", "unchanged")


def test_it_stops_when_the_judge_has_nothing_to_change():
    outcome, calls, _ = play(refine(TASK, JUDGED), "a", mark(4, "NO_CHANGES"))
    assert (outcome.detail["stopped"], len(calls)) == ("unchanged", 2)
    assert isinstance(outcome.error, UnmetError)


def test_it_stops_at_a_draft_that_was_there_before():
    outcome, calls, _ = play(refine(TASK, CHECKED), "a", "b", "a  ", checks=[False, False])
    assert (outcome.detail["stopped"], outcome.detail["rounds"]) == ("identical", 1)
    assert len(calls) == 3


def test_it_stops_when_the_rounds_are_used_up():
    outcome = held(replace(JUDGED, rounds=1), "a", mark(1), "b", mark(3))
    assert (outcome.answer, outcome.detail["stopped"]) == ("b", "rounds")
    assert isinstance(outcome.error, UnmetError)


@pytest.mark.parametrize("at", range(8))
def test_a_limit_at_any_call_keeps_the_best_so_far(at: int):
    """Of drafts 0.4, 0.6, 1.0 and a duel in two calls."""
    replies: list[Given] = ["a", mark(2), "b", mark(3), "c", mark(5), "ANSWER: B", "ANSWER: A"]
    replies[at:] = [BudgetError("enough")] * 4
    outcome = held(replace(JUDGED, duel=True), *replies)
    assert outcome.answer == ["", "a", "a", "a", "b", "b", "c", "c"][at]
    assert isinstance(outcome.error, BudgetError)
    assert outcome.detail["stopped"] == "budget"


def test_a_target_that_was_reached_is_reached_whatever_the_limit_says():
    outcome = held(replace(JUDGED, judges=3), "a", mark(5), mark(5), BudgetError("enough"))
    assert (outcome.detail["stopped"], outcome.error) == ("target", None)


def test_a_signal_keeps_the_best_so_far():
    outcome = held(JUDGED, "a", mark(2), StoppedError("interrupted", signal=2))
    assert (outcome.answer, outcome.detail["stopped"]) == ("a", "cancelled")
    assert isinstance(outcome.error, StoppedError)


def test_a_revision_that_fails_ends_it_with_the_best_and_the_reason():
    outcome = held(JUDGED, "a", mark(2), UnavailableError("503"))
    assert (outcome.answer, outcome.detail["stopped"]) == ("a", "error")
    assert isinstance(outcome.error, UnavailableError)


def test_a_first_draft_that_fails_is_an_error_with_no_answer():
    outcome = held(JUDGED, AuthError("no key"))
    assert (outcome.answer, outcome.detail["score"]) == ("", None)
    assert isinstance(outcome.error, AuthError)


def test_a_draft_that_was_cut_loses_against_one_that_was_not():
    short = Replied(message=Message("assistant", (Text("a, and th"),)), finish="length")
    outcome, calls, _ = play(refine(TASK, JUDGED), short, "b", mark(5))
    assert (outcome.answer, outcome.error) == ("b", None)
    assert "It is not whole: the answer was cut at the limit of tokens." in said(calls[1])
    outcome = held(replace(JUDGED, rounds=1), "a", mark(3), short)
    assert (outcome.answer, outcome.detail["drafts"][1]["fault"]) == (
        "a", "the answer was cut at the limit of tokens",
    )  # fmt: skip


# --- what a revision is told ----------------------------------------------------------------------
def test_a_revision_sees_the_best_draft_its_failures_and_the_ideas_that_failed():
    long = "first line\n" + "x" * 9000 + "\nNameError: rust"
    checks = [fails(long), fails("SyntaxError: no")]
    _, calls, _ = play(refine(TASK, CHECKED), "a = 1", "a = 2", "c", checks=[*checks, True])
    third = calls[2].request
    assert third.messages[:2] == (*TASK.messages, Message("assistant", (Text("a = 1"),)))
    words = third.messages[2].text
    assert "fails this check: grep rust\n<output>\nfirst line\nxxx" in words
    assert "xxx\nNameError: rust\n</output>" in words
    assert "characters left out" in words
    assert len(words) < 6000
    assert "- a = 2 → SyntaxError: no" in words
    assert "NO_CHANGES" not in words  # there is something to mend


def test_a_revision_sees_the_critique_of_the_best_draft_and_not_of_the_last():
    terms = replace(JUDGED, patience=2, rounds=2)
    replies = ("a", mark(3, "rhyme less"), "b", mark(2, "rhyme more"), "c", mark(5))
    _, calls, _ = play(refine(TASK, terms), *replies)
    words = said(calls[4])
    assert calls[4].request.messages[1] == Message("assistant", (Text("a"),))
    assert "<critique>\nrhyme less\n</critique>" in words
    assert "- b → scored 0.40: rhyme more" in words
    assert "reply NO_CHANGES" in words


def test_what_was_asked_of_the_writer_stays():
    system = Message("system", (Text("Be terse."),))
    request = replace(TASK, messages=(system, *TASK.messages), temperature=0.3, max_tokens=9)
    _, calls, _ = play(refine(request, JUDGED), "a", mark(3), "b", mark(5))
    revised, judged = calls[2].request, calls[1].request
    assert revised.messages[0] == system
    assert (revised.temperature, revised.max_tokens) == (0.3, 9)
    assert [message.role for message in judged.messages] == ["user"]
    assert "<task>\nBe terse.\n\nWrite a haiku on rust.\n</task>" in judged.messages[0].text
    assert (judged.temperature, judged.max_tokens, judged.profile) == (0.0, None, "m")


# --- the judges -----------------------------------------------------------------------------------
def test_the_mean_of_several_judgements_counts_and_all_are_started_at_once():
    terms = replace(JUDGED, judges=3, rounds=0)
    outcome, calls, events = play(
        refine(TASK, terms), "a", mark(2, "x"), mark(4, "y"), mark(3, "x")
    )
    assert outcome.detail["score"] == 0.6
    scored = [event for event in events if isinstance(event, Scored)]
    assert [(each.score, each.critique) for each in scored] == [(pytest.approx(0.6), "x\n\ny")]
    assert {call.request.temperature for call in calls[1:]} == {None}
    assert [event.score for event in events if isinstance(event, Judged)] == [0.4, 0.8, 0.6]


def test_an_unreadable_judgement_is_repaired_once():
    outcome, calls, events = play(refine(TASK, JUDGED), "a", "I like it", mark(5))
    assert outcome.detail["score"] == 1.0
    judged = [event for event in events if isinstance(event, Judged)]
    assert [(each.call, each.score) for each in judged] == [("2", None), ("3", 1.0)]
    assert judged[0].reason == "it is not the JSON that was asked for"
    again = calls[2].request.messages
    assert [message.role for message in again] == ["user", "assistant", "user"]
    assert again[2].text.startswith("That is no judgement: it is not the JSON that was asked for.")


def test_only_the_judgement_that_cannot_be_read_is_asked_for_again():
    terms = replace(JUDGED, judges=3, rounds=0)
    replies = ("a", mark(5), "well", mark(5), "still no JSON")
    outcome, calls, _ = play(refine(TASK, terms), *replies)
    assert (outcome.detail["score"], len(calls)) == (1.0, 5)


def test_a_judge_that_takes_no_temperature_and_no_schema_is_asked_without():
    refused = RejectedError("temperature is not supported", http_status=400)
    _, calls, _ = play(refine(TASK, JUDGED), "a", refused, mark(3), "b", mark(5))
    first, second, later = (calls[at].request for at in (1, 2, 4))
    assert (first.temperature, first.schema is None) == (0.0, False)
    assert (second.temperature, second.schema) == (None, None)
    assert (later.temperature, later.schema) == (None, None)


def test_a_judge_that_cannot_be_asked_gives_way_to_the_next():
    judges = (Request((), profile="j"), Request((), profile="m"))
    terms = replace(JUDGED, judge=judges)
    replies = ("a", AuthError("no key"), mark(3), "b", mark(5))
    outcome, calls, events = play(refine(TASK, terms), *replies)
    assert outcome.answer == "b"
    assert [call.request.profile for call in calls] == ["m", "j", "m", "m", "m"]
    assert [event.text for event in events if isinstance(event, Noted)] == [
        "the judge cannot be asked: no key; m judges instead"
    ]


def test_without_any_judge_the_draft_is_printed_and_nothing_is_paid_for_in_vain():
    outcome, calls, _ = play(refine(TASK, JUDGED), "a", AuthError("no key"))
    assert (outcome.answer, outcome.detail["stopped"], len(calls)) == ("a", "judge", 2)
    assert "no judge gave the draft a score" in str(outcome.error)


# --- the duel -------------------------------------------------------------------------------------
DUEL = replace(JUDGED, duel=True)


def test_a_revision_that_a_judge_prefers_must_win_in_both_orders():
    replies = ("a", mark(3), "b", mark(5), "ANSWER: B", "ANSWER: A")
    outcome, calls, events = play(refine(TASK, DUEL), *replies)
    assert (outcome.answer, outcome.detail["duel"], outcome.error) == ("b", True, None)
    assert [event for event in events if isinstance(event, Compared)] == [
        Compared("5", 1, 2, 2), Compared("6", 2, 1, 2),
    ]  # fmt: skip
    assert "<draft_A>\na\n</draft_A>\n\n<draft_B>\nb\n</draft_B>" in said(calls[4])
    assert "<draft_A>\nb\n</draft_A>\n\n<draft_B>\na\n</draft_B>" in said(calls[5])


@pytest.mark.parametrize(
    "duel", [("ANSWER: A",), ("ANSWER: C",), ("both",), (UnavailableError("x"),),
             ("ANSWER: B", "ANSWER: B"), ("ANSWER: B", "")],
)  # fmt: skip
def test_a_duel_that_is_not_won_twice_leaves_the_first_draft(duel: tuple[Given, ...]):
    outcome, calls, _ = play(refine(TASK, DUEL), "a", mark(3), "b", mark(5), *duel)
    assert (outcome.answer, outcome.detail["duel"]) == ("a", False)
    assert (outcome.detail["stopped"], len(calls)) == ("duel", 4 + len(duel))
    assert "(its revision did not win against it)" in str(outcome.error)


def test_there_is_no_duel_where_a_check_told_the_drafts_apart():
    terms = replace(DUEL, checks=("grep rust",))
    outcome = held(terms, "a", "b", mark(5), checks=[False, True])
    assert (outcome.answer, outcome.detail["duel"]) == ("b", None)


def test_there_is_no_duel_for_the_first_draft():
    assert held(DUEL, "a", mark(3), "b", mark(2)).detail["duel"] is None


# --- the record -----------------------------------------------------------------------------------
def test_every_draft_every_judgement_and_every_score_is_an_event():
    _, _, events = play(refine(TASK, JUDGED), "a", mark(3, "x"), "b", mark(5, "y"))
    assert events == [
        Drafted("1", 1, 0, 0, "a"),
        Judged("2", 1, 0.6, "x"),
        Scored("1", 1, 0, 0.6, True, True, "x"),
        Drafted("3", 2, 1, 1, "b"),
        Judged("4", 2, 1.0, "y"),
        Scored("3", 2, 1, 1.0, True, True, "y"),
    ]


def test_the_same_replies_make_the_same_run():
    def told():
        replies = ("a", mark(2), "b", mark(3), "c", mark(5), "ANSWER: B", "ANSWER: A")
        outcome, calls, events = play(refine(TASK, DUEL), *replies)
        return outcome, [call.request for call in calls], events

    assert told() == told()
