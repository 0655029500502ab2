"""What a real ``kit`` process loads, read from its ``sys.modules`` when it has ended."""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import sys
from pathlib import Path

HEAVY = {"typer", "rich", "httpx2", "h11", "asyncio", "ssl", "keyring", "jsonschema", "tomllib",
         "tomlkit", "sqlite3", "platformdirs", "xllamacpp", "mcp", "importlib.metadata",
         "logging", "hashlib", "random", "difflib"}  # fmt: skip
"""What costs 2 ms and more; most commands need none of it."""

PROBE = """
import atexit, os, sys
def tell():
    with open(os.environ["LOADED"], "w") as file:
        file.write("\\n".join(sys.modules))
real = os._exit
os._exit = lambda code: (tell(), real(code))
atexit.register(tell)
sys.argv = ["kit", *sys.argv[1:]]
if len(sys.argv) > 1:
    from kit.__main__ import main
    main()
"""

FAKE = '[profiles.f]\napi = "fake"\nmodel = "f"\nreplies = ["hello"]\n'


def loaded(folder: Path, *args: str, tty: bool = False, **environ: str) -> set[str]:
    """The modules that ``kit ARGS`` loads beyond those of Python and of the environment's own
    start. Its home is ``folder``; its configuration has one scripted profile, or is KIT_CONFIG."""
    return _modules(folder, args, tty=tty, **environ) - _before()


def dearest(folder: Path, *args: str, **environ: str) -> str:
    """The ten modules whose own code took longest, for who has to look for what is too much."""
    argv = [sys.executable, "-X", "importtime", "-m", "kit", *args]
    said = subprocess.run(
        argv, env=_environment(folder, environ), stdin=subprocess.DEVNULL, capture_output=True
    )
    rows = (line.split("|") for line in said.stderr.decode().splitlines() if line.count("|") == 2)
    timed = [(int(own.split()[-1]), name) for own, _, name in rows if own.split()[-1].isdigit()]
    return "\n".join(f"{own / 1000:6.1f} ms {name}" for own, name in sorted(timed)[:-11:-1])


def _modules(folder: Path, args: tuple[str, ...], *, tty: bool = False, **environ: str) -> set[str]:
    out = folder / "loaded"
    argv = [sys.executable, "-c", PROBE, *args]
    if tty:
        code = f"import pty, sys; sys.exit(pty.spawn({argv!r}))"
        argv = [sys.executable, "-c", code]
    subprocess.run(
        argv, env=_environment(folder, {**environ, "LOADED": str(out)}),
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
    )  # fmt: skip
    return set(out.read_text().split())


@functools.cache
def _before() -> set[str]:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        return _modules(Path(folder), ())


def _environment(folder: Path, environ: dict[str, str]) -> dict[str, str]:
    """Nothing of the machine's own settings: neither its keys nor its configuration."""
    config = folder / "kit.toml"
    if not config.exists():
        config.write_text(FAKE)
    here = {name: str(folder) for name in ("HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME")}
    here |= {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TERM": "xterm-256color",
             "PYTHONPATH": os.pathsep.join(sys.path), "KIT_CONFIG": str(config)}  # fmt: skip
    return {**here, **environ}


def words(line: str) -> list[str]:
    """A command line's arguments; ``''`` is an empty one."""
    return shlex.split(line)
