"""``kit completion``: the script that makes TAB work."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from kit.cli.app import typer_app
from kit.errors import UsageError

app = typer_app()

SCRIPTS = {"bash": "kit.bash", "zsh": "_kit", "fish": "kit.fish", "powershell": "kit.ps1"}

HELP = """\b
Examples:
  eval "$(kit completion bash)"       in ~/.bashrc
  kit completion zsh > ~/.zfunc/_kit  with that folder in fpath
  kit completion fish --install

Print the completion script of a shell, or install it where that shell looks for it.
"""


@app.command(help=HELP)
def completion(
    shell: Annotated[Literal["bash", "zsh", "fish", "powershell"], Argument(metavar="SHELL")],
    install: Annotated[bool, Option("--install", help="write it where the shell looks")] = False,
) -> int:
    text = script(shell)
    if not install:
        sys.stdout.write(text)
        return 0
    from kit.cli.output import write_file
    from kit.cli.screen.render import err

    place = destination(shell)
    place.parent.mkdir(parents=True, exist_ok=True)
    write_file(str(place), text)
    err(f"kit: wrote {place}; a new shell will know it")
    return 0


def script(shell: str) -> str:
    return shipped("completions", SCRIPTS[shell])


def shipped(folder: str, name: str) -> str:
    """A text that is no code: from the wheel, or from the tree when kit runs from there."""
    here = Path(__file__).resolve().parents[1]
    for place in (here / folder / name, here.parent / folder / name):
        if place.is_file():
            return place.read_text(encoding="utf-8")
    raise UsageError(f"this installation lacks its {folder}/{name}", hint="install kit-llm again")


def destination(shell: str) -> Path:
    """Where a shell looks for a user's own completions."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    match shell:
        case "bash":
            return data / "bash-completion" / "completions" / "kit"
        case "zsh":
            return data / "zsh" / "site-functions" / "_kit"
        case "fish":
            return config / "fish" / "completions" / "kit.fish"
        case _:
            raise UsageError(
                "for PowerShell add the script to your profile",
                hint="kit completion powershell >> $PROFILE",
            )
