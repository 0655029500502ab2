"""What servers refused, remembered for a profile from one run to the next: a cache, in JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kit.errors import KitError
from kit.events import Json
from kit.providers import private
from kit.providers.profiles import Profile
from kit.providers.wire import Quirks

_NAMES = ("max_tokens_field", "system_role")  # quirks that are one word
MOST = 200
"""Entries that are kept: the oldest are forgotten first."""


class Memory:
    """Quirks by profile, address and model. Nothing here is worth an error: what cannot be read
    or written is found out again for the price of one refused request."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def recall(self, profile: Profile, known: Quirks) -> Quirks:
        """``known`` with what was learned about this profile laid over it."""
        entry = self._entries().get(_name(profile))
        if not isinstance(entry, dict):
            return known
        dropped = frozenset(name for name in entry.get("dropped", ()) if isinstance(name, str))
        named = {name: entry[name] for name in _NAMES if isinstance(entry.get(name), str)}
        return replace(known, dropped=known.dropped | dropped, **named)

    def keep(self, profile: Profile, quirks: Quirks) -> None:
        entry = {"dropped": sorted(quirks.dropped)}
        entry |= {name: getattr(quirks, name) for name in _NAMES}

        def added(data: bytes) -> bytes:
            entries = {name: old for name, old in _parsed(data).items() if name != _name(profile)}
            entries[_name(profile)] = entry
            return json.dumps(dict(list(entries.items())[-MOST:]), indent=1).encode()

        with suppress(KitError, OSError):
            private.change(self.path, added, _bytes)

    def _entries(self) -> Mapping[str, Json]:
        return _parsed(_bytes(self.path))


def memory(environ: Mapping[str, str]) -> Memory:
    """The memory in ``$XDG_CACHE_HOME/kit``, else ``~/.cache/kit``."""
    cache = environ.get("XDG_CACHE_HOME", "")
    folder = Path(cache) if os.path.isabs(cache) else Path(os.path.expanduser("~"), ".cache")
    return Memory(folder / "kit" / "learned.json")


def _name(profile: Profile) -> str:
    return f"{profile.name} {profile.base_url} {profile.model}"


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _parsed(data: bytes) -> dict[str, Json]:
    try:
        entries = json.loads(data or b"{}")
    except (ValueError, RecursionError):
        return {}
    return entries if isinstance(entries, dict) else {}
