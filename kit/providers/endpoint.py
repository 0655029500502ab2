"""A provider behind HTTP: a profile's address and key, one dialect, retries and repairs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from kit.dataclass import dataclass
from kit.errors import (
    IncompleteError,
    KitError,
    RefusedError,
    RejectedError,
    UnavailableError,
)
from kit.events import (
    CallRetried,
    CallSent,
    Event,
    Json,
    Noted,
    ReasoningDelta,
    Replied,
    Request,
    TextDelta,
)
from kit.providers.complete import Whole, complete
from kit.providers.config.learned import Memory
from kit.providers.config.presets import auth_for, preset_of, quirks_for, whole_address
from kit.providers.config.profiles import Profile
from kit.providers.cost import charged
from kit.providers.credentials.header import Credentials, masked
from kit.providers.credentials.secret import Secret
from kit.providers.dialects.decoder import Decoder
from kit.providers.dialects.ending import Ending
from kit.providers.dialects.wire import Dialect, Quirks
from kit.providers.outbox import Outbox
from kit.providers.transport import address, limits, retry
from kit.providers.transport.answer import Answer
from kit.providers.transport.http import Http
from kit.providers.transport.limits import Clock
from kit.providers.transport.outgoing import Outgoing

if TYPE_CHECKING:
    from kit.providers import listing

REPAIRS = 3  # refused parameters that one call may find out about


@dataclass(slots=True)
class _Try:
    """What one call has learned over its attempts."""

    whole: Whole
    quirks: Quirks
    repeats: int = 0
    repairs: int = 0
    passing: frozenset[str] = frozenset()  # dropped fields that other requests may well have


class Endpoint:
    """``memory`` keeps, from one run to the next, which parameters a server refused; without one
    the endpoint itself remembers as long as it lives."""

    def __init__(
        self,
        profile: Profile,
        dialect: Dialect,
        secret: Secret | None = None,
        *,
        source: str = "",
        retries: int | None = None,
        memory: Memory | None = None,
        clock: Clock | None = None,
        chance: Callable[[], float] | None = None,
    ) -> None:
        """``profile`` is resolved, ``retries`` overrides its own; ``source`` is the variable that
        the secret came from, if any. ConfigError when the address cannot be used."""
        self.profile, self.dialect = profile, dialect
        self._preset = preset_of(profile)
        self._retired = self._preset.retired if self._preset else ""  # to be said once
        quirks = quirks_for(self._preset, profile)
        self.quirks = memory.recall(profile, quirks) if memory else quirks
        auth = auth_for(self._preset, profile, source)
        self._credentials = Credentials(secret, auth, profile.headers)
        self._retries = profile.retries if retries is None else retries
        self._memory, self._chance, self._clock = memory, chance or _chance, clock or Clock()
        self.url = self._at(dialect.path)
        self._host = address.host(self.url)
        self._outbox = Outbox(profile, dialect, self.url, self._headers)
        self._http = Http(self.url, self._credentials.clean)

    def __repr__(self) -> str:
        return f"Endpoint({self.profile.name!r}, {self.url!r}, key={self._credentials.shown!r})"

    async def stream(self, request: Request) -> AsyncGenerator[Event, None]:
        """``CallSent`` before each request leaves, deltas, ``Replied``; ``CallRetried`` and
        ``Noted`` between two attempts. Raises KitError; nothing is repeated once a delta is out.
        """
        whole = self._outbox.whole(request)
        if self._retired:
            yield Noted(text=f"{self._retired}; {self._host} is asked all the same")
            self._retired = ""
        this = _Try(whole, _allowing(self.quirks, whole.asked))
        for attempt in count(1):
            shown = False
            try:
                async with aclosing(self._attempt(this, attempt)) as events:
                    async for event in events:
                        shown = shown or isinstance(event, TextDelta | ReasoningDelta)
                        yield event
                return
            except KitError as error:
                failed = self._credentials.cleaned(error)
                self._hold(failed)
                if shown:
                    raise _cut(failed) from failed
                again = self._repair(this, failed) or self._repeat(this, failed)
                if again is None:
                    raise retry.explained(failed)  # noqa: B904  # it is the same error
            yield again
            if isinstance(again, CallRetried):
                await self._clock.sleep(again.wait_s)

    async def models(self) -> list[Mapping[str, Json]]:
        """What the server lists at ``/models``, one table a model."""
        from kit.providers import listing  # for who lists

        rows: list[Mapping[str, Json]] = []
        seen, after = set[str](), ""
        while after not in seen and len(seen) < listing.PAGES:
            seen.add(after)
            page = await self._page(after)
            rows += page.rows
            if not (after := page.after):
                break
        return rows

    def preview(self, request: Request) -> dict[str, Json]:
        """The request as it would leave, the key masked."""
        whole = complete(request, self.profile)
        quirks = _allowing(self.quirks, whole.asked)
        headers = masked(self._headers(quirks))
        body = self.dialect.encode(whole.request, quirks)
        return {"method": "POST", "url": self.url, "headers": headers, "body": body}

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _page(self, after: str) -> listing.Page:
        """One page of the list of models."""
        from kit.providers import listing

        place = listing.place(self.url, self.dialect.path)
        url = listing.paged(place, self.profile.api, after)
        outgoing = Outgoing("GET", url, self._headers(self.quirks), timeout=self.profile.timeout)
        for repeat in count(1):
            try:
                return listing.page(await self._got(outgoing))
            except KitError as error:
                failed = self._credentials.cleaned(error)
                wait = retry.wait_before(failed, repeat, self._chance)
                if wait is None or repeat > self._retries:
                    raise retry.explained(failed)  # noqa: B904  # it is the same error
            await self._clock.sleep(wait)
        raise AssertionError("count() has no end")

    async def _got(self, outgoing: Outgoing) -> bytes:
        answer = await self._http.send(outgoing)
        try:
            return await answer.whole()
        finally:
            await answer.aclose()

    async def _attempt(self, this: _Try, attempt: int) -> AsyncGenerator[Event, None]:
        gate = limits.gate(self._host, self.profile.max_concurrency, self.profile.rpm)
        ready = self._outbox.ready(this.whole, this.quirks)
        most = ready.most
        await gate.enter(self._clock)
        try:
            model = this.whole.request.model or ""
            yield CallSent("", attempt, model, most.tokens, most.usd)
            answer = await self._http.send(ready.outgoing)
            try:
                if this.repairs:
                    self._keep(this)
                async with aclosing(self._read(answer, this)) as events:
                    async for event in events:
                        yield event
            finally:
                await answer.aclose()
        finally:
            gate.leave()

    async def _read(self, answer: Answer, this: _Try) -> AsyncGenerator[Event, None]:
        reader = Ending(self.dialect.reader())
        decoder = Decoder(reader)
        async with aclosing(answer.chunks()) as chunks:
            try:
                async for chunk in chunks:
                    for event in decoder.feed(chunk):
                        yield event
                    if reader.seen:
                        break
            except (UnavailableError, IncompleteError):
                if not reader.seen:  # what breaks off after the end is no loss
                    raise
            for event in decoder.rest():
                yield event
            yield self._priced(decoder.close(), this.whole.request)
            await answer.drain(chunks)

    def _priced(self, reply: Replied, request: Request) -> Replied:
        return replace(reply, usage=charged(self.profile, request, reply.usage, reply.model))

    def _hold(self, error: KitError) -> None:
        """A host that asks one call to wait asks all of them."""
        asked = retry.asked_wait(error)
        if asked is not None and asked <= retry.LONGEST:
            gate = limits.gate(self._host, self.profile.max_concurrency, self.profile.rpm)
            gate.host.hold(self._clock.now() + asked)

    def _repeat(self, this: _Try, error: KitError) -> CallRetried | None:
        if this.repeats >= self._retries:
            return None
        wait = retry.wait_before(error, this.repeats + 1, self._chance)
        if wait is None:
            return None
        this.repeats += 1
        return CallRetried(reason=error.message, wait_s=wait, unbilled=error.unbilled)

    def _repair(self, this: _Try, error: KitError) -> Noted | None:
        """Leave out what the server refuses and nobody asked for."""
        if not _refused(error):
            return None
        if this.repairs >= REPAIRS:
            return None
        from kit.providers.dialects.remedy import healed, lasting, remedy  # for what is refused

        body = self.dialect.encode(this.whole.request, this.quirks)
        quirks = remedy(error.message, body, this.quirks, this.whole.asked)
        if quirks is None or self.dialect.encode(this.whole.request, quirks) == body:
            return None
        told = healed(self._host, this.quirks, quirks)
        if not lasting(error.message):
            this.passing |= quirks.dropped - this.quirks.dropped
        this.quirks, this.repairs = quirks, this.repairs + 1
        return Noted(text=told)

    def _keep(self, this: _Try) -> None:
        dropped = this.quirks.dropped - this.passing
        quirks = replace(this.quirks, dropped=dropped | self.quirks.dropped)
        if quirks != self.quirks:
            self.quirks = quirks
            if self._memory:
                self._memory.keep(self.profile, quirks)

    def _headers(self, quirks: Quirks) -> dict[str, str]:
        version = {"anthropic-version": quirks.version} if quirks.version else {}
        return {
            "Accept": "text/event-stream, application/json",
            "Content-Type": "application/json",
            "User-Agent": "kit",
            **version,
            **self._credentials.headers(),
            **self.profile.headers,
        }

    def _at(self, path: str) -> str:
        """The URL of a dialect's path at this profile's address."""
        profile, preset = self.profile, self._preset
        base = address.checked(profile.base_url, insecure=profile.insecure_http)
        base, exact = whole_address(preset, base, profile.api)
        version = "" if profile.api == "anthropic" else profile.api_version  # a header there
        if not version and preset and address.is_deployment(base):
            version = preset.api_version
        return address.join(base, path, exact=exact, api_version=version)


def _allowing(quirks: Quirks, asked: frozenset[str]) -> Quirks:
    """What was refused once is sent all the same when it was asked for: never dropped silently."""
    return replace(quirks, dropped=quirks.dropped - asked)


def _chance() -> float:
    import random  # for who has to wait

    return random.random()  # noqa: S311  # spreads repeats, hides nothing


def _refused(error: KitError) -> bool:
    """For how it was asked, so that it may be asked in another way."""
    if isinstance(error, RejectedError):
        return error.http_status in {400, 422}
    if error.http_status != 500:
        return False
    from kit.providers.dialects.remedy import of_role

    return of_role(error.message)


def _cut(error: KitError) -> KitError:
    """What a failure is called once a part of the answer was shown."""
    if isinstance(error, IncompleteError | RefusedError):
        return error
    return IncompleteError(
        f"the answer was cut: {error.message}",
        hint=error.hint,
        http_status=error.http_status,
        request_id=error.request_id,
    )
