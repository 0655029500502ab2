"""The sanitiser: whatever came in, nothing that a terminal obeys comes out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.cli.screen.sanitise import SWALLOW, Sanitiser, clean, visible

FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
nasty = st.lists(
    st.sampled_from(
        ["\x1b", "[", "]", "P", "\\", "\x07", "\x9b", "\x9c", "\x90", "\r", "\n", "\r\n", "\b",
         "31m", "0;title", "\x18", "\x1a", "\x7f", "\0", "text", "é", "漢", " ", "\t", "m", "(",
         "B", "\u202e"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


def cut(text: str, size: int) -> str:
    sanitiser = Sanitiser()
    parts = [sanitiser.feed(text[at : at + size]) for at in range(0, len(text), size)]
    return "".join([*parts, sanitiser.close()])


@given(nasty | st.text(), st.integers(1, 9))
def test_nothing_that_a_terminal_obeys_comes_out_however_the_text_is_cut(text, size):
    whole = clean(text)
    assert not FORBIDDEN.search(whole)
    assert cut(text, size) == whole


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_text_without_controls_is_left_alone(text):
    assert clean(text) == text


@pytest.mark.parametrize(
    "sequence",
    ["\x1b[31m", "\x1b[2J", "\x1b[?1049h", "\x9b31m", "\x1bc", "\x1b(B", "\x1b#8", "\x1bPq#0\x1b\\",
     "\x90payload\x9c", "\x1b_payload\x1b\\", "\x1b^payload\x07", "\x1bXpayload\x9c", "\b\b",
     "\x7f"],
)  # fmt: skip
def test_X01_ansi(sequence):
    assert clean(f"a{sequence}b") == "ab"
    assert cut(f"a{sequence}b", 1) == "ab"


@pytest.mark.parametrize("end", ["\x07", "\x1b\\", "\x9c"])
@pytest.mark.parametrize("start", ["\x1b]", "\x9d"])
def test_X02_osc52(start, end):
    attack = f"a{start}52;c;ZWNobyBwd25lZA=={end}b"
    assert {cut(attack, size) for size in range(1, len(attack) + 1)} == {"ab"}


def test_X03_osc8_link():
    assert clean("\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\") == "text"


def test_X04_cr_bs_overwrite():
    assert clean("rm -rf /\rls\b\b") == "rm -rf /\nls"
    assert cut("one\r\ntwo\rthree\n", 1) == clean("one\r\ntwo\rthree\n") == "one\ntwo\nthree\n"
    assert visible("rm -rf /\rls\b\b") == r"rm -rf /\rls\u{8}\u{8}"


def test_X05_bidi_zero_width_tag_chars():
    assert visible("a\u202eb\u200bc\U000e0041d\ne") == r"a\u{202e}b\u{200b}c\u{e0041}d\ne"
    assert visible("naïve 漢字 שלום 🚀") == "naïve 漢字 שלום 🚀"
    assert clean("שלום \u202e") == "שלום \u202e"  # the answer itself is not ours to change


@pytest.mark.parametrize("kind", ["0;title", "9;note", "777;notify;a;b"])
def test_X07_title_and_notification(kind):
    assert clean(f"a\x1b]{kind}\x07b") == "ab"


def test_an_unfinished_sequence_ends_at_the_newline():
    assert clean("a\x1b]52;c;never\nseen") == "a\nseen"


def test_an_unfinished_sequence_does_not_swallow_for_ever():
    text = "\x1b]" + "x" * (SWALLOW + 4)
    assert clean(text) == cut(text, 1000) == "xxxx"
    assert clean("\x1b[" + "1" * (SWALLOW + 4)) == "1111"


def test_close_forgets_what_was_open():
    sanitiser = Sanitiser()
    assert sanitiser.feed("a\x1b]0;") == "a"
    assert sanitiser.close() == ""
    assert sanitiser.feed("b") == "b"
