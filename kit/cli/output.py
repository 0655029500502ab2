"""Where a result goes: stdout, one JSON object, one field, a file; the error line on stderr."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from kit.cli.app import gone, report
from kit.cli.nearest import for_model
from kit.cli.options import Output
from kit.cli.result import picked
from kit.cli.screen.render import Answer, answer_to, putter
from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.errors import UsageError
from kit.events import Json
from kit.patterns.steps import Outcome
from kit.trace.records import harmless


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
    trouble = None
    try:
        deliver(outcome.answer, result, output)
    except UsageError as error:
        trouble = error
    if outcome.error:
        outcome.error.hint = for_model(outcome.error, result)
    codes = [report(error) for error in (outcome.error, trouble) if error]
    return codes[0] if codes else 0


def deliver(answer: str, result: Mapping[str, Json], output: Output) -> None:
    """UsageError for a field that this result lacks, and for a file that cannot be written: then
    the answer, which is paid for, goes to stdout."""
    if output.json:
        line(as_json(result))
    elif output.field:
        line(picked(result, output.field))
    if not (to_file(output) and answer):
        return
    try:
        write_file(str(output.output), answer)
    except OSError as error:
        if not (output.json or output.field):
            line(answer)
        raise UsageError(
            f"--output {output.output} cannot be written: {error.strerror or error}"
        ) from error


def to_file(output: Output) -> bool:
    return output.output not in (None, "-", "/dev/stdout")


def checked(output: Output) -> None:
    """Refuse two forms of output at once, and a ``--output`` that cannot be written, before
    anything is paid for."""
    forms = {"--json": output.json, "--events": output.events, "--field": output.field}
    if len(chosen := [flag for flag, given in forms.items() if given]) > 1:
        raise UsageError(f"stdout takes one of {', '.join(chosen)}", hint=_BOTH)
    if to_file(output):
        _writable(str(output.output))


_BOTH = "--json is one object, --events are lines of which the last holds it, --field a part of it"


def _writable(name: str) -> None:
    place = Path(os.path.expanduser(name))
    if not name:
        raise UsageError("--output is empty", hint="name a file, or - for stdout")
    if name.endswith("/") or os.path.isdir(place):  # not Path's own, which may fail
        raise UsageError(f"--output {name} is a folder", hint="name a file in it")
    if not os.path.isdir(place.parent) or (gone() and not place.is_absolute()):
        raise UsageError(f"--output {place}: there is no folder {place.parent}")
    try:
        place.stat()
    except FileNotFoundError:
        pass
    except OSError as error:  # a name that is too long, links that lead in a circle
        raise UsageError(f"--output {place} cannot be written: {error.strerror}") from error
    needed = (place, place.parent) if os.path.isfile(place) else (place.parent,)
    if _may_be_replaced(place) and not all(os.access(each, os.W_OK) for each in needed):
        raise UsageError(f"--output {place} cannot be written: permission denied")


def as_json(value: Json, indent: int | None = None) -> str:
    return harmless(json.dumps(value, indent=indent, ensure_ascii=False))


def line(text: str) -> None:
    """One line on stdout in UTF-8, whatever the locale; a lone surrogate becomes U+FFFD. A terminal
    gets no control characters."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    put = putter(sys.stdout)
    put(f"{clean(whole) if sys.stdout.isatty() else whole}\n".encode())


def write_file(name: str, text: str) -> None:
    """The whole text or the old file: through a temporary file beside it, with the user's umask
    or the mode of the file that was there; a link is followed. A device or a pipe stays one."""
    data = text.encode("utf-8", "replace") + (b"" if text.endswith("\n") else b"\n")
    given = Path(os.path.expanduser(name))
    if not _may_be_replaced(given):
        given.write_bytes(data)
        return
    import tempfile  # with all that makes its names random: 2 ms

    place = Path(os.path.realpath(given))
    mode = stat.S_IMODE(place.stat().st_mode) if os.path.exists(place) else 0o666 & ~_umask()
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=".kit-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(temporary, mode)
        os.replace(temporary, place)
    except BaseException:
        os.unlink(temporary)
        raise


def _may_be_replaced(place: Path) -> bool:
    """A file of its own: no /dev/null, no named pipe, not what /dev/stdout leads to."""
    if place.is_relative_to("/dev") or place.is_relative_to("/proc"):
        return False
    return not os.path.exists(place) or os.path.isfile(place)


def _umask() -> int:
    mask = os.umask(0o077)  # there is no way to read it without setting it
    os.umask(mask)
    return mask
