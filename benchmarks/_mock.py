"""An openai-chat server for benchmarks: another process, raw asyncio, canned bytes.

python -m benchmarks._mock LATENCY_MS TOKENS TEXTS STATUS  # prints its port; ends with stdin

It answers with an event stream where the request asks for one, else with one JSON body; to every
path, but a GET, which is told how many requests there were since the last one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Sequence
from itertools import cycle

STREAMED = re.compile(rb'"stream": ?true')


def streamed(words: Sequence[str]) -> bytes:
    """The event stream of an answer of these words, each a token."""

    def event(choice: dict[str, object], **more: object) -> bytes:
        data = {"id": "c-1", "object": "chat.completion.chunk", "created": 1, "model": "mock",
                "choices": [choice], **more}  # fmt: skip
        return b"data: " + json.dumps(data).encode() + b"\n\n"

    deltas = b"".join(
        event({"index": 0, "delta": {"content": word}, "finish_reason": None}) for word in words
    )
    end = event({"index": 0, "delta": {}, "finish_reason": "stop"}, usage=usage(words))
    return deltas + end + b"data: [DONE]\n\n"


def whole(words: Sequence[str]) -> bytes:
    """The same answer as one body."""
    message = {"role": "assistant", "content": "".join(words)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"id": "c-1", "object": "chat.completion", "created": 1, "model": "mock",
                       "choices": [choice], "usage": usage(words)}).encode()  # fmt: skip


def usage(words: Sequence[str]) -> dict[str, int]:
    return {"prompt_tokens": 10, "completion_tokens": len(words), "total_tokens": 10 + len(words)}


def response(body: bytes, media: str, status: int = 200) -> bytes:
    head = f"HTTP/1.1 {status} -\r\nContent-Type: {media}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class Mock(asyncio.Protocol):
    latency = 0.0
    replies: Iterator[tuple[bytes, bytes]]  # the next answer: as a stream, as one body
    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.data = transport, b""

    def data_received(self, data: bytes) -> None:
        self.data += data
        head, found, rest = self.data.partition(b"\r\n\r\n")
        if not found:
            return
        if head.startswith(b"GET"):
            self.told()
            return
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)  # fmt: skip
        if len(rest) >= length:
            body, self.data = rest[:length], rest[length:]
            Mock.count += 1
            reply = next(self.replies)[0 if STREAMED.search(body) else 1]
            asyncio.get_running_loop().call_later(self.latency, self.answer, reply)

    def answer(self, reply: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(reply)

    def told(self) -> None:
        self.transport.write(response(str(Mock.count).encode(), "text/plain"))
        self.data, Mock.count = b"", 0


def replies(tokens: int, texts: Sequence[str], status: int) -> Iterator[tuple[bytes, bytes]]:
    """The answers in turn, for ever: these texts, or ``tokens`` words, or an error."""
    if status != 200:
        error = response(b'{"error": {"message": "out of order"}}', "application/json", status)
        return cycle([(error, error)])
    answers = [[text] for text in texts] or [[f"word{n % 10} " for n in range(tokens)]]
    return cycle(
        (response(streamed(words), "text/event-stream"), response(whole(words), "application/json"))
        for words in answers
    )


async def serve(latency_ms: float, tokens: int, texts: Sequence[str], status: int) -> None:
    Mock.latency, Mock.replies = latency_ms / 1000, replies(tokens, texts, status)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Mock, "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()
    threading.Thread(
        target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(gone.set)), daemon=True
    ).start()
    await gone.wait()


@contextlib.contextmanager
def served(
    latency_ms: float = 0.0, tokens: int = 3, texts: Sequence[str] = (), status: int = 200
) -> Iterator[str]:
    """The base URL of a mock server that ends with the block. It gives ``texts`` in turn, for
    ever, or else so many ``tokens``."""
    canned = [str(latency_ms), str(tokens), json.dumps(texts), str(status)]
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks._mock", *canned],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin
    assert process.stdout
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.stdin.close()
        process.wait(10)


def calls(url: str) -> int:
    """How many requests came since this was asked the last time."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return int(answer.read())


if __name__ == "__main__":
    asyncio.run(
        serve(float(sys.argv[1]), int(sys.argv[2]), json.loads(sys.argv[3]), int(sys.argv[4]))
    )
