"""``kit refine``: draft, judge, revise the best."""

from __future__ import annotations

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, Prompt, Sequences, flags
from kit.cli.revision.aims import Aims

app = typer_app()

HELP = """\b
Examples:
  kit refine -v "A title for a talk on rust in bridges"
  kit refine --check 'python3 -m py_compile {}' "Fizzbuzz in Python"
  kit refine --schema person.json --check './known.sh {}' @letter.txt
  kit refine --rubric 'polite: no blame' --judge openai @complaint.txt
  kit refine --in-place a.py --check 'ruff check {}' "Mend what ruff says"
  git diff | kit refine --draft message.txt "Does this fit the change?"

Writes a draft, has it checked or judged, and revises the best one while that helps.
Prints the best draft ever seen; exit 7 when it is below the target.
"""


@app.command(help=HELP)
@flags
def refine(
    prompt: Prompt,
    model: Model,
    sequences: Sequences,
    limits: Limits,
    output: Output,
    aims: Aims,
) -> int:
    # Imported when it runs, not for --help: this brings asyncio and the providers.
    from kit.cli.revision.revising import Refining

    return Refining(aims).done(prompt, model, sequences, limits, output)
