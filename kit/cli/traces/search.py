"""``kit trace search``: runs by what was said in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Option

from kit.cli.markdown.cells import fit, width
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import aligned, columns, dim, moment, one_line, painted, status
from kit.cli.traces.printing import AsJson, note, put, put_json, run_object, terminal
from kit.trace.folders import cache_folder, runs_folder

if TYPE_CHECKING:
    from kit.trace.catalogue import Found

SHORT = "Runs by what was said in them."
HELP = """\b
Examples:
  kit trace search ENOSPC
  kit trace search "capital of France" Paris     both, each as it stands
  kit trace show "$(kit trace search -n 1 ENOSPC | cut -f1)"

Runs whose prompts or answers hold each TEXT, newest first. Letters match in either case; no
character has a meaning of its own.
"""

_BOLD = "1"
_LEAST = 24  # columns for the words around, however narrow the terminal


def search(
    texts: Annotated[
        list[str], Argument(metavar="TEXT...", help="all of them", show_default=False)
    ],
    limit: Annotated[
        int, Option("-n", "--limit", min=1, metavar="N", help="how many at most")
    ] = 20,
    as_json: AsJson = False,
) -> None:
    from kit.trace import catalogue  # only who searches loads it

    screen = terminal()
    found = catalogue.search(runs_folder(os.environ), cache_folder(os.environ), texts, limit)
    if as_json:
        return put_json([_object(each) for each in found], screen)
    if not found:
        note("no run holds that")
    return put(_rows(found, screen))


def _object(found: Found) -> dict[str, object]:
    words = found.before + found.text + found.after
    return {**run_object(found.run), "found_in": found.where, "snippet": words}


def _rows(found: Sequence[Found], screen: Terminal) -> Iterator[str]:
    """For a pipe: id, start, status, pattern, where, the words around; between tabs."""
    if not screen.out_tty:
        return ("\t".join(_values(each)) for each in found)
    rows = [[*_short(each, screen), "|"] for each in found]
    lines = list(aligned(rows)) if rows else []
    room = max(screen.width - max(map(columns, lines), default=0) + 1, _LEAST)
    return (
        line[:-1] + _around(each, room, screen) for line, each in zip(lines, found, strict=True)
    )


def _short(found: Found, screen: Terminal) -> list[str]:
    run = found.run
    words = (run.id[:10], moment(run.started), status(run.status, screen))
    return [*words, dim(found.where, screen)]


def _values(found: Found) -> Iterator[str]:
    run = found.run
    words = found.before + found.text + found.after
    return map(one_line, (run.id, run.started, run.status, run.pattern, found.where, words))


def _around(found: Found, room: int, screen: Terminal) -> str:
    """What was found, in the middle of what fits beside it."""
    text = fit(one_line(found.text), room)
    before, after = _edge(found.before), _edge(found.after)
    rest = room - width(text)
    left = fit(before[::-1], max(rest // 2, rest - width(after)))[::-1]
    return left + painted(text, _BOLD, screen) + fit(after, rest - width(left))


def _edge(text: str) -> str:
    """Harmless, with the blanks at its ends: they part it from what was found."""
    return one_line(f"|{text}|")[1:-1]
