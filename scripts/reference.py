"""Writes docs/commands.md, every command with its flags, from what the command itself shows.

python scripts/reference.py              # a test compares it with what this would write
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from commands import ROOT, loaded

PATTERNS = ("ask", "consensus", "refine", "react")
"""Their flags are mostly the same; what all of them have is written once."""

OPENING = """\
# Every command

Written by `make completions` from the commands themselves: `kit COMMAND --help` shows the same, and
so does `man kit` (`kit help --man`). `kit help TOPIC` explains exit codes, configuration, keys,
votes and tools on a screen each.
"""

SHARED = """\
## Flags of every prompt

`kit ask`, `kit consensus`, `kit refine` and `kit react` all take these.
"""

Flag = tuple[str, str]


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from kit.cli.app import COMMANDS

    commands = {name: loaded(name) for name in COMMANDS}
    several = [_flags(name, commands[name]) for name in PATTERNS]
    shared = [flag for flag in several[0] if all(flag in flags for flags in several)]
    yield OPENING
    yield from (f"- [`kit {name}`](#kit-{name}): {about}" for name, about in COMMANDS.items())
    yield from ("", SHARED, *_table(shared))
    for name in COMMANDS:
        yield from _command("##", f"kit {name}", commands[name], shared)
        if name == "consensus":  # a word of its own after the command, and no group
            yield from _command("###", f"kit {name} calibrate", loaded(f"{name}_calibrate"), [])


def _command(marks: str, path: str, command: Any, shared: list[Flag]) -> Iterator[str]:
    yield from ("", f"{marks} {path}", "", *_told(command.help or ""))
    flags = _flags(path, command)
    own = [flag for flag in flags if flag not in shared]
    if own:
        yield from ("", *_table(own))
    if len(own) < len(flags):
        yield from ("", "Also the [flags of every prompt](#flags-of-every-prompt).")
    for name, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from _command(f"{marks}#", f"{path} {name}", each, [])


def _told(text: str) -> Iterator[str]:
    """The help's words, its examples as a block of code."""
    for paragraph in text.replace("\b\n", "").strip().split("\n\n"):
        title, _, rest = paragraph.partition("\n")
        if title == "Examples:":
            yield from ("```sh", *(line.removeprefix("  ") for line in rest.splitlines()), "```")
        else:
            yield from ("", _escaped(" ".join(paragraph.split())))


def _flags(path: str, command: Any) -> list[Flag]:
    with command.make_context(path, [], resilient_parsing=True) as context:
        records = [param.get_help_record(context) for param in command.params if not param.hidden]
    return [(name, _bounds(" ".join(about.split()))) for name, about in filter(None, records)]


def _bounds(text: str) -> str:
    """A range in words."""
    text = re.sub(r"([\d.]+)<=x<=([\d.]+)", r"\1 to \2", text)
    return re.sub(r"x>=([\d.]+)", r"\1 or more", text)


def _table(flags: Iterable[Flag]) -> Iterator[str]:
    yield from ("| | means |", "|---|---|")
    for name, about in flags:
        shown = name.replace("|", "\\|")
        yield f"| `{shown}` | {_escaped(about)} |"


def _escaped(text: str) -> str:
    """What is no code in a help, but would be read as Markdown."""
    return re.sub(r"([\\*_<>|\[\]])", r"\\\1", text)


if __name__ == "__main__":
    (ROOT / "docs" / "commands.md").write_text(page(), encoding="utf-8")
