"""Facts about the two output streams, decided once.

The order of who decides: ``--plain``, ``--color``, NO_COLOR, FORCE_COLOR or CLICOLOR_FORCE,
CLICOLOR=0, TERM=dumb, and then whether the stream is a terminal.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Literal, TypeAlias

Color: TypeAlias = Literal["auto", "always", "never"]


@dataclass(frozen=True, slots=True)
class Terminal:
    out_tty: bool
    err_tty: bool
    out_style: bool  # Markdown is rendered, in colour
    err_colour: bool
    out_live: bool  # the last line of stdout may be redrawn
    err_live: bool  # lines of stderr may be redrawn
    width: int  # columns at the start; ``columns`` knows better later
    unicode: bool  # bullets and lines may be drawn with more than ASCII

    @classmethod
    def detect(
        cls,
        environ: Mapping[str, str],
        stdout: IO[str],
        stderr: IO[str],
        *,
        plain: bool = False,
        color: Color = "auto",
    ) -> Terminal:
        out_tty, err_tty = _is_tty(stdout), _is_tty(stderr)
        wish = "never" if plain else _wish(environ) if color == "auto" else color
        able = not _dumb(environ)
        out, err = (
            wish == "always" or (wish == "auto" and tty and able) for tty in (out_tty, err_tty)
        )
        return cls(
            out_tty=out_tty,
            err_tty=err_tty,
            out_style=out,
            err_colour=err,
            out_live=out and out_tty and able,
            err_live=err and err_tty and able,
            width=columns(stdout if out_tty else stderr, environ.get("COLUMNS", "")),
            unicode=_speaks_unicode(environ, stdout),
        )


def columns(stream: IO[str], otherwise: str | int = 80) -> int:
    """How wide the stream is now: the terminal's own word, else ``otherwise``, else 80."""
    return size(stream)[0] or (int(otherwise) if str(otherwise).isdecimal() else 0) or 80


def size(stream: IO[str]) -> tuple[int, int]:
    """Columns and rows of the terminal behind the stream; zeros where there is none."""
    try:
        return os.get_terminal_size(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return (0, 0)


def in_front(stream: IO[str]) -> bool:
    """Nobody else has the terminal: kit does not run in the background of a shell (``kit … &``)."""
    try:  # 0: the group in front is of another container
        return os.tcgetpgrp(stream.fileno()) in (os.getpgrp(), 0)
    except (OSError, ValueError, AttributeError):  # a stream, or a system, without such a thing
        return True


def _is_tty(stream: IO[str]) -> bool:
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # closed, or None as under pythonw
        return False


def _wish(environ: Mapping[str, str]) -> Color:
    """What the environment asks for (no-color.org, bixense.com/clicolors; NO_COLOR wins)."""
    if environ.get("NO_COLOR"):
        return "never"
    forced = (environ.get(name, "") for name in ("FORCE_COLOR", "CLICOLOR_FORCE"))
    if any(value.lower() not in ("", "0", "false") for value in forced):
        return "always"
    return "never" if environ.get("CLICOLOR") == "0" else "auto"


def _dumb(environ: Mapping[str, str]) -> bool:
    """No escape sequences understood. An old Windows console sets none of the names."""
    if environ.get("TERM") in ("dumb", "unknown"):
        return True
    names = ("TERM", "WT_SESSION", "ANSICON", "ConEmuANSI", "TERM_PROGRAM")
    return environ.get("OS") == "Windows_NT" and not any(environ.get(name) for name in names)


def _speaks_unicode(environ: Mapping[str, str], stdout: IO[str]) -> bool:
    """By the locale, and not by ``stdout.encoding``: Python says UTF-8 under LC_ALL=C too."""
    if environ.get("OS") == "Windows_NT":
        return "utf" in (getattr(stdout, "encoding", None) or "").lower()
    locale = next((environ[n] for n in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(n)), "")
    return "utf" in locale.lower()
