"""What a run would send and what that would cost, before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from kit.cli.members import Members
from kit.errors import UsageError
from kit.events import Json, Request
from kit.patterns.budget import unpriced
from kit.patterns.forecast import AGREEMENT
from kit.providers import DIALECTS, cost, prices
from kit.providers.complete import complete
from kit.providers.config.profiles import Profile

FAULTS = 4000  # tokens that can be needed to say what is wrong with a reply


def dry_run(
    requests: Sequence[Request],
    members: Members,
    *,
    calls: float | None,
    rounds: int,
    times: Sequence[int] | None = None,
    judged: Sequence[tuple[Request, int]] = (),
) -> dict[str, Json]:
    """What --dry-run prints. ``requests``: all that can be sent at first; ``calls``: how many of
    them are likely (None: the first); each may go on for so many ``rounds``, or be sent so many
    ``times`` at most. ``judged``: what a judge may be asked of their replies, how often at most."""
    whole = [_whole(request, members) for request in requests]
    likely = [cost.likely(*each) for each in whole]
    if calls is None:
        likely, calls = likely[:1], 1
    turns = [range(rounds)] * len(whole) if times is None else _repeated(times)
    most = [
        cost.worst(profile, request, more=turn * ((request.max_tokens or 0) + FAULTS)).usd
        for (profile, request), each in zip(whole, turns, strict=True)
        for turn in each
    ]
    for request, asked in judged:
        profile, filled = _whole(request, members)
        one = cost.worst(profile, filled, more=2 * ((filled.max_tokens or 0) + FAULTS)).usd
        most += [one] * asked
    mean = _sum(likely, calls / len(likely))
    return {
        "requests": [_preview(each, members) for each in (*requests, *(one for one, _ in judged))],
        "cost": {
            "expected_usd": mean,
            "worst_usd": _sum(most),
            "price_date": prices.DATE if any(_from_snapshot(*each) for each in whole) else None,
            "expected_calls": calls,
            "worst_calls": len(most),
            "assumed": {"output_tokens": cost.ANSWER}
            | ({"agreement": AGREEMENT} if len(requests) > 1 and times is None else {}),
        },
    }


def _repeated(times: Sequence[int]) -> list[Sequence[int]]:
    """The turns of requests that are sent so often. What all but the first are about was written
    before, and what is said of it: twice what one reply may hold."""
    first, *others = times
    return [[0] * first, *([2] * each for each in others)]


def refuse_unpriced(requests: Sequence[Request], members: Members) -> None:
    """UsageError when a limit to the cost cannot be kept for one of these requests."""
    for request in {request.profile: request for request in requests}.values():
        if members.profiles[request.profile].api not in DIALECTS:
            continue  # such a provider says itself what a request can cost, in each CallSent
        profile, whole = _whole(request, members)
        if cost.worst(profile, whole).usd is not None:
            continue
        if cost.price(profile, whole):
            raise UsageError(
                f"--max-cost cannot be kept: how much {whole.model} may read or write is not known",
                hint="leave out the attachment, or the limit",
            )
        raise unpriced(whole.model or "")


def _whole(request: Request, members: Members) -> tuple[Profile, Request]:
    profile = members.profiles[request.profile]
    return profile, complete(request, profile).request


def _preview(request: Request, members: Members) -> Json:
    preview = getattr(members.provider(request.profile), "preview", None)
    if preview is None:
        raise UsageError(f"the provider of {request.profile!r} cannot show its requests")
    return preview(request)


def _from_snapshot(profile: Profile, request: Request) -> bool:
    known = cost.price(profile, request)
    return known is not None and known is not profile.price and known is not cost.FREE


def _sum(amounts: Sequence[float | None], times: float = 1) -> float | None:
    """Unknown as soon as one of them is."""
    known = [usd for usd in amounts if usd is not None]
    return round(sum(known) * times, 9) if len(known) == len(amounts) else None
