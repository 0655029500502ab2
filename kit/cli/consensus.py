"""``kit consensus``: many answers, one vote."""

from __future__ import annotations

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, Prompt, flags
from kit.cli.vote.aids import Aids
from kit.cli.vote.flags import Extent, Votes, Winner

app = typer_app()

HELP = """\b
Examples:
  kit consensus "How many moons has Mars?"
  kit consensus --choices yes,no -n 5 "Is 2027 a prime number?"
  kit consensus -p groq -p openai:3 --min-agreement 0.8 --json @question.txt
  kit consensus --answer text --judge groq "Why is the sky blue?"
  kit consensus --check './valid.sh {}' --max-cost 0.10 "A haiku on rust"
  kit consensus calibrate questions.jsonl -p groq -p openai -o weights.json
  spam=$(kit consensus -q --choices yes,no "Spam? $mail") && [ $spam = yes ]

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
    extent: Extent,
    votes: Votes,
    winner: Winner,
) -> int:
    # Imported when it runs, not for --help: this brings asyncio and the providers.
    from kit.cli.vote import voting
    from kit.patterns import holding, stopping
    from kit.patterns.ballots import Terms

    reading = holding.reading(votes.answer, votes.choices or "", votes.vote_field)
    terms = Terms(
        rule=stopping.parse(extent.stop, extent.risk),
        reading=reading,
        unanimous=aids.strategy == "unanimous",
        min_agreement=winner.min_agreement,
        need=winner.need,
        on_tie=winner.on_tie,
        spare=holding.SPEED[extent.speed],
        at_once=extent.at_once,
        full=winner.full,
    )
    vote = voting.Voting(
        terms,
        voting.members(model.profile or [""]),
        extent.samples,
        winner.plan_seed,
        not votes.no_marker,
        aids,
    )
    return vote.held(prompt, model, limits, output)
