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

Shell = Literal["bash", "zsh", "fish", "powershell"]

SCRIPTS = {"bash": "kit.bash", "zsh": "_kit", "fish": "kit.fish", "powershell": "kit.ps1"}

BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/opt/local/share/bash-completion/bash_completion",
)
"""Where the package lies that loads a user's completions by itself."""

HELP = """\b
Examples:
  kit completion --install
  eval "$(kit completion bash)"       in ~/.bashrc
  kit completion zsh > ~/.zfunc/_kit  with that folder in fpath

Print the completion script of a shell, or install it where that shell looks for it.
--install alone takes the shell that $SHELL names.
"""


@app.command(help=HELP)
def completion(
    shell: Annotated[Shell | None, Argument(metavar="[SHELL]", help="bash zsh fish powershell")] = (
        None
    ),
    install: Annotated[bool, Option("--install", help="write it where the shell looks")] = False,
) -> int:
    if install:
        return _installed(shell or _usual())
    if shell is None:
        choices = f"missing argument 'SHELL'. Choose from: {', '.join(SCRIPTS)}"
        raise UsageError(choices, hint="see `kit completion --help`")
    sys.stdout.write(script(shell))
    return 0


def _usual() -> str:
    """The login shell; on Windows, where there is none, PowerShell."""
    named = os.environ.get("SHELL", "")
    shell = Path(named).name.removesuffix(".exe") or ("powershell" if os.name == "nt" else "")
    if shell in ("pwsh", *SCRIPTS):
        return "powershell" if shell == "pwsh" else shell
    told = f"there is no completion for {named}" if named else "$SHELL does not say which shell"
    raise UsageError(told, hint="name one: kit completion --install bash|zsh|fish|powershell")


def _installed(shell: str) -> int:
    from kit.cli.output import write_file
    from kit.cli.screen.render import err

    place = destination(shell)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{place.parent} cannot be made: {error.strerror}") from error
    write_file(str(place), script(shell))
    first, *lines = _needed(shell, place) or ["a new shell will know it"]
    for line in (f"kit: wrote {place}; {first}", *lines):
        err(line)
    return 0


def _needed(shell: str, place: Path) -> list[str]:
    """What the user has to add to which file, a line each."""
    from shlex import quote

    if shell == "bash" and not any(map(os.path.exists, BASH_COMPLETION)):
        return [
            "add to ~/.bashrc, as bash-completion is not installed here:",
            f"  . {quote(str(place))}",
        ]
    if shell == "zsh" and str(place.parent) not in _zshrc():
        path = f"  fpath=({quote(str(place.parent))} $fpath)"
        return ["add to ~/.zshrc, before compinit:", path, "  autoload -Uz compinit && compinit"]
    return []


def _zshrc() -> str:
    """What zsh is told at its start, ``~`` and ``$HOME`` written out."""
    folder = Path(os.environ.get("ZDOTDIR") or Path.home())
    try:
        text = (folder / ".zshrc").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    home = str(Path.home())
    return text.replace("~/", f"{home}/").replace("$HOME/", f"{home}/")


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
            folder = os.environ.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion"
            return Path(folder, "completions", "kit")
        case "zsh":
            return data / "zsh" / "site-functions" / "_kit"
        case "fish":
            return config / "fish" / "completions" / "kit.fish"
        case _:
            raise UsageError(
                "PowerShell has no folder for completions",
                hint="add to your $PROFILE:"
                " kit completion powershell | Out-String | Invoke-Expression",
            )
