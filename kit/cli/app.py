"""The command line as a whole: commands loaded when chosen, errors turned to exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from itertools import pairwise

from kit import __version__
from kit.errors import KitError, UsageError

TYPE_CHECKING = False  # type checkers know the name; to import typing is half of `kit --help`
if TYPE_CHECKING:
    from typing import Any

    import typer

COMMANDS = {
    "ask": "one answer",
    "consensus": "many answers, one vote",
    "refine": "draft, judge, revise the best",
    "react": "a model that uses tools",
    "trace": "what happened: every run, also failed ones",
    "profile": "who answers: providers, models, parameters",
    "key": "API keys in the system's keyring",
    "config": "the configuration: where, right or wrong, why",
    "models": "the models that a provider has",
    "doctor": "what works here, what does not, what to do",
    "local": "the embedded model",
    "completion": "TAB for bash, zsh, fish and PowerShell",
}
"""Name → one line of help; the module of a command is ``kit.cli.<name>``, its Typer is ``app``."""

TOPICS = ("exit-codes", "config", "keys", "votes", "tools")
"""``kit help TOPIC``: the pages in topics.py."""

EXAMPLES = """\
  kit ask "What does ENOSPC mean?"
  git diff | kit ask "Write a commit message"
  kit consensus --choices yes,no "Is 2027 a prime number?"
  kit consensus -p groq -p openai:3 "How many moons has Mars?"
  kit refine --check 'python3 -m py_compile {}' "Fizzbuzz in Python"
  kit trace show last
"""


def main(argv: Sequence[str]) -> int:
    """Run one command line; the exit code. Prints errors, never a traceback (KIT_DEBUG=1 does)."""
    try:
        return dispatch(list(argv))
    except KeyboardInterrupt:
        return _interrupted()
    except BrokenPipeError:
        return _pipe_closed()
    except KitError as error:
        return report(error)
    except Exception as error:
        return _bug(error)


def dispatch(argv: list[str]) -> int:
    if argv[:1] == ["help"]:
        return _help(argv[1:])
    if not argv or argv[0] in ("-h", "--help"):
        return _print(help_text())
    if argv[0] in ("-V", "--version"):
        return _print(f"kit {__version__}\n")
    if argv[0] == "complete":
        return _print("".join(f"{word}\n" for word in _completed(argv[1:])))
    if argv[0] not in COMMANDS:
        from kit.cli.mistakes import no_command

        raise no_command(argv[0])
    return invoke(*_nested(argv[0], argv[1:]))


def _nested(name: str, args: list[str]) -> tuple[str, list[str]]:
    """``consensus calibrate FILE`` is a command of its own. Without a file, or --help, after it
    the word begins a prompt; what follows a flag is the flag's."""
    if name == "consensus" and args[:1] == ["calibrate"]:
        free = [arg for before, arg in pairwise(args) if not before.startswith("-")]
        if args[1:2] in (["--help"], ["-h"]) or any(map(os.path.isfile, free)):
            return "consensus calibrate", args[1:]
    return name, args


def invoke(name: str, args: list[str]) -> int:
    """Load the command's module and let Typer read its arguments."""
    os.environ.setdefault("TYPER_USE_RICH", "0")  # rich costs 100 ms; help stays plain text
    import warnings

    import typer

    if not os.environ.get("KIT_DEBUG"):  # such as re's of a pattern in somebody's schema
        warnings.simplefilter("ignore")
    app: typer.Typer = importlib.import_module(f"kit.cli.{name.replace(' ', '_')}").app
    command = typer.main.get_command(app)
    for each in getattr(command, "commands", {}).values():  # their helps start with examples
        each.short_help = each.short_help or (each.help or "").split("\n\n")[-1]
    _plainly_named(command)
    try:
        # Not command.main(): it turns a closed pipe to exit 1.
        with command.make_context(f"kit {name}", args) as context:
            code = command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except typer.Abort:
        return 130
    except Exception as error:
        if getattr(error, "option_name", "") in ("-V", "--version"):
            return _print(f"kit {__version__}\n")
        if type(error).__name__ == "NoArgsIsHelpError":
            return _print(f"{error.args[0] if error.args else error}\n")
        from kit.cli.mistakes import as_usage

        raise as_usage(error, name) from error
    return code if isinstance(code, int) else 0


def _plainly_named(command: Any) -> None:
    """In a usage line NAME is what must be given; Typer 0.28 writes {NAME}, as if to choose."""
    for param in command.params:
        if param.param_type_name == "argument":
            name = "" if param.hidden else param.metavar or param.name.upper()
            param.make_metavar = lambda *_, name=name, **__: name
    for each in getattr(command, "commands", {}).values():
        _plainly_named(each)


def _completed(words: list[str]) -> list[str]:
    from kit.cli.complete import candidates

    return candidates(words)


def _help(words: list[str]) -> int:
    """``kit help [TOPIC|CMD]``: for what is both the page, then the flags."""
    if words[:1] == ["--man"]:
        from kit.cli.completion import shipped

        return _print(shipped("man", "kit.1"))
    if words[:1] and words[0] in TOPICS:
        from kit.cli.topics import TEXTS

        _print(TEXTS[words[0]])
        if words[0] not in COMMANDS:
            return 0
        _print("\n")
    if words and words[0] not in (*COMMANDS, "help", "-h", "--help"):
        from kit.cli.mistakes import no_page

        raise no_page(words[0])
    return dispatch([*words, "--help"] if words and words != ["help"] else ["--help"])


def help_text() -> str:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {about}" for name, about in COMMANDS.items())
    return (
        f"kit {__version__}: one prompt, many models, an answer that a script can trust\n\n"
        f"Examples:\n{EXAMPLES}\nCommands:\n{commands}\n\n"
        "kit COMMAND --help shows its flags, kit help TOPIC explains: exit-codes, config,\n"
        "keys, votes, tools.\n"
        "Docs and issues: https://github.com/kit-llm/kit\n"
    )


def _print(text: str) -> int:
    sys.stdout.write(text)
    sys.stdout.flush()
    return 0


def report(error: KitError) -> int:
    """Say on stderr what went wrong and what to do; the exit code."""
    from kit.cli.screen.render import err

    if _debug():
        import traceback

        traceback.print_exception(error)
    err(sentence(error))
    return error.code


def sentence(error: KitError) -> str:
    joint = " " if error.message.endswith("?") else "; "
    return f"kit: {error.message}{joint}{error.hint}" if error.hint else f"kit: {error.message}"


def _bug(error: Exception) -> int:
    from kit.cli.screen.render import err

    if _debug():
        import traceback

        traceback.print_exception(error)
    if isinstance(error, OSError):
        if not error.filename and gone():
            return report(UsageError("the current folder is gone", hint="go to another one"))
        place = error.filename or "stdout cannot be written"
        err(f"kit: {place}: {error.strerror or error}")
    else:
        err(
            f"kit: unexpected internal error ({type(error).__name__}); "
            "run again with KIT_DEBUG=1 and please report it"
        )
    return 1


def gone() -> bool:
    """The folder in which kit was called has been removed: no path leads from there, not even .."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _debug() -> bool:
    return os.environ.get("KIT_DEBUG", "") not in ("", "0")


def _interrupted() -> int:
    """Ctrl-C outside a run: the line on which the terminal has echoed it is ended."""
    try:
        sys.stderr.write("\n" if sys.stderr.isatty() else "")
        sys.stderr.flush()
    except (OSError, ValueError):
        pass
    return 130


def _pipe_closed() -> int:
    """The reader of stdout went away: quiet, and nothing may be flushed to it at exit."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    return 141


def typer_app(**settings: Any) -> typer.Typer:
    """A Typer as every command of kit uses it: plain help, our own errors, ``-h``."""
    import typer

    return typer.Typer(
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
        **settings,
    )


def helps(about: str, *examples: str) -> str:
    """The help of a command: examples first, then what it does."""
    return "\b\nExamples:\n" + "".join(f"  {each}\n" for each in examples) + f"\n{about}"
