"""The mock servers of npm's @copilotkit/aimock: installed where a cache is, served on loopback."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from needs import missing

PACKAGE = "@copilotkit/aimock@^1.43"
CACHE = "KIT_NODE_CACHE"

# It ends when its stdin does, that is with the process that started it, however that ends.
SERVE = """
import { LLMock } from "@copilotkit/aimock";
const mock = new LLMock({ port: 0, host: "127.0.0.1", logLevel: "silent" });
mock.addFixturesFromJSON(process.argv[1]);
await mock.start();
console.log(mock.url);
process.stdin.on("end", () => process.exit(0)).resume();
"""


def installed(fresh: Path) -> Path:
    """A folder that node finds the package from: ``$KIT_NODE_CACHE`` (filled when it is empty),
    else ``fresh``."""
    if not (shutil.which("npm") and shutil.which("node")):
        missing("there is no npm here")
    cache = Path(os.environ.get(CACHE) or fresh).absolute()
    if not (cache / "node_modules").is_dir():
        _install(cache)
    return cache


def _install(cache: Path) -> None:
    """Made whole beside its place, then renamed: two that do so at once do not meet."""
    new = cache.with_name(f".{cache.name}.{os.getpid()}")
    new.mkdir(parents=True)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    command = ["npm", "install", *quiet, "--prefix", str(new), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        shutil.rmtree(new, ignore_errors=True)
        missing(f"npm cannot install {PACKAGE}: {done.stderr.strip()[-300:]}")
    try:
        new.rename(cache)
    except OSError:  # another was first, or an empty folder was named
        if not (cache / "node_modules").is_dir():
            shutil.copytree(new, cache, dirs_exist_ok=True)
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def serving(folder: Path, fixtures: list[dict[str, Any]]) -> Iterator[str]:
    """The URL of a server that answers as these fixtures of its own form say."""
    command = ["node", "--input-type=module", "-e", SERVE, json.dumps(fixtures)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=folder, **pipes) as server:  # type: ignore[call-overload]  # a table of pipes
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()
            server.wait(20)
