"""Tools as a command line names them (``-t calc -t read:src``), and the sources they come from.

    calc clock                       no more to say
    read:DIR list:DIR search:DIR     a folder
    http:HOST                        a host; all of a run make one tool
    shell shell:DIR                  DIR: where programs run, and what they may change
    FILE.py FILE.py:FUNCTION         Python functions
    mcp:COMMAND… mcp:https://…       an MCP server

Each kind is a tool of that name. Two of a kind are told apart by what they are for: ``read_src``,
``read_docs``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.tools.ability import Source
from kit.patterns.tools.ports import Ports

if TYPE_CHECKING:
    from kit.patterns.tools.mcp.spec import McpServer

FORMS = (
    "calc, clock, read:DIR, list:DIR, search:DIR, http:HOST, shell, FILE.py[:FUNCTION], mcp:COMMAND"
)
_TOGETHER = ("http", "mcp")
"""One source for all hosts; servers need to know each other's names."""
LONGEST = 40
"""Characters of a tool's name that come from what it is for."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``wants``: what stands behind the colon, "" for nothing; ``optional``: or is left out."""

    made: Callable[[str, Ports, str], Source]
    wants: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A word taken apart. ``kind`` is a key of KINDS, ``py`` or ``mcp``."""

    kind: str
    of: str


def sources_of(
    words: Iterable[str], ports: Ports, servers: Sequence[McpServer] = ()
) -> list[Source]:
    """The sources for all tools of a run and for these servers, nothing opened. UsageError for a
    word that names none; a word that is there twice counts once."""
    named = [parsed(word) for word in dict.fromkeys(words)]
    names = _names(named)
    found = [_source(each, ports, names[each]) for each in named if each.kind not in _TOGETHER]
    hosts = [each.of for each in named if each.kind == "http"]
    found += [_web(hosts, ports)] if hosts else []
    return [*found, *_served([each.of for each in named if each.kind == "mcp"], servers, ports)]


def source_of(word: str, ports: Ports) -> Source:
    """The source for one tool."""
    return sources_of([word], ports)[0]


def parsed(word: str) -> Named:
    """UsageError for a word that names no tool."""
    name, colon, of = word.partition(":")
    if name == "mcp" and of.strip():
        return Named(name, of)
    kind = KINDS.get(name)
    if kind is None and ".py" in (word[-3:], word.rpartition(":")[0][-3:]):
        return Named("py", word)
    if kind is None:
        raise UsageError(f"there is no tool {word!r}", hint=_meant(name))
    if kind.wants and not of and not kind.optional:
        raise UsageError(f"-t {name} needs {kind.wants}", hint=f"like -t {name}:{_like(kind)}")
    if colon and not (kind.wants and of):
        raise UsageError(f"-t {word!r} ends too early or says too much", hint=f"there are: {FORMS}")
    return Named(name, of)


def anchored(word: str, folder: Path) -> str:
    """The word with a relative path read from ``folder``."""
    named = parsed(word)
    if named.kind == "py":
        path, colon, function = _file(named.of)
        return f"{folder / Path(path).expanduser()}{colon}{function}"
    if named.of and named.kind in PLACES:
        return f"{named.kind}:{folder / Path(named.of).expanduser()}"
    return word


def _source(named: Named, ports: Ports, name: str) -> Source:
    if named.kind == "py":
        return _python(named.of, ports)
    return KINDS[named.kind].made(named.of, ports, name)


def _names(named: Sequence[Named]) -> Mapping[Named, str]:
    """The name of each tool: its kind, and what it is for where that tells it from another."""
    kinds = [each.kind for each in named]
    found: dict[Named, str] = {}
    for each in named:
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", Path(each.of).name).strip("_")[:LONGEST] or "root"
        name, number = each.kind if kinds.count(each.kind) == 1 else f"{each.kind}_{stem}", 1
        while name in found.values():
            number += 1
            name = f"{each.kind}_{stem}_{number}"
        found[each] = name
    return found


def _meant(name: str) -> str:
    from difflib import get_close_matches  # 5 ms, for who mistypes

    near = get_close_matches(name, [*KINDS, "mcp"], n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {FORMS}"


def _like(kind: Kind) -> str:
    return "." if kind.wants == "a folder" else "api.example.org"


def _file(of: str) -> tuple[str, str, str]:
    return (of, "", "") if of.endswith(".py") else of.rpartition(":")


def _together(_of: str, _ports: Ports, _name: str) -> Source:
    raise AssertionError("made for all hosts at once")


# --- each is imported when it is named: a run needs few of them -----------------------------------
def _calc(_of: str, _ports: Ports, _name: str) -> Source:
    from kit.patterns.tools.calc import calc
    from kit.patterns.tools.fixed import Fixed

    return Fixed((calc(),))


def _clock(_of: str, _ports: Ports, _name: str) -> Source:
    from kit.patterns.tools.clock import clock
    from kit.patterns.tools.fixed import Fixed

    return Fixed((clock(),))


def _read(of: str, ports: Ports, name: str) -> Source:
    from kit.patterns.tools.files import reading

    return reading(Path(of), ports, name)


def _list(of: str, ports: Ports, name: str) -> Source:
    from kit.patterns.tools.files import listing

    return listing(Path(of), ports, name)


def _search(of: str, ports: Ports, name: str) -> Source:
    from kit.patterns.tools.searching import searching

    return searching(Path(of), ports, name)


def _shell(of: str, ports: Ports, name: str) -> Source:
    from kit.patterns.tools.shell import Shell

    return Shell(ports, Path(of) if of else None, name)


def _web(hosts: Sequence[str], ports: Ports) -> Source:
    from kit.patterns.tools.web import Web
    from kit.patterns.tools.web_rules import rule

    return Web(tuple(map(rule, hosts)), ports)


def _python(of: str, ports: Ports) -> Source:
    from kit.patterns.tools.python import Python

    path, _, function = _file(of)
    return Python(Path(path).expanduser(), function, ports)


def _served(named: Sequence[str], servers: Sequence[McpServer], ports: Ports) -> list[Source]:
    if not (named or servers):
        return []
    from kit.patterns.tools.mcp.spec import distinct, server_of

    return [ports.serve(each) for each in distinct([*map(server_of, named), *servers])]


KINDS: Mapping[str, Kind] = {
    "calc": Kind(_calc),
    "clock": Kind(_clock),
    "read": Kind(_read, "a folder"),
    "list": Kind(_list, "a folder"),
    "search": Kind(_search, "a folder"),
    "http": Kind(_together, "a host"),
    "shell": Kind(_shell, "a folder", optional=True),
}
PLACES = {name for name, kind in KINDS.items() if kind.wants == "a folder"}
