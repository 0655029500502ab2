"""``kit consensus calibrate``: what the members of a panel are worth, from labelled questions."""

from __future__ import annotations

from typing import Annotated

from typer import Argument, Option

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, flags

app = typer_app()

HELP = """\b
Examples:
  kit consensus calibrate questions.jsonl -p groq -p openai -o weights.json
  kit consensus calibrate quiz.jsonl -p groq:5 --choices A,B,C -o weights.json
  kit consensus --calibration weights.json -p groq -p openai "…"

Asks every member every question (-p NAME:N: N times) and learns what each vote should weigh, and
how often answers of which agreement were right. FILE has a JSON object a line:
{"prompt": "…", "answer": "…"}. The calibration goes to stdout, or to -o FILE.
"""


@app.command(help=HELP)
@flags
def calibrate(
    file: Annotated[str, Argument(metavar="FILE", help="labelled questions, JSON lines")],
    model: Model,
    limits: Limits,
    output: Output,
    at_once: Annotated[int, Option("-j", min=1, metavar="N", help="calls at once")] = 64,
    answer: Annotated[
        str, Option("--answer", metavar="KIND", help="how replies are read; as in kit consensus")
    ] = "auto",
    choices: Annotated[
        str | None, Option("--choices", metavar="A,B,…", help="the answers there are")
    ] = None,
    no_marker: Annotated[
        bool, Option("--no-marker", help="do not ask for a last line ANSWER: …")
    ] = False,
) -> int:
    # Imported when it runs, not for --help: this brings asyncio and the providers.
    from kit.cli.vote import voting
    from kit.cli.vote.learning import Learning, labelled
    from kit.patterns import holding

    reading = holding.reading(answer, choices or "")
    items = labelled(file, reading)
    members = voting.members(model.profile or [""])
    learning = Learning(items, members, reading, marker=not no_marker, at_once=at_once)
    return learning.held(model, limits, output)
