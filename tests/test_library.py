"""The library's face: what a program that imports kit can rely on."""

import asyncio
import copy
import dataclasses
import gc
import json
import logging
import pickle
import subprocess
import sys
import weakref

import pytest
from command import KEY
from loopback import HANG, chat_stream, cut, event, head, refusal, response

import kit
from kit import AnthropicProvider, AzureProvider, FakeProvider, KitError, Provider, Result
from kit.errors import (
    AuthError,
    BudgetError,
    ConfigError,
    IncompleteError,
    RejectedError,
    UnavailableError,
    UnmetError,
    UsageError,
)
from kit.events import CallSent, Message, Replied, Text, TextDelta, VoteCast, VoteClosed
from kit.patterns.spent import Spent


def provided(server, **more):
    return Provider(**{"base_url": server.base, "api_key": KEY, "model": "m-1", **more})


def asked(provider, prompt="hi", **more):
    return asyncio.run(kit.ask(provider, prompt, **more))


def voted(provider, prompt="hi", **more):
    return asyncio.run(kit.consensus(provider, prompt, **more))


def body(server, **more):
    """The body of the one request that such a call sends."""
    asyncio.run(kit.ask(provided(server), "hi", **more))
    return server.requests[-1].json


# --- the name -------------------------------------------------------------------------------------
def test_the_face_is_complete_and_lazy():
    probe = """if True:
        import sys, kit
        before = sorted(m for m in sys.modules if m.split(".")[0] == "kit")
        typing = "typing" in sys.modules or "asyncio" in sys.modules
        assert set(kit.__all__) <= set(dir(kit)) and kit.__version__
        missing = [name for name in kit.__all__ if getattr(kit, name).__name__ != name]
        print(before, typing, missing, "httpx2" in sys.modules, "typer" in sys.modules)
    """
    done = subprocess.run(
        [sys.executable, "-S", "-c", probe], capture_output=True, text=True,
        env={"PYTHONPATH": ":".join(sys.path)}, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("['kit'] False [] False False\n", "")


def test_what_does_not_exist_is_an_attribute_error():
    assert not hasattr(kit, "trace_me")
    with pytest.raises(AttributeError, match="module 'kit' has no attribute 'Agent'"):
        _ = kit.Agent
    assert set(kit._HOME) == set(kit.__all__)


# --- ask ------------------------------------------------------------------------------------------
def test_ask_gives_an_answer_what_it_cost_and_how_it_ended(server):
    server.script(chat_stream("four", "ty-two"))

    async def go():
        price = {"input": 1.0, "output": 2.0}
        async with provided(server, name="mine", price=price) as provider:
            return await kit.ask(provider, "What is it?")

    result = asyncio.run(go())
    assert result == Result(
        "fourty-two",
        Spent(calls=1, input_tokens=10, output_tokens=5, cost_usd=0.00002),
        {"finish": "stop", "profile": "mine", "fallbacks": []},
    )
    assert str(result) == "fourty-two"
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.answer = "43"
    (request,) = server.requests
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.json["messages"] == [{"role": "user", "content": "What is it?"}]
    assert request.json["temperature"] == 0.7


def test_what_a_call_asks_for_wins_over_the_provider(server):
    server.default = chat_stream("x")

    async def go():
        async with provided(
            server, default_temperature=0.1, default_max_tokens=7, system="be brief", seed=1,
            stop=("A", "B"), extra={"top_k": 1},
        ) as provider:  # fmt: skip
            await kit.ask(provider, "hi")
            await kit.ask(
                provider, "hi", model="m-2", temperature=0.9, max_tokens=9, system="be loud",
                seed=2, top_p=0.5, stop="C", options={"top_k": 2}, reasoning_effort="low",
            )  # fmt: skip
            await kit.consensus(provider, "hi", samples=1, temperature=0.2, stop_at=["D"])

    asyncio.run(go())
    first, second, third = (request.json for request in server.requests)
    wanted = {"temperature": 0.1, "max_tokens": 7, "seed": 1, "stop": ["A", "B"], "top_k": 1}
    assert {key: first[key] for key in wanted} == wanted
    assert first["messages"][0] == {"role": "system", "content": "be brief"}
    wanted = {"temperature": 0.9, "max_tokens": 9, "seed": 2, "stop": ["C"], "top_k": 2}
    wanted |= {"model": "m-2", "top_p": 0.5, "reasoning_effort": "low"}
    assert {key: second[key] for key in wanted} == wanted
    assert [each["content"] for each in second["messages"]] == ["be loud", "hi"]
    assert (third["temperature"], third["stop"]) == (0.2, ["D"])


def test_a_default_may_be_left_out_and_what_was_asked_for_may_not(server):
    def picky(seen):
        if "temperature" in seen.json:
            return refusal(400, "Unsupported parameter: 'temperature'", param="temperature")
        return chat_stream("x")

    server.default = picky
    assert asked(provided(server)).answer == "x"
    for provider, more in [
        (provided(server), {"temperature": 0.7}),
        (provided(server, default_temperature=0.2), {}),
    ]:
        with pytest.raises(RejectedError):
            asked(provider, **more)


PAIR = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


def test_an_answer_with_a_schema_is_checked_and_asked_for_again(server):
    server.script(chat_stream('{"n": "one"}'), chat_stream('So: {"n":1}'))
    result = asked(provided(server), schema=PAIR)
    assert (result.answer, result.detail["parsed"]) == ('{"n": 1}', {"n": 1})
    assert result.usage.calls == 2
    first, second = (request.json["messages"] for request in server.requests)
    assert json.dumps(PAIR, separators=(",", ":")) in first[0]["content"]
    assert "$.n: 'one' is not of type 'integer'" in second[2]["content"]


def test_a_schema_that_is_not_satisfied_is_an_error_with_the_last_reply(server):
    server.default = chat_stream('{"n": "one"}')
    with pytest.raises(UnmetError, match="does not satisfy the schema") as caught:
        asked(provided(server), schema=PAIR, repairs=1)
    assert len(server.requests) == 2
    assert caught.value.result.answer == '{"n": "one"}'
    assert caught.value.result.detail["parsed"] is None


@pytest.mark.parametrize(
    "more", [{"schema": {"type": "objekt"}}, {"schema": "{}"}, {"schema": {}, "repairs": -1}]
)
def test_a_schema_that_is_none_is_refused_before_anything_is_sent(server, more):
    with pytest.raises(UsageError):
        asked(provided(server), **more)
    assert server.requests == []


def test_a_vote_with_a_schema_is_read_as_json():
    provider = FakeProvider(['{"n": 1}', '{ "n":1 }', '{"n": 2}'])
    result = voted(provider, samples=3, stop="none", schema=PAIR)
    assert json.loads(result.answer) == {"n": 1}
    assert result.detail["kind"] == "json"
    assert [(vote["answer"], vote["count"]) for vote in result.detail["votes"]] == [
        ('{"n":1}', 2),
        ('{"n":2}', 1),
    ]
    request = provider.requests[0]
    assert request.schema == PAIR
    assert "satisfies this JSON Schema" in request.messages[0].text
    assert "ANSWER" not in request.messages[0].text


def test_a_conversation_is_a_list_of_messages(server):
    server.script(chat_stream("x"))
    said = [
        Message("system", (Text("old"),)),
        Message("user", (Text("one"),)),
        Message("assistant", (Text("two"),)),
        Message("user", (Text("three"),)),
    ]
    asked(provided(server), said, system="new")
    sent = [(each["role"], each["content"]) for each in server.requests[0].json["messages"]]
    assert sent == [("system", "new"), ("user", "one"), ("assistant", "two"), ("user", "three")]


def test_the_next_provider_answers_when_the_first_is_unavailable():
    away = FakeProvider([UnavailableError("away")])
    result = asked(away, fallback=[FakeProvider(["here"])])
    assert (result.answer, result.detail["fallbacks"]) == ("here", ["FakeProvider#2"])


def test_everything_that_happens_is_told_as_it_happens():
    heard = []
    asked(FakeProvider(["one two"]), on_event=heard.append)
    kinds = [each.kind for each in heard]
    assert kinds == ["call.started", "call.sent", "text", "text", "call.replied"]
    assert "".join(each.text for each in heard if isinstance(each, TextDelta)) == "one two"


# --- errors ---------------------------------------------------------------------------------------
def test_an_error_is_raised_and_holds_what_was_obtained(server):
    server.script(cut("so far"))
    with pytest.raises(IncompleteError) as caught:
        asked(provided(server))
    result = caught.value.result
    assert (result.answer, result.usage.calls, result.error) == ("so far", 1, caught.value)


def test_an_error_is_only_noted_when_that_is_wished():
    result = asked(FakeProvider([AuthError("no key")]), check=False)
    assert (result.answer, type(result.error), result.usage) == ("", AuthError, Spent(calls=1))


def test_a_cut_answer_is_not_taken_for_a_whole_one():
    with pytest.raises(IncompleteError) as caught:
        asked(FakeProvider().add_response("half of", finish="length"))
    assert caught.value.result.answer == "half of"


def test_limits_are_kept_and_what_was_paid_for_is_not_lost():
    provider = FakeProvider(["4", "5", "4", "5", "4", "5"])
    with pytest.raises(BudgetError) as caught:
        voted(provider, samples=9, max_calls=3)
    result = caught.value.result
    assert result.usage.calls == 3
    assert [(each["answer"], each["count"]) for each in result.detail["votes"]] == [
        ("4", 2), ("5", 1),
    ]  # fmt: skip


def test_a_deadline_ends_the_run_with_what_there_is(server):
    server.script(cut("the beginning", how=HANG))
    with pytest.raises(BudgetError, match=r"deadline of 0\.3 s") as caught:
        asked(provided(server), deadline=0.3)
    assert caught.value.result.answer == "the beginning"
    assert server.requests[0].closed.wait(5)


def test_a_cancelled_call_closes_its_connection(server):
    server.script(cut("the beginning", how=HANG))

    async def go():
        async with provided(server) as provider:
            started = asyncio.Event()

            def heard(each):
                if isinstance(each, TextDelta):
                    started.set()

            task = asyncio.create_task(kit.ask(provider, "hi", on_event=heard))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(go())
    assert server.requests[0].closed.wait(5)


def test_a_bug_in_a_callback_or_a_provider_is_not_hidden():
    def broken(event):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asked(FakeProvider(["x"]), on_event=broken)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"samples": 0}, "samples must be at least 1"),
        ({"need": 10}, "need is 10"),
        ({"min_agreement": 2}, "min_agreement"),
        ({"strategy": "loudest"}, "there is no strategy 'loudest'"),
        ({"strategy": "best"}, "'best' needs accept"),
        ({"strategy": "weighted"}, "needs weights or a calibration"),
        ({"strategy": "majority", "accept": str.isdigit}, "accept does not go with"),
        ({"judge": FakeProvider([]), "accept": str.isdigit}, "judge has nothing to do"),
        ({"calibration": {"weights": 1}}, "this is no calibration"),
        ({"on_tie": "coin"}, "there is no on_tie 'coin'"),
        ({"speed": "ludicrous"}, "there is no speed"),
        ({"kind": "colour"}, "colour"),
        ({"kind": "choice"}, "needs choices"),
        ({"stop": "soon"}, "soon"),
        ({"risk": 5}, "risk"),
        ({"weights": (1, 2)}, "1 providers need"),
        ({"counts": (0,)}, "a count or a weight of nothing"),
        ({"weights": (0,)}, "a count or a weight of nothing"),
        ({"temperature": "hot"}, "temperature must be a number"),
        ({"max_concurrency": 0}, "max_concurrency must be"),
        ({"prompt": " \n"}, "the prompt is empty"),
        ({"prompt": []}, "the prompt is empty"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(more, words):
    provider = FakeProvider(["x"] * 9)
    with pytest.raises(UsageError, match=words):
        voted(**{"provider": provider, **more})
    assert provider.requests == []


def test_a_mistyped_argument_is_a_type_error():
    with pytest.raises(TypeError, match="'temprature'; did you mean 'temperature'"):
        asked(FakeProvider(["x"]), temprature=1)
    with pytest.raises(TypeError, match=r"'retry'.*'retries'"):
        Provider(base_url="http://localhost/v1", model="m", retry=1)


@pytest.mark.parametrize("nobody", [FakeProvider, object(), [object()], [], None, "openai", 3])
def test_what_is_no_provider_is_refused(nobody):
    with pytest.raises(UsageError):
        voted(nobody)
    with pytest.raises(UsageError):
        asked(nobody)


# --- consensus ------------------------------------------------------------------------------------
def test_consensus_stops_as_soon_as_the_answer_is_safe():
    heard = []
    provider = FakeProvider(["ANSWER: 42"] * 9)
    result = voted(provider, "What is it?", on_event=heard.append)
    detail = result.detail
    assert (result.answer, detail["agreement"], detail["stopped"]) == ("42", 1.0, "risk")
    assert len(provider.requests) == detail["asked"] == result.usage.calls < 9
    assert provider.requests[0].messages[0].text.startswith("What is it?\n\n")
    assert "ANSWER:" in provider.requests[0].messages[0].text
    assert isinstance(heard[-1], VoteClosed)
    assert sum(isinstance(each, VoteCast) for each in heard) == detail["asked"]


def test_consensus_asks_the_whole_plan_when_told_to():
    result = voted(FakeProvider(["4", "5", "4", "5", "4"]), samples=5, stop="none", marker=False)
    assert (result.answer, result.detail["asked"], result.detail["agreement"]) == ("4", 5, 0.6)


def test_consensus_among_several_providers_counts_and_weighs():
    strong, weak = FakeProvider(["yes"] * 9), FakeProvider(["no"] * 9)
    strong.name = "strong"
    result = voted(
        [strong, weak, weak], samples=9, counts=(2, 3, 4), weights=(5, 1, 1), stop="none",
        choices="yes, no",
    )  # fmt: skip
    assert (len(strong.requests), len(weak.requests)) == (2, 7)
    assert result.answer == "yes"
    assert {each["profile"] for each in result.detail["samples"]} == {
        "strong", "FakeProvider", "FakeProvider#2",
    }  # fmt: skip
    assert result.detail["votes"] == [
        {"answer": "yes", "count": 2, "weight": 10.0},
        {"answer": "no", "count": 7, "weight": 7.0},
    ]
    assert "yes, no" in strong.requests[0].messages[0].text


def test_a_judge_groups_what_means_the_same():
    judge = FakeProvider(["ANSWER: yes"] * 2)
    provider = FakeProvider(["Light scatters.", "The light is scattered."])
    result = voted(provider, "Why blue?", samples=2, stop="none", kind="text", judge=judge)
    assert (result.answer, result.detail["agreement"]) == ("Light scatters.", 1.0)
    assert [len(each.requests) for each in (provider, judge)] == [2, 2]
    assert "Why blue?" in judge.requests[0].messages[0].text


def test_a_judge_picks_where_the_strategy_is_judge():
    voters = [FakeProvider(["one", "two"]), FakeProvider(["three"])]
    judge = FakeProvider(["ANSWER: A"])
    terms = {"samples": 3, "stop": "none", "kind": "text", "counts": [2, 1]}
    result = voted(voters, strategy="judge", judge=judge, **terms)
    assert result.answer in ("one", "two", "three")
    assert (result.detail["chosen_by"], len(judge.requests)) == ("judge", 1)


async def _is_three(text):
    return text == "three"


@pytest.mark.parametrize("accept", [lambda text: text == "three", _is_three])
def test_the_first_reply_that_is_accepted_wins(accept):
    provider = FakeProvider(["one", "two", "three", "four"])
    result = voted(provider, samples=4, accept=accept)
    assert (result.answer, result.detail["chosen_by"]) == ("three", "check")
    assert len(provider.requests) == 3
    with pytest.raises(UnmetError, match="no reply passes the check"):
        voted(FakeProvider(["one", "two"]), samples=2, accept=accept)


def test_an_exception_of_accept_is_its_own():
    with pytest.raises(ZeroDivisionError):
        voted(FakeProvider(["one"]), samples=1, accept=lambda _: 1 / 0)


def test_a_stronger_provider_settles_a_split_vote():
    strong = FakeProvider(["ANSWER: 3"])
    result = voted(
        FakeProvider(["ANSWER: 1", "ANSWER: 2"]), samples=2, stop="none", escalate=strong
    )
    assert (result.answer, result.detail["escalated"]) == ("3", True)
    assert "ANSWER" in strong.requests[0].messages[-1].text


def test_a_calibration_weighs_the_votes_and_tells_how_often_they_are_right():
    members = {"FakeProvider": {"weight": 3.0}, "FakeProvider#2": {"weight": 0.5}}
    curve = [{"agreement": 0.5, "correct": 0.9}]
    known = {"calibration": 1, "members": members, "curve": curve}
    panel = [FakeProvider(["ANSWER: 1"]), FakeProvider(["ANSWER: 2"] * 2)]
    result = voted(panel, counts=[1, 2], samples=3, stop="none", calibration=known)
    assert (result.answer, result.detail["p_correct"]) == ("1", 0.9)
    assert [vote["weight"] for vote in result.detail["votes"]] == [3.0, 1.0]


def test_consensus_survives_failed_members():
    replies = ["4", UnavailableError("away"), "4", "4", "4"]
    result = voted(FakeProvider(replies), samples=5, stop="none")
    assert (result.answer, result.detail["failed"]) == ("4", 1)


@pytest.mark.parametrize(
    "terms", [{"strategy": "unanimous"}, {"min_agreement": 0.9}, {"need": 3}, {"on_tie": "error"}]
)
def test_a_vote_that_misses_its_terms_is_unmet_with_its_figures(terms):
    replies = ["4", "5"] if "need" not in terms else ["4", "4", UnavailableError("away")]
    with pytest.raises(UnmetError) as caught:
        voted(FakeProvider(replies), samples=len(replies), stop="none", **terms)
    result = caught.value.result
    assert result.answer == "4"
    assert result.detail["votes"][0]["answer"] == "4"


def test_a_vote_may_be_held_on_a_field_of_json():
    replies = [json.dumps({"city": city, "why": why}) for city, why in [("Bern", 1), ("Bern", 2)]]
    result = voted(FakeProvider(replies), samples=2, vote_field="city", stop="none")
    assert json.loads(result.answer)["city"] == "Bern"
    assert result.detail["agreement"] == 1.0


def test_no_more_calls_run_at_once_than_allowed():
    running, most = 0, 0

    class Slow:
        async def stream(self, request):
            nonlocal running, most
            running += 1
            most = max(most, running)
            yield CallSent()
            await asyncio.sleep(0)
            running -= 1
            yield Replied(message=Message("assistant", (Text("4"),)))

    result = voted(Slow(), samples=9, stop="none", speed="max", max_concurrency=3)
    assert most == 3
    assert result.detail["asked"] == 9


# --- providers ------------------------------------------------------------------------------------
class Mine:
    async def stream(self, request):
        yield CallSent()
        yield TextDelta(text="mine")
        yield Replied(message=Message("assistant", (Text("mine"),)))


class Forgetful:
    async def stream(self, request):
        yield CallSent()
        yield TextDelta(text="and then")


class Silent:
    """Does not stream: the reply is all it yields."""

    async def stream(self, request):
        yield Replied(message=Message("assistant", (Text("all at once"),)))


def test_a_provider_need_not_stream():
    heard = []
    assert asked(Silent(), on_event=heard.append).answer == "all at once"
    assert [each.text for each in heard if isinstance(each, TextDelta)] == ["all at once"]


def test_any_object_with_the_one_method_works():
    assert asked(Mine()).answer == "mine"
    assert (
        voted([Mine(), FakeProvider(["mine"])], samples=2, stop="none").detail["agreement"] == 1.0
    )


def test_a_stream_without_a_reply_is_no_answer():
    with pytest.raises(IncompleteError, match="ended without a reply") as caught:
        asked(Forgetful())
    assert caught.value.result.answer == "and then"
    with pytest.raises(UnmetError):
        voted(Forgetful(), samples=3)


def test_one_provider_serves_one_event_loop_after_another(server):
    server.default = chat_stream("x")
    provider = provided(server)
    assert [asked(provider).answer for _ in range(3)] == ["x"] * 3
    asyncio.run(provider.aclose())


def test_an_event_loop_that_ended_is_let_go_with_its_connections(server):
    server.default = chat_stream("x")
    provider = provided(server)
    loops = []

    async def go():
        loops.append(weakref.ref(asyncio.get_running_loop()))
        await kit.ask(provider, "hi")

    for _ in range(2):
        asyncio.run(go())
    gc.collect()
    assert loops[0]() is None


def test_a_closed_provider_says_so(server):
    server.default = chat_stream("x")

    async def go(provider):
        async with provider:
            await kit.ask(provider, "hi")
        await provider.aclose()
        with pytest.raises(UsageError, match="is closed"):
            await kit.ask(provider, "hi")

    asyncio.run(go(provided(server)))
    asyncio.run(go(FakeProvider(["x", "y"])))
    assert len(server.requests) == 1


ALL = [
    lambda: Provider(base_url="https://api.example.com/v1", api_key=KEY, model="m"),
    lambda: AnthropicProvider(api_key=KEY, model="claude"),
    lambda: AnthropicProvider(bearer_token=KEY, model="claude"),
    lambda: AzureProvider(endpoint="https://r.openai.azure.com", deployment="d", api_key=KEY),
    lambda: Provider(
        base_url="https://api.example.com/v1", model="m", headers={"Authorization": f"Bearer {KEY}"}
    ),
]


@pytest.mark.parametrize("make", ALL)
def test_a_key_cannot_slip_out(make, caplog):
    @dataclasses.dataclass
    class Settings:
        provider: object

    provider = make()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("app").warning("%s %r", provider, provider)
    settings = Settings(provider)
    shown = [repr(provider), str(provider), f"{provider:}", f"{provider!r}", caplog.text]
    shown += [repr(settings), repr(dataclasses.asdict(settings)), repr(copy.copy(provider))]
    assert not any(KEY in each for each in shown)
    with pytest.raises(TypeError):
        dataclasses.asdict(provider)
    for store in (pickle.dumps, json.dumps, vars):
        with pytest.raises(TypeError):
            store(provider)
    assert copy.deepcopy(settings).provider is provider


def test_a_provider_is_shown_with_its_key_masked():
    provider = Provider(base_url="https://h/v1?sig=abc", api_key=KEY, model="m")
    assert repr(provider) == "Provider(base_url='https://h/v1', model='m', api_key='***')"
    free = Provider(base_url="http://localhost:1/v1", model="m")
    assert repr(free) == "Provider(base_url='http://localhost:1/v1', model='m', api_key='')"
    assert (free.name, free.model, free.base_url) == ("localhost:1", "m", "http://localhost:1/v1")


def test_no_key_is_sent_when_none_is_given_whatever_the_environment_holds(server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    server.script(chat_stream("x"))
    asked(provided(server, api_key=""))
    assert "authorization" not in server.requests[0].headers


def test_a_key_that_a_server_quotes_is_not_repeated(server):
    server.script(refusal(401, f"bad key {KEY}"))
    with pytest.raises(AuthError) as caught:
        asked(provided(server))
    assert KEY not in f"{caught.value} {caught.value.hint} {caught.value.result}"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"base_url": "localhost:8080/v1"}, KitError),
        ({"base_url": "file:///etc/passwd"}, KitError),
        ({"base_url": "https://me:secret@host/v1"}, KitError),
        ({"base_url": "http://far.example.com/v1"}, ConfigError),
        ({"api_key": "ключ"}, AuthError),
        ({"api_key": f"{KEY}\n{KEY}"}, AuthError),
        ({"timeout": 0}, UsageError),
        ({"default_temperature": "hot"}, UsageError),
        ({"default_max_tokens": 0}, UsageError),
        ({"api": "soap"}, UsageError),
        ({"headers": {"a b": "c"}}, UsageError),
    ],
)
def test_what_a_provider_cannot_be_is_told_at_once(more, error):
    with pytest.raises(error) as caught:
        Provider(**{"base_url": "https://h/v1", "model": "m", **more})
    assert KEY not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_plain_http_to_another_machine_is_a_choice():
    Provider(base_url="http://far.example.com/v1", model="m", insecure_http=True)


# --- Anthropic ------------------------------------------------------------------------------------
def claude(text):
    start = {
        "id": "1",
        "model": "c",
        "role": "assistant",
        "content": [],
        "usage": {"input_tokens": 3},
    }
    block = {
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    }
    delta = {
        "type": "content_block_delta",
        "index": 0,
        "delta": {"type": "text_delta", "text": text},
    }
    end = {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 2},
    }
    stop = {"type": "content_block_stop", "index": 0}
    begun, ended = {"type": "message_start", "message": start}, {"type": "message_stop"}
    events = [begun, block, delta, stop, end, ended]
    raw = b"".join(f"event: {each['type']}\n".encode() + event(each) for each in events)
    return [head(200, {"Content-Type": "text/event-stream", "Content-Length": str(len(raw))}) + raw]


def test_anthropic_speaks_its_own_messages(server):
    server.script(claude("Hello"), claude("Hello"))
    result = asked(AnthropicProvider(base_url=server.url, api_key=KEY, model="c"), system="short")
    assert (result.answer, result.usage.input_tokens, result.usage.output_tokens) == ("Hello", 3, 2)
    asked(AnthropicProvider(base_url=server.url, bearer_token=KEY, model="c"))
    first, second = server.requests
    assert (first.path, first.json["max_tokens"]) == ("/v1/messages", 4096)
    assert "short" in json.dumps(first.json["system"])
    assert first.headers["x-api-key"] == KEY
    assert first.headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in first.headers
    assert second.headers["authorization"] == f"Bearer {KEY}"
    assert "x-api-key" not in second.headers


# --- Azure ----------------------------------------------------------------------------------------
AZURE = "/openai/deployments/D%20E/chat/completions?api-version="


@pytest.mark.parametrize(
    ("tail", "more", "path"),
    [
        ("", {}, f"{AZURE}2024-10-21"),
        ("/", {"api_version": "2025-01-01-preview"}, f"{AZURE}2025-01-01-preview"),
        ("/openai", {}, f"{AZURE}2024-10-21"),
        ("", {"api_version": "v1"}, "/openai/v1/chat/completions"),
        ("/openai/v1/", {}, "/openai/v1/chat/completions"),
        ("/openai/deployments/other/", {}, AZURE.replace("D%20E", "other") + "2024-10-21"),
    ],
)
def test_azure_is_asked_at_its_deployment_or_at_v1(server, tail, more, path):
    server.script(chat_stream("x"))
    asked(AzureProvider(endpoint=server.url + tail, deployment="D E", api_key=KEY, **more))
    (request,) = server.requests
    assert (request.path, request.headers["api-key"]) == (path, KEY)
    assert "authorization" not in request.headers
    assert request.json["model"] == "D E"


def test_azure_takes_a_bearer_token_instead_of_a_key(server):
    server.script(chat_stream("x"))
    asked(AzureProvider(endpoint=server.url, deployment="d", bearer_token=KEY))
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "api-key" not in server.requests[0].headers
    with pytest.raises(UsageError, match="both"):
        AzureProvider(endpoint=server.url, deployment="d", bearer_token=KEY, api_key=KEY)


# --- FakeProvider ---------------------------------------------------------------------------------
def test_the_fake_answers_in_order_and_says_when_it_has_run_out():
    provider = FakeProvider(["first", "second"]).add_response("third")
    assert [asked(provider).answer for _ in range(3)] == ["first", "second", "third"]
    with pytest.raises(KitError, match="run out"):
        asked(provider)


def test_a_server_that_does_not_stream_answers_as_well(server):
    message = {"role": "assistant", "content": "whole"}
    server.script(response({"choices": [{"message": message, "finish_reason": "stop"}]}))
    assert asked(provided(server)).answer == "whole"


# --- refine ---------------------------------------------------------------------------------------
def refined(provider, prompt="hi", **more):
    return asyncio.run(kit.refine(provider, prompt, **more))


def judgement(score):
    names = ("task", "correct", "clear", "apt")
    rated = [{"criterion": each, "evidence": "-", "score": score} for each in names]
    return json.dumps({"criteria": rated, "critique": "shorter"})


async def is_long(text):
    return len(text) > 3


def test_a_draft_is_revised_until_it_is_accepted():
    for accept in (lambda text: len(text) > 3, is_long):
        result = refined(FakeProvider(["one", "three"]), accept=accept)
        assert (result.answer, result.detail["stopped"]) == ("three", "check")


def test_what_is_never_accepted_is_returned_with_its_error():
    with pytest.raises(UnmetError) as missed:
        refined(FakeProvider(["one", "two", "six"]), accept=is_long, rounds=2)
    assert missed.value.result.answer in ("one", "two", "six")
    result = refined(FakeProvider(["one", "two"]), accept=is_long, rounds=1, check=False)
    assert (result.usage.calls, type(result.error)) == (2, UnmetError)


def test_another_provider_judges():
    judge = FakeProvider([judgement(5)])
    result = refined(FakeProvider(["one"]), judge=judge)
    assert (result.answer, result.detail["score"], result.usage.calls) == ("one", 1.0, 2)


def test_a_given_draft_is_where_it_begins():
    result = refined(FakeProvider(["longer"]), accept=is_long, draft="no")
    assert (result.answer, result.usage.calls) == ("longer", 1)


@pytest.mark.parametrize("wrong", [{"target": 2}, {"drafts": 0}, {"rounds": -1}, {"rubric": ""}])
def test_a_refinement_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(UsageError):
        refined(FakeProvider(["one"]), **wrong)
