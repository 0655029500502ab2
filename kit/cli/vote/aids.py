"""The flags that say who or what helps a vote to its decision."""

from __future__ import annotations

from typing import Annotated, Literal

from typer import Option

from kit.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Aids:
    """Judges, checks, a stronger model, what is known about the members."""

    strategy: Annotated[
        Literal["majority", "unanimous", "weighted", "judge", "best"] | None,
        Option(
            "--strategy",
            metavar="NAME",
            help="majority, unanimous, weighted, judge (a model picks where votes are split) or"
            " best (the first that passes --check)",
            show_default=False,
        ),
    ] = None
    judge: Annotated[
        str | None,
        Option("--judge", metavar="PROFILE", help="groups free-text replies that mean the same"),
    ] = None
    check: Annotated[
        str | None,
        Option(
            "--check",
            metavar="COMMAND",
            help="passes with exit 0; the reply on stdin and in the file {}; sh:… for a shell",
        ),
    ] = None
    check_timeout: Annotated[
        float, Option("--check-timeout", min=0.1, metavar="S", help="time of one check")
    ] = 60.0
    escalate: Annotated[
        str | None,
        Option("--escalate", metavar="PROFILE", help="who answers when the vote is unmet or split"),
    ] = None
    calibration: Annotated[
        str | None,
        Option("--calibration", metavar="FILE", help="weights, by `kit consensus calibrate FILE`"),
    ] = None
