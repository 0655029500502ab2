"""Which one change heals a request that was refused with 400 or 422. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from kit.events import Json
from kit.providers.dialects.wire import Quirks

_ESSENTIAL = frozenset(
    {"model", "messages", "input", "instructions", "system", "prompt", "tools", "stream"}
)
_LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_UNKNOWN = re.compile(
    r"unsupported|not support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed"
    r"|deprecated|instead|extra (field|input)",
    re.IGNORECASE,
)
_MISSING = re.compile(r"field required|is required|missing", re.IGNORECASE)
_MEANT = {  # what a refusal means without its full name
    "stream": re.compile(r"verified to stream", re.IGNORECASE),  # the reply comes as one then
    "include": re.compile(r"encrypted content is not supported", re.IGNORECASE),
    "reasoning.summary": re.compile(
        r"verified to generate reasoning summar|reasoning\.summary", re.IGNORECASE
    ),
    "text": re.compile(r"text\.format|response_format|json_schema", re.IGNORECASE),
}
_THIS_ONE = re.compile(
    r"invalid (?:json )?schema|schema\b.{0,40}\b(?:invalid|not valid)", re.IGNORECASE
)
_ROLE = re.compile(  # no message of the system: as OpenAI, Google and chat templates say it
    r"(?:does not support|invalid value:|unknown variant|(?:unexpected|invalid|unknown|unsupported)"
    r" (?:message )?role:?) ?['\"`]?(?:system|developer)\b"
    r"|['\"`](?:system|developer)['\"`] is not one of"
    r"|\b(?:system|developer)[ _-](?:role|instruction|message|prompt)s? (?:is |are )?not\b"
    r"|not support (?:an? |the )?(?:system|developer)[ _-](?:role|instruction|message|prompt)"
    r"|roles must alternate|use a valid role",
    re.IGNORECASE,
)


def remedy(
    message: str, body: Mapping[str, Json], quirks: Quirks, asked: frozenset[str]
) -> Quirks | None:
    """The quirks with which one repeat may succeed, by what the provider's ``message`` names.

    ``body`` is what was sent. A field in ``asked`` was given by the user and is never left out;
    to send its value under the other name for the token limit is no loss, and is done.
    None: nothing in the message points at a field that may go.
    """
    if _MISSING.search(message):
        return None
    return (
        _said_otherwise(message, body, quirks)
        or _renamed(message, body, quirks)
        or _meant(message, body, quirks, asked)
        or _dropped(message, body, quirks, asked)
    )


def of_role(message: str) -> bool:
    """The message refuses the role of a message. Chat templates do so, of which some servers make
    an error of their own (500)."""
    return bool(_ROLE.search(message))


def lasting(message: str) -> bool:
    """The refusal will meet every request, and not only one with this schema."""
    return not _THIS_ONE.search(message)


def healed(host: str, before: Quirks, after: Quirks) -> str:
    """What is done otherwise now, in one sentence."""
    if after.system_role != before.system_role:
        role = {"user": "the user's"}.get(after.system_role, f"{after.system_role} messages")
        return f"{host} refused {before.system_role} messages, which are sent as {role} from now on"
    if after.max_tokens_field != before.max_tokens_field:
        return f"{host} wants the limit of tokens as {after.max_tokens_field}, and gets it so"
    left = ", ".join(sorted(after.dropped - before.dropped))
    return f"{host} refused a default of kit ({left}), which is left out from now on"


def _said_otherwise(message: str, body: Mapping[str, Json], quirks: Quirks) -> Quirks | None:
    """The system's words in another role: developer where the server names it, else the user's."""
    role = quirks.system_role
    other = {"system": "developer", "developer": "system"}.get(role, "")
    turns = body.get("messages") or ()
    refused = _ROLE.search(message)
    if not (other and refused and any(turn.get("role") == role for turn in turns)):
        return None
    offered = re.search(rf"['\"`]{other}['\"`]", message[refused.end() :])
    return replace(quirks, system_role=other if offered else "user")


def _renamed(message: str, body: Mapping[str, Json], quirks: Quirks) -> Quirks | None:
    sent = quirks.max_tokens_field
    other = _LIMITS.get(sent, "")
    if sent not in body or other in body or not _UNKNOWN.search(message):
        return None
    named = _named(sent, message) is not None
    if sent == "max_tokens" and not (named and _named(other, message) is not None):
        return None  # an old server knows no other name, and will not mention one
    return replace(quirks, max_tokens_field=other) if named else None


def _meant(
    message: str, body: Mapping[str, Json], quirks: Quirks, asked: frozenset[str]
) -> Quirks | None:
    for path, words in _MEANT.items():
        if path not in asked | quirks.dropped and words.search(message) and _sent(path, body):
            return replace(quirks, dropped=quirks.dropped | {path})
    return None


def _sent(path: str, body: Mapping[str, Json]) -> bool:
    name, _, inner = path.partition(".")
    value = body.get(name)
    return value is not None and (not inner or (isinstance(value, Mapping) and inner in value))


def _dropped(
    message: str, body: Mapping[str, Json], quirks: Quirks, asked: frozenset[str]
) -> Quirks | None:
    kept = _ESSENTIAL | asked | quirks.dropped
    if quirks.version:  # the Messages API cannot do without
        kept |= {"max_tokens"}
    if len(asked & _LIMITS.keys()) == 1 and len(body.keys() & _LIMITS.keys()) == 1:
        kept |= _LIMITS.keys()  # one limit, asked for under either name
    places = {name: _named(name, message) for name in body if name not in kept}
    found = {name: place for name, place in places.items() if place is not None}
    if not found:
        return None
    return replace(quirks, dropped=quirks.dropped | {min(found, key=lambda name: found[name])})


def _named(field: str, message: str) -> tuple[bool, int] | None:
    """How loosely and where the message names the field: ``top_p``, ``topP``, ``Top P`` …"""
    words = "[_. ]?".join(map(re.escape, field.split("_")))
    found = re.search(rf"(?<![\w.\]])(?:body\.)?({words})(?!\w)", message, re.IGNORECASE)
    return (found[1] != field, found.start()) if found else None
