"""OTLP over HTTP: runs sent to a collector, in JSON, or in protobuf where it takes no JSON."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count
from urllib.parse import urlsplit, urlunsplit

from kit.errors import AuthError, ConfigError, KitError, RejectedError, UnavailableError, UsageError
from kit.events import Json
from kit.providers.credentials.redact import Redactor
from kit.providers.transport import address, retry
from kit.providers.transport.http import Http
from kit.providers.transport.outgoing import Outgoing
from kit.trace.export import protobuf

TIMEOUT_S = 30.0
PATH = "/v1/traces"


def target(endpoint: str, *, insecure: bool) -> str:
    """Where traces go: the path of OTLP is added to a collector's address that has none.

    UsageError for what is no address, holds a password, or is plain http to another machine.
    """
    try:
        address.checked(endpoint, insecure=insecure)
        parts = urlsplit(endpoint.strip())
    except ConfigError as error:
        message = error.message.replace("base_url", "--endpoint").replace("prompts", "traces")
        hint = "like http://127.0.0.1:4318" if "not an" in message else error.hint
        raise UsageError(message, hint=hint) from None
    path = parts.path.rstrip("/")
    path = path if path.endswith(PATH) else path + PATH
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def headers(given: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """From ``HEADER=VARIABLE``: the value comes from the environment, so that no list of processes
    shows it. UsageError where there is none."""
    made = {}
    for each in given:
        name, equals, variable = each.partition("=")
        if not (equals and name.strip() and variable.strip()):
            raise UsageError(
                "--header-env takes HEADER=VARIABLE",
                hint="like --header-env authorization=OTLP_TOKEN, with the value in $OTLP_TOKEN",
            )
        value = environ.get(variable.strip(), "").strip()
        if not value:
            raise UsageError(
                f"the variable {variable.strip()} is not set, which --header-env names",
                hint="its value is sent as the header; export it first",
            )
        made[name.strip().lower()] = value
    return made


def send(
    url: str,
    requests: Iterable[Mapping[str, Json]],
    given: Mapping[str, str],
    say: Callable[[str], None],
) -> None:
    """Each ExportTraceServiceRequest in JSON, or in protobuf from the moment on at which the
    collector takes no JSON; again when it may take it later.

    Raises RejectedError, AuthError, UnavailableError; ``say`` hears of waits.
    """
    asyncio.run(Sender(url, given, say).send(requests))


class Sender:
    """A connection to a collector, and what is known of it."""

    def __init__(self, url: str, given: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._url, self._given, self._say = url, given, say
        self._clean = Redactor(given.values()).clean  # a server may say back what it was sent
        self._binary = False

    async def send(self, requests: Iterable[Mapping[str, Json]]) -> None:
        http = Http(self._url, self._clean)
        try:
            for request in requests:
                await self._delivered(http, request)
        finally:
            await http.aclose()

    async def _delivered(self, http: Http, request: Mapping[str, Json]) -> None:
        """The ids of spans are always the same: what arrives twice is there once."""
        for repeat in count(1):
            try:
                await _once(http, self._outgoing(request))
            except KitError as error:
                error.message = self._clean(error.message)
                error.args = (error.message,)
                wait = self._wait(error, repeat)
            else:
                return
            await asyncio.sleep(wait)

    def _wait(self, error: KitError, repeat: int) -> float:
        """Seconds until the next try; raises the error where another would be of no use."""
        if error.http_status == 415 and not self._binary:
            self._binary = True
            return 0.0
        wait = retry.wait_before(error, repeat, random.random) if repeat <= retry.RETRIES else None
        if wait is None:
            raise _in_other_words(retry.explained(error)) from None
        self._say(f"kit: {error.message}; again in {wait:.1f} s")
        return wait

    def _outgoing(self, request: Mapping[str, Json]) -> Outgoing:
        body = protobuf.encode(request) if self._binary else json.dumps(request).encode()
        media = "application/x-protobuf" if self._binary else "application/json"
        headers = {"content-type": media, **self._given}
        return Outgoing("POST", self._url, headers, body, TIMEOUT_S)


async def _once(http: Http, outgoing: Outgoing) -> None:
    try:
        answer = await http.send(outgoing)
    except KitError as error:
        if error.http_status == 204:  # not the letter of OTLP, but taken
            return
        raise
    try:
        _complain(await answer.whole(), outgoing.url)
    finally:
        await answer.aclose()


def _complain(body: bytes, url: str) -> None:
    """Raise for a collector that took a part only, which it says with a 200."""
    try:
        partial = json.loads(body)["partialSuccess"]
        rejected = int(partial.get("rejectedSpans", 0))
        why = str(partial.get("errorMessage", ""))
    except (ValueError, TypeError, KeyError, AttributeError):
        return  # an empty body, or one of its own: the status has said it
    if rejected > 0:
        raise RejectedError(
            f"{address.host(url)} took the traces but for {rejected} spans{why and f': {why}'}",
            hint="look at its log",
        )


def _in_other_words(error: KitError) -> KitError:
    """The hints of providers are about keys and models."""
    if isinstance(error, AuthError):
        error.hint = "send what it wants with --header-env authorization=VARIABLE"
    elif isinstance(error, UnavailableError):
        error.hint = "is the collector running there?"
    elif isinstance(error, RejectedError):
        error.hint = f"is it an OTLP endpoint? kit sends to {PATH}"
    return error
