"""What a server can say instead of an answer, and what ``kit`` makes of it. P01 … P22, P29 and P30
of the fault battery, each through the command or the endpoint, over a socket."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from command import KEY, Kit, Ran
from loopback import (
    LAST,
    Script,
    Server,
    chat_events,
    chat_stream,
    chunk,
    delta,
    drip,
    error,
    event,
    head,
    refusal,
    response,
)
from recordings import pieces, streams

from kit.errors import KitError
from kit.events import Message, Replied, Request, Text
from kit.providers import DIALECTS, named
from kit.providers.config.profiles import Profile, resolved
from kit.providers.endpoint import Endpoint
from kit.providers.transport.limits import Clock

ASKED = Request((Message("user", (Text("hi"),)),))


@pytest.fixture
def asked(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.base)


def status(kit: Kit) -> Any:
    """What the trace says of the run."""
    return kit.records()[-1]["result"]["status"]


def one_line(ran: Ran) -> str:
    assert ran.err.startswith("kit: ")
    assert ran.err.count("\n") == 1
    assert KEY not in ran.err + ran.out
    assert "Traceback" not in ran.err
    assert "None" not in ran.err
    return ran.err


def streamed(*parts: bytes) -> Script:
    return [*drip(b"", 0, 0), *(chunk(part) for part in parts), LAST]


# --- refusals before the answer -------------------------------------------------------------------
def test_P01_429_retry_after(asked: Kit, server: Server) -> None:
    server.script(refusal(429, "slow down", {"Retry-After": "1"}), chat_stream("fine"))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (0, "fine\n")
    assert "trying again in 1." in one_line(ran)
    assert len(server.requests) == 2


@pytest.mark.parametrize("after", ["86400", "Wed, 21 Oct 2099 07:28:00 GMT"])
def test_P02_429_retry_after_huge(asked: Kit, server: Server, after: str) -> None:
    server.default = refusal(429, "slow down", {"Retry-After": after})
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (5, "")
    assert "the server asks to wait" in one_line(ran)
    assert " h" in ran.err
    assert len(server.requests) == 1


@pytest.mark.parametrize("after", ["Wed, 21 Oct 2015 07:28:00 GMT", "1e999"])
def test_P03_429_retry_after_senseless(asked: Kit, server: Server, after: str) -> None:
    server.script(refusal(429, "slow down", {"Retry-After": after}), chat_stream("fine"))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (0, "fine\n")
    assert "trying again in 0." in one_line(ran)


def test_P04_429_insufficient_quota(asked: Kit, server: Server) -> None:
    server.default = refusal(429, "You exceeded your current quota", code="insufficient_quota")
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    assert "quota" in one_line(ran)
    assert len(server.requests) == 1


def test_P05_529_overloaded(asked: Kit, server: Server) -> None:
    server.script(refusal(529, "Overloaded", type="overloaded_error"), chat_stream("fine"))
    assert asked("ask", "hi").out == "fine\n"


def test_P06_x_should_retry_false(asked: Kit, server: Server) -> None:
    server.default = refusal(503, "busy", {"x-should-retry": "false"})
    assert asked("ask", "hi").code == 5
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("code", "exit_"), [(400, 4), (403, 3), (404, 4), (405, 4), (413, 4), (422, 4)]
)
def test_P07_400_not_retried(asked: Kit, server: Server, code: int, exit_: int) -> None:
    server.default = refusal(code, "that cannot be")
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (exit_, "")
    assert one_line(ran).count("that cannot be") == 1
    assert str(code) in ran.err
    assert len(server.requests) == 1


def test_P08_401_key_never_echoed(asked: Kit, server: Server) -> None:
    server.default = refusal(401, f"Incorrect API key provided: {KEY}. Bearer {KEY}")
    ran = asked("ask", "-v", "hi")
    assert (ran.code, ran.out) == (3, "")
    assert "Incorrect API key provided" in ran.err
    assert "key" in ran.err.partition(";")[2]
    assert KEY.encode() not in asked.written() + (ran.out + ran.err).encode()
    assert len(server.requests) == 1


def test_P09_error_shapes(reference: Path, server: Server) -> None:
    """Every recorded error body: one line with the status, the server and the id of the request."""
    entries = json.loads((reference / "wire/errors.json").read_text())
    refused = [one for one in entries if one["status"] >= 400]  # others: P12, P14, T14
    codes = set()
    for entry in refused:
        kind = {n: v for n, v in entry["headers"].items() if n.lower() == "content-type"}
        server.default = error(entry["status"], entry["body"].encode(), {**kind, **REQUEST_ID})
        (failed,) = ask(server, times=1, retries=0)
        assert isinstance(failed, KitError)
        line = failed.message
        assert line.startswith(f"127.0.0.1:{server.port} ")
        assert line.isprintable()
        assert f"{entry['status']}" in line
        assert "request req-7f" in line
        assert "None" not in line
        assert "{'" not in line
        codes.add(failed.code)
    assert len(refused) > 250
    assert codes == {3, 4, 5}


REQUEST_ID = {"x-request-id": "req-7f"}


def test_P10_error_html(asked: Kit, server: Server) -> None:
    page = b"<html><head><title>502 Bad Gateway</title></head>" + b"<p>x</p>" * 5000
    server.script(error(502, page, {"Content-Type": "text/html"}), chat_stream("fine"))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (0, "fine\n")
    assert "502 Bad Gateway (text/html)" in one_line(ran)
    assert len(ran.err) < 300


# --- a 200 that is none ---------------------------------------------------------------------------
def test_P11_200_html(asked: Kit, server: Server) -> None:
    server.default = response(b"<html>Please log in</html>", headers={"Content-Type": "text/html"})
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    assert "not an API response" in one_line(ran)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": {"message": "No such model", "code": 404}}, 4),
        ({"error": "No such model"}, 5),
        ({"object": "error", "message": "No such model", "code": 400}, 4),
    ],
)
def test_P12_200_json_error_body(asked: Kit, server: Server, body: Any, code: int) -> None:
    server.default = response(body)
    ran = asked("ask", "--retries", "0", "hi")
    assert (ran.code, ran.out) == (code, "")
    assert "No such model" in one_line(ran)


@pytest.mark.parametrize("script", [response(b""), [head(204)], response({}), response([])])
def test_P13_200_empty(asked: Kit, server: Server, script: Script) -> None:
    server.default = script
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    one_line(ran)


# --- a stream that goes wrong ---------------------------------------------------------------------
@pytest.mark.parametrize("wrong", ["it broke", {"message": "it broke", "code": 502}])
def test_P14_error_inside_stream(asked: Kit, server: Server, wrong: Any) -> None:
    server.default = streamed(delta("so far"), event({"error": wrong}))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (6, "so far\n")
    assert "it broke" in one_line(ran)
    assert status(asked) == "incomplete"
    assert len(server.requests) == 1


def test_P14_an_event_named_error(asked: Kit, server: Server) -> None:
    broken = b"event: error\n" + event({"message": "it broke"})
    server.default = streamed(delta("so far"), broken)
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (6, "so far\n")
    assert "it broke" in one_line(ran)


def test_P15_error_finish_reason(asked: Kit, server: Server) -> None:
    server.default = chat_stream("so far", finish="error")
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (6, "so far\n")
    one_line(ran)


def test_P16_finish_length(asked: Kit, server: Server) -> None:
    server.default = chat_stream("as far as", finish="length")
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (6, "as far as\n")
    assert "--max-tokens" in one_line(ran)
    assert status(asked) == "incomplete"


def test_P17_content_filter(asked: Kit, server: Server) -> None:
    server.default = chat_stream(finish="content_filter")
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    one_line(ran)
    assert status(asked) == "rejected"


def test_P17_refusal(asked: Kit, server: Server) -> None:
    said = {"choices": [{"index": 0, "delta": {"refusal": "I cannot help with that."}}]}
    server.default = streamed(event(said), delta(finish="stop"), event(b"[DONE]"))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    assert "I cannot help with that" in one_line(ran)


def test_P18_no_DONE(asked: Kit, server: Server) -> None:
    server.default = chat_stream("fine", done=False)
    ran = asked("ask", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "fine\n", "")


def test_P19_null_choices_delta_content(asked: Kit, server: Server) -> None:
    nothing = [
        {"choices": None},
        {"choices": []},
        {"choices": [{"index": 0, "delta": None}]},
        {"choices": [{"index": 0}]},
        {"choices": [None]},
        {"choices": [{"delta": {"content": None, "tool_calls": None, "role": None}}]},
        {"id": None, "model": None, "usage": None, "choices": [{"delta": {"content": ""}}]},
    ]
    server.default = streamed(*map(event, nothing), delta("ok"), *chat_events())
    ran = asked("ask", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "ok\n", "")


def test_P20_bad_json_event(asked: Kit, server: Server) -> None:
    server.default = streamed(delta("so far"), event(b'{"choices": [{"broken'), *chat_events("x"))
    ran = asked("ask", "hi")
    assert (ran.code, ran.out) == (6, "so far\n")
    one_line(ran)
    assert b"broken" in asked.runs()[-1].read_bytes()


def test_P21_invalid_utf8(asked: Kit, server: Server) -> None:
    said = json.dumps({"choices": [{"delta": {"content": "a?b"}}]}).encode()
    server.default = streamed(event(said.replace(b"?", b"\xff\xfe")), *chat_events())
    ran = asked("ask", "hi")
    assert ran.code == 0
    assert ran.out.strip("\n").replace("\ufffd", "") == "ab"
    assert "\ufffd" in ran.out


def test_P22_lone_surrogate_escape(asked: Kit, server: Server) -> None:
    halves = [delta("so \ud83d"), delta("\ude00 and \ud83d"), delta(" alone")]
    server.default = streamed(*halves, *chat_events())
    ran = asked("ask", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "so 😀 and \ufffd alone\n", "")
    ran = asked("ask", "--events", "hi")
    assert (ran.code, ran.err) == (0, "")
    answer = "so 😀 and \ufffd alone"
    assert json.loads(ran.out.splitlines()[-1])["result"]["answer"] == answer
    assert asked.records()[-1]["result"]["answer"] == answer


# --- recorded replies, over a socket --------------------------------------------------------------
USAGES: tuple[tuple[str, list[bytes], tuple[int | None, int | None]], ...] = (
    ("in a chunk of its own", chat_events("a"), (10, 5)),
    ("nowhere", chat_events("a", usage=None), (None, None)),
    (
        "with the choices",
        [
            delta("a", usage={"prompt_tokens": 3, "completion_tokens": 0}),
            delta(finish="stop", usage={"prompt_tokens": 3, "completion_tokens": 7}),
        ],
        (3, 7),
    ),
    (
        "in x_groq",
        [
            delta("a"),
            delta(finish="stop", x_groq={"usage": {"prompt_tokens": 3, "completion_tokens": 7}}),
        ],
        (3, 7),
    ),
    (
        "repeated after the finish",
        [
            delta("a"),
            delta(finish="stop"),
            delta(finish="stop", usage={"prompt_tokens": 3, "completion_tokens": 7}),
        ],
        (3, 7),
    ),
)


@pytest.mark.parametrize(
    ("events", "tokens"), [row[1:] for row in USAGES], ids=[row[0] for row in USAGES]
)
def test_P29_usage_places(
    asked: Kit, server: Server, events: list[bytes], tokens: tuple[int | None, int | None]
) -> None:
    server.default = streamed(*events)
    ran = asked("ask", "--json", "hi")
    usage = ran.object["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == tokens


@pytest.mark.parametrize("dialect", DIALECTS)
def test_P30_all_recorded_streams(reference: Path, server: Server, dialect: str) -> None:
    """The bytes that were recorded, in the chunks that they came in, over a real connection."""
    known = [one for one in streams(reference, dialect) if one["bytes"] < 60_000]
    for entry in known:
        data = (reference / "wire/streams" / entry["file"]).read_bytes()
        cuts = entry.get("chunk_sizes") or ()
        server.script(streamed(*pieces(data, "original" if cuts else "whole", cuts)))
    outcomes = ask(server, times=len(known), retries=0, dialect=dialect)
    for entry, outcome in zip(known, outcomes, strict=True):
        expected = entry["expected"]
        text = expected["choices"][0]["text"] if expected.get("choices") else expected.get("text")
        if not isinstance(outcome, Replied):
            assert not (expected["complete"] and not expected.get("error") and text), entry["id"]
            continue
        assert expected["complete"] or outcome.finish in {"length", "filter"}, entry["id"]
        assert outcome.message.text == (text or ""), entry["id"]
        told = expected.get("usage")
        assert (outcome.usage is None) == (not told), entry["id"]
    assert len(known) > 40


class Skipping:
    """A clock that jumps: what a host asks to wait costs no time."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.clock = Clock(lambda: self.now, self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


def ask(
    server: Server, *, times: int, retries: int = 3, dialect: str = "openai-chat"
) -> list[Replied | KitError | None]:
    """How each of so many calls of one endpoint ended."""
    base = server.url if dialect == "anthropic" else server.base
    profile = Profile(name="p", api=dialect, base_url=base, model="m", timeout=10.0)
    speaker = named(DIALECTS[dialect])()
    endpoint = Endpoint(resolved(profile), speaker, retries=retries, clock=Skipping().clock)

    async def one() -> Replied | KitError | None:
        try:
            *_, last = [event async for event in endpoint.stream(ASKED)]
        except KitError as failed:
            return failed
        return last if isinstance(last, Replied) else None

    async def go() -> list[Replied | KitError | None]:
        try:
            return [await one() for _ in range(times)]
        finally:
            await endpoint.aclose()

    return asyncio.run(go())
