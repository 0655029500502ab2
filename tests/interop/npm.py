"""Packages of npm that tests talk to: installed where a cache is, else into a fresh folder."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from needs import missing

CACHE = "KIT_NODE_CACHE"


def installed(package: str, fresh: Path) -> Path:
    """A folder that node finds the package (``@scope/name@range``) from: below ``$KIT_NODE_CACHE``,
    where it is installed when it is not yet there, else ``fresh``."""
    if not (shutil.which("npm") and shutil.which("node")):
        missing("there is no npm here")
    name = package.rpartition("/")[2].partition("@")[0]
    cache = (Path(os.environ[CACHE]) / name if os.environ.get(CACHE) else fresh).absolute()
    if not (cache / "node_modules").is_dir():
        _install(package, cache)
    return cache


def _install(package: str, cache: Path) -> None:
    """Made whole beside its place, then renamed: two that do so at once do not meet."""
    new = cache.with_name(f".{cache.name}.{os.getpid()}")
    new.mkdir(parents=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    command = ["npm", "install", *quiet, "--prefix", str(new), package]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        shutil.rmtree(new, ignore_errors=True)
        missing(f"npm cannot install {package}: {done.stderr.strip()[-300:]}")
    try:
        new.rename(cache)
    except OSError:  # another was first, or an empty folder was named
        if not (cache / "node_modules").is_dir():
            shutil.copytree(new, cache, dirs_exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)
