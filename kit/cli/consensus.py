"""``kit consensus``: many answers, one vote."""

from __future__ import annotations

from typing import Annotated, Literal

from typer import Option

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, Prompt, flags
from kit.cli.vote.aids import Aids

app = typer_app()

HELP = """\b
Examples:
  kit consensus "How many moons has Mars?"
  kit consensus --choices yes,no -n 5 "Is 2027 a prime number?"
  kit consensus -p groq -p openai:3 --min-agreement 0.8 --json @question.txt
  kit consensus --answer text --judge groq "Why is the sky blue?"
  kit consensus --check './valid.sh {}' --max-cost 0.10 "A haiku on rust"
  kit consensus calibrate questions.jsonl -p groq -p openai -o weights.json
  if kit consensus -q --choices yes,no "Spam? $mail" | grep -q yes; then …

Asks several times and prints the answer that most replies give. The votes go to stderr.
"""


@app.command(help=HELP)
@flags
def consensus(
    prompt: Prompt,
    model: Model,
    limits: Limits,
    output: Output,
    aids: Aids,
    samples: Annotated[
        int | None,
        Option("-n", "--samples", min=1, max=10_000, metavar="N", help="answers at most [9]"),
    ] = None,
    risk: Annotated[
        float, Option("--risk", min=0, max=1, metavar="R", help="chance that the rest would differ")
    ] = 0.05,
    stop: Annotated[
        str, Option("--stop", metavar="RULE", help="risk, decided, none, ac:0.95 or esc:5")
    ] = "risk",
    speed: Annotated[
        Literal["thrifty", "fast", "max"],
        Option("--speed", metavar="thrifty|fast|max", help="calls in flight"),
    ] = "thrifty",
    at_once: Annotated[
        int, Option("-j", min=1, metavar="N", help="never more calls at once than N")
    ] = 64,
    answer: Annotated[
        str,
        Option(
            "--answer", metavar="KIND", help="auto text number choice bool date json line regex:…"
        ),
    ] = "auto",
    choices: Annotated[
        str | None, Option("--choices", metavar="A,B,…", help="the answers there are")
    ] = None,
    vote_field: Annotated[
        str, Option("--vote-field", metavar="PATH", help="vote on this field of JSON replies")
    ] = "",
    no_marker: Annotated[
        bool, Option("--no-marker", help="do not ask for a last line ANSWER: …")
    ] = False,
    min_agreement: Annotated[
        float, Option("--min-agreement", min=0, max=1, metavar="R", help="else exit 7")
    ] = 0.0,
    need: Annotated[
        int | None, Option("--need", min=1, metavar="K", help="valid answers [a third of the plan]")
    ] = None,
    on_tie: Annotated[
        Literal["first", "extend", "error"], Option("--on-tie", metavar="first|extend|error")
    ] = "first",
    plan_seed: Annotated[
        int | None, Option("--plan-seed", metavar="N", help="the order of a mixed plan")
    ] = None,
    full: Annotated[bool, Option("--full", help="print the first full reply that won")] = False,
) -> int:
    # Imported when it runs, not for --help: this brings asyncio and the providers.
    from kit.cli.vote import voting
    from kit.patterns import holding, stopping
    from kit.patterns.ballots import Terms

    reading = holding.reading(answer, choices or "", vote_field)
    terms = Terms(
        rule=stopping.parse(stop, risk),
        reading=reading,
        unanimous=aids.strategy == "unanimous",
        min_agreement=min_agreement,
        need=need,
        on_tie=on_tie,
        spare=holding.SPEED[speed],
        at_once=at_once,
        full=full,
    )
    vote = voting.Voting(
        terms, voting.members(model.profile or [""]), samples, plan_seed, not no_marker, aids
    )
    return vote.held(prompt, model, limits, output)
