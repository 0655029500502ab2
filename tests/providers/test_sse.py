"""Event streams out of bytes, by the rules of the HTML standard."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from recordings import pieces

from kit.errors import IncompleteError
from kit.providers.dialects.sse import Events, Lines

SIZES = ("whole", "1", "2", "3", "7")


def parsed(
    chunks: Iterable[bytes], events: Events | None = None
) -> tuple[list[tuple[str, str]], str]:
    events = events or Events()
    return [event for chunk in chunks for event in events.feed(chunk)], events.tail


@pytest.mark.parametrize("cut", SIZES)
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"data: a\n\n", [("message", "a")]),
        (b"data:a\r\n\r\ndata: b\r\rdata:  c\n\n", [("message", x) for x in ("a", "b", " c")]),
        (b"event: error\ndata: 1\ndata\ndata:2\n\n", [("error", "1\n\n2")]),
        (b"event: ping\n\ndata: x\n\n", [("message", "x")]),
        (b"\xef\xbb\xbfdata: x\n\n\xef\xbb\xbfdata: y\n\n", [("message", "x")]),
        (b": keep-alive\n\n\n\nid: 1\nretry: 9\ndata: x\n\n", [("message", "x")]),
        ("data: \u2028\x85\x0b\x0c\u00e9\n\n".encode(), [("message", "\u2028\x85\x0b\x0c\u00e9")]),
        (b"data: a\xff\xfeb\xe2\x82\n\n", [("message", "a\ufffd\ufffdb\ufffd")]),
        (b"", []),
        (b"\xef\xbb\xbf", []),
    ],
)
def test_events_are_the_same_however_the_bytes_are_cut(
    data: bytes, expected: list[tuple[str, str]], cut: str
) -> None:
    assert parsed(pieces(data, cut)) == (expected, "")


@pytest.mark.parametrize(
    ("data", "tail"),
    [
        (b"data: a\n\ndata: [DONE]", "[DONE]"),
        (b"data: a\n\ndata: [DONE]\n", "[DONE]"),
        (b'data: a\n\ndata:{"b":\r\ndata: 1', '{"b":\n1'),
        (b"data: a\n\nevent: x", ""),
    ],
)
def test_an_event_without_its_blank_line_is_no_event_but_can_be_asked_for(
    data: bytes, tail: str
) -> None:
    for cut in SIZES:
        assert parsed(pieces(data, cut)) == ([("message", "a")], tail)


@pytest.mark.parametrize("cut", ["whole", "7"])
def test_a_line_and_an_event_that_never_end_are_cut_off(cut: str) -> None:
    for data in (b"data: " + b"x" * 200, b"x" * 200 + b"\n", b"data: 12345\n" * 20):
        with pytest.raises(IncompleteError, match="more than 0 MiB"):
            parsed(pieces(data, cut), Events(cap=100))


def test_what_is_as_long_as_the_cap_still_passes() -> None:
    assert Lines(cap=100).feed(b"x" * 100 + b"\n" + b"y" * 100 + b"\n") == [b"x" * 100, b"y" * 100]
    assert list(Events(cap=100).feed(b"data: " + b"x" * 94 + b"\n\n")) == [("message", "x" * 94)]


def test_all_reference_cases_hold_however_they_are_cut(reference: Path) -> None:
    cases = json.loads((reference / "wire/sse_cases.json").read_text())["cases"]
    assert len(cases) == 80
    wrong = [
        (case["id"], cut)
        for case in cases
        for cut in ("given", *(("whole", "7") if "gen" in case else SIZES))  # gen: a megabyte
        if not held(case, given(case) if cut == "given" else pieces(b"".join(given(case)), cut))
    ]
    assert wrong == []


def given(case: dict[str, Any]) -> list[bytes]:
    if "gen" in case:
        gen = case["gen"]
        data = gen.get("prefix", "") + gen["repeat"] * gen["count"] + gen.get("suffix", "")
        return list(pieces(data.encode(), str(gen.get("chunk_bytes", 1000))))
    if "chunks_b64" in case:
        return [base64.b64decode(chunk) for chunk in case["chunks_b64"]]
    return [chunk.encode("utf-8", "surrogatepass") for chunk in case["chunks"]]


def held(case: dict[str, Any], chunks: Iterable[bytes]) -> bool:
    found, tail = parsed(chunks)
    expected = case["expect"]["events"]
    if isinstance(expected, dict):
        one = expected["repeat"]
        return found == [(one["event"], one["data"])] * expected["count"]
    if expected and "data_len" in expected[0]:
        return [(name, len(data)) for name, data in found] == [
            (one["event"], one["data_len"]) for one in expected
        ]
    begun = case["expect"].get("incomplete_tail", False)
    return found == [(one["event"], one["data"]) for one in expected] and (begun or not tail)
