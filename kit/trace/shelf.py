"""Finding runs by name or by age, from the names of files alone: none of them is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from kit.errors import UsageError
from kit.trace.ulid import GRAMMAR

_PREFIX = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{3,25}", re.IGNORECASE)
_BACK = re.compile(r"-([1-9][0-9]{0,8})")
_HINT = "`kit trace list` shows the runs"


def paths(folder: Path) -> Iterator[Path]:
    """The files of all runs, newest first; a month is looked at when it is reached."""
    for year in _newest(folder, r"\d{4}"):
        for month in _newest(year, r"\d{2}"):
            yield from _newest(month, rf"{GRAMMAR.pattern}\.jsonl")


def looks_like_a_run(name: str) -> bool:
    """Whether ``find`` could take this for a run; true of no word that is a command."""
    return bool(name == "last" or _BACK.fullmatch(name) or _PREFIX.fullmatch(name))


def find(folder: Path, name: str) -> Path:
    """The file of a run: its id, 4 or more of its first characters, last or -1, -2 …

    Raises UsageError for what names no run or several. A path can never be a name.
    """
    if name == "last":
        name = "-1"
    if back := _BACK.fullmatch(name):
        return _back(folder, int(back[1]))
    if not _PREFIX.fullmatch(name):
        raise UsageError(
            f"{name!r} is not the name of a run",
            hint=f"a run is its id, 4 or more of its first characters, last, -1, -2 …; {_HINT}",
        )
    return _one(folder, name.upper())


def _back(folder: Path, count: int) -> Path:
    path = next(islice(paths(folder), count - 1, None), None)
    if path is None:
        few = "no runs" if count == 1 else f"fewer than {count} runs"
        raise UsageError(f"{few} are recorded in {folder}", hint=_HINT)
    return path


def _one(folder: Path, prefix: str) -> Path:
    found = [path for path in paths(folder) if path.name.startswith(prefix)]
    match found:
        case [path]:
            return path
        case []:
            raise UsageError(f"no run is named {prefix}", hint=_HINT)
        case _:
            names = ", ".join(path.stem for path in found[:3])
            more = " …" if len(found) > 3 else ""
            raise UsageError(
                f"{len(found)} runs have names that start with {prefix}",
                hint=f"give more of it: {names}{more}",
            )


def _newest(folder: Path, grammar: str) -> Iterator[Path]:
    try:
        names = sorted(os.listdir(folder), reverse=True)
    except OSError:  # nothing recorded yet, or not ours to read
        return iter(())
    return (folder / name for name in names if re.fullmatch(grammar, name))
