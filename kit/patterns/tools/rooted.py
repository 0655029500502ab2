"""A folder that nothing leaves: paths below it are walked one name at a time, from open folders.

As openat2's RESOLVE_BENEATH does it, but on every POSIX system: each step is an open of one name
in an open folder, which follows no link. A link is read and its target walked in the same way, so
that it leads where it leads as long as that is below the root. Nothing that is renamed or swapped
meanwhile leads out: what is open is what was checked.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import BinaryIO

from kit.dataclass import dataclass
from kit.patterns.tools import plain
from kit.patterns.tools.ability import ToolFault

LINKS = 40
"""Links that one path may lead through, as Linux has it."""
_KERNEL = ("/proc", "/sys", "/dev")
"""No files but the kernel's word: a process' environment, with its keys, lies there."""
_STEP = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_READ = (
    os.O_RDONLY
    | os.O_CLOEXEC
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
)
_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


@dataclass(frozen=True, slots=True)
class Place:
    """An open folder, the names that lead to it from the root, and a name in it that is neither a
    folder nor a link ("" where the folder itself is meant)."""

    folder: int
    names: tuple[str, ...]
    name: str


class Root:
    """Open it before use, close it after. ``path`` is where it lies, links resolved."""

    def __init__(self, given: Path) -> None:
        self.given = given.expanduser().absolute()
        self.path = self.given
        self._top = -1

    def open(self) -> None:
        """OSError when it is no folder that can be read."""
        self.path = self.given.resolve(strict=True)
        self._top = os.open(self.path, _STEP)

    def close(self) -> None:
        if self._top >= 0:
            os.close(self._top)
            self._top = -1

    @contextmanager
    def place(self, path: str) -> Iterator[Place]:
        """What ``path`` names, links followed; ToolFault when there is nothing below the root."""
        walk = _Walk(self, path)
        try:
            name = walk.taken()
            walk.check_kernel()
            yield Place(walk.here, tuple(walk.names), name)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise ToolFault(f"{plain.name(path)}: {why}") from error
        finally:
            walk.close()

    @contextmanager
    def folder(self, path: str) -> Iterator[int]:
        """The open folder at ``path``; ToolFault when there is none below the root."""
        with self.place(path) as place:
            if place.name:
                raise ToolFault(f"{plain.name(path)} is no folder")
            yield place.folder

    @contextmanager
    def file(self, path: str) -> Iterator[BinaryIO]:
        """The open regular file at ``path``; ToolFault when there is none below the root."""
        with self.place(path) as place:
            if not place.name:
                raise ToolFault(f"{plain.name(path)} is a folder")
            with regular(place.name, place.folder) as found:
                yield found

    def below(self, path: str) -> list[str]:
        """The names on the way from the root; an absolute path counts when it lies below it."""
        pure = PurePath(path)
        if not pure.is_absolute():
            return list(pure.parts)
        for top in (self.path, self.given):
            if pure.is_relative_to(top):
                return list(pure.relative_to(top).parts)
        raise ToolFault(f"{plain.name(path)} is outside of {plain.name(str(self.given))}")


class _Walk:
    """The way down one path: the folders that are open, and the names still to go."""

    def __init__(self, root: Root, path: str) -> None:
        self.root, self.shown = root, path
        self.open: list[int] = []
        self.names: list[str] = []
        self.left = root.below(_usable(path))[::-1]
        self.links = 0

    @property
    def here(self) -> int:
        return self.open[-1] if self.open else self.root._top

    def taken(self) -> str:
        """The last name, no link, in the open folder ``here``; "" when the path is that folder."""
        while self.left:
            name = self.left.pop()
            if name == "..":
                self._up()
            elif name not in ("", "."):
                if target := self._link(name):
                    self._follow(target)
                elif not self.left and not self._is_folder(name):
                    return name
                else:
                    self.enter(name)
        return ""

    def enter(self, name: str) -> None:
        self.open.append(os.open(name, _STEP, dir_fd=self.here))
        self.names.append(name)

    def check_kernel(self) -> None:
        whole = os.path.join(self.root.path, *self.names)
        if any(whole == each or whole.startswith(f"{each}/") for each in _KERNEL):
            raise ToolFault(f"{plain.name(self.shown)} is the system's own, no file")

    def close(self) -> None:
        while self.open:
            os.close(self.open.pop())

    def _up(self) -> None:
        if not self.open:
            raise ToolFault(
                f"{plain.name(self.shown)} is outside of {plain.name(str(self.root.given))}"
            )
        os.close(self.open.pop())
        self.names.pop()

    def _link(self, name: str) -> str:
        try:
            return os.readlink(name, dir_fd=self.here)
        except OSError as error:
            if error.errno == errno.EINVAL:  # no link
                return ""
            raise

    def _is_folder(self, name: str) -> bool:
        return stat.S_ISDIR(os.stat(name, dir_fd=self.here, follow_symlinks=False).st_mode)

    def _follow(self, target: str) -> None:
        self.links += 1
        if self.links > LINKS:
            raise ToolFault(f"{plain.name(self.shown)} leads through too many links")
        if os.path.isabs(target):
            try:
                names = self.root.below(target)
            except ToolFault as fault:
                raise ToolFault(
                    f"{plain.name(self.shown)} is a link out of {plain.name(str(self.root.given))}"
                ) from fault
            self.close()
            self.names.clear()
        else:
            names = list(PurePath(target).parts)
        self.left.extend(reversed(names))


def regular(name: str, folder: int) -> BinaryIO:
    """The file of this name in an open folder, when it is a file: what else a name can stand for
    is not even opened. OSError and ToolFault."""
    _check(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode, name)
    number = os.open(name, _READ, dir_fd=folder)
    try:
        _check(os.fstat(number).st_mode, name)
        return os.fdopen(number, "rb")
    except BaseException:
        os.close(number)
        raise


def _check(mode: int, name: str) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
        raise ToolFault(f"{plain.name(name)} is {kind}, which is not read")


def _usable(path: str) -> str:
    """The path as the system takes it: written as ``plain.name`` shows it or as it is."""
    raw = plain.unnamed(path)
    try:
        os.fsencode(raw)
    except UnicodeEncodeError as error:
        raise ToolFault(f"{plain.name(path)} is no name of a file") from error
    return raw.replace("\0", "\ufffd")
