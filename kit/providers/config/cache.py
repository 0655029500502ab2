"""A small JSON file in the user's cache. Nothing in it is worth an error: what cannot be read is
not there, what cannot be written is found out again."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kit.errors import KitError
from kit.events import Json
from kit.providers.config import private

MOST = 200
"""Entries that are kept: the oldest are forgotten first."""


def place(environ: Mapping[str, str], name: str) -> Path:
    """That file in ``$XDG_CACHE_HOME/kit``, else in ``~/.cache/kit``."""
    cache = environ.get("XDG_CACHE_HOME", "")
    folder = Path(cache) if os.path.isabs(cache) else Path(os.path.expanduser("~"), ".cache")
    return folder / "kit" / name


def entries(path: Path) -> Mapping[str, Json]:
    return _parsed(_bytes(path))


def put(path: Path, name: str, entry: Json) -> None:
    def added(data: bytes) -> bytes:
        others = {key: old for key, old in _parsed(data).items() if key != name}
        return json.dumps(dict([*others.items(), (name, entry)][-MOST:]), indent=1).encode()

    with suppress(KitError, OSError):
        private.change(path, added, _bytes)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _parsed(data: bytes) -> dict[str, Json]:
    try:
        found = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
