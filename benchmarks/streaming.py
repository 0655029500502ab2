"""CPU a token of a streamed answer, burst after burst: it must not grow with the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from benchmarks._measure import table
from benchmarks._mock import served
from kit.events import Message, Request, Text, TextDelta
from kit.providers import open_provider
from kit.providers.config.profiles import Profile

SIZES = (1_000, 5_000, 20_000, 50_000)
ASKED = Request((Message("user", (Text("hi"),)),))


async def with_kit(url: str) -> int:
    provider = open_provider(Profile("m", api="openai-chat", base_url=url, model="m"))
    size = 0
    async for event in provider.stream(ASKED):
        if isinstance(event, TextDelta):
            size += len(event.text)
    await provider.aclose()  # type: ignore[attr-defined]  # an endpoint has it
    return size


async def with_httpx2(url: str) -> int:
    import json

    import httpx2

    size = 0
    async with (
        httpx2.AsyncClient() as client,
        client.stream("POST", f"{url}/chat/completions", json={"model": "m"}) as reply,
    ):
        async for line in reply.aiter_lines():
            if line.startswith("data: {"):
                delta = json.loads(line[6:])["choices"][0]["delta"]
                size += len(delta.get("content") or "")
    return size


async def with_openai(url: str) -> int:
    import openai

    size = 0
    client = openai.AsyncOpenAI(base_url=url, api_key="k")
    stream = await client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    async for chunk in stream:
        size += len(chunk.choices[0].delta.content or "")
    await client.close()
    return size


def cpu_us(ask: Callable[[str], Awaitable[int]], url: str, tokens: int) -> float:
    """The least of three runs, in µs of CPU a token."""

    async def once() -> float:
        began = time.process_time()
        assert await ask(url) > tokens
        return time.process_time() - began

    asyncio.run(once())
    return min(asyncio.run(once()) for _ in range(3)) * 1e6 / tokens


def main() -> None:
    clients: dict[str, Callable[[str], Awaitable[int]]] = {"kit": with_kit, "httpx2": with_httpx2}
    try:
        import openai  # noqa: F401  # only to know

        clients["openai SDK"] = with_openai
    except ImportError:
        print("(openai's SDK is not installed: left out)")
    rows: dict[str, list[float]] = {name: [] for name in clients}
    for tokens in SIZES:
        with served(tokens=tokens) as url:
            for name, ask in clients.items():
                rows[name].append(cpu_us(ask, url, tokens))
    table(
        ["µs CPU a token, tokens:", *map(str, SIZES)],
        [[name, *figures] for name, figures in rows.items()],
    )


if __name__ == "__main__":
    main()
