"""What a closed vote says: its answer, its figures, and what it has not reached. Pure."""

from __future__ import annotations

from kit.errors import AuthError, KitError, UnmetError
from kit.events import Json
from kit.patterns import calibration, stopping
from kit.patterns.ballots import Ballot, Box
from kit.patterns.steps import Outcome


def outcome(box: Box) -> Outcome:
    """Answer, figures and error of a vote that has ended."""
    answer = printed(box, box.winner) if box.winner else ""
    return Outcome(answer, _detail(box), box.halt or unmet(box))


def printed(box: Box, ballot: Ballot) -> str:
    """What this ballot's reply is worth on stdout: its value for kinds that have one, else all."""
    whole = box.terms.full or box.kind in ("text", "json")
    return ballot.call.text if whole or ballot.vote is None else ballot.vote.shown


def unmet(box: Box) -> KitError | None:
    """What the vote has not reached; None when all is well."""
    if box.chosen_by == "escalation":
        return None
    return _unpassed(box) if box.terms.check else _missed(box)


def _unpassed(box: Box) -> KitError | None:
    if box.chosen:
        return None
    if not box.valid:
        return _no_quorum(box, 1)
    return UnmetError(
        f"no reply passes the check: {box.valid} were tried",
        hint="raise -n, or try the command by hand on what was printed",
    )


def _missed(box: Box) -> KitError | None:
    terms, poll = box.terms, box.poll
    need = box.quorum if box.stopped == "all" else terms.need or 1
    if terms.unanimous and len(poll.votes) > 1:  # it ends at once: with few votes, on purpose
        return UnmetError(f"not unanimous: {len(poll.votes)} distinct answers")
    if box.valid < need:
        return _no_quorum(box, need)
    if box.agreement < terms.min_agreement:
        return UnmetError(
            f"the agreement is {box.agreement:.0%}, below {terms.min_agreement:.0%}",
            hint="ask more members, or lower --min-agreement",
        )
    if terms.on_tie == "error" and poll.tied and not box.chosen:
        return UnmetError("the vote is tied", hint="--on-tie first takes the answer seen first")
    return None


def _no_quorum(box: Box, need: int) -> KitError:
    """Too few valid answers. Without any, a key that nobody accepts is the truer reason."""
    errors = [ballot.call.error for ballot in box.ballots if ballot.call.error]
    told = f": {errors[0].message}" if errors else ""
    if errors and all(isinstance(error, AuthError) for error in errors) and not box.valid:
        return errors[0]
    return UnmetError(
        f"no quorum: {box.valid} of {len(box.asked)} calls gave a valid answer, "
        f"{need} are needed{told}",
        hint="kit trace show last tells what came back",
    )


def _detail(box: Box) -> dict[str, Json]:
    poll, terms = box.poll, box.terms
    rule = terms.rule
    asked, late = box.asked, box.ballots[box.counted :]
    answered = [ballot for ballot in asked if ballot.call.reply]
    cancelled = [ballot for ballot in late if ballot.call.error and not ballot.skipped]
    voted = box.chosen_by == "vote"
    return {
        "agreement": round(box.agreement, 6),
        "votes": _votes(box),
        "planned": poll.planned,
        "asked": len(asked),
        "answered": len(answered),
        "failed": len(asked) - len(answered) - len(cancelled),
        "abstained": sum(ballot.vote is None for ballot in box.ballots[: box.counted]),
        "cancelled": len(cancelled),
        "tie": poll.tied,
        "unique": len(poll.votes),
        "risk": {
            "alpha": rule.alpha if isinstance(rule, stopping.Risk) else None,
            "bound": stopping.risked(rule, poll, box.stopped),
        },
        "stopped": box.stopped,
        "chosen_by": box.chosen_by,
        "escalated": box.chosen_by == "escalation",
        "p_correct": calibration.expected(terms.curve, box.agreement) if voted else None,
        "kind": box.kind or "auto",
        "samples": [_sample(ballot) for ballot in box.ballots],
    }


def _votes(box: Box) -> list[dict[str, Json]]:
    """Each distinct answer with its ballots and their weight: the winner, then the strongest."""
    poll, chosen = box.poll, box.chosen.vote if box.chosen else None
    won = chosen.key if chosen else None
    ranked = sorted(poll.votes.items(), key=lambda item: (item[0] != won, -item[1]))
    return [
        {"answer": _shown(box.first[key]), "count": poll.counts[key], "weight": weight}
        for key, weight in ranked
    ]


def _shown(ballot: Ballot) -> str:
    return ballot.vote.shown if ballot.vote else ""


def _sample(ballot: Ballot) -> dict[str, Json]:
    call = ballot.call
    usage = call.reply.usage if call.reply else None
    return {
        "call": call.id,
        "profile": ballot.member.profile,
        "model": call.reply.model if call.reply else None,
        "reply": call.text,
        "vote": _shown(ballot) if ballot.vote else None,
        "error": call.error.message if call.error else ballot.reason or None,
        "usage": None
        if usage is None
        else {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens},
    }
