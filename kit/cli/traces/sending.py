"""OTLP over HTTP: runs sent to a collector."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

from kit.errors import AuthError, ConfigError, KitError, RejectedError, UsageError
from kit.providers.credentials.redact import Redactor
from kit.providers.transport import address, retry
from kit.providers.transport.http import Http, Outgoing

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
    url: str, bodies: Iterable[bytes], given: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """One request a body, each tried again when the collector may take it later.

    Raises RejectedError, AuthError, UnavailableError; ``say`` hears of waits.
    """
    asyncio.run(_sent(url, bodies, given, say))


async def _sent(
    url: str, bodies: Iterable[bytes], given: Mapping[str, str], say: Callable[[str], None]
) -> None:
    http = Http(url, Redactor(given.values()).clean)
    named = {"content-type": "application/json", **given}
    try:
        for body in bodies:
            await _delivered(http, Outgoing("POST", url, named, body, TIMEOUT_S), say)
    finally:
        await http.aclose()


async def _delivered(http: Http, outgoing: Outgoing, say: Callable[[str], None]) -> None:
    """The ids of spans are always the same: what arrives twice is there once."""
    for repeat in range(1, retry.RETRIES + 2):
        try:
            return await _once(http, outgoing)
        except KitError as error:
            wait = retry.wait_before(error, repeat, random.random)
            if wait is None or repeat > retry.RETRIES:
                raise _in_other_words(retry.explained(error)) from error
            say(f"kit: {error.message}; again in {wait:.1f} s")
        await asyncio.sleep(wait)
    return None


async def _once(http: Http, outgoing: Outgoing) -> None:
    try:
        answer = await http.send(outgoing)
    except KitError as error:
        if error.http_status in (202, 204):  # not the letter of OTLP, but taken
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
    elif isinstance(error, RejectedError):
        error.hint = f"is it an OTLP endpoint that takes JSON? kit sends to {PATH}"
    return error
