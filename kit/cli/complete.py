"""What TAB offers: answered from generated words and from file names alone, before Typer is loaded.

No network, no keyring, no key_command; a broken configuration offers nothing and says nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from kit.cli.words import WORDS
from kit.errors import KitError

FILES = ":files"
"""Said alone: the shell completes file names by itself."""

PROFILES = {"-p", "--profile", "--fallback", "--judge", "--escalate"}
MODELS = {"-m", "--model"}
RUNS = {"-c", "--continue"}
PATHS = {"-f", "--file", "-a", "--attach", "-o", "--output", "--config", "--schema", "--model-path"}
NAMED = {"profile": "profiles", "key": "profiles", "trace": "runs"}
"""Groups whose commands take a name."""


def candidates(words: Sequence[str]) -> list[str]:
    """What may stand where the last of ``words`` (all after ``kit``, perhaps empty) stands."""
    *before, current = words or [""]
    node: dict[str, Any] = WORDS
    path: list[str] = []
    for word in before:
        if word in node.get("commands", {}):
            node, path = node["commands"][word], [*path, word]
    flags: dict[str, Any] = node.get("flags", {})
    previous = before[-1] if before else ""
    if previous in flags and flags[previous] is not None:
        return _values(flags[previous], before, current)
    if current.startswith("-"):
        return _starting(flags, current)
    if node.get("commands"):
        return _starting(node["commands"], current)
    return _starting(_names(NAMED.get(path[0], "")), current) if path else []


def _values(choices: Sequence[str], before: Sequence[str], current: str) -> list[str]:
    flag = before[-1]
    if choices:
        return _starting(choices, current)
    if flag in PROFILES:
        name, slash, _ = current.partition("/")
        with_models = (f"{name}/{model}" for model in _models(name) if slash)
        return _starting([*_names("profiles"), *with_models], current)
    if flag in MODELS:
        return _starting(_models(_profile(before)), current)
    if flag in RUNS:
        return _starting(_names("runs"), current)
    return [FILES] if flag in PATHS or current.startswith("@") else []


def _names(kind: str) -> Iterable[str]:
    """Names that exist on this machine."""
    try:
        if kind == "profiles":
            from kit.providers.config.presets import PRESETS
            from kit.providers.config.profiles import config_path, load

            return [*load(config_path(os.environ)).profiles, *PRESETS]
        if kind == "runs":
            from kit.trace.folders import runs_folder
            from kit.trace.shelf import paths

            return [
                "last",
                *(
                    path.stem
                    for path, _ in zip(paths(runs_folder(os.environ)), range(20), strict=False)
                ),
            ]
    except (KitError, OSError):
        pass
    return []


def _profile(before: Sequence[str]) -> str:
    """Whose models may follow -m: the profile named on this line, else the one that answers."""
    from kit.providers.config.profiles import config_path, load

    pairs = pairwise(before)
    if named := [word for flag, word in pairs if flag in ("-p", "--profile")]:
        return named[-1].partition("/")[0]
    try:
        config = load(config_path(os.environ))
    except (KitError, OSError):
        return os.environ.get("KIT_PROFILE", "")
    only = next(iter(config.profiles)) if len(config.profiles) == 1 else ""
    return os.environ.get("KIT_PROFILE") or config.default_profile or only


def _models(profile: str) -> list[str]:
    """What `kit models` listed last, for this profile or, where none is known, for all."""
    from kit.providers.config import cache

    known = cache.entries(cache.place(os.environ, "models.json"))
    lists = [known.get(profile)] if profile else known.values()
    found = (name for each in lists if isinstance(each, list) for name in each)
    return [name for name in found if isinstance(name, str) and name.isprintable()]


def _starting(words: Iterable[str], current: str) -> list[str]:
    return [word for word in dict.fromkeys(words) if word.startswith(current)]
