"""``kit trace export``: runs as files and messages for other programs."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

from typer import Argument, Option

from kit.cli.traces.printing import note, put_whole
from kit.cli.traces.since import moment
from kit.errors import UsageError
from kit.events import Json
from kit.trace.folders import runs_folder
from kit.trace.records import line
from kit.trace.runs import Run, read, records
from kit.trace.shelf import find

if TYPE_CHECKING:
    from kit.trace.story import Story

Told: TypeAlias = "tuple[Run, Story]"

SHORT = "Runs for other programs: jsonl, html, csv, OpenTelemetry."
HELP = """\b
Examples:
  kit trace export last > run.jsonl
  kit trace export last --format html -o run.html
  kit trace export --since 7d --format csv -o week.csv
  kit trace export --since 1d --endpoint http://127.0.0.1:4318
  kit trace export last --format otlp --openinference --content

Runs for other programs. jsonl (the records) and html hold what was said; otlp and csv only with
--content. OTLP follows the OpenTelemetry conventions for GenAI, or those of OpenInference.
"""

BODY = 2 * 2**20
"""Bytes of runs, about, that go to a collector at once: many refuse more than 4 MiB."""


class Format(StrEnum):
    JSONL = "jsonl"
    OTLP = "otlp"
    HTML = "html"
    CSV = "csv"


def export(
    runs: Annotated[
        list[str] | None, Argument(metavar="[RUN]...", help="[last]", show_default=False)
    ] = None,
    form: Annotated[
        Format | None, Option("--format", help="jsonl unless said", show_default=False)
    ] = None,
    since: Annotated[
        str | None, Option("--since", metavar="AGE|DATE", help="every run since: 12h, 7d, a date")
    ] = None,
    output: Annotated[
        str | None, Option("-o", "--output", metavar="FILE", help="write it to FILE")
    ] = None,
    content: Annotated[
        bool, Option("--content", help="otlp, csv: also what was asked and answered")
    ] = False,
    openinference: Annotated[
        bool, Option("--openinference", help="otlp: as Arize Phoenix reads it")
    ] = False,
    endpoint: Annotated[
        str | None, Option("--endpoint", metavar="URL", help="otlp: send it to this collector")
    ] = None,
    header_env: Annotated[
        list[str] | None,
        Option(
            "--header-env", metavar="HEADER=VARIABLE", help="a header, its value from $VARIABLE"
        ),
    ] = None,
    insecure_http: Annotated[
        bool, Option("--insecure-http", help="allow plain http to other machines")
    ] = False,
) -> None:
    form = form or (Format.OTLP if endpoint else Format.JSONL)
    _fitting(form, openinference=openinference, endpoint=endpoint, header_env=header_env)
    paths = _paths(runs or [], since)
    if endpoint:
        return _send(paths, endpoint, header_env or [], insecure_http, openinference, content)
    return _written(_texts(paths, form, openinference=openinference, content=content), output)


def _fitting(
    form: Format, *, openinference: bool, endpoint: str | None, header_env: Sequence[str] | None
) -> None:
    given = {"--openinference": openinference, "--endpoint": endpoint, "--header-env": header_env}
    for flag, value in given.items():
        if value and form != Format.OTLP:
            raise UsageError(f"{flag} goes with --format otlp", hint=f"not with {form.value}")
    if header_env and not endpoint:
        raise UsageError("--header-env needs --endpoint", hint="nothing is sent without one")


def _paths(runs: Sequence[str], since: str | None) -> list[Path]:
    """Oldest first. UsageError when there are none."""
    from kit.trace.catalogue import made_since

    folder = runs_folder(os.environ)
    if since is None:
        return list(dict.fromkeys(find(folder, run) for run in runs or ["last"]))
    if runs:
        raise UsageError("--since does not go with the names of runs", hint="leave out one")
    found = list(made_since(folder, moment(since, time.time())))
    if not found:
        raise UsageError(f"no runs since {since}", hint="`kit trace list` shows the runs")
    return found[::-1]


def _told(paths: Iterable[Path]) -> Iterator[Told]:
    from kit.trace.story import story

    return ((read(path), story(records(path))) for path in paths)


# --- formats ------------------------------------------------------------------------------------
def _texts(
    paths: Sequence[Path], form: Format, *, openinference: bool, content: bool
) -> Iterator[str]:
    match form:
        case Format.JSONL:
            return (line(each).decode() for path in paths for each in records(path))
        case Format.OTLP:
            told = (_otlp([each], openinference, content) for each in _told(paths))
            return (f"{json.dumps(request)}\n" for request in told)
        case Format.CSV:
            from kit.trace.export import sheet

            return sheet.lines(_told(paths), content=content)
        case Format.HTML:
            return _page(paths)


def _otlp(told: Iterable[Told], openinference: bool, content: bool) -> dict[str, Json]:
    from kit.trace.export import otlp

    naming = otlp.NAMINGS["openinference" if openinference else "genai"]
    return otlp.request(told, naming, content=content)


def _page(paths: Sequence[Path]) -> Iterator[str]:
    if len(paths) > 1:
        raise UsageError(f"a report is of one run, not of {len(paths)}", hint="name one RUN")
    from kit.trace.report.page import report  # the style and all that is drawn

    yield report(read(paths[0]), records(paths[0]))


# --- where to -----------------------------------------------------------------------------------
def _written(texts: Iterator[str], output: str | None) -> None:
    if output in (None, "-", "/dev/stdout"):
        for text in texts:
            put_whole(text.encode("utf-8", "replace"))
        return
    from kit.cli.output import write_file

    try:
        write_file(str(output), "".join(texts))
    except OSError as error:
        raise UsageError(
            f"--output {output} cannot be written: {error.strerror or error}"
        ) from error


def _send(
    paths: Sequence[Path],
    endpoint: str,
    header_env: Sequence[str],
    insecure: bool,
    openinference: bool,
    content: bool,
) -> None:
    from kit.cli.screen.render import err
    from kit.cli.traces import sending  # asyncio and the HTTP client: only who sends

    url = sending.target(endpoint, insecure=insecure)
    given = sending.headers(header_env, os.environ)
    requests = (_otlp(_told(some), openinference, content) for some in _parcels(paths))
    sending.send(url, requests, given, err)
    note(f"sent {len(paths)} {'run' if len(paths) == 1 else 'runs'} to {url}")


def _parcels(paths: Sequence[Path]) -> Iterator[list[Path]]:
    parcel: list[Path] = []
    size = 0
    for path in paths:
        parcel.append(path)
        size += path.stat().st_size
        if size >= BODY:
            yield parcel
            parcel, size = [], 0
    if parcel:
        yield parcel
