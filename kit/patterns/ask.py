"""One answer: from the first provider that is there to give it."""

from __future__ import annotations

from collections.abc import Sequence

from kit.errors import IncompleteError, KitError, RefusedError, UnavailableError
from kit.events import Replied, Request
from kit.patterns.steps import Call, Outcome, Steps, made


def ask(request: Request, fallbacks: Sequence[Request] = ()) -> Steps[Outcome]:
    """Ask once; the next of ``fallbacks`` only when nothing at all came from the one before."""
    call = yield from made(Call(request))
    tried: list[str] = []
    for fallback in fallbacks:
        if call.text or not isinstance(call.error, UnavailableError):
            break
        tried.append(fallback.profile)
        call = yield from made(Call(fallback))
    return Outcome(call.text, _detail(call, tried), call.error or flaw(call.reply))


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
