"""``kit ask``: one answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from typer import Option
from typer.core import TyperCommand

from kit.cli.app import typer_app
from kit.cli.options import Limits, Model, Output, Prompt, Sequences, flags

if TYPE_CHECKING:
    from kit.events import Message, Request
    from kit.patterns.structure import Shape

app = typer_app()

HELP = """\b
Examples:
  kit ask "What does ENOSPC mean?"
  git diff | kit ask "Write a commit message"
  kit ask -p groq/llama-3.3-70b-versatile --json "Name three moons"
  kit ask -c "And the fourth?"

One answer, streamed to stdout. Words and piped stdin are joined by a blank line.
"""


class Continuing(TyperCommand):
    """``--continue`` may be followed by a run, or by the prompt at once."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        for at, arg in enumerate(args):
            if arg == "--":
                break
            if arg in ("-c", "--continue") and not (args[at + 1 :] and _is_run(args[at + 1])):
                args = [*args[: at + 1], "last", *args[at + 1 :]]
                break
        return super().parse_args(ctx, args)


def _is_run(word: str) -> bool:
    """And no first word of a prompt: ids begin with 0 for some hundred years, words do not."""
    from kit.trace.shelf import looks_like_a_run

    return looks_like_a_run(word) and (word == "last" or word[0] in "0-")


def _request(plain: Request, before: Sequence[Message], shape: Shape | None) -> Request:
    """The same question, after what was said before, for an answer in this shape."""
    from kit.patterns.requests import in_shape

    whole = replace(plain, messages=_after(before, plain.messages))
    return in_shape(whole, shape) if shape else whole


def _after(before: Sequence[Message], messages: Sequence[Message]) -> tuple[Message, ...]:
    """A system prompt that is given now takes the place of the earlier one."""
    *system, asked = messages
    said = (each for each in before if not system or each.role != "system")
    return (*system, *said, asked)


@app.command(help=HELP, cls=Continuing)
@flags
def ask(
    prompt: Prompt,
    model: Model,
    sequences: Sequences,
    limits: Limits,
    output: Output,
    earlier: Annotated[
        str | None,
        Option("-c", "--continue", metavar="[RUN]", help="go on from a run [default: the latest]"),
    ] = None,
    fallback: Annotated[
        list[str] | None,
        Option("--fallback", metavar="PROFILE", help="who answers when the first is unavailable"),
    ] = None,
    schema: Annotated[
        str | None,
        Option("--schema", metavar="FILE|JSON", help="answer with JSON that satisfies this schema"),
    ] = None,
    repairs: Annotated[
        int, Option("--repairs", min=0, metavar="N", help="times to ask again for valid JSON")
    ] = 2,
    think: Annotated[bool, Option("--think", help="show the model's reasoning on stderr")] = False,
) -> int:
    # Imported when it runs, not for --help: this brings asyncio and the providers.
    from kit.cli.again.asked import settings
    from kit.cli.desk import Desk
    from kit.cli.shape import shaped
    from kit.errors import UsageError
    from kit.patterns.ask import ask as pattern

    if len(model.profile or []) > 1:
        raise UsageError("kit ask takes one profile", hint="kit consensus asks several")
    desk = Desk.opened("ask", prompt, model, limits, output, profiles=fallback or [])
    plain = desk.requests(stop=sequences.stop)
    before = desk.conversation(earlier) if earlier else ()
    shape = shaped(schema) if schema else None
    first, *others = (_request(each, before, shape) for each in plain)
    desk.show(text=shape is None, reasoning=think)
    return desk.perform(
        lambda: pattern(first, others, shape=shape, repairs=repairs),
        shown=(first, *others),
        settings=settings((first, *others), shape, repairs),
        rounds=1 + repairs if shape else 1,
    )
