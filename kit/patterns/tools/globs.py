"""Patterns for paths: ``*`` and ``?`` within a name, ``**`` for any folders between. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase


def matches(path: Sequence[str], glob: str) -> bool:
    """Whether the names of a path fit. A glob without a slash is for the last name, wherever it
    lies; ``**`` stands for no folder too. Linear in the product of both lengths."""
    wanted = [each for each in glob.split("/") if each not in ("", ".")]
    if "/" not in glob.strip("/"):
        return bool(path) and bool(wanted) and fnmatchcase(path[-1], glob.strip("/"))
    reached = {0}  # how many of the wanted are fulfilled, in all ways
    for name in path:
        reached = _next(_opened(reached, wanted), wanted, name)
    return len(wanted) in _opened(reached, wanted)


def _opened(reached: set[int], wanted: Sequence[str]) -> set[int]:
    """With all ``**`` that may stand for nothing."""
    found = set(reached)
    for at, each in enumerate(wanted):
        if at in found and each == "**":
            found.add(at + 1)
    return found


def _next(reached: set[int], wanted: Sequence[str], name: str) -> set[int]:
    """After one more name of the path."""
    found: set[int] = set()
    for at in reached:
        if at < len(wanted) and wanted[at] == "**":
            found.add(at)
        elif at < len(wanted) and fnmatchcase(name, wanted[at]):
            found.add(at + 1)
    return found
