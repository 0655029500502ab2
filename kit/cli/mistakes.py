"""What was mistyped on the command line, as one sentence with what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from kit.cli.app import COMMANDS, TOPICS
from kit.cli.screen.sanitise import visible
from kit.errors import KitError, UsageError


def meant(word: str, known: Iterable[str]) -> str:
    """The one that is most like it, or nothing."""
    from difflib import get_close_matches  # 5 ms

    return next(iter(get_close_matches(word, [*known], n=1, cutoff=0.6)), "")


def no_command(name: str) -> UsageError:
    near = meant(name, [*COMMANDS, "help", "--help", "--version"])
    hint = f"did you mean `kit {near}`?" if near else "see `kit --help`"
    if name.startswith("-"):
        return UsageError(f"there is no flag {visible(name)} here", hint=hint)
    return UsageError(f"there is no command '{visible(name)}'", hint=hint)


def no_page(name: str) -> UsageError:
    near = meant(name, [*TOPICS, *COMMANDS])
    hint = f"did you mean `kit help {near}`?" if near else "see `kit --help`"
    return UsageError(f"there is no page on '{visible(name)}'", hint=hint)


def as_usage(error: Exception, name: str) -> Exception:
    """Click's own exceptions (vendored by some releases of Typer, so told by what they can do)."""
    describe = getattr(error, "format_message", None)
    if isinstance(error, KitError) or describe is None:
        return error
    message = " ".join(str(describe()).split()).rstrip(".")
    if _holds_key(message, name):
        from kit.cli.setup.configured import key_in_argv

        return key_in_argv("NAME")
    message = re.sub(r" \(Possible options: .*", "", message)
    message, _, near = message.partition(". Did you mean")
    hint = f"did you mean{near}" if near else _near(error) or f"see `{_spelt(error, name)} --help`"
    return UsageError(message[:1].lower() + message[1:], hint=hint)


def _near(error: Any) -> str:
    """For a flag that is none, or a value that is none of the choices."""
    if typed := getattr(error, "option_name", ""):
        params = error.ctx.command.params if error.ctx else ()
        near = meant(typed, [name for each in params for name in each.opts if name[:2] == "--"])
    else:
        choices = getattr(getattr(getattr(error, "param", None), "type", None), "choices", ())
        wrong = re.match(r"'(.*?)' is not one of", str(getattr(error, "message", "")))
        near = meant(wrong[1], map(str, choices)) if wrong else ""
    return f"did you mean '{near}'?" if near else ""


def _spelt(error: Exception, name: str) -> str:
    """The command that the error is about: ``kit trace list``, and not only ``kit trace``."""
    context = getattr(error, "ctx", None)
    return getattr(context, "command_path", "") or f"kit {name}"


def _holds_key(message: str, name: str) -> bool:
    """S01: what was typed may be a key, which is not repeated."""
    if name == "key" and "unexpected extra argument" in message:
        return True
    if re.search(r"no such option: --?(api[-_]?)?(key|token|secret)\b", message, re.IGNORECASE):
        return True
    from kit.providers.credentials.redact import Redactor

    return Redactor().clean(message) != message
