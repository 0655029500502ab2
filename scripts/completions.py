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

BASH = """\
# bash completion for kit. Written by scripts/completions.py: do not edit.
_kit() {
  local IFS=$'\\n' cur=${COMP_WORDS[COMP_CWORD]}
  mapfile -t COMPREPLY < <(kit complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  if [[ ${COMPREPLY[0]-} == :files ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _kit kit
"""

ZSH = """\
#compdef kit
# zsh completion for kit. Written by scripts/completions.py: do not edit.
_kit() {
  local -a found
  found=("${(@f)$(kit complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ ${found[1]} == :files ]]; then
    _files
  elif (( ${#found} )) && [[ -n ${found[1]} ]]; then
    compadd -- "${found[@]}"
  fi
}
if [ "$funcstack[1]" = "_kit" ]; then
  _kit "$@"
else
  compdef _kit kit
fi
"""

FISH = """\
# fish completion for kit. Written by scripts/completions.py: do not edit.
function __kit_complete
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    set -l found (kit complete $words 2>/dev/null)
    if test "$found[1]" = ":files"
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $found
    end
end
complete -c kit -f -a '(__kit_complete)'
"""

POWERSHELL = """\
# PowerShell completion for kit. Written by scripts/completions.py: do not edit.
Register-ArgumentCompleter -Native -CommandName kit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '' }
    kit complete @words 2>$null | Where-Object { $_ -ne ':files' } | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
"""

SCRIPTS = {"kit.bash": BASH, "_kit": ZSH, "kit.fish": FISH, "kit.ps1": POWERSHELL}


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


def words() -> str:
    """The text of kit/cli/words.py."""
    import typer

    from kit.cli.app import COMMANDS, TOPICS

    commands: dict[str, Any] = {}
    for name in COMMANDS:
        module = importlib.import_module(f"kit.cli.{name}")
        commands[name] = described(typer.main.get_command(module.app))
    commands["help"] = {"flags": {}, "commands": {name: {} for name in (*COMMANDS, *TOPICS)}}
    root = {
        "flags": {"-h": None, "--help": None, "-V": None, "--version": None},
        "commands": commands,
    }
    body = pprint.pformat(root, width=96, compact=True, sort_dicts=False)
    return f"{HEAD}# fmt: off\nWORDS: dict[str, Any] = {body}\n"


def files() -> dict[Path, str]:
    scripts = {ROOT / "completions" / name: text for name, text in SCRIPTS.items()}
    return {ROOT / "kit" / "cli" / "words.py": words(), **scripts}


def main() -> None:
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()
