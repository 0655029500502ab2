"""``kit profile export`` and ``import``: profiles as TOML, keys never."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from kit.cli.output import line
from kit.cli.screen.render import err
from kit.cli.setup.configured import Where, existing, file_of
from kit.errors import UsageError
from kit.events import Json
from kit.providers.config import editing, tomlfile
from kit.providers.config.carrying import keyless, tables, written
from kit.providers.config.profiles import load, read

EXPORT = (
    "\b\nExamples:\n  kit profile export > profiles.toml\n"
    "  kit profile export fast | ssh elsewhere kit profile import -\n\n"
    "Print profiles as TOML. No key is in it, and nothing that looks like one."
)
IMPORT = (
    "\b\nExamples:\n  kit profile import profiles.toml\n"
    "  kit profile import --force - < profiles.toml\n\n"
    "Add the profiles of a file, all of them or none. Their keys: kit key set NAME."
)


def export(
    names: Annotated[list[str] | None, Argument(metavar="[NAME]...", help="[all]")] = None,
    config: Where = None,
) -> int:
    path = file_of(config)
    found = load(path)
    wanted = names or list(found.profiles)
    for name in wanted:
        existing(found, name)
    every = tables(tomlfile.read(path), path) if found.profiles else {}
    kept = {name: _without_keys(name, every[name]) for name in wanted}
    if not kept:
        err("kit: there are no profiles yet; kit profile add NAME")
        return 0
    line(written(kept).rstrip("\n"))
    return 0


def _without_keys(name: str, values: Mapping[str, Json]) -> dict[str, Json]:
    kept, left = keyless(values)
    for each in left:
        err(f"kit: {name}: {each} is left out, it may hold a key")
    return kept


def import_(
    file: Annotated[str, Argument(metavar="FILE|-", help="a file, or - for stdin")],
    force: Annotated[bool, Option("--force", help="replace profiles of the same name")] = False,
    config: Where = None,
) -> int:
    data, source = _read(file)
    found = read(data, source)
    for warning in found.warnings:
        err(f"kit: {warning}")
    if not found.profiles:
        raise UsageError(f"{source} holds no profiles", hint="see `kit profile export`")
    new = {name: _without_keys(name, values) for name, values in tables(data, source).items()}
    path = file_of(config)
    there = sorted(new.keys() & load(path).profiles.keys())
    if there and not force:
        raise UsageError(
            f"there is a profile {there[0]!r} already", hint="--force replaces it; nothing was done"
        )
    editing.add_profiles(path, new, over=force)
    for name, values in new.items():
        err(f"kit: added profile {name}")
        for danger in _runs(values):
            err(f"kit: {name} {danger}; use it only if you trust where it comes from")
    return 0


def _runs(values: Mapping[str, Json]) -> list[str]:
    """What somebody else's profile makes this machine do."""
    said = []
    if command := values.get("key_command"):
        said.append(f"runs a command for its key ({' '.join(command)})")
    if ":" in str(values.get("api", "")):
        said.append(f"runs code ({values['api']})")
    if str(values.get("key", "")).startswith(("env:", "file:")):
        said.append(f"sends {values['key']} as its key to {values.get('base_url') or 'its host'}")
    return said


def _read(file: str) -> tuple[bytes, Path]:
    if file == "-":
        data = sys.stdin.buffer.read(tomlfile.MOST + 1)
        if len(data) > tomlfile.MOST:
            raise UsageError("stdin holds more than 1 MiB, which is no configuration")
        return data, Path("stdin")
    path = Path(file).expanduser()
    if not os.path.lexists(path):
        raise UsageError(f"there is no file {path}")
    return tomlfile.read(path), path.absolute()
