"""One answer: from the first provider that is there to give it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from kit.errors import IncompleteError, KitError, RefusedError, UnavailableError, UnmetError
from kit.events import Message, Noted, Replied, Request, Text
from kit.patterns.steps import Call, Outcome, Steps, made
from kit.patterns.structure import Shape


def ask(
    request: Request,
    fallbacks: Sequence[Request] = (),
    *,
    shape: Shape | None = None,
    repairs: int = 2,
) -> Steps[Outcome]:
    """Ask once; the next of ``fallbacks`` only when nothing at all came from the one before.

    With a ``shape`` the answer is JSON that satisfies it: a reply that does not is sent back with
    what is wrong with it, up to ``repairs`` times.
    """
    call, tried = yield from _first(request, fallbacks)
    if shape is None:
        return Outcome(call.text, _detail(call, tried), call.error or flaw(call.reply))
    if fault := call.error or flaw(call.reply):
        return Outcome(call.text, {**_detail(call, tried), "parsed": None}, fault)
    for left in range(repairs, -1, -1):
        value, faults = shape.read(call.text)
        if not faults:
            text = json.dumps(value, ensure_ascii=False)
            return Outcome(text, {**_detail(call, tried), "parsed": value})
        if not left:
            break
        call = yield from made(Call(_again(call, faults)))
        if fault := call.error or flaw(call.reply):
            return Outcome(call.text, {**_detail(call, tried), "parsed": None}, fault)
    missed = UnmetError(
        f"the answer does not satisfy the schema: {'; '.join(faults)}",
        hint="raise --repairs, or simplify the schema",
    )
    return Outcome(call.text, {**_detail(call, tried), "parsed": None}, missed)


def _first(request: Request, fallbacks: Sequence[Request]) -> Steps[tuple[Call, list[str]]]:
    """The first call that somebody answered, and the fallbacks that were tried for it."""
    call = yield from made(Call(request))
    tried: list[str] = []
    for fallback in fallbacks:
        if call.text or not isinstance(call.error, UnavailableError):
            break
        tried.append(fallback.profile)
        yield Noted(text=f"{fallback.profile or 'another one'} is asked instead: {call.error}")
        call = yield from made(Call(fallback))
    return call, tried


def _again(call: Call, faults: Sequence[str]) -> Request:
    """The same question, the reply, and what is wrong with it."""
    reply = call.reply.message if call.reply else Message("assistant", (Text(call.text),))
    wrong = "\n".join(f"- {fault}" for fault in faults)
    words = f"That does not satisfy the schema:\n{wrong}\nReply with the corrected JSON only."
    asked = Message("user", (Text(words),))
    return replace(call.request, messages=(*call.request.messages, reply, asked))


def flaw(reply: Replied | None) -> KitError | None:
    """Why a reply that arrived whole is still not a whole answer; None when it is one."""
    match reply:
        case Replied(finish="length"):
            return IncompleteError(
                "the answer was cut at the limit of tokens", hint="raise --max-tokens"
            )
        case Replied(finish="refusal", refusal=words):
            return RefusedError(f"the model declined: {words}" if words else "the model declined")
        case Replied(finish="filter"):
            return RefusedError("the provider's content filter stopped the answer")
        case _:
            return None


def _detail(call: Call, tried: list[str]) -> dict[str, object]:
    finish = call.reply.finish if call.reply else None
    answered = call.request.profile if call.reply else None
    return {"finish": finish, "profile": answered, "fallbacks": tried}
