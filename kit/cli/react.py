"""``kit react``: a model that uses tools."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, Prompt, Sequences, flags
from kit.cli.tooling.flags import Bounds, Demands, Reach

app = typer_app()

HELP = """\b
Examples:
  kit react -t calc -t clock "How many days until Christmas? 7 % of that?"
  kit react -t read:. -t search:. "Where is the timeout read?"
  kit react -t shell "Which branches are merged?"     asks for each command
  kit react -t http:api.example.org --allow http "…"      for scripts: unasked
  kit react -t "mcp:npx -y @scope/server" -t ./mine.py:weather "…"

The model calls tools until it knows the answer, which goes to stdout. Tools that only look run at
once; what writes, runs programs or talks to other machines is shown exactly and asked for.
"""


@app.command(help=HELP)
@flags
def react(
    prompt: Prompt,
    model: Model,
    sequences: Sequences,
    limits: Limits,
    output: Output,
    reach: Reach,
    bounds: Bounds,
    demands: Demands,
    samples: Annotated[
        int,
        Option("--samples", min=1, max=99, metavar="N", help="so many loops, one vote; tools look"),
    ] = 1,
    think: Annotated[bool, Option("--think", help="show the model's reasoning on stderr")] = False,
) -> int:
    # Imported when it runs, not for --help: this brings asyncio and the providers.
    from kit.cli.tooling import looping
    from kit.patterns.reacting.terms import Terms

    terms = Terms(
        max_rounds=bounds.max_rounds,
        max_tool_calls=bounds.max_tool_calls,
        max_observation=bounds.max_observation,
        repairs=demands.repairs,
        textual=bounds.text_protocol,
        check=demands.check or "",
    )
    loop = looping.Looping(
        terms,
        tools=reach.tool or [],
        sets=reach.tools or [],
        allow=reach.allow or [],
        tool_timeout=bounds.tool_timeout,
        check_timeout=demands.check_timeout,
        schema=demands.schema,
        samples=samples,
        think=think,
    )
    return loop.held(prompt, model, sequences, limits, output)
