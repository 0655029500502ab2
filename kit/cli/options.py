"""The flags that commands share, each written once: as a field of a frozen dataclass.

``@flags`` lets a command take whole groups (``model: Model, limits: Limits``) where Typer wants one
parameter a flag: it spreads the fields in the signature that Typer sees and gathers them again.
"""

from __future__ import annotations

import functools
import inspect
import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Literal, TypeVar, get_type_hints

from typer import Argument, Option

from kit.dataclass import dataclass
from kit.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked."""

    words: Annotated[
        list[str] | None,
        Argument(metavar="[PROMPT]...", help="the prompt; - or nothing: stdin; @FILE: the file"),
    ] = None
    file: Annotated[
        list[str] | None, Option("-f", "--file", metavar="PATH", help="add a text file")
    ] = None
    attach: Annotated[
        list[str] | None,
        Option("-a", "--attach", metavar="PATH|URL", help="add an image or a PDF"),
    ] = None
    stdin: Annotated[
        bool | None,
        Option("--stdin/--no-stdin", help="read stdin too, or never", show_default=False),
    ] = None


@dataclass(frozen=True, slots=True)
class Model:
    """Who answers, and with which parameters."""

    profile: Annotated[
        list[str] | None,
        Option("-p", "--profile", metavar="NAME[/MODEL]", help="profile or preset"),
    ] = None
    model: Annotated[str | None, Option("-m", "--model", metavar="MODEL", help="model id")] = None
    base_url: Annotated[
        str | None, Option("--base-url", metavar="URL", help="one-off endpoint")
    ] = None
    api: Annotated[
        str | None, Option("--api", metavar="NAME", help="its dialect, such as openai-chat")
    ] = None
    system: Annotated[
        str | None, Option("-s", "--system", metavar="TEXT|@FILE", help="system prompt")
    ] = None
    temperature: Annotated[
        float | None, Option("--temperature", min=0, metavar="T", help="0: least varied [0.7]")
    ] = None
    max_tokens: Annotated[
        int | None, Option("--max-tokens", min=1, metavar="N", help="longest answer [4096]")
    ] = None
    top_p: Annotated[
        float | None,
        Option("--top-p", min=0, max=1, metavar="P", help="only the likeliest tokens"),
    ] = None
    seed: Annotated[
        int | None, Option("--seed", metavar="N", help="of the model's draws, where it can")
    ] = None
    reasoning_effort: Annotated[
        str | None,
        Option("--reasoning-effort", metavar="low|medium|high", help="how long it thinks"),
    ] = None
    option: Annotated[
        list[str] | None,
        Option("--option", metavar="KEY=JSON", help="raw field of the request body"),
    ] = None
    insecure_http: Annotated[
        bool, Option("--insecure-http", help="allow plain http to other machines")
    ] = False
    record: Annotated[
        str | None, Option("--record", metavar="DIR", help="keep what is answered, for --replay")
    ] = None
    replay: Annotated[
        str | None, Option("--replay", metavar="DIR", help="answer from DIR: no network, no key")
    ] = None


@dataclass(frozen=True, slots=True)
class Sequences:
    """Where the model shall stop. Its own group: to a consensus ``--stop`` means the rule."""

    stop: Annotated[
        list[str] | None, Option("--stop", "--stop-at", metavar="TEXT", help="stop sequence")
    ] = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often, how much."""

    timeout: Annotated[
        float | None, Option("--timeout", min=0, metavar="S", help="wait for the next byte [120]")
    ] = None
    deadline: Annotated[
        float | None, Option("--deadline", min=0, metavar="S", help="end the whole run after S")
    ] = None
    retries: Annotated[
        int | None, Option("--retries", min=0, metavar="N", help="repeats of a failed request [3]")
    ] = None
    max_cost: Annotated[
        float | None, Option("--max-cost", min=0, metavar="USD", help="spend no more than this")
    ] = None
    max_calls: Annotated[
        int | None, Option("--max-calls", min=0, metavar="N", help="send no more requests")
    ] = None
    max_tokens_total: Annotated[
        int | None,
        Option("--max-tokens-total", min=0, metavar="N", help="read and write no more tokens"),
    ] = None


@dataclass(frozen=True, slots=True)
class Output:
    """What is printed where, and what is kept."""

    json: Annotated[bool, Option("--json", help="one JSON object at the end")] = False
    events: Annotated[bool, Option("--events", help="JSON lines while it happens")] = False
    field: Annotated[
        str | None, Option("--field", metavar="PATH", help="one field of the JSON object")
    ] = None
    output: Annotated[
        str | None, Option("-o", "--output", metavar="FILE", help="write the answer to FILE")
    ] = None
    plain: Annotated[bool, Option("--plain", help="no colour, no Markdown rendering")] = False
    color: Annotated[
        Literal["auto", "always", "never"],
        Option("--color", metavar="auto|always|never", help="colour"),
    ] = "auto"
    quiet: Annotated[bool, Option("-q", "--quiet", help="errors only on stderr")] = False
    verbose: Annotated[bool, Option("-v", "--verbose", help="say more on stderr")] = False
    no_trace: Annotated[bool, Option("--no-trace", help="keep no record of this run")] = False
    dry_run: Annotated[bool, Option("--dry-run", help="print the request, send nothing")] = False
    yes: Annotated[bool, Option("--yes", help="answer every question with yes")] = False
    no_input: Annotated[bool, Option("--no-input", help="never ask anything")] = False
    config: Annotated[str | None, Option("--config", metavar="PATH", help="configuration file")] = (
        None
    )


def flags(command: F) -> F:
    """Spread the dataclass parameters of ``command`` into one parameter a field, for Typer."""
    spread: list[inspect.Parameter] = []
    groups: dict[str, type[Any]] = {}
    hints = get_type_hints(command, include_extras=True)
    for name, parameter in inspect.signature(command).parameters.items():
        kind = hints[name]
        if isinstance(kind, type) and is_dataclass(kind):
            groups[name] = kind
            spread.extend(_parameters(kind))
        else:
            spread.append(parameter.replace(annotation=kind, kind=inspect.Parameter.KEYWORD_ONLY))

    @functools.wraps(command)
    def gathered(**given: Any) -> Any:
        _finite(given)
        whole = {
            name: kind(**{field.name: given.pop(field.name) for field in fields(kind)})
            for name, kind in groups.items()
        }
        return command(**whole, **given)

    gathered.__signature__ = inspect.Signature(spread)  # type: ignore[attr-defined]  # read by Typer
    gathered.__annotations__ = {each.name: each.annotation for each in spread}
    return gathered  # type: ignore[return-value]  # same calls, other signature


def _finite(given: dict[str, Any]) -> None:
    """No bound of a range stops ``nan``, which is neither above nor below anything."""
    for name, value in given.items():
        if isinstance(value, float) and not math.isfinite(value):
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(f"{flag} {value} is not a number", hint="leave it out for no limit")


def _parameters(group: type[Any]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
