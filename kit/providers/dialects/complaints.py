"""What a refusal means: the right error, with the provider's own words in one sentence."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from http import HTTPStatus

from kit.dataclass import dataclass
from kit.errors import (
    AuthError,
    KitError,
    QuotaError,
    RateLimitError,
    RefusedError,
    RejectedError,
    UnavailableError,
    UnusableError,
)
from kit.events import Json
from kit.providers.dialects.wording import Said, one_line, parsed, title

_REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "cf-ray")
_PHRASES = {529: "Overloaded"}  # beside those of the standard library
_NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]+)?")

_FILTER = re.compile(r"content_filter|responsibleaipolicy|content_policy|content management policy")
_QUOTA = re.compile(
    r"insufficient[ _](quota|balance|funds|credit)|credit balance|exceeded your current quota"
    r"|(out of|no|any|more|enough) credits|spend(ing)? limit|billing_\w+|payment required|arrearage"
)
_KEY = re.compile(
    r"(invalid|incorrect|missing)[ _-](x-)?api[ _-]key"
    r"|api[ _-]key[ _]((is )?invalid|(is )?not valid)"
    r"|authentication_error|unauthenticated"
)
_MODEL = re.compile(
    r"model[ _]not[ _]found|invalid[ _]model|model_decommissioned|not_found_error"
    r"|\bmodels?\b.*(not found|not exist|not a valid|not supported|deprecated|removed)"
    r"|model version has reached"
)
_LONG = re.compile(
    r"context[ _](length|size|window)|(prompt|messages|input) (is )?too long"
    r"|too[ _]many[ _]\w*tokens|input tokens exceeded|token count.*exceeds"
)
_STATUSES = {  # what a code or a type means where no status says it
    "authentication_error": 401,
    "invalid_api_key": 401,
    "unauthenticated": 401,
    "billing_error": 402,
    "insufficient_quota": 402,
    "permission_error": 403,
    "permission_denied": 403,
    "not_found_error": 404,
    "not_found": 404,
    "model_not_found": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "resource_exhausted": 429,
    "too_many_requests": 429,
    "overloaded_error": 529,
    "timeout_error": 504,
    "content_filter": 400,
    "context_length_exceeded": 400,
    "invalid_prompt": 400,
    "invalid_argument": 400,
    "tool_use_failed": 400,
    "invalid_request_error": 400,
}
_SENTENCES: Mapping[type[KitError], tuple[str, str]] = {  # what happened, and what to do
    AuthError: ("did not accept the key", "`kit key set PROFILE` stores the right one"),
    QuotaError: ("asks for money", "add credit there, or use another profile: -p NAME"),
    RefusedError: ("declined the prompt", "change the prompt"),
    RateLimitError: ("asks to slow down", "wait a while, or use another profile: -p NAME"),
    UnavailableError: ("failed", "try again later, or use another profile: -p NAME"),
    RejectedError: ("refused the request", ""),
}
_FORBIDDEN = (
    "does not allow this with the key",
    "check what the key may do, and the model and prompt it was used for",
)
_HINTS = (  # (status or None, meaning or None, hint): the first that fits a RejectedError
    (None, _LONG, "shorten the prompt, or use a model that reads more"),
    (None, _MODEL, "`kit models` lists the models of this provider"),
    (404, None, "check base_url, and the model: `kit models`"),
    (405, None, "check base_url"),
)


def complaint(
    status: int, headers: Mapping[str, str], body: bytes, *, host: str, now: float | None = None
) -> KitError:
    """The error for an answer that is none; even a 200: some hosts send their errors with it.

    ``body`` as decompressed; ``now`` in seconds since 1970, to understand a Retry-After that
    names a date.
    """
    known = {name.lower(): value for name, value in headers.items()}
    said = Said(parsed(body))
    number = next((known[name] for name in _REQUEST_IDS if known.get(name)), said.request_id)
    if 300 <= status < 400:
        return _redirect(status, known.get("location", ""), host)
    if isinstance(said.value, str):
        words = _unstructured(status, known.get("content-type", ""), said.value)
        if status < 300:
            return UnusableError(f"{host} sent no API response: {words}", hint="check base_url")
    else:
        status = _status(said) if status < 300 else status
        words = one_line(said.words) or _phrase(status)
    wait = retry_after(known, now)
    about = _About(host, number, said.wait if wait is None else wait)
    return _error(status, said, words, about)


def in_stream(error: Json, *, host: str = "the provider") -> KitError:
    """The error for an error object, or its text, inside a 200. UnavailableError when unclear."""
    said = Said(error)
    words = one_line(said.words) or "an error without a word"
    found = _error(_status(said), said, words, _About(host, said.request_id, said.wait))
    if said.status is None:
        found.http_status = None
    return found


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds to wait, by Retry-After-ms or Retry-After. None for what names no time to come."""
    known = {name.lower(): value.strip() for name, value in headers.items()}
    milliseconds = _seconds(known.get("retry-after-ms", ""))
    if milliseconds:  # a 0 there stands beside a Retry-After that says more
        return milliseconds / 1000
    seconds = _seconds(known.get("retry-after", ""))
    if seconds is None:
        seconds = _until(known.get("retry-after", ""), time.time() if now is None else now)
    return milliseconds if seconds is None else seconds


# --- which error --------------------------------------------------------------------------------
def _kind(status: int, said: Said) -> type[KitError]:
    if _FILTER.search(said.meaning):
        return RefusedError
    if status == 402 or (status < 500 and said.wait is None and _QUOTA.search(said.meaning)):
        return QuotaError
    if status in {401, 403} or (status in {400, 422} and _KEY.search(said.meaning)):
        return AuthError
    if status == 429:
        return RateLimitError
    if status in {408, 409, 425} or status >= 500:
        return UnavailableError
    return RejectedError


def _status(said: Said) -> int:
    """What a status would have said; 502 where nothing tells."""
    meant = (_STATUSES.get(label.lower()) for label in said.labels)
    return said.status or next((status for status in meant if status), 502)


def _hint(status: int, said: Said) -> str:
    fits = (
        hint
        for at, meaning, hint in _HINTS
        if at in {None, status} and (meaning is None or meaning.search(said.meaning))
    )
    return next(fits, "")


# --- what it says -------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class _About:
    host: str
    request_id: str
    wait: float | None


def _error(status: int, said: Said, words: str, about: _About) -> KitError:
    kind = _kind(status, said)
    number = one_line(about.request_id, 80)
    code = "" if words.startswith(str(status)) else f"{status} {one_line(said.label, 60)}".strip()
    notes = ", ".join(note for note in (code, number and f"request {number}") if note)
    verb, hint = _FORBIDDEN if status == 403 and kind is AuthError else _SENTENCES[kind]
    message = f"{about.host} {verb}: {words.rstrip(' .')}" + (notes and f" ({notes})")
    hint = hint or _hint(status, said)
    if issubclass(kind, UnavailableError):
        wait = about.wait
        return kind(message, hint=hint, http_status=status, request_id=number, retry_after=wait)
    return kind(message, hint=hint, http_status=status, request_id=number)


def _redirect(status: int, location: str, host: str) -> KitError:
    to = one_line(location.partition("?")[0], 200) or "nowhere"
    return RejectedError(
        f"{host} redirects to {to} ({status}), and redirects are not followed",
        hint="when that is the right address, set base_url to it",
        http_status=status,
    )


def _unstructured(status: int, media_type: str, said: str) -> str:
    """A web page, another text, or nothing."""
    if not said:
        return _phrase(status) + (", with an empty body" if status < 300 else "")
    if not said.startswith("<"):
        return one_line(said)
    kind = one_line(media_type.partition(";")[0], 40) or "text/html"
    heading = title(said)
    more = "" if heading in {"", _phrase(status)} else f": {heading}"
    return one_line(f"{_phrase(status)} ({kind}){more}", 200)


def _phrase(status: int) -> str:
    try:
        return f"{status} {_PHRASES.get(status) or HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} (a status without a name)"


# --- how long to wait ---------------------------------------------------------------------------
def _seconds(value: str) -> float | None:
    return float(value) if _NUMBER.fullmatch(value) else None


def _until(date: str, now: float) -> float | None:
    from email.utils import parsedate_to_datetime  # 10 ms that only a date costs

    try:
        wait = parsedate_to_datetime(date).timestamp() - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return wait if math.isfinite(wait) and wait > 0 else None
