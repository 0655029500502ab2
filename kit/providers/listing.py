"""The models that a server lists: where, page by page, and what is known of each. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit, urlunsplit

from kit.dataclass import dataclass
from kit.errors import UnusableError
from kit.events import Json
from kit.providers.dialects.fields import table, tables, text
from kit.providers.dialects.trouble import in_stream

PAGES = 50  # that are asked for: more come only from a server that turns in circles
_PAGE = {"anthropic": 1000}  # models a page, where a page is small unless asked
_DEPLOYMENT = re.compile(r"/deployments/[^/]*$")
_CONTEXT = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
    "input_token_limit",
    "inputTokenLimit",
    "n_ctx",
    "n_ctx_train",
)
_SHUTDOWN = (
    "shutdown_date",
    "deprecation_date",
    "expiration_date",
    "retirement_date",
    "deprecation",
    "inference",
)
_OWNER = ("owned_by", "organization", "publisher")
_INSIDE = ("meta", "top_provider", "deprecation", "lifecycle")  # tables that hold such fields
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Listed:
    """``context`` in tokens, ``shutdown_date`` as YYYY-MM-DD. None: the server does not say."""

    id: str
    context: int | None = None
    owner: str | None = None
    shutdown_date: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """``after``: the id with which the next page is asked for; empty on the last one."""

    rows: tuple[Mapping[str, Json], ...]
    after: str = ""


def place(url: str, path: str) -> str:
    """Where the server whose ``path`` is at ``url`` lists its models: on Azure beside, not below,
    a deployment."""
    parts = urlsplit(url)
    base = parts.path.removesuffix(path.removeprefix("/v1"))
    base = f"{_DEPLOYMENT.sub('', base)}/models"
    return urlunsplit((parts.scheme, parts.netloc, base, parts.query, ""))


def paged(url: str, api: str, after: str) -> str:
    """The URL of the page after that id; "" is the first."""
    wanted = {"limit": _PAGE[api]} if api in _PAGE else {}
    query = urlencode(wanted | ({"after_id": after} if after else {}))
    return "".join((url, ("&" if "?" in url else "?") if query else "", query))


def page(raw: bytes) -> Page:
    """UnusableError for what is no list; another KitError for an error that came with a 200."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise UnusableError("the list of models is not JSON", hint="check base_url") from error
    if not isinstance(body, Mapping):
        return Page(_tables(body))
    if body.get("error"):
        raise in_stream(body)
    rows = _tables(body.get("data") or body.get("models") or [])
    last = text(body, "last_id") or (text(rows[-1], "id") if rows else "")
    return Page(rows, last if body.get("has_more") is True else "")


def listed(rows: Iterable[Mapping[str, Json]]) -> list[Listed]:
    """Each model once, by its id."""
    found = {one.id: one for one in map(_listed, rows) if one.id}
    return [found[name] for name in sorted(found)]


def _tables(value: Json) -> tuple[Mapping[str, Json], ...]:
    return tuple(tables({"rows": value}, "rows"))


def _listed(row: Mapping[str, Json]) -> Listed:
    places = (row, *(table(row, name) for name in _INSIDE))
    names = (text(row, name) for name in ("id", "name", "model"))
    counts = (one.get(name) for one in places for name in _CONTEXT)
    dates = (_date(one.get(name)) for one in places for name in _SHUTDOWN)
    owners = (text(row, name) for name in _OWNER)
    return Listed(
        next((name for name in names if name), ""),
        next((n for n in counts if type(n) is int and n > 0), None),
        next((owner for owner in owners if owner), None),
        next((date for date in dates if date), None),
    )


def _date(value: Json) -> str | None:
    """A day, from a text or from seconds since 1970."""
    if isinstance(value, str):
        found = _DATE.match(value)
        return found[0] if found else None
    if type(value) is not int or not 0 < value < 10**11:
        return None
    return datetime.fromtimestamp(value, UTC).date().isoformat()
