"""The mock servers of npm's @copilotkit/aimock: installed where a cache is, served on loopback."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import npm

PACKAGE = "@copilotkit/aimock@^1.43"

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
    """A folder that node finds the package from."""
    return npm.installed(PACKAGE, fresh)


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
