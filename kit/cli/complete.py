"""What TAB offers of the names that live on this machine: profiles, models, runs.

Commands, flags and choices stand in the scripts of completions/. Neither Typer nor the network nor
a keyring is touched; a broken configuration offers nothing and says nothing.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from kit.errors import KitError

MOST = 2000
"""Lines at most: a shell shows no more."""

Names = Iterator[tuple[str, str]]
"""What may be typed, and what it is (or "")."""


def candidates(words: Sequence[str]) -> list[str]:
    """The lines for ``kit complete SOURCE CURRENT [WORD …]``: names that begin with CURRENT, each
    perhaps with a tab and what it is. The WORDs are those typed before."""
    source, current, *before = [*words, "", ""]
    current = current.removeprefix("=")  # what PowerShell writes so that it is not empty
    found = SOURCES.get(source, _nothing)
    try:
        names = [each for each in found(current, before) if _fit(each[0], current)]
    except (KitError, OSError, ValueError):
        return []
    return ["\t".join(filter(None, each)) for each in islice(dict(names).items(), MOST)]


def _fit(name: str, current: str) -> bool:
    """A model list or a file may hold anything: what cannot be seen is not offered."""
    return name.startswith(current) and name.isprintable() and len(name) < 200


def _nothing(_current: str, _before: Sequence[str]) -> Names:
    return iter(())


# --- profiles ------------------------------------------------------------------------------------
def _profiles(current: str, before: Sequence[str]) -> Names:
    """Those of the configuration; once a slash is typed, NAME/MODEL."""
    for name, table in _tables(before).items():
        told = [table.get(key) for key in ("provider", "api", "model")]
        yield name, _line(" ".join(each for each in told if isinstance(each, str)))
    name, slash, _ = current.partition("/")
    if slash:
        yield from ((f"{name}/{model}", "") for model in _listed(name))


def _settings(current: str, before: Sequence[str]) -> Names:
    """NAME.KEY for ``kit config explain``."""
    from kit.providers.config.settings import SETTINGS

    yield "default_profile", ""
    for name in _tables(before):
        whole = current.startswith(f"{name}.")
        yield from ((f"{name}.{key}", "") for key in SETTINGS) if whole else ((f"{name}.", ""),)


def _tables(before: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """The profiles in the file, right or wrong as they may be."""
    profiles = _config(before).get("profiles", {})
    tables = profiles.items() if isinstance(profiles, dict) else ()
    return {name: table for name, table in tables if isinstance(table, dict)}


def _config(before: Sequence[str]) -> Mapping[str, Any]:
    from kit.providers.config import tomlfile
    from kit.providers.config.profiles import config_path

    named = _after(before, "--config")
    path = Path(os.path.expanduser(named)) if named else config_path(os.environ)
    data = tomlfile.read(path)
    return tomlfile.parsed(tomlfile.text_of(data, path), path) if data else {}


def _after(before: Sequence[str], *flags: str) -> str:
    """The value that was given last to one of these flags."""
    spelt = (word.partition("=")[::2] for word in before if word.startswith("--"))
    given = [value for flag, value in [*pairwise(before), *spelt] if flag in flags and value]
    return given[-1] if given else ""


# --- models --------------------------------------------------------------------------------------
def _models(_current: str, before: Sequence[str]) -> Names:
    """What `kit models` listed last for the profile that answers; else for any."""
    profile = _after(before, "-p", "--profile") or _answering(before)
    return ((model, "") for model in _listed(profile.partition("/")[0]))


def _answering(before: Sequence[str]) -> str:
    config, profiles = _config(before), _tables(before)
    only = next(iter(profiles)) if len(profiles) == 1 else ""
    return os.environ.get("KIT_PROFILE") or str(config.get("default_profile") or only)


def _listed(profile: str) -> Iterator[str]:
    from kit.providers.config import cache

    known = cache.entries(cache.place(os.environ, "models.json"))
    lists = [known.get(profile)] if profile else known.values()
    names = (name for each in lists if isinstance(each, list) for name in each)
    return (name for name in names if isinstance(name, str))


# --- runs ----------------------------------------------------------------------------------------
def _runs(current: str, _before: Sequence[str]) -> Names:
    """The latest, newest first, each with what was asked."""
    from kit.trace.folders import runs_folder
    from kit.trace.shelf import paths

    starting = (each for each in paths(runs_folder(os.environ)) if each.stem.startswith(current))
    return ((path.stem, _about(path)) for path in islice(starting, 20))


def _about(path: Path) -> str:
    """The pattern and the prompt, looked for in the beginning of the file."""
    try:
        with path.open("rb") as file:
            begun = file.read(100_000)
    except OSError:
        return ""
    pattern, asked = _PATTERN.search(begun), _ASKED.findall(begun)
    said = json.loads(asked[-1], strict=False) if asked else ""
    return _line(f"{pattern[1].decode() if pattern else ''} {said}")


_PATTERN = re.compile(rb'"pattern":"([a-z]+)"')
_ASKED = re.compile(rb'"role":"user","parts":\[\{"type":"text","text":("(?:[^"\\]|\\.)*")')


def _line(text: str) -> str:
    """On one line, with nothing in it that a terminal would obey."""
    shown = " ".join(text.split())
    return "".join(each for each in shown if each.isprintable())[:60]


SOURCES: Mapping[str, Callable[[str, Sequence[str]], Names]] = {
    "profiles": _profiles,
    "settings": _settings,
    "models": _models,
    "runs": _runs,
}
