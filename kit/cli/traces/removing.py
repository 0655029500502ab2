"""``kit trace rm``: runs taken away, when somebody has said so."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from kit.cli.screen.render import putter
from kit.cli.setup.configured import interactive
from kit.cli.traces.printing import note
from kit.cli.traces.since import moment
from kit.errors import UsageError
from kit.trace.folders import cache_folder, runs_folder
from kit.trace.shelf import find, paths

SHORT = "Runs removed for good: by name, or --older-than 30d."
HELP = """\b
Examples:
  kit trace rm last
  kit trace rm --older-than 30d
  kit trace rm --older-than 30d --yes      from cron

Removes runs for good, with what the search remembers of them. Asks first; where nobody can be
asked, --yes says so. A run that still goes on is kept.
"""


def rm(
    runs: Annotated[
        list[str] | None, Argument(metavar="[RUN]...", help="which", show_default=False)
    ] = None,
    older_than: Annotated[
        str | None, Option("--older-than", metavar="AGE|DATE", help="30d, 12w, a date")
    ] = None,
    yes: Annotated[bool, Option("--yes", help="do not ask")] = False,
    no_input: Annotated[bool, Option("--no-input", help="never ask anything")] = False,
) -> None:
    chosen = _chosen(runs or [], older_than)
    ended = [path for path in chosen if not _goes_on(path)]
    if len(ended) < len(chosen):
        note(f"{_count(len(chosen) - len(ended))} still going on: kept")
    if not ended:
        return note("nothing to remove")
    if not yes:
        _agreed(ended, no_input=no_input)
    return _remove(ended)


def _chosen(runs: Sequence[str], older_than: str | None) -> list[Path]:
    from kit.trace.ulid import made_at

    folder = runs_folder(os.environ)
    if bool(runs) == (older_than is not None):
        raise UsageError(
            "say which runs to remove: by name, or with --older-than",
            hint="kit trace rm RUN, or kit trace rm --older-than 30d",
        )
    if older_than is None:
        return list(dict.fromkeys(find(folder, run) for run in runs))
    limit = moment(older_than, time.time(), "--older-than")
    return [path for path in paths(folder) if made_at(path.stem) < limit]


def _goes_on(path: Path) -> bool:
    """Whether its writer holds the file. Where there are no locks its process tells."""
    from kit.trace.alive import is_held
    from kit.trace.runs import records, writer

    with suppress(OSError, UsageError):
        begin = next(records(path), {}) if sys.platform == "win32" else {}
        return is_held(path, writer(begin))
    return False


def _agreed(ended: Sequence[Path], *, no_input: bool) -> None:
    """UsageError unless somebody says yes."""
    if not interactive(no_input):
        raise UsageError(
            f"{_count(len(ended))} would be removed for good, and nobody can be asked",
            hint="say --yes",
        )
    shown = ended[0].stem if len(ended) == 1 else _count(len(ended))
    putter(sys.stderr)(f"kit: remove {shown} for good? [y/N] ".encode())
    if sys.stdin.readline().strip().lower() not in ("y", "yes"):
        raise UsageError("nothing was removed")


def _remove(ended: Sequence[Path]) -> None:
    from kit.trace import catalogue

    removed, trouble = 0, None
    for path in ended:
        try:
            path.unlink()
        except FileNotFoundError:
            continue
        except OSError as error:
            trouble = error
            continue
        removed += 1
        _tidy(path.parent)
    catalogue.forget(runs_folder(os.environ), cache_folder(os.environ))
    note(f"removed {_count(removed)}")
    if trouble:
        raise UsageError(
            f"{_count(len(ended) - removed)} cannot be removed: {trouble.filename}: "
            f"{(trouble.strerror or str(trouble)).lower()}"
        ) from trouble


def _tidy(month: Path) -> None:
    """Empty folders of months and years go too, but for the one in which a run may begin now."""
    if month.parts[-2:] == tuple(time.strftime("%Y %m", time.gmtime()).split()):
        return
    with suppress(OSError):  # something is in there
        month.rmdir()
        month.parent.rmdir()


def _count(runs: int) -> str:
    return "1 run" if runs == 1 else f"{runs} runs"
