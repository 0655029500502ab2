"""Other people's tools, each in an environment of its own in the user's cache, where it stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs


def environment(name: str, packages: Sequence[str], python: str | Path) -> Path | None:
    """The folder of their commands. None, and a line that says why, where they cannot be had."""
    folder = platformdirs.user_cache_path("kit", appauthor=False) / "benchmarks" / name
    whole = folder / "whole"
    try:
        wanted = "\n".join((told([python, "--version"]), *packages))
        if not (whole.exists() and whole.read_text() == wanted):
            shutil.rmtree(folder, ignore_errors=True)
            print(f"installing {' and '.join(packages)} into {folder}", file=sys.stderr)
            told([python, "-m", "venv", folder])
            pip = (folder / "bin" / "pip", "install", "-q", "--only-binary", ":all:")
            told([*pip, *packages])
            whole.write_text(wanted)
        return folder / "bin"
    except subprocess.CalledProcessError as error:
        why = (error.stderr or "").strip().splitlines()[-1:]
        print(f"LEFT OUT: {' and '.join(packages)} cannot be installed here: {' '.join(why)}")
    except (OSError, subprocess.SubprocessError) as error:
        print(f"LEFT OUT: {' and '.join(packages)} cannot be installed here: {error}")
    return None


def told(argv: Sequence[str | Path]) -> str:
    ended = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=900)
    return ended.stdout.strip()


def alone(home: Path) -> dict[str, str]:
    """An environment in which a tool finds nothing of the user's, and leaves nothing with them."""
    places = {"HOME": "", "XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache",
              "XDG_DATA_HOME": ".local/share", "XDG_STATE_HOME": ".local/state"}  # fmt: skip
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **{name: str(home / at) for name, at in places.items()}}
