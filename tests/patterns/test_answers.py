from __future__ import annotations

import golden_answers as golden
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import UsageError
from kit.patterns.answers import KINDS, Vote, auto, instruction, read, read_choice
from kit.patterns.marks import bare
from kit.patterns.numbers import number, shown


def seen(reply: str, kind: str, options: tuple[str, ...] = ()) -> str | None:
    vote = read(reply, kind, options)
    return vote.shown if vote else None


def ids(reply: object) -> str | None:
    return reply[:40] if isinstance(reply, str) else None


@pytest.mark.parametrize(("reply", "expected"), golden.NUMBER, ids=ids)
def test_a_number_is_read_out_of_a_messy_reply(reply, expected):
    assert seen(reply, "number") == expected


@pytest.mark.parametrize(("reply", "expected"), golden.CHOICE, ids=ids)
def test_a_letter_is_read_out_of_a_messy_reply(reply, expected):
    assert seen(reply, "choice") == expected


@pytest.mark.parametrize(("reply", "expected"), golden.CITY, ids=ids)
def test_an_option_is_known_by_its_words_or_its_letter(reply, expected):
    assert seen(reply, "choice", golden.CITIES) == expected


@pytest.mark.parametrize(("reply", "expected"), golden.BOOL, ids=ids)
def test_yes_or_no_is_read_out_of_a_messy_reply(reply, expected):
    assert seen(reply, "bool") == expected


@pytest.mark.parametrize(("reply", "expected"), golden.DATE, ids=ids)
def test_a_date_is_read_in_explicit_forms_only(reply, expected):
    assert seen(reply, "date") == expected


@pytest.mark.parametrize(("reply", "expected"), golden.JSON, ids=ids)
def test_json_is_compared_in_one_canonical_form(reply, expected):
    assert seen(reply, "json") == expected


@pytest.mark.parametrize(("reply", "expected"), golden.TEXT, ids=ids)
def test_text_is_compared_without_case_articles_and_punctuation(reply, expected):
    vote = read(reply, "text")
    assert (vote.key if vote else None) == expected


@pytest.mark.parametrize(("reply", "expected"), golden.LINE, ids=ids)
def test_a_line_is_the_marked_or_the_last_one(reply, expected):
    assert seen(reply, "line") == expected


@pytest.mark.parametrize(("pattern", "reply", "expected"), golden.REGEX)
def test_a_pattern_votes_with_its_last_match(pattern, reply, expected):
    assert seen(reply, f"regex:{pattern}") == expected


@pytest.mark.parametrize(("reply", "kind", "path", "expected"), golden.FIELD)
def test_a_field_of_the_json_votes(reply, kind, path, expected):
    vote = read(reply, kind, golden.CITIES if kind == "choice" else (), path)
    assert (vote.shown if vote else None) == expected


@pytest.mark.parametrize(("replies", "kind"), golden.AUTO)
def test_the_kind_is_the_one_that_reads_all_first_replies(replies, kind):
    assert auto(replies) == kind


def test_the_corpus_is_as_large_as_it_claims():
    cases = [case for name in vars(golden) if name.isupper() for case in vars(golden)[name]]
    assert len(cases) > 300


def test_yes_and_true_are_one_vote_shown_in_the_words_of_the_first():
    assert read("ANSWER: yes", "bool") == Vote("yes", "yes")
    assert read("ANSWER: true", "bool") == Vote("yes", "true")


def test_equal_numbers_are_one_vote_however_written():
    written = ["1.5", "3/2", "1 1/2", "\\frac{3}{2}", "1,5", "1½", "15e-1", "1.50 kg", "$1.50"]
    assert {read(f"ANSWER: {text}", "number") for text in written} == {Vote("1.5", "1.5")}


def test_shuffled_options_vote_for_the_option_and_not_for_the_letter():
    first = read_choice("ANSWER: A", ("Paris", "London"))
    second = read_choice("ANSWER: B", ("London", "Paris"))
    assert first == second == Vote("Paris", "Paris")


def test_an_unknown_kind_is_the_users_mistake():
    with pytest.raises(UsageError, match="no kind of answer 'numbr'"):
        read("42", "numbr")


@pytest.mark.parametrize("pattern", ["", "(", "*"])
def test_a_pattern_that_cannot_match_is_the_users_mistake(pattern):
    with pytest.raises(UsageError):
        read("42", f"regex:{pattern}")


def test_the_instruction_is_one_short_line_where_a_mark_helps():
    asked = {kind: instruction(kind) for kind in KINDS}
    assert asked["number"] == "End your reply with a line of the form\nANSWER: <the number>"
    assert {kind for kind, text in asked.items() if not text} == {"text", "json", "line"}
    assert instruction("regex:x") == ""
    assert instruction("choice", ("yes", "no")).endswith("ANSWER: <one of: yes, no>")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if instruction(kind)])
def test_an_instruction_that_is_only_repeated_is_no_vote(kind):
    assert read(instruction(kind), kind) is None or kind == "auto"


@given(st.fractions(max_denominator=10**6))
def test_a_shown_number_reads_back_as_itself(value):
    assert number(shown(value)) == value


@given(st.text(max_size=60), st.sampled_from([*KINDS, "regex:a+"]))
def test_no_reply_breaks_a_reader(reply, kind):
    for text in (reply, f"ANSWER: {reply}", f"\\boxed{{{reply}}}"):
        vote = read(text, kind)
        assert vote is None or vote.key


HOSTILE = ["\n", " ", "*", "# ", "<answer>", "</answer><answer>", "\\boxed{", "{", "[", "(", "`"]
HOSTILE += [
    "```json\n",
    "ANSWER",
    "ANSWER:",
    "answer is ",
    "1",
    "1 ",
    "1,",
    "1/",
    "1 Mar ",
    "-",
    "a (",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_huge_hostile_reply_is_read_like_any_other(piece):
    """Nothing here may take quadratic time: these would run for minutes."""
    for kind in KINDS:
        vote = read(piece * (200_000 // len(piece)), kind)
        assert vote is None or vote.key


@given(st.text(alphabet="*_`$\\{}()#>\"'. \nab7", max_size=40))
def test_bare_text_stays_bare(text):
    assert bare(bare(text)) == bare(text)
