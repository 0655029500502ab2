"""What servers refused, remembered for a profile from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from kit.providers.config import cache
from kit.providers.config.profiles import Profile
from kit.providers.dialects.wire import Quirks

_WORDS = ("max_tokens_field", "system_role")  # quirks that are one word


class Memory:
    """Quirks by profile, address and model, in a cache: what is lost is found out again for the
    price of one refused request."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def recall(self, profile: Profile, known: Quirks) -> Quirks:
        """``known`` with what was learned about this profile laid over it."""
        entry = cache.entries(self.path).get(_name(profile))
        if not isinstance(entry, dict):
            return known
        dropped = frozenset(name for name in entry.get("dropped", ()) if isinstance(name, str))
        words = {name: entry[name] for name in _WORDS if isinstance(entry.get(name), str)}
        return replace(known, dropped=known.dropped | dropped, **words)

    def keep(self, profile: Profile, quirks: Quirks) -> None:
        words = {name: getattr(quirks, name) for name in _WORDS}
        cache.put(self.path, _name(profile), {"dropped": sorted(quirks.dropped), **words})


def memory(environ: Mapping[str, str]) -> Memory:
    """The memory in the user's cache."""
    return Memory(cache.place(environ, "learned.json"))


def _name(profile: Profile) -> str:
    return f"{profile.name} {profile.base_url} {profile.model}"
