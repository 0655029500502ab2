"""Writes the manual page, man/kit.1, from the same flags and helps that the command shows.

python scripts/manual.py                 # a test compares it with what this would write
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["TYPER_USE_RICH"] = "0"

TITLES = {"config": "CONFIGURATION", "keys": "KEYS", "votes": "VOTES", "tools": "TOOLS"}


def roff(text: str) -> str:
    """Text that stands for itself."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(
        rf"\&{line}" if line[:1] in (".", "'") else line for line in escaped.split("\n")
    )


def verbatim(text: str) -> Iterator[str]:
    yield from (".nf", roff(text.rstrip("\n")), ".fi")


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from kit import __version__
    from kit.cli.app import COMMANDS, EXAMPLES
    from kit.cli.topics import EXIT_CODES, TEXTS

    yield r".\" Written by scripts/manual.py: do not edit."
    yield f'.TH KIT 1 "" "kit {__version__}" "User Commands"'
    yield from (".SH NAME", r"kit \- one prompt, many models, an answer that a script can trust")
    yield from (".SH SYNOPSIS", ".B kit", r".I COMMAND", r"[\fIOPTIONS\fR] [\fIPROMPT\fR ...]")
    yield from (
        ".SH DESCRIPTION",
        "The answer goes to standard output, everything else to standard",
    )
    yield "error. Words and piped standard input are joined by a blank line."
    yield from (".SH EXAMPLES", *verbatim(EXAMPLES))
    yield ".SH COMMANDS"
    for name, about in COMMANDS.items():
        yield from _command(f"kit {name}", _loaded(name), about)
    for name, title in TITLES.items():
        yield from (f".SH {title}", *verbatim(TEXTS[name]))
    yield from (".SH EXIT STATUS", *verbatim(EXIT_CODES))
    yield from (".SH SEE ALSO", roff("https://github.com/kit-llm/kit"))


def _loaded(name: str) -> Any:
    import typer

    return typer.main.get_command(importlib.import_module(f"kit.cli.{name}").app)


def _command(path: str, command: Any, about: str) -> Iterator[str]:
    yield from (f".SS {roff(path)}", roff(f"{about[:1].upper()}{about[1:]}."))
    yield from _options(path, command)
    for name, each in sorted(getattr(command, "commands", {}).items()):
        if not each.hidden:
            yield from _subcommand(f"{path} {name}", each)


def _subcommand(path: str, command: Any) -> Iterator[str]:
    paragraphs = (command.help or "").replace("\b\n", "").split("\n\n")
    about = next((each for each in paragraphs if not each.startswith("Examples:")), "")
    yield from (".TP", rf"\fB{roff(path)}\fR", roff(" ".join(about.split())))
    yield from (".RS", *_options(path, command), ".RE")


def _options(path: str, command: Any) -> Iterator[str]:
    with command.make_context(path, [], resilient_parsing=True) as context:
        records = [param.get_help_record(context) for param in command.params]
    for flags, about in filter(None, records):
        if flags.startswith("-"):
            yield from (".TP", rf"\fB{roff(flags)}\fR", roff(" ".join(about.split())))


if __name__ == "__main__":
    (ROOT / "man" / "kit.1").write_text(page(), encoding="utf-8")
