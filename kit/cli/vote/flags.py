"""The flags of a vote, in groups, in the order of its help."""

from __future__ import annotations

from typing import Annotated, Literal

from typer import Option

from kit.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Extent:
    """How many are asked, and when that is enough."""

    samples: Annotated[
        int | None,
        Option("-n", "--samples", min=1, max=10_000, metavar="N", help="answers at most [9]"),
    ] = None
    risk: Annotated[
        float, Option("--risk", min=0, max=1, metavar="R", help="chance that the rest would differ")
    ] = 0.05
    stop: Annotated[
        str, Option("--stop", metavar="RULE", help="risk, decided, none, ac:0.95 or esc:5")
    ] = "risk"
    speed: Annotated[
        Literal["thrifty", "fast", "max"],
        Option("--speed", metavar="thrifty|fast|max", help="calls in flight"),
    ] = "thrifty"
    at_once: Annotated[
        int, Option("-j", min=1, metavar="N", help="never more calls at once than N")
    ] = 64


@dataclass(frozen=True, slots=True)
class Votes:
    """How they are read from the replies."""

    answer: Annotated[
        str,
        Option(
            "--answer", metavar="KIND", help="auto text number choice bool date json line regex:…"
        ),
    ] = "auto"
    choices: Annotated[
        str | None, Option("--choices", metavar="A,B,…", help="the answers there are")
    ] = None
    vote_field: Annotated[
        str, Option("--vote-field", metavar="PATH", help="vote on this field of JSON replies")
    ] = ""
    no_marker: Annotated[
        bool, Option("--no-marker", help="do not ask for a last line ANSWER: …")
    ] = False


@dataclass(frozen=True, slots=True)
class Winner:
    """What it needs to be one, and how it is shown."""

    min_agreement: Annotated[
        float, Option("--min-agreement", min=0, max=1, metavar="R", help="else exit 7")
    ] = 0.0
    need: Annotated[
        int | None, Option("--need", min=1, metavar="K", help="valid answers [a third of the plan]")
    ] = None
    on_tie: Annotated[
        Literal["first", "extend", "error"],
        Option(
            "--on-tie", metavar="first|extend|error", help="the first seen wins, ask on, exit 7"
        ),
    ] = "first"
    plan_seed: Annotated[
        int | None, Option("--plan-seed", metavar="N", help="the order of a mixed plan")
    ] = None
    full: Annotated[bool, Option("--full", help="print the first full reply that won")] = False
