"""``kit trace diff``: two runs held against each other."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import aligned, fitted, painted
from kit.cli.traces.printing import AsJson, put, put_json, terminal
from kit.events import Json
from kit.trace.folders import runs_folder
from kit.trace.runs import Run, read, records
from kit.trace.shelf import find

if TYPE_CHECKING:
    from kit.trace.differences import Difference, Figure

DIFFERENT = 7
"""The exit code; that of a replay which goes another way."""

_SHORT = 60
"""A text of one line that is not longer stands in a table; others are shown line by line."""


def diff(
    a: Annotated[str, Argument(metavar="A", help="a run", show_default=False)],
    b: Annotated[str, Argument(metavar="B", help="another", show_default=False)],
    as_json: AsJson = False,
) -> int:
    from kit.trace.differences import differences, figures  # and what reads a whole run
    from kit.trace.story import story

    folder, screen = runs_folder(os.environ), terminal()
    runs = [read(find(folder, each)) for each in (a, b)]
    one, other = [(run, story(records(run.path))) for run in runs]
    found, took = differences(one, other), figures(*runs)
    if as_json:
        put_json(_object(runs, found, took), screen)
    else:
        put(_lines(runs, found, took, screen))
    return DIFFERENT if found else 0


def _object(
    runs: Sequence[Run], found: Sequence[Difference], took: Sequence[Figure]
) -> dict[str, Json]:
    return {
        "a": runs[0].id,
        "b": runs[1].id,
        "same": not found,
        "differences": [{"what": each.what, "a": each.a, "b": each.b} for each in found],
        "figures": {each.what: {"a": each.a, "b": each.b, "change": each.change} for each in took},
    }


def _lines(
    runs: Sequence[Run], found: Sequence[Difference], took: Sequence[Figure], screen: Terminal
) -> Iterator[str]:
    short = [each for each in found if _fits(each.a) and _fits(each.b)]
    rows = [["", runs[0].id, runs[1].id]]
    rows += [[_one_line(each.what), _spelt(each.a), _spelt(each.b)] for each in short]
    rows += [[each.what, _number(each.a), _number(each.b), _change(each)] for each in took]
    even = [[*row, ""][:4] for row in rows]
    yield from aligned(fitted(even, screen.width) if screen.out_tty else even)
    for each in found:
        if each not in short:
            yield ""
            yield f"{_one_line(each.what)}:"
            yield from _changed(_text(each.a), _text(each.b), screen)
    if not found:
        yield "the same was asked and answered"


def _fits(value: Json) -> bool:
    return len(_spelt(value)) <= _SHORT and not (isinstance(value, str) and "\n" in value.strip())


def _text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _spelt(value: Json) -> str:
    if value is None or value == "":
        return "-"
    return _one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.6g}"


def _change(figure: Figure) -> str:
    change = figure.change
    if not change:
        return ""
    part = f" ({change / figure.a:+.0%})" if figure.a else ""
    return f"{change:+.6g}{part}"


def _changed(a: str, b: str, screen: Terminal) -> Iterator[str]:
    """Line by line, as diff -u has it."""
    from difflib import unified_diff  # 4 ms, for texts that differ

    colours = {"-": "31", "+": "32"}
    compared = unified_diff(clean(a).splitlines(), clean(b).splitlines(), lineterm="", n=2)
    for at, line in enumerate(compared):
        if at >= 2:  # without the names of files
            yield painted(line, colours.get(line[:1], ""), screen)
