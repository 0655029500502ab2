"""Where a result goes: stdout, one JSON object, one field, a file; the error line on stderr."""

from __future__ import annotations

import json
import os
import stat
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from kit.cli.app import report
from kit.cli.options import Output
from kit.cli.render import Answer, answer_to
from kit.cli.result import picked
from kit.cli.terminal import Terminal
from kit.errors import UsageError
from kit.events import Json
from kit.patterns.steps import Outcome


def streamed(output: Output, terminal: Terminal) -> Answer | None:
    """Where the answer's text goes while it arrives; None when it only goes there at the end."""
    if output.json or output.events or output.field or to_file(output):
        return None
    return answer_to(terminal, sys.stdout)


def finish(
    outcome: Outcome, result: Mapping[str, Json], output: Output, answer: Answer | None
) -> int:
    """Print what is left to print; the exit code. ``answer`` has the text already, or is None."""
    if answer:
        answer.close()
    if to_file(output) and outcome.answer:
        write_file(str(output.output), outcome.answer)
    if output.json:
        line(json.dumps(result, ensure_ascii=False))
    elif output.field:
        line(picked(result, output.field))
    return report(outcome.error) if outcome.error else 0


def to_file(output: Output) -> bool:
    return output.output not in (None, "-")


def checked(output: Output) -> None:
    """Refuse a ``--output`` that cannot be written, before anything is paid for."""
    if not to_file(output):
        return
    place = Path(str(output.output)).expanduser()
    if place.is_dir():
        raise UsageError(f"--output {place} is a folder", hint="name a file in it")
    if not place.parent.is_dir():
        raise UsageError(f"--output {place}: there is no folder {place.parent}")


def line(text: str) -> None:
    """One line on stdout in UTF-8, whatever the locale; a lone surrogate becomes U+FFFD."""
    sys.stdout.buffer.write(
        text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode() + b"\n"
    )
    sys.stdout.buffer.flush()


def write_file(name: str, text: str) -> None:
    """The whole text or the old file: through a temporary file beside it, with the user's umask
    or the mode of the file that was there; a link is followed."""
    place = Path(os.path.realpath(Path(name).expanduser()))
    try:
        mode = stat.S_IMODE(place.stat().st_mode)
    except FileNotFoundError:
        mode = 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8", "replace"))
            if not text.endswith("\n"):
                file.write(b"\n")
        os.chmod(temporary, mode)
        os.replace(temporary, place)
    except BaseException:
        os.unlink(temporary)
        raise


def _umask() -> int:
    mask = os.umask(0o077)  # there is no way to read it without setting it
    os.umask(mask)
    return mask
