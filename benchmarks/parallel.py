"""Many calls of 200 ms at once, in multiples of one: through the provider, and as a consensus."""

from __future__ import annotations

import asyncio
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks._measure import table
from benchmarks._mock import served
from kit.events import Message, Request, Text
from kit.patterns.run import run
from kit.patterns.steps import Call, together
from kit.providers import open_provider
from kit.providers.profiles import Profile

LATENCY = 200
COUNTS = (64, 256, 1000)
ASKED = Request((Message("user", (Text("hi"),)),))


async def fan_out(url: str, count: int) -> tuple[float, float, float, float]:
    """Wall of a cold and of a warm round in multiples of the latency, CPU ms a request, KiB."""
    provider = open_provider(
        Profile("m", api="openai-chat", base_url=url, model="m", max_concurrency=count)
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    walls, cpu = [], 0.0
    for _ in range(2):
        began, spent = time.perf_counter(), time.process_time()
        calls = await run(
            together([Call(ASKED) for _ in range(count)]), provider.stream, at_once=count
        )
        assert all(call.reply for call in calls), calls[0].error
        walls.append((time.perf_counter() - began) * 1000 / LATENCY)
        cpu = (time.process_time() - spent) * 1000 / count
    await provider.aclose()  # type: ignore[attr-defined]  # an endpoint has it
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return walls[0], walls[1], cpu, (after - before) / count


def consensus(url: str, folder: str, count: int) -> float:
    """The wall of ``kit consensus`` beyond ``kit consensus -n 1``, in multiples of the latency."""
    config = Path(folder, "kit.toml")
    config.write_text(
        f'[profiles.m]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="none"\n'
        f"max_concurrency={count}\n"
    )
    env = {**os.environ, "KIT_CONFIG": str(config), "XDG_STATE_HOME": folder}

    def wall(samples: int) -> float:
        argv = ["consensus", "-n", str(samples), "-j", str(count), "--stop", "none", "-q", "hi"]
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "kit", *argv], env=env, check=True, stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        return (time.perf_counter() - began) * 1000 / LATENCY

    wall(1)
    return min(wall(count) for _ in range(2)) - min(wall(1) for _ in range(2)) + 1


def main() -> None:
    rows = []
    with served(LATENCY) as url, tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            cold, warm, cpu, memory = asyncio.run(fan_out(url, count))
            rows.append([count, cold, warm, cpu, memory, consensus(url, folder, count)])
    table(
        [f"calls of {LATENCY} ms", "cold ×", "warm ×", "CPU ms each", "KiB each", "consensus ×"],
        rows,
    )


if __name__ == "__main__":
    main()
