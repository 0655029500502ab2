"""Keys out of variables, files and commands: read, trimmed, proven to fit into a header."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from kit.errors import AuthError
from kit.providers.credentials.patience import bounded
from kit.providers.credentials.secret import Secret

LONGEST = 64 * 1024  # bytes
COMMAND = 30.0  # seconds
_FAULTS = (("\ufeff", "a byte order mark"), ("\n", "a line break"), ("\r", "a line break"))

_answers: dict[tuple[str, ...], Secret] = {}  # a command is asked once a process: it may prompt


def cleaned(text: str, source: str) -> Secret | None:
    """The key without the blanks around it, None when nothing is left. AuthError, which never
    shows it, when it is not printable ASCII."""
    key = text.strip()
    if not key:
        return None
    if key.isascii() and key.isprintable():
        return Secret(key)
    found = (name for char, name in _FAULTS if char in key)
    fault = next(found, "a character that is not printable ASCII")
    raise AuthError(f"the key from {source} holds {fault}", hint="copy the key again, alone")


def from_variable(name: str, environ: Mapping[str, str]) -> Secret | None:
    return cleaned(environ.get(name, ""), name)


def from_file(written: str) -> Secret:
    """The key in a file that only its owner can read. AuthError otherwise."""
    path = Path(os.path.expanduser(written))
    try:
        data = _private_bytes(path)
    except OSError as error:
        why = error.strerror or "unknown error"
        raise AuthError(
            f"the key file {written} cannot be read: {why}", hint='check key = "file:PATH"'
        ) from error
    key = cleaned(_decoded(data, f"the file {written}"), f"the file {written}")
    if key is None:
        raise AuthError(f"the key file {written} is empty", hint="write the key into it")
    return key


def from_command(
    command: tuple[str, ...], environ: Mapping[str, str], limit: float = COMMAND
) -> Secret:
    """What a command prints, run without a shell; what it says on stderr is shown. AuthError when
    it fails, prints nothing or takes longer than ``limit`` seconds."""
    if command not in _answers:
        name = f"key_command {command[0]}"
        key = cleaned(_decoded(_output(command, environ, limit), name), name)
        if key is None:
            raise AuthError(f"{name} printed nothing", hint="run it by hand to see why")
        _answers[command] = key
    return _answers[command]


def _private_bytes(path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(handle, "rb") as file:
        _check(path, os.fstat(handle))
        return file.read(LONGEST)


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise AuthError(f"the key file {path} is not a regular file")
    if status.st_size >= LONGEST:
        raise AuthError(f"the key file {path} is too large to hold a key")
    if os.name != "posix":
        return
    if status.st_uid not in {0, os.geteuid()}:
        raise AuthError(f"the key file {path} belongs to another user", hint="copy it to your own")
    if status.st_mode & 0o077:
        raise AuthError(f"the key file {path} can be read by other users", hint=f"chmod 600 {path}")


def _output(command: tuple[str, ...], environ: Mapping[str, str], limit: float) -> bytes:
    import subprocess  # 10 ms, for who uses a command

    try:
        process = subprocess.Popen(  # noqa: S603  # the user's own command, and no shell
            command, stdout=subprocess.PIPE, env=dict(environ)
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not a command"
        raise AuthError(
            f"key_command {command[0]} cannot be run: {why}", hint="check that it is installed"
        ) from error
    assert process.stdout is not None
    output = process.stdout
    try:
        printed = bounded(lambda: output.read(LONGEST), limit)
        code = process.wait(limit) if len(printed) < LONGEST else 1
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        raise AuthError(
            f"key_command {command[0]} did not end within {limit:g} s", hint="run it by hand"
        ) from error
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if code:
        raise AuthError(f"key_command {command[0]} failed (exit {code})", hint="run it by hand")
    return printed


def _decoded(data: bytes, source: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        # not "from error": that one shows the bytes
        raise AuthError(f"the key from {source} is not text", hint="copy the key again") from None
