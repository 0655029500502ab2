"""A server on 127.0.0.1 that says exactly the bytes that a test wrote for it.

A script is a list of steps: bytes are sent, a number sleeps so many seconds, RESET breaks the
connection off, HANG waits until the client goes, CLOSE ends the connection cleanly. A script that
ends without one of the last three keeps the connection for the next request. A function from the
request to a script computes the answer.
"""

from __future__ import annotations

import asyncio
import gzip as gz
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

RESET, HANG, CLOSE = "reset", "hang", "close"
Step = bytes | float | str
Script = list[Step]
Answer = Script | Callable[["Seen"], Script]
PATIENCE = 30.0  # seconds: nothing here lasts longer


@dataclass
class Seen:
    """A request as it came. ``closed_after``: seconds until the client closed the connection while
    the answer was being sent; None when it did not."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int
    raw_headers: bytes = b""
    closed_after: float | None = None
    closed: threading.Event = field(default_factory=threading.Event)

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """``requests`` holds what came. Scripts given with ``script`` are used one a request, in
    order; then ``default`` answers; without one the answer is 500."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Seen] = []
        self.connections = 0
        self.default: Answer | None = None
        self._scripts: list[Answer] = []
        self._tls = tls
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.port = 0

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    @property
    def base(self) -> str:
        return f"{self.url}/v1"

    def script(self, *answers: Answer) -> Server:
        self._scripts.extend(answers)
        return self

    def start(self) -> Server:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls, backlog=2048)
        )
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        try:
            while (seen := await _read(reader, number)) is not None:
                self.requests.append(seen)
                if not await self._answer(seen, reader, writer):
                    return
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError):
            pass
        finally:
            writer.close()

    def _next(self, seen: Seen) -> Script:
        answer = self._scripts.pop(0) if self._scripts else self.default
        if answer is None:
            return error(500, {"error": {"message": "the test gave no script for this request"}})
        return answer(seen) if callable(answer) else answer

    async def _answer(
        self, seen: Seen, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """True when the connection may be used again."""
        began = time.monotonic()
        try:
            for step in self._next(seen):
                match step:
                    case bytes():
                        writer.write(step)
                        await writer.drain()
                    case str():
                        return await _end(step, reader, writer)
                    case _:
                        await _wait(reader, float(step))
        except (ConnectionError, EOFError):
            seen.closed_after = time.monotonic() - began
            seen.closed.set()
            return False
        return True


async def _end(step: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    if step == HANG:
        await _wait(reader, PATIENCE)
    if step == RESET:
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    return False


async def _wait(reader: asyncio.StreamReader, seconds: float) -> None:
    """Sleep; EOFError as soon as the client has closed the connection."""
    try:
        if not await asyncio.wait_for(reader.read(1), seconds):
            raise EOFError
    except TimeoutError:
        pass


async def _read(reader: asyncio.StreamReader, number: int) -> Seen | None:
    try:
        first = await asyncio.wait_for(reader.readexactly(1), PATIENCE)
        if first == b"\x16":  # a TLS handshake, which a web server answers with a plain 400
            return None
        head = first + await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
    except asyncio.IncompleteReadError:
        return None
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value.strip() for name, _, value in (one.partition(":") for one in lines)
    }
    method, path, _ = line.split(" ", 2)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method, path, headers, body, number, head)


@contextmanager
def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(tls).start()
    try:
        yield server
    finally:
        server.stop()


# --- builders of scripts --------------------------------------------------------------------------
def head(status: int = 200, headers: Mapping[str, str] | None = None) -> bytes:
    lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"HTTP/1.1 {status} Status\r\n{lines}\r\n".encode("latin-1")


def response(
    body: bytes | Any, status: int = 200, headers: Mapping[str, str] | None = None
) -> Script:
    """A whole answer with its length; what is not bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"Content-Type": "application/json", "Content-Length": str(len(data))}
    return [head(status, named | dict(headers or {})) + data]


def error(status: int, body: bytes | Any, headers: Mapping[str, str] | None = None) -> Script:
    return response(body, status, headers)


def refusal(
    status: int, message: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Script:
    """An error as most servers write it."""
    return error(status, {"error": {"message": message, **more}}, headers)


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


LAST = chunk(b"")
EVENTS = {"Content-Type": "text/event-stream"}


def event(data: Any) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


def delta(text: str = "", finish: str | None = None, **more: Any) -> bytes:
    """One event of an openai-chat stream."""
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return event({"id": "c-1", "model": "m-1", "choices": [choice], **more})


USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def chat_events(
    *texts: str,
    finish: str | None = "stop",
    usage: Mapping[str, Any] | None = USAGE,
    done: bool = True,
) -> list[bytes]:
    events = [delta(text) for text in texts]
    events += [delta(finish=finish)] if finish else []
    events += [event({"id": "c-1", "choices": [], "usage": dict(usage)})] if usage else []
    return events + ([event(b"[DONE]")] if done else [])


def chat_stream(
    *texts: str,
    finish: str | None = "stop",
    usage: Mapping[str, Any] | None = USAGE,
    done: bool = True,
    delay: float = 0.0,
    gzip: bool = False,
    headers: Mapping[str, str] | None = None,
) -> Script:
    """The answer of an openai-chat server, one chunk an event, ``delay`` seconds before each."""
    pieces = chat_events(*texts, finish=finish, usage=usage, done=done)
    named = EVENTS | ({"Content-Encoding": "gzip"} if gzip else {}) | dict(headers or {})
    if gzip:
        pieces = [gz.compress(b"".join(pieces))]
    steps: Script = [head(200, named | {"Transfer-Encoding": "chunked"})]
    for piece in pieces:
        steps += [delay, chunk(piece)] if delay else [chunk(piece)]
    return [*steps, LAST]


def cut(*texts: str, how: Step = CLOSE) -> Script:
    """A stream that ends after these texts: CLOSE without the last chunk, RESET, HANG, or LAST
    (a clean end, only too early)."""
    named = EVENTS | {"Transfer-Encoding": "chunked"}
    return [head(200, named), *(chunk(delta(text)) for text in texts), 0.02, how]


def until_close(*pieces: bytes, headers: Mapping[str, str] = EVENTS) -> Script:
    """A body without framing: it ends when the connection does."""
    return [head(200, headers), *pieces, CLOSE]


def drip(data: bytes, every: float, times: int) -> Script:
    """The head of a stream, then ``data`` every so many seconds."""
    named = EVENTS | {"Transfer-Encoding": "chunked"}
    return [head(200, named), *([every, chunk(data)] * times)]


def reset() -> Script:
    return [RESET]


def hang() -> Script:
    return [HANG]


def certified(folder: Path, address: str) -> ssl.SSLContext:
    """A server context with a new self-signed certificate for this IP address, in cert.pem."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(certificate.public_bytes(pem))
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
