"""``read:DIR`` and ``list:DIR``: files below one folder, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json, Tool
from kit.patterns.tools import plain
from kit.patterns.tools.ability import Ability
from kit.patterns.tools.browse import entries
from kit.patterns.tools.globs import matches
from kit.patterns.tools.paging import NOTE, page
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.rooted import Root
from kit.patterns.tools.threads import in_thread

LOOK = 32 * 2**20
"""Bytes of a file that are looked at; what lies behind them is said to be left out."""
ENTRIES = 100_000
"""Names that one listing looks at."""
Arguments: TypeAlias = Mapping[str, Json]
PATH = {"type": "string", "minLength": 1, "maxLength": 4096}


@dataclass
class Below:
    """A source of one tool that works below a folder, which is open as long as the source is."""

    root: Root
    made: Callable[[Root], Ability]

    async def open(self) -> Sequence[Ability]:
        try:
            self.root.open()
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise UsageError(f"the folder {self.root.given} of a tool: {why}") from error
        return [self.made(self.root)]

    async def aclose(self) -> None:
        self.root.close()


def reading(folder: Path, ports: Ports, name: str = "read") -> Below:
    """The source for ``read:DIR``."""
    face = Tool(
        name,
        f"Read a text file below {plain.name(str(folder))}. Long files come in pages: the last line"
        " in brackets says which lines are shown and how to get the next ones.",
        {
            "type": "object",
            "properties": {
                "path": PATH | {"description": "The file, relative to that folder."},
                "first_line": {"type": "integer", "minimum": 1, "description": "Default: 1."},
                "last_line": {"type": "integer", "minimum": 1, "description": "Default: the last."},
            },
            "required": ["path"],
            "additionalProperties": False,
        },
    )
    return Below(Root(folder), lambda root: _ability(face, root, _read, ports.room))


def listing(folder: Path, ports: Ports, name: str = "list") -> Below:
    """The source for ``list:DIR``."""
    face = Tool(
        name,
        f"List what lies in {plain.name(str(folder))} or in a folder below it: one entry a line,"
        " folders end with /, links with @, files are followed by their size in bytes.",
        {
            "type": "object",
            "properties": {
                "path": PATH | {"description": "A folder, relative to that one. Default: itself."},
                "glob": PATH
                | {"description": "Only what fits, such as *.py; **/*.py looks in all folders."},
            },
            "additionalProperties": False,
        },
    )
    return Below(Root(folder), lambda root: _ability(face, root, _list, ports.room))


def _ability(
    face: Tool, root: Root, work: Callable[[Root, Arguments, int], str], room: int
) -> Ability:
    async def run(arguments: Arguments) -> str:
        return await in_thread(lambda: work(root, arguments, room))

    return Ability(face, "readonly", run, lambda arguments: shown(root, arguments))


def shown(root: Root, arguments: Arguments) -> str:
    """The path as it will be looked up, then the other arguments."""
    path = Path(root.given, str(arguments.get("path", ".")))
    rest = [f"{key}={value!r}" for key, value in arguments.items() if key != "path"]
    return " ".join([str(path), *rest])


def _read(root: Root, arguments: Arguments, room: int) -> str:
    with root.file(arguments["path"]) as file:
        data = file.read(LOOK)
        rest = len(file.read(1))
    text = plain.text(data)
    lines = text.removesuffix("\n").split("\n") if text else []
    more = f"the file is longer than {LOOK >> 20} MiB" if rest else ""
    body = page(lines, arguments.get("first_line", 1), arguments.get("last_line"), room, more=more)
    if plain.is_binary(data):
        return f"[not text: {len(data)} bytes, shown as far as they can be]\n{body}"
    return body or "[the file is empty]"


def _list(root: Root, arguments: Arguments, room: int) -> str:
    glob = arguments.get("glob", "*")
    lines: list[str] = []
    left_out = 0
    with root.folder(arguments.get("path", ".")) as folder:
        for entry in islice(entries(folder, deep="/" in glob or "**" in glob), ENTRIES):
            if matches(entry.path, glob):
                line = f"{entry.shown} {entry.size}" if entry.is_file else entry.shown
                room -= len(line) + 1
                lines += [line] if room > NOTE else []
                left_out += room <= NOTE
    if left_out:
        lines.append(f"[{left_out} more; a narrower glob or path shows them]")
    return "\n".join(lines) or "[nothing here]"
