"""A provider behind HTTP: what is sent, what is tried again, what is told."""

import asyncio
import gzip
import json
from dataclasses import replace

import loopback
import pytest
from loopback import (
    CLOSE,
    HANG,
    LAST,
    RESET,
    chat_events,
    chat_stream,
    chunk,
    cut,
    delta,
    event,
    head,
    refusal,
    response,
)

from kit.errors import (
    AuthError,
    ConfigError,
    IncompleteError,
    KitError,
    QuotaError,
    RateLimitError,
    RejectedError,
    TimedOutError,
    UnavailableError,
    UnusableError,
)
from kit.events import (
    Attachment,
    CallRetried,
    CallSent,
    Message,
    Noted,
    ReasoningDelta,
    Replied,
    Request,
    Text,
    TextDelta,
    ToolCall,
    Usage,
)
from kit.providers import open_provider
from kit.providers.config.learned import Memory
from kit.providers.config.profiles import Profile, resolved
from kit.providers.credentials.secret import Secret
from kit.providers.dialects.openai_chat import OpenAIChat
from kit.providers.endpoint import Endpoint
from kit.providers.transport.limits import Clock

KEY = "sk-test-0123456789abcdef0123"
ASKED = Request((Message("user", (Text("hi"),)),))


class Waits:
    """A clock that jumps: what was waited for, and no time lost."""

    def __init__(self):
        self.now, self.slept = 1000.0, []
        self.clock = Clock(lambda: self.now, self.sleep)

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


def profile(server, **more):
    given = {
        "name": "p",
        "api": "openai-chat",
        "base_url": server.base,
        "model": "m",
        "timeout": 10.0,
    }
    return resolved(Profile(**(given | more)))


def endpoint(server, *, waits=None, secret=KEY, memory=None, **more):
    return Endpoint(
        profile(server, **more),
        OpenAIChat(),
        Secret(secret) if secret else None,
        memory=memory,
        clock=(waits or Waits()).clock,
        chance=lambda: 0.5,
    )


def ask(provider, request=ASKED, times=1):
    """The events of each call and the error that ended the last one (None when it replied)."""

    async def go():
        events, error = [], None
        for _ in range(times):
            try:
                async for one in provider.stream(request):
                    events.append(one)  # noqa: PERF401  # those before an error count
            except KitError as failed:
                error = failed
        await provider.aclose()
        return events, error

    events, error = asyncio.run(go())
    assert KEY not in repr(events)
    if error is not None:
        assert KEY not in f"{error!r}{error.message}{error.hint}"
    return events, error


def text(events):
    return "".join(one.text for one in events if isinstance(one, TextDelta))


def kinds(events):
    return [type(one) for one in events if not isinstance(one, TextDelta)]


SENT = CallSent("", 1, "m", 4096 + 10, None)
HANG_UP = [CLOSE]
HELLO = Replied(
    message=Message("assistant", (Text("hello world"),)),
    usage=Usage(input_tokens=10, output_tokens=5),
    model="m-1",
    id="c-1",
)


# --- what is sent -------------------------------------------------------------------------------
def test_a_stream_becomes_events(server):
    server.script(chat_stream("hello ", "world", delay=0.05))
    assert ask(endpoint(server)) == (
        [SENT, TextDelta(text="hello "), TextDelta(text="world"), HELLO],
        None,
    )


def test_a_request_is_completed_with_the_profile_then_the_defaults(server):
    server.default = chat_stream("x")
    ask(endpoint(server))
    assert server.requests[-1].path == "/v1/chat/completions"
    assert server.requests[-1].json == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 4096,
        "temperature": 0.7,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    more = {"temperature": 0.1, "max_tokens": 9, "system": "be brief", "extra": {"a": 1, "b": 1}}
    request = Request(ASKED.messages, model="m-2", max_tokens=7, options={"b": 2})
    ask(endpoint(server, **more), request)
    assert server.requests[-1].json == {
        "model": "m-2",
        "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "content": "hi"},
        ],
        "max_tokens": 7,
        "temperature": 0.1,
        "stream": True,
        "stream_options": {"include_usage": True},
        "a": 1,
        "b": 2,
    }


def test_a_system_message_of_the_request_stands_alone(server):
    server.default = chat_stream("x")
    request = Request((Message("system", (Text("mine"),)), *ASKED.messages))
    ask(endpoint(server, system="theirs"), request)
    assert [turn["content"] for turn in server.requests[0].json["messages"]] == ["mine", "hi"]


def test_a_limit_in_the_raw_fields_is_not_joined_by_the_default(server):
    server.default = chat_stream("x")
    ask(endpoint(server, extra={"max_completion_tokens": 5}))
    assert "max_tokens" not in server.requests[0].json


def test_temperature_zero_is_a_value(server):
    server.default = chat_stream("x")
    ask(endpoint(server, temperature=0.0))
    assert server.requests[0].json["temperature"] == 0.0


def test_the_key_is_sent_as_a_bearer(server):
    server.default = chat_stream("x")
    ask(endpoint(server, headers={"X-Team": "blue"}))
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {KEY}"
    assert headers["x-team"] == "blue"
    assert headers["content-type"] == "application/json"


def test_without_a_key_nothing_is_sent_for_one(server):
    server.default = chat_stream("x")
    ask(endpoint(server, secret=""))
    assert "authorization" not in server.requests[0].headers


def test_azure_deployments_get_their_key_header_and_version(server):
    server.default = chat_stream("x")
    base = f"{server.url}/openai/deployments/d"
    ask(endpoint(server, provider="azure", api="", base_url=base))
    ask(endpoint(server, provider="azure", api="", base_url=base, api_version="2025-01-01"))
    first, second = server.requests
    assert first.path == "/openai/deployments/d/chat/completions?api-version=2024-10-21"
    assert second.path == "/openai/deployments/d/chat/completions?api-version=2025-01-01"
    assert first.headers["api-key"] == KEY
    assert "authorization" not in first.headers


def test_anthropic_gets_its_version_and_its_key_header(server):
    server.default = refusal(400, "no")
    provider = open_provider(profile(server, api="anthropic", base_url=server.url), Secret(KEY))
    ask(provider)
    (seen,) = server.requests
    assert seen.path == "/v1/messages"
    assert seen.headers["anthropic-version"] == "2023-06-01"
    assert seen.headers["x-api-key"] == KEY
    assert "authorization" not in seen.headers


def test_the_newer_version_of_anthropic_is_a_header_and_takes_a_bearer(server):
    server.default = refusal(400, "no")
    newer = {"api": "anthropic", "base_url": server.url, "api_version": "2026-10-21"}
    ask(open_provider(profile(server, **newer), Secret(KEY)))
    (seen,) = server.requests
    assert seen.path == "/v1/messages"
    assert seen.headers["anthropic-version"] == "2026-10-21"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert "temperature" not in seen.json


def test_a_lone_surrogate_can_be_sent(server):
    server.default = chat_stream("x")
    events, error = ask(endpoint(server), Request((Message("user", (Text("a\ud83d"),)),)))
    assert (text(events), error) == ("x", None)


def test_a_dry_run_shows_the_request_with_its_key_masked(server):
    provider = endpoint(server)
    shown = provider.preview(ASKED)
    assert shown["url"] == f"{server.base}/chat/completions"
    assert shown["method"] == "POST"
    assert shown["body"]["messages"] == [{"role": "user", "content": "hi"}]
    assert KEY not in json.dumps(shown)
    assert "Authorization" in shown["headers"]
    assert KEY not in repr(provider)
    assert server.connections == 0


def test_without_a_model_nothing_is_sent(server):
    events, error = ask(endpoint(server, model=""))
    assert events == []
    assert isinstance(error, ConfigError)


def test_plain_http_to_a_far_host_is_refused(server):
    with pytest.raises(ConfigError) as caught:
        endpoint(server, base_url="http://models.test/v1")
    assert "--insecure-http" in caught.value.hint


def test_the_worst_case_is_told_before_the_request_leaves(server):
    server.default = chat_stream("x")
    events, _ = ask(endpoint(server, price={"input": 1.0, "output": 2.0}, max_tokens=100))
    assert events[0] == CallSent("", 1, "m", 110, (10 * 1.0 + 100 * 2.0) / 1e6)
    picture = Request((Message("user", (Attachment("image/png", "aGk="),)),))
    events, _ = ask(endpoint(server, price={"input": 1.0, "output": 2.0}), picture)
    assert events[0] == CallSent("", 1, "m", None, None)


def test_closing_at_call_sent_sends_nothing(server):
    async def go():
        provider = endpoint(server)
        stream = provider.stream(ASKED)
        assert await anext(stream) == SENT
        await stream.aclose()
        await provider.aclose()

    asyncio.run(go())
    assert server.connections == 0


@pytest.mark.parametrize(
    ("price", "usage", "usd"),
    [
        ({"input": 1.0, "output": 2.0}, {"prompt_tokens": 10, "completion_tokens": 5}, 20e-6),
        (
            {"input": 1.0, "output": 2.0, "cached": 0.1},
            {
                "prompt_tokens": 10,
                "completion_tokens": 5,
                "prompt_tokens_details": {"cached_tokens": 10},
            },
            11e-6,
        ),
        ({"input": 1.0}, {"prompt_tokens": 10, "completion_tokens": 5}, None),
        ({"input": 1.0, "output": 2.0}, {"prompt_tokens": 10}, None),
        (None, {"prompt_tokens": 10, "completion_tokens": 5}, None),
    ],
)
def test_a_cost_is_filled_in_where_it_is_known(server, price, usage, usd):
    server.script(chat_stream("x", usage=usage))
    events, _ = ask(endpoint(server, price=price))
    assert events[-1].usage.cost_usd == (usd and pytest.approx(usd))


def test_P29_usage_that_nobody_told_is_unknown(server):
    server.script(chat_stream("x", usage=None))
    events, _ = ask(endpoint(server))
    assert events[-1].usage in (None, Usage())


def test_models_are_listed(server):
    server.script(response({"data": [{"id": "a"}, {"id": "b"}]}))

    async def go():
        provider = endpoint(server)
        try:
            return await provider.models()
        finally:
            await provider.aclose()

    assert asyncio.run(go()) == [{"id": "a"}, {"id": "b"}]
    assert (server.requests[0].method, server.requests[0].path) == ("GET", "/v1/models")


def test_models_are_listed_over_all_pages(server):
    pages = [
        {"data": [{"id": "a"}, {"id": "b"}], "has_more": True, "last_id": "b"},
        {"data": [{"id": "c"}], "has_more": True, "last_id": "c"},
        {"data": [{"id": "d"}], "has_more": False, "last_id": "d"},
    ]
    server.script(*map(response, pages))
    server.default = response(pages[0])  # a server that turns in circles
    provider = open_provider(profile(server, api="anthropic", base_url=server.url), Secret(KEY))

    async def go():
        try:
            return [row["id"] for row in await provider.models()], await provider.models()
        finally:
            await provider.aclose()

    found, endless = asyncio.run(go())
    assert found == ["a", "b", "c", "d"]
    assert len(endless) == 4
    assert [seen.path for seen in server.requests[:3]] == [
        "/v1/models?limit=1000",
        "/v1/models?limit=1000&after_id=b",
        "/v1/models?limit=1000&after_id=c",
    ]
    assert server.requests[0].headers["x-api-key"] == KEY


# --- transport ----------------------------------------------------------------------------------
@pytest.mark.parametrize("how", [LAST, CLOSE, RESET], ids=["T01", "T02", "T03"])
def test_T01_T02_T03_an_answer_that_breaks_off_is_never_a_success(server, how):
    server.default = cut("partial ", "answer", how=how)
    events, error = ask(endpoint(server))
    assert text(events) == "partial answer"
    assert type(error) is IncompleteError
    assert kinds(events) == [CallSent]
    assert len(server.requests) == 1


def test_an_answer_that_breaks_off_before_any_text_is_asked_again(server):
    server.script(cut(), chat_stream("fine"))
    events, error = ask(endpoint(server))
    assert (text(events), error) == ("fine", None)
    assert kinds(events) == [CallSent, CallRetried, CallSent, Replied]


def test_T04_reset_before_headers(server):
    server.script([RESET], chat_stream("fine"))
    waits = Waits()
    events, error = ask(endpoint(server, waits=waits))
    assert (text(events), error) == ("fine", None)
    assert [one.attempt for one in events if isinstance(one, CallSent)] == [1, 2]
    assert waits.slept == [0.4]
    assert len(server.requests) == 2


def test_T05_hang_before_headers(server):
    server.default = [HANG]
    _events, error = ask(endpoint(server, timeout=0.2))
    assert type(error) is TimedOutError
    assert len(server.requests) == 1
    assert server.requests[0].closed.wait(5)


def test_T06_stall_midstream(server):
    server.default = cut("partial", how=HANG)
    events, error = ask(endpoint(server, timeout=0.3))
    assert text(events) == "partial"
    assert type(error) is IncompleteError
    assert "sent nothing for 0.3 s" in error.message
    assert server.requests[0].closed.wait(5)


def test_T06_comments_keep_a_call_alive(server):
    beats = [0.1, chunk(b": OPENROUTER PROCESSING\n\n")] * 6
    stream = chat_stream("fine")
    server.script([stream[0], *beats, *stream[1:]])
    events, error = ask(endpoint(server, timeout=0.4))
    assert (text(events), error) == ("fine", None)


def test_T08_garbage_chunk_framing(server):
    named = loopback.EVENTS | {"Transfer-Encoding": "chunked"}
    server.default = [head(200, named), chunk(delta("partial")), 0.05, b"zz\r\n???", CLOSE]
    events, error = ask(endpoint(server))
    assert text(events) == "partial"
    assert type(error) is IncompleteError


def test_T09_content_length_too_long(server):
    named = loopback.EVENTS | {"Content-Length": "9999"}
    done = b"".join(chat_events("whole"))
    server.script([head(200, named), done, CLOSE], [head(200, named), delta("part"), 0.05, CLOSE])
    events, error = ask(endpoint(server))
    assert (text(events), error) == ("whole", None)
    events, error = ask(endpoint(server))
    assert text(events) == "part"
    assert type(error) is IncompleteError


def test_T11_refused(server):
    waits = Waits()
    events, error = ask(endpoint(server, waits=waits, base_url="http://127.0.0.1:9/v1"))
    assert type(error) is UnavailableError
    assert "connection refused" in error.message
    assert kinds(events) == [CallSent, CallRetried] * 3 + [CallSent]
    assert waits.slept == [0.4, 0.8, 1.6]


def test_the_number_of_repeats_is_the_profiles(server):
    server.default = refusal(503, "busy")
    events, error = ask(endpoint(server, retries=0))
    assert (kinds(events), type(error)) == ([CallSent], UnavailableError)
    ask(endpoint(server, retries=1))
    assert len(server.requests) == 3


def test_T14_redirect_cross_origin(server):
    with loopback.serving() as other:
        server.default = response(b"", 307, {"Location": f"{other.url}/v1/chat/completions"})
        _events, error = ask(endpoint(server))
        assert type(error) is RejectedError
        assert other.url in error.message
        assert (other.connections, len(server.requests)) == (0, 1)


def test_T17_gzip_bomb(server):
    bomb = gzip.compress(b"{" + bytes(2**25), 1)
    server.default = response(bomb, headers={"Content-Encoding": "gzip"})
    events, error = ask(endpoint(server, retries=0))
    assert kinds(events) == [CallSent]
    assert isinstance(error, IncompleteError | UnusableError)


def test_T18_endless_body(server):
    piece = chunk(delta("x" * 2**20))
    server.default = [*loopback.drip(b"", 0, 0), *([piece] * 80), LAST]
    events, error = ask(endpoint(server, timeout=30.0))
    assert 2**25 < len(text(events)) <= 2**26
    assert type(error) is IncompleteError
    assert "larger than 64 MiB" in error.message


def test_T19_endless_line(server):
    server.default = [*loopback.drip(b"", 0, 0), *([chunk(b"x" * 2**20)] * 20), HANG]
    _events, error = ask(endpoint(server, retries=0))
    assert type(error) is IncompleteError
    assert "more than 16 MiB" in error.message


def test_T20_million_blank_lines(server):
    server.default = loopback.until_close(b"\n" * 1_000_000)
    _events, error = ask(endpoint(server))
    assert type(error) is UnusableError
    assert "empty response" in error.message
    assert len(server.requests) == 1


def test_T23_compressed_sse(server):
    server.script(chat_stream("hello ", "world", gzip=True))
    events, _error = ask(endpoint(server))
    assert events[-1] == HELLO


def test_T24_resplit_1_byte(server):
    whole = b"".join(chat_events("hello ", "world"))
    server.script([*loopback.drip(b"", 0, 0), *(chunk(bytes([byte])) for byte in whole), LAST])
    events, _error = ask(endpoint(server))
    assert events[-1] == HELLO


def test_a_server_that_keeps_the_line_open_after_the_end_is_left(server):
    server.default = [*chat_stream("whole")[:-1], HANG]
    events, error = ask(endpoint(server, timeout=5.0))
    assert (text(events), error) == ("whole", None)
    assert server.requests[0].closed.wait(5)


def test_what_comes_after_the_end_is_not_read(server):
    late = [event(b"[DONE]"), delta("more"), event({"error": {"message": "late"}}), event(b"{not")]
    pieces = [*chat_events("whole", done=False), *late]
    server.script(loopback.until_close(b"".join(pieces)))
    events, error = ask(endpoint(server))
    assert (text(events), error) == ("whole", None)


def test_calls_one_after_the_other_share_a_connection(server):
    server.default = chat_stream("x")
    ask(endpoint(server), times=3)
    assert (len(server.requests), server.connections) == (3, 1)


# --- meaning ------------------------------------------------------------------------------------
def test_P01_429_retry_after(server):
    server.script(refusal(429, "slow down", {"Retry-After": "1"}), chat_stream("fine"))
    waits = Waits()
    events, error = ask(endpoint(server, waits=waits))
    assert (text(events), error) == ("fine", None)
    (retried,) = [one for one in events if isinstance(one, CallRetried)]
    assert retried.wait_s == pytest.approx(1.05)
    assert "slow down" in retried.reason
    assert sum(waits.slept) >= 1
    assert len(server.requests) == 2


def test_P02_429_retry_after_huge(server):
    server.default = refusal(429, "slow down", {"Retry-After": "86400"})
    waits = Waits()
    _events, error = ask(endpoint(server, waits=waits))
    assert type(error) is RateLimitError
    assert "24 h" in error.message
    assert (waits.slept, len(server.requests)) == ([], 1)


@pytest.mark.parametrize(
    "value", ["NaN", "-1", "1e999", "soon", "Wed, 21 Oct 2015 07:28:00 GMT", "9" * 400]
)
def test_P03_429_retry_after_senseless(server, value):
    server.script(refusal(429, "slow down", {"Retry-After": value}), chat_stream("fine"))
    waits = Waits()
    events, error = ask(endpoint(server, waits=waits))
    assert (text(events), error) == ("fine", None)
    assert waits.slept == [0.4]


def test_P04_429_insufficient_quota(server):
    server.default = refusal(429, "You exceeded your current quota", code="insufficient_quota")
    _events, error = ask(endpoint(server))
    assert type(error) is QuotaError
    assert len(server.requests) == 1


def test_P05_529_overloaded(server):
    server.script(refusal(529, "Overloaded"), chat_stream("fine"))
    events, error = ask(endpoint(server))
    assert (text(events), error) == ("fine", None)


def test_P06_x_should_retry_false(server):
    server.default = refusal(503, "busy", {"x-should-retry": "false"})
    _, error = ask(endpoint(server))
    assert type(error) is UnavailableError
    assert len(server.requests) == 1


def test_P07_400_not_retried(server):
    server.default = refusal(400, "messages: too many system prompts")
    events, error = ask(endpoint(server))
    assert kinds(events) == [CallSent]
    assert error.message.count("too many system prompts") == 1
    assert len(server.requests) == 1


def test_P08_401_key_never_echoed(server):
    server.default = refusal(401, f"Incorrect API key provided: {KEY}.")
    _, error = ask(endpoint(server))
    assert type(error) is AuthError
    assert "Incorrect API key provided" in error.message
    assert error.hint


def test_P10_error_html(server):
    page = b"<html><head><title>502 Bad Gateway</title></head>" + b"x" * 5000
    server.script(response(page, 502, {"Content-Type": "text/html"}), chat_stream("fine"))
    events, error = ask(endpoint(server))
    assert (text(events), error) == ("fine", None)
    (retried,) = [one for one in events if isinstance(one, CallRetried)]
    assert "502 Bad Gateway (text/html)" in retried.reason


def test_P11_200_html(server):
    server.default = response(b"<html>hi</html>", headers={"Content-Type": "text/html"})
    _, error = ask(endpoint(server))
    assert type(error) is UnusableError
    assert "not an API response" in error.message


def test_P12_200_json_error_body(server):
    server.default = response({"error": {"message": "No such model", "code": 404}})
    events, error = ask(endpoint(server))
    assert kinds(events) == [CallSent]
    assert "No such model" in error.message


def test_P13_200_empty(server):
    server.script(response(b""), [head(204)])
    for _ in range(2):
        _, error = ask(endpoint(server))
        assert type(error) is UnusableError
        assert "empty response" in error.message


@pytest.mark.parametrize("wrong", ["it broke", {"message": "it broke", "code": 502}])
def test_P14_error_inside_stream(server, wrong):
    pieces = [chunk(delta("partial")), 0.05, chunk(event({"error": wrong}))]
    server.default = [*loopback.drip(b"", 0, 0), *pieces, LAST]
    events, error = ask(endpoint(server))
    assert text(events) == "partial"
    assert type(error) is IncompleteError
    assert "it broke" in error.message
    assert len(server.requests) == 1


def test_P15_error_finish_reason(server):
    server.default = chat_stream("partial", finish="error")
    events, error = ask(endpoint(server))
    assert text(events) == "partial"
    assert type(error) is IncompleteError


def test_P16_finish_length(server):
    server.script(chat_stream("as far as", finish="length"))
    events, error = ask(endpoint(server))
    assert (events[-1].finish, error) == ("length", None)


def test_P18_no_DONE(server):
    server.script(chat_stream("hello ", "world", done=False))
    events, _error = ask(endpoint(server))
    assert events[-1] == HELLO


def test_a_server_that_does_not_stream_is_read_whole(server):
    message = {"role": "assistant", "content": "hello world"}
    body = {"id": "c-1", "model": "m-1", "choices": [{"message": message, "finish_reason": "stop"}]}
    server.script(response({**body, "usage": loopback.USAGE}))
    events, error = ask(endpoint(server))
    assert (text(events), events[-1], error) == ("hello world", HELLO, None)


def test_S10_a_key_that_cannot_be_sent_is_never_quoted(server):
    events, error = ask(endpoint(server, secret=f"{KEY}\nX-Evil: 1"))
    assert type(error) is ConfigError
    assert (kinds(events), server.connections) == ([CallSent], 0)


# --- what is learned ----------------------------------------------------------------------------
def picky(seen):
    """A server of a reasoning model: no max_tokens, no temperature."""
    if "max_tokens" in seen.json:
        return refusal(
            400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        )
    if "temperature" in seen.json:
        return refusal(400, "Unsupported value: 'temperature' does not support 0.7.")
    return chat_stream("fine")


def test_a_refused_default_is_left_out_once_and_for_all(server, tmp_path):
    server.default = picky
    memory = Memory(tmp_path / "kit" / "learned.json")
    provider = endpoint(server, memory=memory)
    events, error = ask(provider, times=2)
    assert error is None
    assert kinds(events) == [CallSent, Noted, CallSent, Noted, CallSent, Replied, CallSent, Replied]
    assert server.requests[-1].json["max_completion_tokens"] == 4096
    events, error = ask(endpoint(server, memory=memory))  # another run
    assert (kinds(events), error) == ([CallSent, Replied], None)
    ask(endpoint(server, memory=memory, model="other"))  # another model starts afresh
    assert server.requests[-3].json["temperature"] == 0.7


def test_a_system_message_that_is_refused_is_sent_as_the_users_and_that_is_remembered(
    server, tmp_path
):
    def picky(seen):
        if seen.json["messages"][0]["role"] != "user":
            return refusal(400, "Unsupported value: 'messages[0].role' does not support 'system'")
        return chat_stream("fine")

    server.default = picky
    memory = Memory(tmp_path / "learned.json")
    request = Request((Message("system", (Text("be brief"),)), *ASKED.messages))
    events, error = ask(endpoint(server, memory=memory), request)
    assert (kinds(events), error) == ([CallSent, Noted, CallSent, Replied], None)
    assert events[1].text.endswith("which are sent as the user's from now on")
    events, error = ask(endpoint(server, memory=memory), request)
    assert (kinds(events), error) == ([CallSent, Replied], None)
    led = [{"role": "user", "content": "be brief\n\nhi"}]
    assert [seen.json["messages"] for seen in server.requests[1:]] == [led, led]


def test_a_template_that_takes_no_system_message_is_served_though_its_server_calls_it_500(server):
    def template(seen):
        if seen.json["messages"][0]["role"] == "system":
            return refusal(500, "System role not supported at row 1, column 2")
        return chat_stream("fine")

    server.default = template
    request = Request((Message("system", (Text("be brief"),)), *ASKED.messages))
    events, error = ask(endpoint(server), request)
    assert (kinds(events), error) == ([CallSent, Noted, CallSent, Replied], None)


def test_who_may_not_stream_is_answered_at_once(server):
    said = "Your organization must be verified to stream this model."
    whole = {
        "id": "c",
        "model": "m",
        "choices": [
            {"message": {"role": "assistant", "content": "fine"}, "finish_reason": "stop"},
        ],
    }
    server.default = lambda seen: refusal(400, said) if "stream" in seen.json else response(whole)
    provider = endpoint(server)
    events, error = ask(provider, times=2)
    assert (events[-1].message.text, error) == ("fine", None)
    streamed = {"stream", "stream_options"}
    assert [seen.json.keys() & streamed for seen in server.requests] == [streamed, set(), set()]


def test_a_list_of_models_is_asked_for_again(server):
    server.script(refusal(503, "loading"), response({"data": [{"id": "a"}]}))
    waits = Waits()

    async def go():
        provider = endpoint(server, waits=waits)
        try:
            return await provider.models()
        finally:
            await provider.aclose()

    assert (asyncio.run(go()), waits.slept) == ([{"id": "a"}], [0.4])


def test_the_newer_anthropic_is_sent_a_temperature_only_when_one_is_asked_for(server):
    server.default = lambda seen: (
        refusal(400, "temperature: not allowed") if "temperature" in seen.json else HANG_UP
    )
    newer = {"api": "anthropic", "base_url": server.url, "api_version": "2026-10-21", "retries": 0}
    ask(open_provider(profile(server, **newer), Secret(KEY)))
    assert "temperature" not in server.requests[0].json
    asked = open_provider(profile(server, **newer), Secret(KEY))
    _events, error = ask(asked, replace(ASKED, temperature=0.7))
    assert (type(error), len(server.requests)) == (RejectedError, 2)
    assert "temperature: not allowed" in error.message
    assert server.requests[1].json["temperature"] == 0.7


def test_a_schema_that_a_host_cannot_keep_to_is_left_to_the_words(server, tmp_path):
    said = "Invalid schema for response_format 'answer'"
    server.default = lambda seen: (
        refusal(400, said) if "response_format" in seen.json else chat_stream("{}")
    )
    memory = Memory(tmp_path / "learned.json")
    request = replace(ASKED, schema={"type": "object"})
    _events, error = ask(endpoint(server, provider="vllm", memory=memory), request, times=2)
    assert (error, len(server.requests)) == (None, 4)  # another schema may be one that it takes
    said = "response_format is not supported with this model"
    _events, error = ask(endpoint(server, provider="vllm", memory=memory), request, times=2)
    assert (error, len(server.requests)) == (None, 7)


def test_a_retired_host_is_said_to_be_so_once_and_asked(server):
    server.default = chat_stream("x")
    events, error = ask(endpoint(server, provider="github"), times=2)
    assert error is None
    assert kinds(events) == [Noted, CallSent, Replied, CallSent, Replied]
    assert events[0].text.startswith("GitHub Models was retired on 2026-07-30; 127.0.0.1")


def test_what_was_refused_once_is_sent_again_when_it_is_asked_for(server, tmp_path):
    server.default = picky
    memory = Memory(tmp_path / "learned.json")
    ask(endpoint(server, memory=memory))
    _, error = ask(endpoint(server, memory=memory), replace(ASKED, temperature=0.2))
    assert type(error) is RejectedError
    assert server.requests[-1].json["temperature"] == 0.2


def test_a_memory_that_cannot_be_read_is_no_error(server, tmp_path):
    broken = tmp_path / "learned.json"
    for text in ("[]", "{", '{"p": 3}', "\xff"):
        broken.write_text(text, encoding="latin-1")
        server.default = chat_stream("fine")
        _, error = ask(endpoint(server, memory=Memory(broken)))
        assert error is None


def test_what_was_asked_for_is_never_dropped(server):
    server.default = picky
    _events, error = ask(endpoint(server, temperature=0.2))
    assert type(error) is RejectedError
    assert "temperature" in error.message
    assert len(server.requests) == 2


def test_a_raw_field_that_was_asked_for_is_never_dropped(server):
    server.default = refusal(400, "Unsupported parameter: 'logprobs'")
    events, error = ask(endpoint(server), Request(ASKED.messages, options={"logprobs": True}))
    assert (kinds(events), type(error)) == ([CallSent], RejectedError)


def test_what_did_not_help_is_not_learned(server, tmp_path):
    server.default = refusal(400, "Unsupported parameter: 'temperature'")
    _, error = ask(endpoint(server, memory=Memory(tmp_path / "learned.json")))
    assert type(error) is RejectedError
    assert list(tmp_path.iterdir()) == []


# --- many at once -------------------------------------------------------------------------------
def gathered(server, number, **more):
    """What so many parallel calls of one endpoint ended with."""

    async def one(provider):
        try:
            return text([event async for event in provider.stream(ASKED)])
        except KitError as error:
            return error

    async def go():
        provider = endpoint(server, **more)
        try:
            return await asyncio.gather(*(one(provider) for _ in range(number)))
        finally:
            await provider.aclose()

    return asyncio.run(go())


def test_no_more_calls_are_in_flight_than_the_profile_allows(server):
    server.default = [0.01, *chat_stream("x")]
    assert gathered(server, 12, max_concurrency=3) == ["x"] * 12
    assert (len(server.requests), server.connections) == (12, 3)


def test_a_host_that_asks_one_call_to_wait_asks_all(server):
    server.script(refusal(429, "slow down", {"Retry-After": "30"}))
    server.default = chat_stream("x")
    waits = Waits()
    assert gathered(server, 4, max_concurrency=1, waits=waits) == ["x"] * 4
    assert len(server.requests) == 5
    assert waits.now >= 1030
    assert max(waits.slept) <= 33.0


def test_a_host_that_asked_one_profile_to_wait_is_not_asked_by_another(server):
    server.script(refusal(429, "slow down", {"Retry-After": "30"}), chat_stream("x"))
    waits = Waits()

    async def go():
        one = endpoint(server, waits=waits, retries=0)
        other = endpoint(server, waits=waits, name="q", max_concurrency=2)
        with pytest.raises(RateLimitError):
            [event async for event in one.stream(ASKED)]
        assert waits.slept == []
        events = [event async for event in other.stream(ASKED)]
        await one.aclose()
        await other.aclose()
        return events

    assert text(asyncio.run(go())) == "x"
    assert waits.slept == [30.0]


def test_requests_are_paced_by_the_minute(server):
    server.default = chat_stream("x")
    waits = Waits()
    assert gathered(server, 4, rpm=60, waits=waits) == ["x"] * 4
    assert waits.now >= 1003


def test_a_cancelled_call_closes_its_connection_and_frees_its_place(server):
    server.script(cut("partial", how=HANG))
    server.default = chat_stream("x")

    async def go():
        provider = endpoint(server, max_concurrency=1)
        stream = provider.stream(ASKED)
        async for one in stream:
            if isinstance(one, TextDelta):
                break
        await stream.aclose()
        events = [one async for one in provider.stream(ASKED)]
        await provider.aclose()
        return events

    assert text(asyncio.run(go())) == "x"
    assert server.requests[0].closed.wait(5)


# --- which provider -----------------------------------------------------------------------------
def test_a_custom_class_is_found_by_module_and_by_path(tmp_path, monkeypatch):
    code = "class Mine:\n    async def stream(self, request):\n        yield 'hello'\n"
    (tmp_path / "mine_provider.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    by_module = open_provider(Profile(name="p", api="mine_provider:Mine"))
    by_path = open_provider(Profile(name="p", api=f"{tmp_path}/mine_provider.py:Mine"))
    assert type(by_module).__name__ == type(by_path).__name__ == "Mine"


@pytest.mark.parametrize(
    "api", ["nothing", "no_such_module:X", "kit.errors:Nobody", "none.py:X", "kit.errors:KitError"]
)
def test_an_api_that_does_not_exist_is_a_configuration_error(api):
    with pytest.raises(ConfigError):
        open_provider(Profile(name="p", api=api))


def test_the_fake_answers_from_its_profile():
    provider = open_provider(Profile(name="p", api="fake", model="f", replies=("hello",)))
    events, error = ask(provider)
    assert (text(events), events[-1].model, error) == ("hello", "f", None)


def test_tool_calls_and_reasoning_arrive(server):
    call = {"index": 0, "id": "t1", "function": {"name": "calc", "arguments": '{"x":1}'}}
    choice = {"index": 0, "delta": {"reasoning": "hm", "tool_calls": [call]}}
    pieces = [event({"choices": [choice]}), delta(finish="tool_calls"), event(b"[DONE]")]
    server.script(loopback.until_close(*pieces))
    events, _error = ask(endpoint(server))
    assert ReasoningDelta(text="hm") in events
    assert ToolCall("t1", "calc", '{"x":1}') in events[-1].message.parts
    assert events[-1].finish == "tool_calls"
