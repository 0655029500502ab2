"""``kit trace``: what happened, in every run."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from typer import Argument, Option, Typer
from typer.core import TyperCommand, TyperGroup

from kit.cli.app import typer_app
from kit.cli.options import Limits, Output, flags
from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.overview import overview
from kit.cli.trace_views.steps import steps
from kit.cli.trace_views.table import listing
from kit.cli.trace_views.timeline import timeline
from kit.cli.traces import export, helps, removing, search, stats
from kit.errors import UsageError
from kit.events import Json
from kit.trace.folders import cache_folder, runs_folder
from kit.trace.runs import Run, read, records
from kit.trace.shelf import find, looks_like_a_run
from kit.trace.story import Story, story

HELP = """\b
Examples:
  kit trace                          the latest runs
  kit trace show                     the last one
  kit trace show -2 --format steps   the one before, message by message
  kit trace list --json | jq -r '.[] | select(.status != "ok") | .run'
  kit trace search ENOSPC            where was that?
  kit trace stats --since 7d --by model

RUN is an id, 4 or more of its first characters, last, or -1, -2 …
"""


class Trace(TyperGroup):
    """``kit trace`` alone lists, ``kit trace RUN`` shows."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if ctx.resilient_parsing else with_command(args))


class OfRun(TyperCommand):
    """A command on a RUN, which may be -1, -2 … and yet is no flag."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        back = [] if "--" in args else [each for each in args if re.fullmatch(r"-\d+", each)]
        rest = [each for each in args if each not in back]
        return super().parse_args(ctx, [*rest, "--", *back] if back else args)


def with_command(args: list[str]) -> list[str]:
    first = args[0] if args else ""
    if looks_like_a_run(first):
        return ["show", *args]
    if not first or (first.startswith("-") and first not in ("-h", "--help")):
        return ["list", *args]
    return args


app: Typer = typer_app(cls=Trace, help=HELP)

AsJson = Annotated[bool, Option("--json", help="as JSON")]


class Format(StrEnum):
    TABLE = "table"
    TIMELINE = "timeline"
    STEPS = "steps"
    JSON = "json"
    RAW = "raw"


View: TypeAlias = Callable[[Run, Story, Terminal], Iterator[str]]
VIEWS: dict[Format, View] = {
    Format.TABLE: overview,
    Format.TIMELINE: timeline,
    Format.STEPS: steps,
}


@app.command("list", help="The latest runs, newest first. Between tabs when piped.")
def list_(
    limit: Annotated[int, Option("-n", "--limit", min=1, help="how many at most")] = 20,
    as_json: AsJson = False,
) -> None:
    folder, terminal = runs_folder(os.environ), _terminal()
    from kit.trace.catalogue import latest

    runs = latest(folder, cache_folder(os.environ), limit)
    if as_json:
        return _put_json([_object(run) for run in runs], terminal)
    if not runs:
        _note(f"no runs are recorded in {folder} yet")
    _put(listing(runs, terminal))
    return _tell_skipped(runs)


@app.command("show", cls=OfRun, help="One run: what was asked, each call, the answer.")
def show(
    run: Annotated[str, Argument(metavar="[RUN]", show_default=False)] = "last",
    form: Annotated[
        Format,
        Option("--format", help="a chart (timeline), all messages (steps), the file (raw) …"),
    ] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    path, terminal = _found(run), _terminal()
    if form == Format.RAW and not as_json:
        return _put_raw(path, terminal)
    whole = read(path)
    if as_json or form == Format.JSON:
        _put_json({**_object(whole), "records": list(records(path))}, terminal)
    else:
        _put(VIEWS[form](whole, story(records(path)), terminal))
    return _tell_skipped([whole])


@app.command("replay", cls=OfRun, help=helps.REPLAY)
def replay(
    run: Annotated[str, Argument(metavar="[RUN]", show_default=False)] = "last",
    wanted: Annotated[
        list[str] | None,
        Option("--with", metavar="KEY=VALUE", help="other terms: risk stop n weights need …"),
    ] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, Option("-q", "--quiet", help="errors only on stderr")] = False,
) -> int:
    from kit.cli.traces.replay import replay  # every pattern, for who replays

    return replay(run, wanted or [], as_json=as_json, quiet=quiet)


@app.command("resume", cls=OfRun, help=helps.RESUME)
@flags
def resume(
    limits: Limits,
    output: Output,
    run: Annotated[str, Argument(metavar="[RUN]", show_default=False)] = "last",
) -> int:
    from kit.cli.traces.resume import resume  # every pattern, asyncio and the providers

    return resume(run, limits, output)


@app.command("path", cls=OfRun, help="The folder of all runs, or the file of one.")
def path(run: Annotated[str | None, Argument(metavar="[RUN]")] = None) -> None:
    _put([str(_found(run) if run is not None else runs_folder(os.environ))])


app.command("stats", cls=OfRun, help=stats.HELP)(stats.stats)
app.command("search", help=search.HELP)(search.search)
app.command("export", cls=OfRun, help=export.HELP)(export.export)
app.command("rm", cls=OfRun, help=removing.HELP)(removing.rm)


def _found(run: str) -> Path:
    return find(runs_folder(os.environ), run)


def _terminal() -> Terminal:
    return Terminal.detect(os.environ, sys.stdout, sys.stderr)


def _object(run: Run) -> dict[str, Json]:
    """With the names of ``--json`` of a run, where the contract has one."""
    return {
        "run": run.id,
        "started": run.started or None,
        "pattern": run.pattern or None,
        "status": run.status,
        "exit": run.exit,
        "prompt": run.prompt,
        "answer": run.answer,
        "profiles": run.profiles,
        "models": run.models,
        "usage": run.usage,
        "elapsed_s": run.elapsed_s,
        "error": run.error or None,
        "skipped": run.skipped,
    }


# --- output -------------------------------------------------------------------------------------
def _put(lines: Iterable[str]) -> None:
    """Lines whose texts are already harmless; what the encoding lacks becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        text = re.sub("[\ud800-\udfff]", "\ufffd", line)
        sys.stdout.buffer.write(f"{text}\n".encode(encoding, "replace"))
    sys.stdout.buffer.flush()


def _put_json(value: Json, terminal: Terminal) -> None:
    """In ASCII: the same JSON, and no character in it can move a cursor or lack in an encoding."""
    _put([json.dumps(value, indent=2 if terminal.out_tty else None)])


def _put_raw(path: Path, terminal: Terminal) -> None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    if terminal.out_tty:
        raw = clean(raw.decode(errors="replace")).encode()
    sys.stdout.buffer.write(raw)
    sys.stdout.buffer.flush()


def _tell_skipped(runs: Sequence[Run]) -> None:
    if count := sum(run.skipped for run in runs):
        lines = "1 line that is not" if count == 1 else f"{count} lines that are not"
        _note(f"passed over {lines} a record")


def _note(text: str) -> None:
    from kit.cli.screen.render import err  # only when there is something to say

    err(f"kit: {text}")
