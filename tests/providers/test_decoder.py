"""From the bytes of a reply to its events: bursts, broken text, errors in between, odd bodies."""

from __future__ import annotations

import json

import pytest
from recordings import pieces

from kit.errors import IncompleteError, KitError, RejectedError, UnavailableError, UnusableError
from kit.events import Event, Message, ReasoningDelta, Replied, Text, TextDelta
from kit.providers.dialects.decoder import Decoder
from kit.providers.dialects.openai_chat import OpenAIChat

END = b'data: {"choices":[{"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n'


def said(content: str, field: str = "content") -> bytes:
    """One chunk of a stream; ``content`` stands in its JSON as it is."""
    return f'data: {{"choices":[{{"delta":{{"{field}":"{content}"}}}}]}}\n\n'.encode()


def decoded(*chunks: bytes) -> tuple[list[Event], Replied | KitError]:
    decoder = Decoder(OpenAIChat().reader())
    events: list[Event] = []
    try:
        for chunk in chunks:
            events.extend(decoder.feed(chunk))
        events.extend(decoder.rest())
        return events, decoder.close()
    except KitError as error:
        return events, error


def whole(text: str) -> Replied:
    return Replied(message=Message("assistant", (Text(text),)))


def test_deltas_that_arrive_together_come_as_one() -> None:
    burst = said("a") + said("b") + said("why", "reasoning") + said("c") + said("d")
    events, _ = decoded(burst, said("e") + END)
    assert events == [
        TextDelta(text="ab"),
        ReasoningDelta(text="why"),
        TextDelta(text="cd"),
        TextDelta(text="e"),
    ]


def test_a_character_that_is_cut_between_bytes_is_whole_again() -> None:
    events, end = decoded(*pieces(said("né 🔑") + END, "1"))
    assert (events, end) == ([TextDelta(text="né 🔑")], whole("né 🔑"))


def test_half_a_surrogate_pair_waits_for_its_other_half() -> None:
    events, end = decoded(said(r"a\ud83d"), said(r"\ude00b") + END)
    assert events == [TextDelta(text="a"), TextDelta(text="😀b")]
    assert end == whole("a😀b")


def test_lone_surrogates_become_the_replacement_character() -> None:
    events, end = decoded(said(r"\ude00a"), said(r"\ud83d"), said("b"), said(r"c\ud83d") + END)
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == "\ufffda\ufffdbc\ufffd"
    assert end == whole("\ufffda\ufffdbc\ufffd")


def test_bytes_that_are_no_utf8_become_the_replacement_character() -> None:
    events, _ = decoded(said("x").replace(b"x", b"x\xff") + END)
    assert events == [TextDelta(text="x\ufffd")]


def test_an_event_that_is_not_json_ends_the_reply_after_the_text_before_it() -> None:
    events, end = decoded(said("so far") + b'data: {"choices":\x1b[\n\n' + END)
    assert events == [TextDelta(text="so far")]
    assert isinstance(end, IncompleteError)
    assert end.message == 'the provider sent an event that is not JSON: {"choices": ['


@pytest.mark.parametrize("depth", [100_000])
def test_json_that_is_too_deep_is_no_crash(depth: int) -> None:
    assert isinstance(decoded(b"data: " + b"[" * depth + b"\n\n")[1], IncompleteError)


def test_json_that_is_no_object_is_passed_over() -> None:
    events, end = decoded(b"data: null\n\ndata: []\n\ndata: 7\n\n" + said("x") + END)
    assert (events, end) == ([TextDelta(text="x")], whole("x"))


def test_an_error_inside_the_stream_keeps_the_text_before_it() -> None:
    error = b'event: error\ndata: {"error":{"message":"boom","type":"server_error"}}\n\n'
    events, end = decoded(said("half") + error)
    assert events == [TextDelta(text="half")]
    assert isinstance(end, UnavailableError)
    assert end.message == "the provider failed: boom (502 server_error)"


def test_an_error_event_in_plain_words_is_shown() -> None:
    _, end = decoded(b"event: error\ndata: overloaded, sorry\n\n")
    assert isinstance(end, UnavailableError)
    assert "overloaded, sorry" in end.message


@pytest.mark.parametrize("tail", [b"data: [DONE]", b"data:[DONE] \n", b"data: [DONE]\r"])
def test_a_last_event_without_its_blank_line_still_says_done(tail: bytes) -> None:
    for cut in ("whole", "1"):
        assert decoded(*pieces(said("x") + tail, cut))[1] == whole("x")


def test_done_is_done_with_blanks_around_it() -> None:
    assert decoded(said("x") + b"event: data\ndata: [DONE] \n\n")[1] == whole("x")


def test_any_other_begun_event_at_the_end_is_a_cut_reply() -> None:
    events, end = decoded(said("x") + b'data: {"choices":[{"finish_reason":"stop"}]}')
    assert events == [TextDelta(text="x")]
    assert isinstance(end, IncompleteError)


@pytest.mark.parametrize("nothing", [b"", b"\n" * 9, b": ping\n\n" * 3])
def test_a_reply_without_an_event_is_empty(nothing: bytes) -> None:
    _, end = decoded(nothing)
    assert isinstance(end, UnusableError)
    assert end.message == "the provider sent an empty response"


def test_a_server_that_does_not_stream_is_read_all_the_same() -> None:
    body = {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]}
    for cut in ("whole", "1", "7"):
        events, end = decoded(*pieces(b"\n\n " + json.dumps(body).encode(), cut))
        assert (events, end) == ([TextDelta(text="hi")], whole("hi"))


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b'{"error":{"message":"boom","code":502}}', UnavailableError, "boom"),
        (b'[{"error":{"message":"bad key","code":400}}]', RejectedError, "bad key"),
        (b'{"hello":"world"}', UnusableError, "not a chat completion"),
        (b"<html><title>Sign in</title></html>", UnusableError, "a web page"),
        (b"[1]", UnusableError, "not an API response"),
        (b'{"choices":[{"mess', IncompleteError, "cut or is not JSON"),
    ],
)
def test_a_body_that_is_no_reply_is_an_error(body: bytes, kind: type[KitError], words: str) -> None:
    events, end = decoded(body)
    assert events == []
    assert type(end) is kind
    assert words in str(end)


def test_close_alone_reads_what_rest_would_have_shown() -> None:
    decoder = Decoder(OpenAIChat().reader())
    assert list(decoder.feed(b'{"choices":[{"message":{"content":"hi"}}]}')) == []
    assert decoder.close() == whole("hi")
