"""An openai-chat server for benchmarks: another process, raw asyncio, canned bytes.

python -m benchmarks._mock LATENCY_MS TOKENS      # prints its port; ends with its stdin
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator


def body(tokens: int) -> bytes:
    """The whole stream of an answer of so many tokens."""

    def event(choice: dict[str, object], **more: object) -> bytes:
        data = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "mock",
                "choices": [choice], **more}  # fmt: skip
        return b"data: " + json.dumps(data).encode() + b"\n\n"

    deltas = b"".join(
        event({"index": 0, "delta": {"content": f"word{n % 10} "}, "finish_reason": None})
        for n in range(tokens)
    )
    usage = {"prompt_tokens": 10, "completion_tokens": tokens, "total_tokens": 10 + tokens}
    end = event({"index": 0, "delta": {}, "finish_reason": "stop"}, usage=usage)
    return deltas + end + b"data: [DONE]\n\n"


class Mock(asyncio.Protocol):
    latency = 0.0
    reply = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)  # fmt: skip
        if len(rest) >= length:
            self.data = rest[length:]
            asyncio.get_running_loop().call_later(self.latency, self.answer)

    def answer(self) -> None:
        if not self.transport.is_closing():
            self.transport.write(self.reply)


async def serve(latency_ms: float, tokens: int) -> None:
    stream = body(tokens)
    head = (f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
            f"Content-Length: {len(stream)}\r\n\r\n")  # fmt: skip
    Mock.latency, Mock.reply = latency_ms / 1000, head.encode() + stream
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Mock, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(gone.set)), daemon=True
    ).start()
    await gone.wait()


@contextlib.contextmanager
def served(latency_ms: float = 0.0, tokens: int = 3) -> Iterator[str]:
    """The base URL of a mock server that ends with the block."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._mock", str(latency_ms), str(tokens)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(10)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1]), int(sys.argv[2])))
