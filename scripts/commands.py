"""What completion has to know of the commands, read from the app: places, flags, their values."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["TYPER_USE_RICH"] = "0"

Takes = tuple[str, ...] | None
"""What may follow: words, and sources of words (``:files``, ``:profiles`` …). Empty: any text.
None: nothing, it is a switch. ``:presets`` and ``:keys`` stand in the script, once."""

APIS = ("openai-chat", "openai-responses", "anthropic", "fake", "local")
NAMES = (":profiles",)
PROFILES = (*NAMES, ":presets")
TOOLS = ("calc", "clock", "read:", "list:", "search:", "http:", "shell", "mcp:")

ASKING = ("kit ask", "kit consensus", "kit consensus calibrate", "kit refine", "kit react")

BY_METAVAR: Mapping[str, tuple[str, ...]] = {
    "PATH": (":files",),
    "FILE": (":files",),
    "FILE.toml": (":files",),
    "FILE|-": (":files",),
    "FILE|JSON": (":files",),
    "PATH|URL": (":files",),
    "DIR": (":folders",),
    "TEXT|@FILE": (":at",),
    "[PROMPT]...": (":at",),
    "NAME[/MODEL]": PROFILES,
    "NAME": NAMES,
    "[NAME]": NAMES,
    "[NAME]...": NAMES,
    "PROFILE": PROFILES,
    "PRESET": (":presets",),
    "MODEL": (":models",),
    "RUN": ("last", ":runs"),
    "[RUN]": ("last", ":runs"),
    "[RUN]...": ("last", ":runs"),
    "A": ("last", ":runs"),
    "B": ("last", ":runs"),
    "RULE": ("risk", "decided", "none", "ac:", "esc:"),
    "KIND": ("auto", "text", "number", "choice", "bool", "date", "json", "line", "regex:"),
    "TOOL": (*TOOLS, ":files"),
    "WHAT": ("write", "exec", "network", *TOOLS[:-1]),
    "NAME.KEY": (":settings",),
    "KEY=VALUE...": (":keys",),
    "[KEY=VALUE]...": (":keys",),
}
"""The metavar of a flag or an argument says what is meant."""

BY_NAME: Mapping[str, tuple[str, ...]] = {
    "--api": APIS,
    "--field": (),
    "--vote-field": (),
    "models -p": PROFILES,
    "profile test NAME": PROFILES,
    "key set NAME": PROFILES,
    "key which NAME": PROFILES,
    "key test NAME": PROFILES,
    "key exec NAME": PROFILES,
    "--since": ("24h", "7d", "30d"),
    "--older-than": ("7d", "30d", "90d"),
    "profile add NAME": (":presets",),
    "key exec -- COMMAND...": (),
}
"""Where it does not."""


@dataclass(frozen=True, slots=True)
class Flag:
    """``names`` as they are typed, all spellings; ``many``: it may be given again."""

    names: tuple[str, ...]
    takes: Takes
    about: str
    label: str = ""
    many: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A command or a group: ``path`` is what was typed to come here ("kit trace list").
    ``arguments``: what may stand first, second …; ``rest``: the last of them may be repeated."""

    path: str
    about: str
    flags: tuple[Flag, ...] = ()
    commands: tuple[tuple[str, str], ...] = ()
    arguments: tuple[tuple[str, ...], ...] = ()
    rest: bool = False


HELP = Flag(("-h", "--help"), None, "show the help")
VERSION = Flag(("-V", "--version"), None, "show the version")


def places() -> list[Place]:
    """Every command and group, the whole first."""
    from kit.cli.app import COMMANDS, TOPICS

    commands = {name: loaded(name) for name in COMMANDS}
    found = [each for name, one in commands.items() for each in _walk(f"kit {name}", one)]
    at = next(at for at, each in enumerate(found) if each.path == "kit consensus")
    calibrate = list(_walk("kit consensus calibrate", loaded("consensus_calibrate")))
    voting = found[at]
    found[at] = Place(
        voting.path, voting.about, voting.flags,
        (("calibrate", calibrate[0].about),), voting.arguments, voting.rest,
    )  # fmt: skip
    found[at + 1 : at + 1] = calibrate
    top = (*COMMANDS.items(), ("help", "a page on a command or a topic"))
    topics = tuple((name, f"about {name}") for name in TOPICS if name not in COMMANDS)
    helps = [
        Place(f"kit help {each.path[4:]}", each.about, commands=each.commands)
        for each in found
        if each.commands
    ]
    whole = Place("kit", "", (HELP, VERSION), top)
    return [whole, *found, Place("kit help", "", (HELP,), (*COMMANDS.items(), *topics)), *helps]


def presets() -> tuple[str, ...]:
    """The hosts known by name."""
    from kit.providers.config.presets import PRESETS

    return tuple(PRESETS)


def keys() -> tuple[str, ...]:
    """The settings of a profile, as they are typed."""
    from kit.providers.config.settings import SETTINGS

    return tuple(f"{name}=" for name in SETTINGS)


def shared(found: Sequence[Place]) -> tuple[Flag, ...]:
    """The flags that everything that asks a model has."""
    several = [each.flags for each in found if each.path in ASKING]
    return tuple(flag for flag in several[0] if all(flag in flags for flags in several))


def loaded(name: str) -> Any:
    import typer

    return typer.main.get_command(importlib.import_module(f"kit.cli.{name}").app)


def _walk(path: str, command: Any) -> Iterator[Place]:
    shown = {n: c for n, c in sorted(getattr(command, "commands", {}).items()) if not c.hidden}
    options = [each for each in command.params if each.param_type_name == "option"]
    arguments = [each for each in command.params if each.param_type_name == "argument"]
    arguments = [each for each in arguments if not each.hidden]
    yield Place(
        path,
        about(command),
        (*(_flag(path, each) for each in options if not each.hidden), HELP),
        tuple((name, about(each)) for name, each in shown.items()),
        tuple(_takes(path, each) for each in arguments),
        bool(arguments) and arguments[-1].nargs == -1,
    )
    for name, each in shown.items():
        yield from _walk(f"{path} {name}", each)


def about(command: Any) -> str:
    """What a group's help says of a command, else its first sentence after the examples."""
    paragraphs = (command.help or "").replace("\b\n", "").split("\n\n")
    text = next((each for each in paragraphs if not each.startswith("Example")), "")
    return short(re.split(r"(?<=[a-z)])\. ", command.short_help or " ".join(text.split()))[0])


def short(text: str) -> str:
    text = " ".join(text.split()).rstrip(".")
    return text if len(text) <= 72 else f"{text[:71].rsplit(' ', 1)[0]} …"


def _flag(path: str, param: Any) -> Flag:
    names = (*param.opts, *param.secondary_opts)
    takes = None if param.is_flag else _takes(path, param)
    return Flag(names, takes, short(param.help or ""), _label(param), bool(param.multiple))


def _label(param: Any) -> str:
    return "" if param.is_flag else (param.metavar or param.type.name.upper())


def _takes(path: str, param: Any) -> tuple[str, ...]:
    metavar = param.metavar or param.name.upper()
    command, flags = path.removeprefix("kit "), getattr(param, "opts", None)
    names = [f"{command} {each}" for each in flags or [metavar]] + list(flags or ())
    if choices := getattr(param.type, "choices", ()):
        return tuple(map(str, choices))
    for name in names:
        if name in BY_NAME:
            return BY_NAME[name]
    if re.fullmatch(r"[a-z]+(\|[a-z]+)+", metavar):
        return tuple(metavar.split("|"))
    return BY_METAVAR.get(metavar, ())


if __name__ == "__main__":
    for place in places():
        print(place.path, "--", place.about)
        for flag in place.flags:
            print("   ", *flag.names, flag.takes, flag.about)
        print("   ", place.commands, place.arguments, place.rest)
