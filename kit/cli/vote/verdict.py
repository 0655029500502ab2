"""The line that closes a vote: its votes, where it stopped of how many, the risk, the cost."""

from __future__ import annotations

from collections.abc import Mapping

from kit.cli.trace_views.figures import money
from kit.events import Json


def closing_line(result: Mapping[str, Json]) -> str:
    """``42 · 4/4 agree · stopped at 4 of 9, at most 5% risk … · $0.0031, 56% saved``."""
    detail, usage = result["detail"], result["usage"]
    votes, planned = detail["votes"], detail["planned"]
    valid = sum(vote["count"] for vote in votes)
    head = votes[0]["answer"] if votes else "no valid answer"
    if detail["escalated"]:
        head = result["answer"]
    first = votes[0]["count"] if votes else 0
    parts = [_short(head), f"{first}/{valid} agree" + (", a tie" if detail["tie"] else "")]
    parts += [f"{other['count']} for {_short(other['answer'])}" for other in votes[1:4]]
    fewer = detail["stopped"] == "all" and detail["asked"] < planned
    parts.append(
        STOPPED.get("down" if fewer else detail["stopped"], "stopped at {n} of {planned}").format(
            n=detail["asked"], planned=planned, risk=f"{100 * (detail['risk']['alpha'] or 0):g}%"
        )
    )
    if detail["chosen_by"] in CHOSEN:
        parts.append(CHOSEN[detail["chosen_by"]])
    if detail["p_correct"] is not None:
        parts.append(f"{detail['p_correct']:.0%} likely right, as calibrated")
    if detail["failed"] + detail["abstained"]:
        parts.append(f"{detail['abstained']} abstained")
    cost = usage["cost_usd"]
    saved = 1 - detail["asked"] / planned
    if cost is not None:
        parts.append(money(cost) + (f", {saved:.0%} saved" if saved > 0 else ""))
    elif saved > 0:
        parts.append(f"{saved:.0%} of the calls saved")
    return " · ".join(parts)


STOPPED = {
    "risk": "stopped at {n} of {planned}, at most {risk} risk that the rest would change it",
    "decided": "stopped at {n} of {planned}: the rest could not change it",
    "all": "all {planned} asked",
    "down": "{n} of {planned} asked: the rest is down",
    "futile": "stopped at {n} of {planned}: the terms cannot be met any more",
    "budget": "ended by a limit at {n} of {planned}",
    "check": "stopped at {n} of {planned}: it passes the check",
    "cancelled": "ended at {n} of {planned}",
}


CHOSEN = {"judge": "chosen by the judge", "escalation": "answered by a stronger model"}


def _short(text: str) -> str:
    from kit.cli.screen.sanitise import visible

    line = " ".join(text.split())
    return visible(line if len(line) <= 40 else line[:39] + "…")
