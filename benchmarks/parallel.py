"""Many calls of 200 ms at once, in multiples of one: a provider, httpx2 alone, a whole consensus.

python -m benchmarks.parallel [provider|httpx2 URL COUNT]    # with arguments: one measurement
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from benchmarks._measure import Ran, ran, table
from benchmarks._mock import served

LATENCY, ROUNDS = 200, 3
COUNTS = (64, 256, 1000)
TARGETS = (3.0, 2.5, 8.0)  # of the whole command beyond its start-up
Once = Callable[[], Awaitable[object]]


async def provider(url: str, count: int) -> list[float]:
    """A round through one of kit's providers."""
    from kit.events import Message, Request, Text
    from kit.patterns.run import run
    from kit.patterns.steps import Call, together
    from kit.providers import open_provider
    from kit.providers.config.profiles import Profile

    asked = Request((Message("user", (Text("hi"),)),))
    profile = Profile("m", api="openai-chat", base_url=url, model="m", max_concurrency=count)
    opened = open_provider(profile)

    async def once() -> None:
        steps = together([Call(asked) for _ in range(count)])
        calls = await run(steps, opened.stream, at_once=count)
        assert all(call.reply for call in calls), calls[0].error

    return [*await timed(once, count), *await timed(once, count)]


async def httpx2(url: str, count: int) -> list[float]:
    """The floor: a small client for each slot, as one client for all is quadratic. Their context
    trusts nobody and costs nothing; the events are parsed and thrown away."""
    import ssl

    import httpx2

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}]}
    async with contextlib.AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(httpx2.AsyncClient(verify=context, timeout=60))
            for _ in range(count)
        ]

        async def ask(client: httpx2.AsyncClient) -> None:
            async with client.stream("POST", f"{url}/chat/completions", json=body) as reply:
                async for line in reply.aiter_lines():
                    if line.startswith("data: {"):
                        json.loads(line[6:])

        async def once() -> None:
            await asyncio.gather(*map(ask, clients))

        return [*await timed(once, count), *await timed(once, count)]


async def timed(once: Once, count: int) -> tuple[float, float]:
    """Wall in multiples of the latency, CPU ms a request."""
    began, spent = time.perf_counter(), time.process_time()
    await once()
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    return wall * 1000 / LATENCY, cpu * 1000 / count


def alone(client: str, url: str, count: int) -> list[float]:
    """Cold and warm wall and CPU, in a process of its own."""
    argv = [sys.executable, "-m", "benchmarks.parallel", client, url, str(count)]
    found: list[float] = json.loads(ran(argv, os.environ, keep=True).printed)
    return found


def consensus(url: str, folder: str, samples: int, at_once: int) -> Ran:
    """One whole ``kit consensus``."""
    config = Path(folder, "kit.toml")
    config.write_text(
        f'[profiles.m]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="none"\n'
        f"max_concurrency={at_once}\n"
    )
    env = {**os.environ, "KIT_CONFIG": str(config), "XDG_STATE_HOME": folder}
    flags = ["-n", str(samples), "-j", str(at_once), "--stop", "none", "-q"]
    ended = ran([sys.executable, "-m", "kit", "consensus", *flags, "hi"], env)
    assert ended.code == 0, ended
    return ended


def row(url: str, folder: str, count: int, target: float) -> list[object]:
    """The best of a few rounds; the command's figures are what it takes beyond ``-n 1``."""
    ours, floor = [], []
    one, many = [], []
    for _ in range(ROUNDS):
        ours.append(alone("provider", url, count))
        floor.append(alone("httpx2", url, count))
        one.append(consensus(url, folder, 1, count))
        many.append(consensus(url, folder, count, count))
    wall = min(run.wall for run in many) - min(run.wall for run in one)
    memory = min(run.rss for run in many) - min(run.rss for run in one)
    best = [min(column) for rounds in (ours, floor) for column in zip(*rounds, strict=True)]
    return [count, *best, wall / LATENCY + 1, f"<= {target:g}", memory / count]


def main() -> None:
    if len(sys.argv) > 1:
        measured = {"provider": provider, "httpx2": httpx2}[sys.argv[1]]
        print(json.dumps(asyncio.run(measured(sys.argv[2], int(sys.argv[3])))))
        return
    with served(LATENCY) as url, tempfile.TemporaryDirectory() as folder:
        rows = [row(url, folder, *each) for each in zip(COUNTS, TARGETS, strict=True)]
    clients = [f"{client} {what}" for client in ("provider", "httpx2")
               for what in ("cold ×", "CPU ms", "warm ×", "CPU ms")]  # fmt: skip
    table(
        [f"{LATENCY} ms", *clients, "command ×", "target", "KiB each"],
        rows,
    )


if __name__ == "__main__":
    main()
