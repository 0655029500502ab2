"""What lies below an open folder: files in a fixed order, links and the tools' own litter left out.

Nothing here is opened by a path: each folder is entered from the one above it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from kit.dataclass import dataclass
from kit.patterns.tools import plain

SKIPPED = frozenset({".git", ".hg", ".svn", ".venv", "__pycache__", "node_modules"})
"""Folders that are not searched unless the path names them: not what a person wrote."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One name: its path from where one began, its mode and size, its open folder (as long as the
    walk stands at it)."""

    path: tuple[str, ...]
    mode: int
    size: int
    folder: int

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.mode)

    @property
    def shown(self) -> str:
        """As ``ls -F`` marks it: a folder/, a link@, what is read neither way|."""
        ends = {stat.S_IFDIR: "/", stat.S_IFLNK: "@", stat.S_IFREG: ""}
        return plain.name("/".join(self.path)) + ends.get(stat.S_IFMT(self.mode), "|")


def entries(folder: int, *, deep: bool) -> Iterator[Entry]:
    """What lies in the folder, by name; with ``deep`` also what lies in its folders."""
    for where, folders, files, here in os.fwalk(".", dir_fd=folder, follow_symlinks=False):
        inside = [each for each in where.split("/") if each != "."]
        for name in sorted([*folders, *files]):
            try:
                known = os.stat(name, dir_fd=here, follow_symlinks=False)
            except OSError:  # it has gone meanwhile
                continue
            yield Entry((*inside, name), known.st_mode, known.st_size, here)
        folders[:] = sorted(each for each in folders if each not in SKIPPED) if deep else []
