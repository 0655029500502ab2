"""Named sets of tools in a TOML file, for ``--tools FILE.toml[:NAME]``.

    [tools.look]
    use = ["calc", "read:src", "http:docs.python.org"]     # words as for -t
    allow = ["http"]                                       # words as for --allow
    [tools.look.mcp.git]                                   # an MCP server with settings
    command = ["uvx", "mcp-server-git"]
    readonly = ["git_log", "git_diff"]

Paths in it are read from where the file lies. A set is used by its name, or as the only one of its
file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from kit.dataclass import dataclass
from kit.errors import ConfigError, KitError, UsageError
from kit.events import Json
from kit.patterns.tools.mcp.spec import McpServer, server_from
from kit.patterns.tools.naming import anchored

BIG = 2**20
"""Bytes of a file of sets."""
KEYS = ("use", "allow", "mcp")


@dataclass(frozen=True, slots=True)
class Toolset:
    """``use`` as for -t, ``allow`` as for --allow, ``servers`` with settings of their own."""

    name: str
    use: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()
    servers: tuple[McpServer, ...] = ()


def loaded(word: str) -> Toolset:
    """The set that FILE.toml[:NAME] names. UsageError: no such file or set; ConfigError, with file
    and line: what stands in it cannot be used."""
    path, name = _parted(word)
    text = _text(path)
    sets = _File(path, text).tables()
    if not name and len(sets) == 1:
        (name,) = sets
    if name not in sets:
        there = ", ".join(sets) or "none"
        wrong = f"no set {name!r}" if name else "more than one set"
        raise UsageError(f"--tools {path} has {wrong}", hint=f"it has: {there}; write {path}:NAME")
    return _File(path, text).toolset(name, sets[name])


def gathered(words: Iterable[str], sets: Iterable[str]) -> Toolset:
    """What a command line names alone and in sets, as one set without a name."""
    every = [Toolset("", tuple(words)), *map(loaded, sets)]
    return Toolset(
        "",
        tuple(word for each in every for word in each.use),
        tuple(word for each in every for word in each.allow),
        tuple(server for each in every for server in each.servers),
    )


def _parted(word: str) -> tuple[Path, str]:
    file, colon, name = word.rpartition(":")
    if colon and file.endswith(".toml"):
        return Path(file).expanduser(), name
    return Path(word).expanduser(), ""


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(BIG + 1)
        if len(data) > BIG:
            raise UsageError(f"--tools {path} is larger than {BIG >> 20} MiB")
        return data.decode()
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise UsageError(f"--tools {path}: {why}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error


@dataclass(frozen=True, slots=True)
class _File:
    """One file, and where things stand in it."""

    path: Path
    text: str

    def tables(self) -> Mapping[str, Json]:
        """The sets by name; what else the file holds is refused."""
        try:
            whole = tomllib.loads(self.text)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{self.path}{self._broken(str(error))}") from error
        for key in whole:
            if key != "tools":
                self._wrong(key, f"a file of tools has no {key!r}, only [tools.NAME]")
        sets = whole.get("tools")
        if not isinstance(sets, dict) or not sets:
            self._wrong("tools", "there is no set: it begins with [tools.NAME]")
        return sets

    def toolset(self, name: str, table: Json) -> Toolset:
        if not isinstance(table, dict):
            self._wrong(name, f"{name!r} is no table")
        for key in table:
            if key not in KEYS:
                self._wrong(key, f"the set {name!r} has no {key!r}: it has {', '.join(KEYS)}")
        try:
            folder = self.path.absolute().parent
            use = tuple(anchored(each, folder) for each in self._words(table, "use"))
            servers = tuple(self._servers(name, table.get("mcp", {})))
        except KitError as error:
            if isinstance(error, ConfigError) and error.message.startswith(str(self.path)):
                raise
            raise ConfigError(f"{self._at('use')}: {error.message}", hint=error.hint) from error
        return Toolset(name, use, tuple(self._words(table, "allow")), servers)

    def _words(self, table: Mapping[str, Json], key: str) -> list[str]:
        found = table.get(key, [])
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            self._wrong(key, f"{key} must be a list of strings")
        return found

    def _servers(self, name: str, tables: Json) -> list[McpServer]:
        if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
            self._wrong("mcp", f"an MCP server is a table: [tools.{name}.mcp.NAME]")
        try:
            return [server_from(each, table) for each, table in tables.items()]
        except UsageError as error:
            raise ConfigError(f"{self._at('mcp')}: {error.message}", hint=error.hint) from error

    def _broken(self, message: str) -> str:
        """``:3:7: Invalid value`` of ``Invalid value (at line 3, column 7)``."""
        at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
        if at is None:
            return f": {message}"
        lines = self.text.split("\n")
        place = f"{at[1]}:{at[2]}" if at[1] else f"{len(lines)}:{len(lines[-1]) + 1}"
        return f":{place}: {message[: at.start()]}"

    def _wrong(self, key: str, what: str) -> NoReturn:
        raise ConfigError(f"{self._at(key)}: {what}")

    def _at(self, key: str) -> str:
        """``file:line`` of the first line that begins with this key or is its header."""
        mark = re.compile(rf"""^\s*(?:\[+[^\]#]*\b)?["']?{re.escape(key)}["']?\s*[\].=]""")
        lines = enumerate(self.text.split("\n"), 1)
        line = next((number for number, text in lines if mark.match(text)), 0)
        return f"{self.path}:{line}" if line else str(self.path)
