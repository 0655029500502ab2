"""``kit trace``: what happened, in every run."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from typer import Argument, Option, Typer
from typer.core import TyperCommand, TyperGroup

from kit.cli.app import helps as said
from kit.cli.app import typer_app
from kit.cli.options import Limits, Output, flags
from kit.cli.screen.terminal import Terminal
from kit.cli.traces import differing, export, helps, removing, search, stats
from kit.cli.traces.printing import AsJson, note, put, put_json, put_whole, run_object, terminal
from kit.errors import UsageError
from kit.trace.folders import cache_folder, runs_folder
from kit.trace.shelf import find, looks_like_a_run

if TYPE_CHECKING:
    from kit.trace.runs import Run
    from kit.trace.story import Story

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


class Format(StrEnum):
    TABLE = "table"
    TIMELINE = "timeline"
    STEPS = "steps"
    JSON = "json"
    RAW = "raw"
    HTML = "html"


View: TypeAlias = "Callable[[Run, Story, Terminal], Iterator[str]]"


@app.command(
    "list",
    help=said(
        "The latest runs, newest first. Between tabs when piped.",
        "kit trace list -n 100",
        "kit trace list | cut -f1",
    ),
)
def list_(
    limit: Annotated[
        int, Option("-n", "--limit", min=1, metavar="N", help="how many at most")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    from kit.cli.trace_views.table import listing
    from kit.trace.catalogue import latest  # and the index

    folder, screen = runs_folder(os.environ), terminal()
    runs = latest(folder, cache_folder(os.environ), limit)
    if as_json:
        return put_json([run_object(run) for run in runs], screen)
    if not runs:
        note(f"no runs are recorded in {folder} yet")
    put(listing(runs, screen))
    return _tell_skipped(runs)


@app.command(
    "show",
    cls=OfRun,
    help=said(
        "One run: what was asked, each call, the answer.",
        "kit trace show",
        "kit trace show -2 --format timeline",
        "kit trace show 01M8 --format html > run.html",
    ),
)
def show(
    run: Annotated[str, Argument(metavar="[RUN]", help="[last]", show_default=False)] = "last",
    form: Annotated[
        Format,
        Option("--format", help="a chart (timeline), messages (steps), the file (raw), a page …"),
    ] = Format.TABLE,
    as_json: AsJson = False,
) -> None:
    from kit.trace.runs import read, records  # and all events, for who reads a run

    path, screen = _found(run), terminal()
    if form == Format.RAW and not as_json:
        return _put_raw(path)
    whole = read(path)
    if as_json or form == Format.JSON:
        put_json({**run_object(whole), "records": list(records(path))}, screen)
    elif form == Format.HTML:
        _put_page(whole)
    else:
        from kit.trace.story import story

        put(_view(form)(whole, story(records(path)), screen))
    return _tell_skipped([whole])


@app.command("replay", cls=OfRun, help=helps.REPLAY, short_help="Again on its record: what if?")
def replay(
    run: Annotated[str, Argument(metavar="[RUN]", help="[last]", show_default=False)] = "last",
    wanted: Annotated[
        list[str] | None,
        Option("--with", metavar="KEY=VALUE", help="other terms: risk stop n weights need …"),
    ] = None,
    as_json: AsJson = False,
    quiet: Annotated[bool, Option("-q", "--quiet", help="errors only on stderr")] = False,
) -> int:
    from kit.cli.traces.replay import replay  # every pattern, for who replays

    return replay(run, wanted or [], as_json=as_json, quiet=quiet)


@app.command("resume", cls=OfRun, help=helps.RESUME, short_help="Go on, pay for nothing twice.")
@flags
def resume(
    limits: Limits,
    output: Output,
    run: Annotated[str, Argument(metavar="[RUN]", help="[last]", show_default=False)] = "last",
) -> int:
    from kit.cli.traces.resume import resume  # every pattern, asyncio and the providers

    return resume(run, limits, output)


@app.command(
    "path",
    cls=OfRun,
    help=said(
        "The folder of all runs, or the file of one.",
        'du -sh "$(kit trace path)"',
        'tail -f "$(kit trace path last)"',
    ),
)
def path(run: Annotated[str | None, Argument(metavar="[RUN]", help="[all]")] = None) -> None:
    put([str(_found(run) if run is not None else runs_folder(os.environ))])


app.command("diff", cls=OfRun, help=helps.DIFF)(differing.diff)
app.command("stats", cls=OfRun, help=stats.HELP, short_help=stats.SHORT)(stats.stats)
app.command("search", help=search.HELP, short_help=search.SHORT)(search.search)
app.command("export", cls=OfRun, help=export.HELP, short_help=export.SHORT)(export.export)
app.command("rm", cls=OfRun, help=removing.HELP, short_help=removing.SHORT)(removing.rm)


def _found(run: str) -> Path:
    return find(runs_folder(os.environ), run)


# --- output -------------------------------------------------------------------------------------
def _view(form: Format) -> View:
    """Each is a table of its own, loaded by who looks at it."""
    if form == Format.TIMELINE:
        from kit.cli.trace_views.timeline import timeline

        return timeline
    if form == Format.STEPS:
        from kit.cli.trace_views.steps import steps

        return steps
    from kit.cli.trace_views.overview import overview

    return overview


def _put_raw(path: Path) -> None:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    put_whole(raw)


def _put_page(run: Run) -> None:
    from kit.trace.report.page import report  # the style and all that is drawn
    from kit.trace.runs import records

    put_whole(report(run, records(run.path)).encode())


def _tell_skipped(runs: Sequence[Run]) -> None:
    if count := sum(run.skipped for run in runs):
        lines = "1 line that is not" if count == 1 else f"{count} lines that are not"
        note(f"passed over {lines} a record")
