"""What kit relies on in a provider, asked of its own: and of those that get it wrong."""

import asyncio
import threading
from dataclasses import replace

import pytest
from command import KEY
from loopback import Answer, Server, chat_stream, refusal, response

from kit import FakeProvider, Provider
from kit.errors import UnavailableError
from kit.events import CallSent, Message, Replied, Text, TextDelta, Usage
from kit.providers.conformance import ProviderConformance


class TestFakeProvider(ProviderConformance):
    def provider(self):
        return FakeProvider(["hello there"] * 3)

    def failing(self):
        return FakeProvider([UnavailableError("no network today")])


class Loopback(ProviderConformance):
    """A provider of kit's own, against a server on this machine."""

    key = KEY
    answer: Answer = chat_stream("hel", "lo", delay=0.01)

    @pytest.fixture(autouse=True)
    def _server(self, server: Server) -> None:
        self.server = server
        server.default = self.answer

    def provider(self):
        return Provider(base_url=self.server.base, api_key=KEY, model="m", retries=0)

    def failing(self):
        self.server.script(refusal(401, f"incorrect key {KEY}"))
        return self.provider()


class TestEndpoint(Loopback):
    pass


class TestEndpointThatDoesNotStream(Loopback):
    answer = response(
        {
            "choices": [
                {"message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}
            ]
        }
    )


class Plain:
    """All that a provider must have."""

    async def stream(self, request):
        yield CallSent(model="plain")
        for word in ("Hello, ", "you."):
            await asyncio.sleep(0)
            yield TextDelta(text=word)
        yield Replied(message=Message("assistant", (Text("Hello, you."),)), model="plain")


class TestPlainClass(ProviderConformance):
    def provider(self):
        return Plain()


# --- those that get it wrong ----------------------------------------------------------------------
SENT, HELL, HELLO = CallSent(), TextDelta(text="hell"), TextDelta(text="hello")
REPLY = Replied(message=Message("assistant", (Text("hello"),)))


class Saying:
    """Yields these, whatever is asked."""

    def __init__(self, *events):
        self.events = events

    async def stream(self, request):
        for event in self.events:
            yield event


class Stubborn:
    """Hides that it is cancelled."""

    async def stream(self, request):
        yield SENT
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            raise UnavailableError("the network is gone") from None
        yield REPLY


class Untidy:
    """Leaves a task behind."""

    async def stream(self, request):
        self.task = asyncio.ensure_future(asyncio.sleep(5))
        yield SENT
        yield HELLO
        yield REPLY


class OneLoop:
    """Is bound to the event loop that it first ran in."""

    def __init__(self):
        self.lock = None

    async def stream(self, request):
        loop = asyncio.get_running_loop()
        self.lock = self.lock or loop
        if self.lock is not loop:
            raise RuntimeError("attached to a different loop")
        for event in (SENT, HELLO, REPLY):
            yield event


class Shared:
    """Mixes up calls that run at once."""

    def __init__(self):
        self.text = ""

    async def stream(self, request):
        yield SENT
        self.text = ""
        for word in ("a ", "b ", "c"):
            await asyncio.sleep(0)
            self.text += word
            yield TextDelta(text=word)
        yield replace(REPLY, message=Message("assistant", (Text(self.text),)))


class Foreign:
    async def stream(self, request):
        yield SENT
        raise ValueError("no idea")


class Telling(Saying):
    def __init__(self):
        super().__init__(SENT, HELLO, REPLY)
        self.api_key = KEY

    def __repr__(self):
        return f"Telling({self.api_key})"


SAYS, ORDER, LAST = (
    "test_a_call_yields_events_of_a_call_and_nothing_else",
    "test_the_call_is_announced_before_anything_of_it_is_here",
    "test_one_reply_comes_and_it_comes_last",
)
CHECKS = [name for name in dir(ProviderConformance) if name.startswith("test_")]


@pytest.mark.parametrize(
    ("wrong", "failing"),
    [
        (lambda: Saying(HELLO, REPLY), {ORDER}),
        (lambda: Saying(SENT, "hello", REPLY), {SAYS}),
        (lambda: Saying(SENT, HELLO, REPLY, REPLY), {LAST}),
        (lambda: Saying(SENT, HELLO, REPLY, HELLO), {LAST}),
        (lambda: Saying(SENT, HELLO), {LAST}),
        (lambda: Saying(SENT, HELL, REPLY), {"test_the_deltas_add_up_to_the_reply"}),
        (
            lambda: Saying(SENT, HELLO, replace(REPLY, usage=Usage(input_tokens=-1))),
            {"test_tokens_are_counted_or_unknown"},
        ),
        (Stubborn, {"test_a_cancelled_call_is_cancelled"}),
        (Untidy, {"test_nothing_goes_on_after_a_call",
                  "test_a_stream_that_is_closed_early_ends_at_once_and_leaves_nothing"}),
        (OneLoop, {"test_it_serves_one_event_loop_after_another"}),
        (Shared, {"test_two_calls_at_once_are_kept_apart"}),
        (Foreign, {"test_what_goes_wrong_is_a_kit_error"}),
        (Telling, {"test_no_key_is_shown"}),
    ],
)  # fmt: skip
def test_it_finds_what_is_wrong(wrong, failing):
    class Mine(ProviderConformance):
        key = KEY

        def provider(self):
            return wrong()

        failing = provider if wrong is Foreign else ProviderConformance.failing

    found = set()
    for check in CHECKS if failing & {"test_it_serves_one_event_loop_after_another"} else failing:
        try:
            getattr(Mine(), check)()
        except Exception:
            found.add(check)
    assert found == failing


def test_one_provider_serves_event_loops_in_several_threads(server):
    server.default = chat_stream("a", "b", "c", delay=0.002)
    provider = Provider(base_url=server.base, api_key=KEY, model="m")
    texts: list[str] = []

    async def some() -> None:
        for _ in range(5):
            events = [e async for e in provider.stream(ProviderConformance().request())]
            texts.append(events[-1].message.text)

    threads = [threading.Thread(target=asyncio.run, args=(some(),)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)
    assert texts == ["abc"] * 20
    asyncio.run(provider.aclose())
