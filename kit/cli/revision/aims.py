"""The flags that say what a refinement is held against, and how far it goes."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from kit.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Aims:
    """Checks and a schema gate, a judge ranks by a rubric."""

    check: Annotated[
        list[str] | None,
        Option(
            "--check",
            metavar="COMMAND",
            help="passes with exit 0; the draft on stdin and in the file {}; sh:… for a shell",
        ),
    ] = None
    check_timeout: Annotated[
        float, Option("--check-timeout", min=0.1, metavar="S", help="time of one check")
    ] = 60.0
    schema: Annotated[
        str | None,
        Option("--schema", metavar="FILE|JSON", help="JSON that satisfies this schema"),
    ] = None
    rubric: Annotated[
        str | None,
        Option("--rubric", metavar="TEXT|@FILE", help="what the judge rates, a criterion a line"),
    ] = None
    judge: Annotated[
        str | None,
        Option("--judge", metavar="PROFILE", help="who judges [another profile, if there is one]"),
    ] = None
    judges: Annotated[
        int, Option("--judges", min=1, max=64, metavar="K", help="mean of K judgements")
    ] = 1
    target: Annotated[
        float, Option("--target", min=0, max=1, metavar="R", help="the score that is enough")
    ] = 0.9
    rounds: Annotated[
        int | None,
        Option("--rounds", min=0, metavar="N", help="revisions at most [3; 5 with a check]"),
    ] = None
    patience: Annotated[
        int | None,
        Option("--patience", min=1, metavar="N", help="rounds without gain [1; 2 with a check]"),
    ] = None
    drafts: Annotated[
        int, Option("--drafts", min=1, max=64, metavar="K", help="begin with the best of K")
    ] = 1
    draft: Annotated[
        str | None, Option("--draft", metavar="FILE|-", help="begin with this text")
    ] = None
    in_place: Annotated[
        str | None,
        Option("--in-place", metavar="FILE", help="revise FILE, once it passes; FILE~ is the old"),
    ] = None
    no_duel: Annotated[
        bool, Option("--no-duel", help="no last comparison with the first draft")
    ] = False
