"""``kit consensus`` beside the two tools that come nearest, on the same mock server.

They are installed from the package index by name into an environment of their own, in the user's
cache; without network this benchmark says so and ends.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import platformdirs

from benchmarks._measure import Ran, ran, table
from benchmarks._mock import calls, served

HERE = Path(__file__).parent
PACKAGES = ("executionkit==0.4.0", "conclave-cli==1.3.0")
LATENCY, PLAN = 100, 9
QUESTION = "Is 2027 a prime number? A: yes, B: no"
MOCKS: Mapping[str, tuple[Sequence[str], int]] = {
    "all agree": (["A"], 200),
    "2 of 9 differ": (["A", "A", "B", "A", "A", "A", "B", "A", "A"], 200),
    "no reply has a vote": (["I cannot say."], 200),
    "all empty": ([""], 200),
    "every call: 500": ([], 500),
}

EXECUTIONKIT = """
import asyncio, sys
from executionkit import Provider, consensus

async def main():
    async with Provider(base_url=sys.argv[1], model="m") as provider:
        n = int(sys.argv[3])
        result = await consensus(provider, sys.argv[2], num_samples=n, max_concurrency=n)
        print(result.value)

asyncio.run(main())
"""


def environment() -> Path | None:
    """The folder of the rivals' commands, made on first use; None where it cannot be made."""
    folder = platformdirs.user_cache_path("kit", appauthor=False) / "benchmarks" / "rivals"
    tools = folder / ("Scripts" if sys.platform == "win32" else "bin")
    if subprocess.run([tools / "python", "-m", "pip", "check"], **_QUIET).returncode == 0 if (
        tools / "conclave"
    ).exists() else False:
        return tools
    return tools


def main() -> None: ...
