"""Writes the manual page, man/kit.1, from the same flags and helps that the command shows.

python scripts/manual.py                 # a test compares it with what this would write
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

from commands import ASKING, ROOT, loaded

TITLES = {"config": "CONFIGURATION", "keys": "KEYS", "votes": "VOTES", "tools": "TOOLS"}

ENVIRONMENT = {
    "KIT_PROFILE": "Who answers, where -p does not say it.",
    "KIT_CONFIG": "Another configuration file.",
    "KIT_STATE_DIR": "The folder that holds runs/.",
    "KIT_TRACE=off": "No run is written down.",
    "KIT_KEY_<PROFILE>": "A profile's key: its name in upper case, - and . as _.",
    "KIT_RECORD, KIT_REPLAY": "As --record and --replay.",
    "KIT_DEBUG=1": "Errors with their traceback.",
    "OPENAI_API_KEY, ANTHROPIC_API_KEY, ...": "The providers' usual variables; each key goes to"
    " its own provider only. `kit profile presets` names them.",
    "NO_COLOR, FORCE_COLOR, CLICOLOR, CLICOLOR_FORCE, TERM, COLUMNS": "Colour and width.",
    "HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY": "The way to the providers.",
    "SSL_CERT_FILE, SSL_CERT_DIR": "Certificates, in place of the system's.",
    "XDG_CONFIG_HOME, XDG_STATE_HOME, XDG_CACHE_HOME": "Where the files below lie.",
}

FILES = {
    "~/.config/kit/config.toml": "The configuration. `kit config path` says where it is here.",
    "~/.local/state/kit/runs/YYYY/MM/*.jsonl": "A file for each run. `kit trace path` says where.",
    "~/.cache/kit/": "What can be made again: the index of runs, lists of models, weights.",
}

SEE = ("https://github.com/kit-llm/kit", "`kit help TOPIC`, `kit COMMAND --help`")


def roff(text: str) -> str:
    """Text that stands for itself."""
    escaped = text.replace("\\", r"\e").replace("-", r"\-")
    return "\n".join(
        rf"\&{line}" if line[:1] in (".", "'") else line for line in escaped.split("\n")
    )


def verbatim(text: str) -> Iterator[str]:
    yield from (".nf", roff(textwrap.dedent(text).strip("\n")), ".fi")


def paragraphs(text: str) -> Iterator[str]:
    """What is indented stays as it is; all else flows."""
    for each in text.strip("\n").split("\n\n"):
        yield ".PP"
        yield from verbatim(each) if each.startswith(" ") else [roff(" ".join(each.split()))]


def named(rows: dict[str, str]) -> Iterator[str]:
    for name, about in rows.items():
        yield from (".TP", rf"\fB{roff(name)}\fR", roff(about))


def page() -> str:
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from kit import __version__
    from kit.cli.app import COMMANDS, EXAMPLES
    from kit.cli.topics import EXIT_CODES, TEXTS

    commands = {f"kit {name}": loaded(name) for name in COMMANDS}
    shared = _shared([*commands.values()])
    yield r".\" Written by scripts/manual.py: do not edit."
    yield f'.TH KIT 1 "" "kit {__version__}" "User Commands"'
    yield from (".SH NAME", r"kit \- one prompt, many models, an answer that a script can trust")
    yield from (".SH SYNOPSIS", ".B kit", r".I COMMAND", r"[\fIOPTIONS\fR] [\fIPROMPT\fR ...]")
    yield from (".SH DESCRIPTION", *_flowing(ABOUT))
    yield from (".SH COMMANDS", *_commands(commands, shared))
    yield from (".SH COMMON OPTIONS", *_flowing(SHARED), *_rows(shared))
    for name, title in TITLES.items():
        yield from (f".SH {title}", *paragraphs(TEXTS[name]))
    yield from (".SH EXIT STATUS", *_exits(EXIT_CODES))
    yield from (".SH ENVIRONMENT", *named(ENVIRONMENT), ".SH FILES", *named(FILES))
    yield from (".SH EXAMPLES", *verbatim(EXAMPLES), ".SH SEE ALSO", *map(roff, SEE))


ABOUT = """The answer goes to standard output, everything else to standard error.
Words and piped standard input are joined by a blank line."""
SHARED = f"""{", ".join(ASKING[:-1])} and {ASKING[-1]} have these besides their own."""


def _flowing(text: str) -> Iterator[str]:
    yield roff(" ".join(text.split()))


def _exits(text: str) -> Iterator[str]:
    """A code and what it means a line; a paragraph after them."""
    codes, after = text.strip("\n").split("\n\n")
    for line in codes.splitlines():
        code, _, about = line.strip().partition("  ")
        yield from (".TP", rf"\fB{roff(code)}\fR", roff(about.strip()))
    yield from (".PP", roff(after))


# --- commands ------------------------------------------------------------------------------------
Rows = Sequence[tuple[str, str]]


def _commands(commands: dict[str, Any], shared: Rows) -> Iterator[str]:
    from kit.cli.app import COMMANDS

    for path, command in commands.items():
        about = COMMANDS[path[4:]]
        yield from (f".SS {roff(path)}", roff(f"{about[:1].upper()}{about[1:]}."))
        yield from _rows([row for row in _options(command) if row not in shared])
        below = dict(getattr(command, "commands", {}))
        if path == "kit consensus":
            below["calibrate"] = loaded("consensus_calibrate")
        for name, each in sorted(below.items()):
            if not each.hidden:
                yield from _subcommand(f"{path} {name}", each, shared)


def _subcommand(path: str, command: Any, shared: Rows) -> Iterator[str]:
    parts = (command.help or "").replace("\b\n", "").split("\n\n")
    about = next((each for each in parts if not each.startswith("Examples:")), "")
    yield from (".TP", rf"\fB{roff(path)}\fR{_arguments(command)}", roff(" ".join(about.split())))
    yield from (".RS", *_rows([row for row in _options(command) if row not in shared]), ".RE")


def _arguments(command: Any) -> str:
    named = [each for each in command.params if each.param_type_name == "argument"]
    return "".join(rf" \fI{roff(each.metavar)}\fR" for each in named if not each.hidden)


def _shared(commands: Sequence[Any]) -> Rows:
    """The options that every command which asks a model has, as it shows them."""
    from kit.cli.app import COMMANDS

    asking = [
        each for name, each in zip(COMMANDS, commands, strict=True) if f"kit {name}" in ASKING
    ]
    each = [_options(command) for command in [*asking, loaded("consensus_calibrate")]]
    return [row for row in each[0] if all(row in other for other in each)]


def _options(command: Any) -> Rows:
    with command.make_context("kit", [], resilient_parsing=True) as context:
        records = [param.get_help_record(context) for param in command.params]
    return [row for row in records if row and row[0].startswith("-")]


def _rows(rows: Rows) -> Iterator[str]:
    for flags, about in rows:
        yield from (".TP", rf"\fB{roff(flags)}\fR", roff(" ".join(about.split())))


if __name__ == "__main__":
    (ROOT / "man" / "kit.1").write_text(page(), encoding="utf-8")
