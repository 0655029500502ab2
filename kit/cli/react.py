"""``kit react``: a model that uses tools."""

from __future__ import annotations

from typing import Annotated

from typer import Option

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, Prompt, Sequences, flags

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
    tool: Annotated[
        list[str] | None,
        Option(
            "-t",
            "--tool",
            metavar="TOOL",
            help="calc clock read:DIR list:DIR search:DIR http:HOST shell FILE.py[:FUNCTION] mcp:…",
        ),
    ] = None,
    tools: Annotated[
        list[str] | None, Option("--tools", metavar="FILE.toml", help="a named set of tools")
    ] = None,
    allow: Annotated[
        list[str] | None,
        Option(
            "--allow", metavar="WHAT", help="never ask for: write, exec, network, a tool, a pattern"
        ),
    ] = None,
    max_rounds: Annotated[
        int, Option("--max-rounds", min=1, metavar="N", help="replies of the model at most")
    ] = 12,
    max_tool_calls: Annotated[
        int, Option("--max-tool-calls", min=0, metavar="N", help="uses of tools at most")
    ] = 40,
    tool_timeout: Annotated[
        float, Option("--tool-timeout", min=0.1, metavar="S", help="time of one use of a tool")
    ] = 30.0,
    max_observation: Annotated[
        int,
        Option("--max-observation", min=200, metavar="N", help="characters shown of an output"),
    ] = 16_000,
    text_protocol: Annotated[
        bool, Option("--text-protocol", help="calls in plain text: for models without native ones")
    ] = False,
    schema: Annotated[
        str | None,
        Option("--schema", metavar="FILE|JSON", help="a final answer that satisfies this schema"),
    ] = None,
    check: Annotated[
        str | None,
        Option("--check", metavar="COMMAND", help="the final answer passes when this exits with 0"),
    ] = None,
    check_timeout: Annotated[
        float, Option("--check-timeout", min=0.1, metavar="S", help="time of one check")
    ] = 60.0,
    repairs: Annotated[
        int, Option("--repairs", min=0, metavar="N", help="times to ask for a better final answer")
    ] = 2,
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
        max_rounds=max_rounds,
        max_tool_calls=max_tool_calls,
        max_observation=max_observation,
        repairs=repairs,
        textual=text_protocol,
        check=check or "",
    )
    loop = looping.Looping(
        terms,
        tools=tool or [],
        sets=tools or [],
        allow=allow or [],
        tool_timeout=tool_timeout,
        check_timeout=check_timeout,
        schema=schema,
        samples=samples,
        think=think,
    )
    return loop.held(prompt, model, sequences, limits, output)
