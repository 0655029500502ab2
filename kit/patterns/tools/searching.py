"""``search:DIR``: lines in the files below one folder, by a text or a regular expression."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.events import Json, Tool
from kit.patterns.tools import matcher, plain
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.browse import entries
from kit.patterns.tools.files import PATH, Below, shown
from kit.patterns.tools.globs import matches
from kit.patterns.tools.paging import NOTE
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.rooted import Root, regular
from kit.patterns.tools.threads import in_thread

BIG = 4 * 2**20
"""Bytes of a file above which it is not searched."""
ALL = 256 * 2**20
"""Bytes after which a search ends."""
LINE = 300
"""Characters of a line that are shown."""
Arguments: TypeAlias = Mapping[str, Json]
Fits: TypeAlias = Callable[[str], Sequence[int]]
"""The numbers of the lines of a text that fit, from 1."""


def searching(folder: Path, ports: Ports, name: str = "search") -> Below:
    """The source for ``search:DIR``."""
    face = Tool(
        name,
        f"Search the lines of all text files below {plain.name(str(folder))}. Each match is one"
        " line: path:number: the line. Without regex the pattern is plain text.",
        {
            "type": "object",
            "properties": {
                "pattern": {"type": "string", "minLength": 1, "maxLength": 1000},
                "regex": {
                    "type": "boolean",
                    "description": "The pattern is a regular expression (Python's). Default: no.",
                },
                "ignore_case": {"type": "boolean", "description": "Default: no."},
                "path": PATH
                | {"description": "A folder or a file, relative to that one. Default: all."},
                "glob": PATH | {"description": "Only files that fit, such as *.py or src/**/*.md."},
            },
            "required": ["pattern"],
            "additionalProperties": False,
        },
    )

    def made(root: Root) -> Ability:
        async def run(arguments: Arguments) -> str:
            return await _searched(root, arguments, ports)

        return Ability(face, "readonly", run, lambda arguments: shown(root, arguments))

    return Below(Root(folder), made)


async def _searched(root: Root, arguments: Arguments, ports: Ports) -> str:
    """Ended after its time: the process that matches is killed, which ends the thread too."""
    _compiled(arguments)
    search = _Search(root, arguments, ports.room)
    timer = asyncio.get_running_loop().call_later(ports.own, search.halt)
    try:
        return await in_thread(search.told)
    finally:
        timer.cancel()
        search.halt()


def _compiled(arguments: Arguments) -> None:
    """ToolFault for an expression that is none."""
    if arguments.get("regex"):
        try:
            re.compile(arguments["pattern"])
        except (re.error, RecursionError, OverflowError) as error:
            raise ToolFault(f"the pattern is no regular expression: {error}") from error


@dataclass
class _Search:
    root: Root
    arguments: Arguments
    room: int

    def __post_init__(self) -> None:
        self.halted = threading.Event()
        self.process: Popen[bytes] | None = None
        self.lines: list[str] = []
        self.files = self.found = self.bytes = 0

    def halt(self) -> None:
        self.halted.set()
        if self.process:
            self.process.kill()

    def told(self) -> str:
        """All that was found, and a last line in brackets."""
        with self._fits() as fits:
            for path, data in self._texts():
                try:
                    self._look(path, plain.text(data), fits)
                except (OSError, ValueError):  # the process was ended
                    if not self.halted.is_set():
                        raise ToolFault("the search broke off") from None
                if self.halted.is_set():
                    break
        return "\n".join([*self.lines, f"[{self._summary()}]"])

    def _summary(self) -> str:
        said = f"{self.found} matching lines in {self.files} files"
        if self.found > len(self.lines):
            said += f"; {self.found - len(self.lines)} are left out: search for less"
        if self.halted.is_set():
            said += "; ended before all files were searched: too slow"
        elif self.bytes > ALL:
            said += f"; ended after {ALL >> 20} MiB: narrow it with path or glob"
        return said

    def _texts(self) -> Iterator[tuple[str, bytes]]:
        """Every text file, whole, with its path from the root."""
        path, glob = self.arguments.get("path", "."), self.arguments.get("glob", "**")
        with self.root.place(path) as place:
            for entry in entries(place.folder, deep=not place.name):
                wanted = entry.path == (place.name,) if place.name else matches(entry.path, glob)
                if entry.is_file and entry.size <= BIG and wanted:
                    data = _read(entry.path[-1], entry.folder)
                    self.bytes += len(data)
                    if data and not plain.is_binary(data):
                        self.files += 1
                        yield plain.name("/".join((*place.names, *entry.path))), data
                if self.bytes > ALL or self.halted.is_set():
                    return

    def _look(self, path: str, text: str, fits: Fits) -> None:
        lines = text.split("\n")
        for number in fits(text):
            self.found += 1
            line = lines[number - 1].strip()
            line = line if len(line) <= LINE else f"{line[:LINE]}…"
            whole = f"{path}:{number}: {line}"
            if self.room - len(whole) > NOTE:
                self.room -= len(whole) + 1
                self.lines.append(whole)

    @contextmanager
    def _fits(self) -> Iterator[Fits]:
        if not self.arguments.get("regex"):
            yield _plainly(self.arguments["pattern"], bool(self.arguments.get("ignore_case")))
            return
        argv = [sys.executable, "-I", "-S", matcher.__file__]
        with Popen(argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}) as process:  # noqa: S603  # ours
            self.process = process
            if self.halted.is_set():  # just before there was a process to kill
                process.kill()
            try:
                yield _apart(process, self.arguments)
            finally:
                process.kill()


def _plainly(pattern: str, ignore_case: bool) -> Fits:
    wanted = pattern.casefold() if ignore_case else pattern

    def fits(text: str) -> Sequence[int]:
        all_of = text.casefold() if ignore_case else text
        if wanted not in all_of:
            return ()
        return [at for at, line in enumerate(all_of.split("\n"), 1) if wanted in line]

    return fits


def _apart(process: Popen[bytes], arguments: Arguments) -> Fits:
    """By the program in matcher.py, one text after the other."""
    given, told = process.stdin, process.stdout
    assert given
    assert told
    task = {"pattern": arguments["pattern"], "ignore_case": bool(arguments.get("ignore_case"))}
    given.write(json.dumps(task).encode() + b"\n")

    def fits(text: str) -> Sequence[int]:
        data = text.encode(errors="replace")
        given.write(b"%d\n" % len(data) + data)
        given.flush()
        found: list[int] = json.loads(told.readline())
        return found

    return fits


def _read(name: str, folder: int) -> bytes:
    try:
        with regular(name, folder) as file:
            return file.read(BIG + 1)
    except (OSError, ToolFault):  # not for this user, or gone meanwhile
        return b""
