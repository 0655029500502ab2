"""Tests for authors of providers: what kit relies on, as a class to be subclassed.

    class TestMine(ProviderConformance):
        def provider(self):
            return Mine()

pytest collects the subclass as it stands; with unittest add ``unittest.TestCase``. Nothing but the
standard library is needed, and every test runs its own event loop.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from kit.errors import KitError
from kit.events import (
    CallRetried,
    CallSent,
    Event,
    Message,
    Noted,
    ReasoningDelta,
    Replied,
    Request,
    Text,
    TextDelta,
    Usage,
)
from kit.providers import Provider

T = TypeVar("T")
YIELDS = (CallSent, CallRetried, TextDelta, ReasoningDelta, Replied, Noted)
PATIENCE = 10.0  # seconds that any of these tests may take
GRACE = 0.5  # seconds in which what a closed stream leaves behind has to end


class ProviderConformance:
    """Override ``provider``; the others where they do not fit."""

    key = ""
    """The key that ``provider`` was given: it must never be seen."""

    def provider(self) -> Provider:
        """A new provider that answers three requests or more with some text."""
        raise NotImplementedError("return a provider that answers with some text")

    def failing(self) -> Provider | None:
        """A new provider whose next call fails; None where that cannot be arranged."""
        return None

    def request(self) -> Request:
        return Request((Message("user", (Text("Say hello."),)),))

    # --- one call -------------------------------------------------------------------------------
    def test_a_call_yields_events_of_a_call_and_nothing_else(self) -> None:
        strange = [each for each in self._heard() if not isinstance(each, YIELDS)]
        assert not strange, f"a provider does not yield {strange[0]!r}"

    def test_the_call_is_announced_before_anything_of_it_is_here(self) -> None:
        """``CallSent`` comes first: whoever reads it may still prevent the request."""
        kinds = [type(each) for each in self._heard() if not isinstance(each, Noted)]
        assert kinds[0] is CallSent, f"the first event is {kinds[0].__name__}, not CallSent"

    def test_one_reply_comes_and_it_comes_last(self) -> None:
        events = self._heard()
        replies = [at for at, each in enumerate(events, 1) if isinstance(each, Replied)]
        assert replies == [len(events)], f"Replied is event {replies} of {len(events)}"

    def test_the_deltas_add_up_to_the_reply(self) -> None:
        """Or there are none: then the reply is shown once it is here."""
        events = self._heard()
        reply = _reply(events)
        told, whole = _told(events), reply.message.text
        assert reply.message.role == "assistant"
        assert whole.strip(), "the reply says nothing"
        assert told in ("", whole), f"{told!r} was told, {whole!r} is the reply"

    def test_tokens_are_counted_or_unknown(self) -> None:
        usage = _reply(self._heard()).usage or Usage()
        wrong = [each for each in _counts(usage) if each is not None and each < 0]
        assert not wrong, f"{usage!r}"

    def test_the_request_stays_as_it_was(self) -> None:
        request = self.request()
        before = copy.deepcopy(request)
        self._run(lambda provider: _listen(provider, request))
        assert request == before

    def test_no_key_is_shown(self) -> None:
        provider = self.provider()
        shown = [repr(provider), str(provider), *map(repr, self._heard())]
        assert not self.key or not any(self.key in each for each in shown)

    # --- more than one ----------------------------------------------------------------------------
    def test_two_calls_at_once_are_kept_apart(self) -> None:
        async def both(provider: Provider) -> list[list[Event]]:
            calls = (_listen(provider, self.request()) for _ in range(2))
            return await asyncio.gather(*calls)

        for events in self._run(both):
            assert _told(events) in ("", _reply(events).message.text)

    def test_it_serves_one_event_loop_after_another(self) -> None:
        provider = self.provider()
        for _ in range(2):
            events = asyncio.run(_bounded(_listen(provider, self.request())))
            assert isinstance(events[-1], Replied)
        asyncio.run(_bounded(_closed(provider)))

    # --- the end ----------------------------------------------------------------------------------
    def test_nothing_goes_on_after_a_call(self) -> None:
        async def whole(provider: Provider) -> set[str]:
            await _listen(provider, self.request())
            return await _left()

        assert self._run(whole) == set()

    def test_a_stream_that_is_closed_early_ends_at_once_and_leaves_nothing(self) -> None:
        async def first(provider: Provider, wanted: type[Event]) -> set[str]:
            stream = provider.stream(self.request())
            async for event in stream:
                if isinstance(event, wanted):
                    break
            await _close(stream)
            return await _left()

        for wanted in (CallSent, TextDelta):
            left = self._run(lambda provider, kind=wanted: first(provider, kind))  # type: ignore[misc]  # mypy knows no default of a lambda
            assert left == set()

    def test_a_cancelled_call_is_cancelled(self) -> None:
        """What cancels it is not turned into an error of another kind, nor swallowed."""

        async def cancelled(provider: Provider) -> BaseException | None:
            task = asyncio.current_task()
            assert task is not None
            stream = provider.stream(self.request())
            end: BaseException | None = None
            try:
                async for event in stream:
                    if isinstance(event, CallSent):
                        task.cancel()
            except BaseException as error:  # which kind it is shall be seen
                end = error
            with suppress(asyncio.CancelledError):  # it comes here where nothing had to wait
                await asyncio.sleep(0)
            task.uncancel()
            await _close(stream)
            return end

        end = self._run(cancelled)
        assert end is None or isinstance(end, asyncio.CancelledError), f"it became {end!r}"

    def test_it_can_be_closed_twice(self) -> None:
        self._run(_closed)

    def test_what_goes_wrong_is_a_kit_error(self) -> None:
        provider = self.failing()
        if provider is None:
            return
        error = asyncio.run(_bounded(_failure(provider, self.request())))
        assert isinstance(error, KitError), f"{error!r} was raised"
        assert type(error) is not KitError, "raise one of its kinds: they have exit codes"
        assert error.message
        assert not self.key or self.key not in f"{error!r} {error.hint}"

    # --- how --------------------------------------------------------------------------------------
    def _heard(self) -> list[Event]:
        return self._run(lambda provider: _listen(provider, self.request()))

    def _run(self, act: Callable[[Provider], Awaitable[T]]) -> T:
        """Do something with a new provider, and close it, in a loop of its own."""

        async def whole() -> T:
            provider = self.provider()
            try:
                return await act(provider)
            finally:
                await _closed(provider)

        return asyncio.run(_bounded(whole()))


async def _listen(provider: Provider, request: Request) -> list[Event]:
    return [event async for event in provider.stream(request)]


async def _failure(provider: Provider, request: Request) -> BaseException | None:
    try:
        await _listen(provider, request)
    except Exception as error:  # which kind it is shall be seen
        return error
    finally:
        await _closed(provider)
    return None


async def _bounded(act: Awaitable[T]) -> T:
    async with asyncio.timeout(PATIENCE):
        return await act


async def _close(stream: AsyncIterator[Event]) -> None:
    close = getattr(stream, "aclose", None)
    if close:
        await close()


async def _closed(provider: Provider) -> None:
    """A provider need not have ``aclose``; who has one bears it twice."""
    for _ in range(2):
        close = getattr(provider, "aclose", None)
        if close:
            await close()


async def _left() -> set[str]:
    """The names of the tasks that go on beside this one."""
    end = asyncio.get_running_loop().time() + GRACE
    while (tasks := asyncio.all_tasks() - {asyncio.current_task()}) and (
        asyncio.get_running_loop().time() < end
    ):
        await asyncio.sleep(0.01)
    return {task.get_name() for task in tasks if task is not None}


def _reply(events: list[Event]) -> Replied:
    replies = [each for each in events if isinstance(each, Replied)]
    assert replies, "no Replied came"
    return replies[-1]


def _told(events: list[Event]) -> str:
    return "".join(each.text for each in events if isinstance(each, TextDelta))


def _counts(usage: Usage) -> tuple[int | None, ...]:
    return usage.input_tokens, usage.output_tokens, usage.reasoning_tokens, usage.cached_tokens
