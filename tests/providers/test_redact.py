"""What is masked, what stays readable, and that a cut through a key does not save it."""

import base64
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.providers.credentials.redact import SHORTEST, Redactor

KEY = "sk-proj-abcDEF1234567890xyz/+"
OWN = Redactor([KEY, "pw123"])


@pytest.mark.parametrize(
    "text",
    [
        "max token limit exceeded",
        "sk-learn and scikit-learn, risk-averse",
        "the secret agent has a key, a token and a bearer of good news",
        "Authorization: the process of granting access",
        "the api-key: use the dashboard to make one",
        "hf_hub_download_some_file, fw_update_all_entries, pplx-70b-online",
        "https://host/v1?api-version=2024-10-21&page=12",
        "sk-folding-cube-container",
        "task-force-1234567890123456",
        "cookie: sweet and round",
    ],
)
def test_words_about_keys_stay_readable(text: str) -> None:
    assert OWN.clean(text) == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"key {KEY}, twice {KEY}", "key [redacted], twice [redacted]"),
        (f"?key={quote(KEY, safe='')}&x=1", "?key=[redacted]&x=1"),
        ("pw123!", "[redacted]!"),
        ("sk-or-v1-0123456789abcdef01", "[redacted]"),
        ("sk-ant-api03-abc_def-0123456789", "[redacted]"),
        ("'gsk_0123456789abcdefghij'", "'[redacted]'"),
        ("xai-0123456789abcdefghij", "[redacted]"),
        ("AIza" + "a1" * 17 + "z.", "[redacted]."),
        ("hf_0123456789abcdefghij", "[redacted]"),
        ("ghp_0123456789abcdefghij", "[redacted]"),
        ("github_pat_0123456789abcdefghij", "[redacted]"),
        ("AKIAABCDEFGHIJKLMNOP", "[redacted]"),
        ("csk-0123456789abcdefghij", "[redacted]"),
        ("pplx-0123456789abcdefghij", "[redacted]"),
        ("r8_0123456789abcdefghij", "[redacted]"),
        ("tgp_v1_0123456789abcdefghij", "[redacted]"),
        ("fw_0123456789abcdefghij", "[redacted]"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2ln", "[redacted]"),
        ("Bearer abcdefgh1", "Bearer [redacted]"),
        ("authorization: Basic 0123456789abcdefgh==", "authorization: Basic [redacted]"),
        ('{"x-api-key": "0123456789abcdef"}', '{"x-api-key": "[redacted]"}'),
        ("api-key=0123456789abcdef0123456789abcdef", "api-key=[redacted]"),
        ("Set-Cookie: sid=abcdefgh; path=/\nDate: x", "Set-Cookie: [redacted]\nDate: x"),
        ("https://h/v1?access_token=0123456789abcdef#x", "https://h/v1?access_token=[redacted]#x"),
    ],
)
def test_keys_are_masked_by_value_and_by_shape(text: str, clean: str) -> None:
    assert OWN.clean(text) == clean


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
def test_a_key_within_base64_is_masked_wherever_it_stands(before: str) -> None:
    coded = base64.b64encode(f"{before}{KEY}".encode()).decode()
    clean = OWN.clean(f"Basic {coded}")
    assert "[redacted]" in clean
    assert not any(coded[at : at + 8] in clean for at in range(len(before) * 2, len(coded) - 8))


@pytest.mark.parametrize("placeholder", ["lm-studio", "not-needed", "EMPTY", "ollama", "none", ""])
def test_a_placeholder_is_no_secret(placeholder: str) -> None:
    text = f"an answer about {placeholder} and more"
    assert Redactor([placeholder]).clean(text) == text


PIECES = st.sampled_from(
    [
        *("the ", "s", "sk-", "sk-learn ", KEY, f" {KEY[:9]} ", "pw12", "pw123 ", "?", "?key="),
        *(" Bearer ", "bear ", "abcdefgh1 ", " authorization: ", "0123456789abcdef0 ", "\n", "é"),
        *(" gsk_0123456789abcdefghij ", " cookie: a=", "eyJ", " eyJhbGciOiJI.eyJzdWIiOiIx.c2ln "),
    ]
)


@given(st.lists(PIECES, max_size=8), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_s04_a_stream_masks_no_less_than_the_whole(pieces: list[str], sizes: list[int]) -> None:
    text, stream, shown, at = "".join(pieces), OWN.stream(), "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        shown += stream.feed(text[at : at + size])
        at += size
    shown += stream.close()
    assert KEY not in shown
    assert "0123456789abcdefghij" not in shown
    if "[redacted]" not in OWN.clean(text):
        assert shown == text


def test_a_stream_holds_back_only_what_may_be_a_key() -> None:
    stream = OWN.stream()
    assert stream.feed("the quick brown fox jumps ") == "the quick brown fox jumps "
    assert stream.feed("over a ta") == "over a ta"
    assert stream.feed("sk-force") == "sk-force"
    assert stream.feed(" sk-pro") == " "
    assert stream.feed("ject") == ""
    assert stream.feed(" it") == "sk-project it"
    assert stream.close() == ""


@pytest.mark.parametrize("size", range(1, 16))
def test_a_key_without_a_shape_is_masked_however_it_is_cut(size: int) -> None:
    text, stream = "open x-hunter2hunter3, please", Redactor(["hunter2hunter3"]).stream()
    pieces = [stream.feed(text[at : at + size]) for at in range(0, len(text), size)]
    assert "".join([*pieces, stream.close()]) == "open x-[redacted], please"


@given(
    st.text("abcNWz09-_+/=", min_size=8, max_size=30),
    st.lists(st.integers(1, 40), min_size=1, max_size=9),
)
def test_a_key_whose_end_begins_another_form_of_it_is_masked(key: str, sizes: list[int]) -> None:
    """A key's last letter may be the first of its base64."""
    redactor = Redactor([key], shapes=False)
    text, stream, shown, at = f"your key is {key}", redactor.stream(), "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        shown += stream.feed(text[at : at + size])
        at += size
    assert shown + stream.close() == redactor.clean(text) == "your key is [redacted]"


def test_a_stream_of_one_endless_word_is_not_held_for_ever() -> None:
    stream = OWN.stream()
    assert len(stream.feed("cookie: a=" + "b" * 10_000)) > 0


@given(st.lists(PIECES, max_size=8), st.lists(st.integers(1, 9), min_size=1, max_size=9))
def test_s04_who_cannot_wait_gets_no_more_than_four_characters(
    pieces: list[str], sizes: list[int]
) -> None:
    text, stream, shown, at = "".join(pieces), OWN.stream(), "", 0
    while at < len(text):
        size = sizes[at % len(sizes)]
        shown += stream.feed(text[at : at + size])
        shown += stream.release()
        at += size
    shown += stream.close()
    assert KEY[4:] not in shown
    assert "0123456789abcdefghij" not in shown
    if "[redacted]" not in OWN.clean(text):
        assert shown == text


def test_what_was_released_is_not_given_twice() -> None:
    stream = OWN.stream()
    assert (stream.feed("a s"), stream.release(), stream.release()) == ("a ", "s", "")
    assert (stream.feed("k-"), stream.release()) == ("", "k-")
    assert (stream.feed("proj-abc"), stream.release()) == ("", "")
    assert stream.feed("DEF1234567890xyz/+!") == "[redacted]!"
    assert stream.feed("s") + stream.release() + stream.feed("et") + stream.close() == "set"


def test_the_shortest_key_that_has_a_shape_is_masked() -> None:
    """Shorter texts are not looked at."""
    assert OWN.clean("Bearer 1bcdefgh") == "Bearer [redacted]"
    assert len("Bearer 1bcdefgh") == SHORTEST
