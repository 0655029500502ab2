"""Writes what completion knows of the commands (kit/cli/words.py) and the scripts in completions/.

python scripts/completions.py            # a test compares both with what this would write
"""

from __future__ import annotations

import importlib
import os
import pprint
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
os.environ["TYPER_USE_RICH"] = "0"

HEAD = '''"""Commands and flags, for completion. Written by scripts/completions.py.

A flag maps to None when it takes no value, else to its choices (none: any value).
"""

from typing import Any

'''

Table = dict[str, list[str]]
"""Where one is ("kit", "kit ask", "kit trace list") → words that may stand there."""


def _bash(tables: dict[str, Table]) -> str:
    """zsh writes it alike."""
    return "\n".join(
        f"_kit_{name}[{at.replace(' ', '/')}]='{' '.join(words)}'"
        for name, table in tables.items()
        for at, words in table.items()
    )


def _fish(tables: dict[str, Table]) -> str:
    return "\n".join(
        "\n".join(
            [
                f"function __kit_{name}",
                "    switch $argv[1]",
                *(f"        case '{at}'\n            {_said(table[at])}" for at in table),
                "    end",
                "end",
            ]
        )
        for name, table in tables.items()
    )


def _said(words: list[str]) -> str:
    return rf"printf '%s\n' {' '.join(words)}"


def _powershell(tables: dict[str, Table]) -> str:
    return "\n".join(
        f"$Kit{name.capitalize()}['{at}'] = '{' '.join(words)}'"
        for name, table in tables.items()
        for at, words in table.items()
    )


SHELLS = {"kit.bash": _bash, "_kit": _bash, "kit.fish": _fish, "kit.ps1": _powershell}
"""A script in shells/ → how its #WORDS are written."""


def described(command: Any) -> dict[str, Any]:
    """The flags of a command, and its own commands when it is a group."""
    node: dict[str, Any] = {"flags": {}}
    for param in command.params:
        if param.param_type_name == "option" and not getattr(param, "hidden", False):
            for flag in (*param.opts, *param.secondary_opts):
                node["flags"][flag] = _takes(param)
    node["flags"] |= {"-h": None, "--help": None}
    commands = getattr(command, "commands", None)
    if commands:
        shown = {name: each for name, each in commands.items() if not each.hidden}
        node["commands"] = {name: described(each) for name, each in sorted(shown.items())}
    return node


def _takes(param: Any) -> list[str] | None:
    if param.is_flag:
        return None
    return list(map(str, getattr(param.type, "choices", ())))


def tree() -> dict[str, Any]:
    """All commands, each with its flags and its own commands."""
    import typer

    from kit.cli.app import COMMANDS, TOPICS

    commands: dict[str, Any] = {}
    for name in COMMANDS:
        module = importlib.import_module(f"kit.cli.{name}")
        commands[name] = described(typer.main.get_command(module.app))
    commands["help"] = {"flags": {}, "commands": {name: {} for name in (*COMMANDS, *TOPICS)}}
    flags = {"-h": None, "--help": None, "-V": None, "--version": None}
    return {"flags": flags, "commands": commands}


def tables(node: dict[str, Any], at: str = "kit") -> dict[str, Table]:
    """Commands, flags, and flags that take a value, for each place in the tree."""
    flags, commands = node.get("flags", {}), node.get("commands", {})
    found: dict[str, Table] = {
        "commands": {at: list(commands)} if commands else {},
        "flags": {at: list(flags)} if flags else {},
        "valued": {at: [flag for flag, takes in flags.items() if takes is not None]},
    }
    for name, child in commands.items():
        for kind, table in tables(child, f"{at} {name}").items():
            found[kind] |= {place: words for place, words in table.items() if words}
    return found


def files() -> dict[Path, str]:
    """What this writes: path → text."""
    root = tree()
    body = pprint.pformat(root, width=96, compact=True, sort_dicts=False)
    written = {
        ROOT / "kit" / "cli" / "words.py": f"{HEAD}# fmt: off\nWORDS: dict[str, Any] = {body}\n"
    }
    for name, spelt in SHELLS.items():
        script = (ROOT / "scripts" / "shells" / name).read_text(encoding="utf-8")
        written[ROOT / "completions" / name] = script.replace("#WORDS", spelt(tables(root)))
    return written


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
