"""Reads a TOML file that a user wrote: whatever is wrong with it has a file, a line, a column."""

from __future__ import annotations

import os
import re
from pathlib import Path

from kit.errors import ConfigError
from kit.events import Json
from kit.providers.config.places import line_and_column, scan

MOST = 2**20  # bytes
_AT = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)")
_DEEP = re.compile(  # a parser's memory grows with the square of a key's parts
    r"""(?<![\w-])(?:(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){32}"""
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_BOM = b"\xef\xbb\xbf"


def read(path: Path) -> bytes:
    """The file's bytes, b"" where there is none. ConfigError when it cannot be read or is larger
    than 1 MiB, which is found before all of it is read."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        why = "it is a folder" if os.path.isdir(path) else error.strerror or "it cannot be read"
        raise ConfigError(f"{path}: the configuration cannot be read: {why}") from error
    if len(data) > MOST:
        raise ConfigError(
            f"{path}:1:1: the configuration is larger than 1 MiB",
            hint="check that this is the right file",
        )
    return data


def text_of(data: bytes, path: Path) -> str:
    """The text without a byte order mark; lines may end in CRLF. ConfigError for what is not
    UTF-8."""
    if data.startswith(_UTF16):
        raise ConfigError(f"{path}:1:1: the file is UTF-16", hint="save it as UTF-8")
    data = data.removeprefix(_BOM)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        where = _where(path, *line_and_column(before, len(before)))
        raise ConfigError(f"{where} not valid UTF-8", hint="save the file as UTF-8") from error
    if "\0" in text:
        where = _where(path, *line_and_column(text, text.index("\0")))
        raise ConfigError(f"{where} a NUL character", hint="remove it; is this a text file?")
    return text


def parsed(text: str, path: Path) -> dict[str, Json]:
    """The tables of ``text``. ConfigError says where the syntax breaks."""
    import tomllib  # 8 ms, for who has a configuration

    if deep := _DEEP.search(text):
        where = _where(path, *line_and_column(text, deep.start()))
        raise ConfigError(f"{where} a key of more than 32 parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        where = _where(path, *_deepest(text))
        raise ConfigError(f"{where} tables or lists are nested too deeply") from error
    except ValueError as error:  # TOMLDecodeError, or a number of thousands of digits
        raise _broken(text, path, str(error)) from error


def _broken(text: str, path: Path, message: str) -> ConfigError:
    twice = _twice(text) if message.startswith(("Cannot overwrite", "Cannot declare")) else None
    if twice is not None:
        name, line, column = twice
        return ConfigError(
            f"{_where(path, line, column)} {name} is there twice",
            hint="keep one of the two, or give one of them another name",
        )
    at = _AT.search(message)
    said = _AT.sub("", message)
    if at is None:
        place = 1, 1
    elif at[1] is None:
        place = line_and_column(text, len(text))
    else:
        place = int(at[1]), int(at[2])
    return ConfigError(f"{_where(path, *place)} {said[:1].lower()}{said[1:]}")


def _twice(text: str) -> tuple[str, int, int] | None:
    """The first key or table that is there a second time."""
    seen: set[tuple[str, ...]] = set()
    kinds: dict[tuple[str, ...], str] = {}
    for place in scan(text):
        before = kinds.get(place.path)
        if place.kind == "array" and before in (None, "array"):
            seen = {path for path in seen if path[: len(place.path)] != place.path}
            kinds = {path: kinds[path] for path in seen}
        elif place.path in seen:
            return ".".join(place.path), place.line, place.column
        seen.add(place.path)
        kinds[place.path] = place.kind
    return None


def _deepest(text: str) -> tuple[int, int]:
    """The first line that opens more brackets than anybody needs."""
    at = max(text.find("[[[["), 0)
    return line_and_column(text, at)


def _where(path: Path, line: int, column: int) -> str:
    return f"{path}:{line}:{column}:"
