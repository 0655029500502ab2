"""A streamed Markdown answer on a real terminal of 80 × 24: bytes, rows up, CPU; and rich's Live.

    python -m benchmarks terminal

The answer of 4,560 bytes comes from a loopback server, four characters an event, one event every
2 ms, as a fast model writes. Each program is a process of its own on a pseudo-terminal; its CPU is
compared with the same program in a pipe (for rich: with a script that prints the text as it comes).
"""

from __future__ import annotations

import json
import os
import pty
import re
import socketserver
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from benchmarks._measure import table
from benchmarks.markdown import SAMPLE

SIZE = 4560  # bytes of the answer
PACE_S = 0.002
ROUNDS = 3

READ = """
import json, sys, httpx2
def texts():
    with httpx2.stream("POST", sys.argv[1] + "/chat/completions", json={"model": "m"}) as reply:
        for line in reply.iter_lines():
            if line.startswith("data: {"):
                yield json.loads(line[6:])["choices"][0]["delta"].get("content") or ""
"""
PLAIN = READ + "for text in texts(): print(text, end='', flush=True)\n"
LIVE = """
from rich.live import Live
from rich.markdown import Markdown
whole = ""
with Live(**{settings}) as live:
    for text in texts():
        whole += text
        live.update(Markdown(whole), refresh={refresh})
"""
EACH = LIVE.format(settings={"auto_refresh": False}, refresh=True)
TENTH = LIVE.format(settings={"refresh_per_second": 10}, refresh=False)


class Paced(BaseHTTPRequestHandler):
    answer = ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        began = time.monotonic()
        for number, at in enumerate(range(0, len(self.answer), 4)):
            delta = {"content": self.answer[at : at + 4]}
            self._say({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
            time.sleep(max(began + number * PACE_S - time.monotonic(), 0))
        self._say({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
        self.wfile.write(b"data: [DONE]\n\n")

    def _say(self, event: object) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")

    def log_request(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def served(size: int) -> Iterator[str]:
    Paced.answer = (SAMPLE * (size // len(SAMPLE) + 1))[:size]
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Paced) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@dataclass(frozen=True, slots=True)
class Shown:
    """What arrived, and the CPU seconds of the process."""

    data: bytes
    cpu: float

    @property
    def ups(self) -> int:
        return sum(int(n or 1) for n in re.findall(rb"\x1b\[(\d*)A", self.data))


def shown(argv: Sequence[str], env: Mapping[str, str], *, terminal: bool) -> Shown:
    import fcntl
    import termios

    ours, theirs = pty.openpty() if terminal else os.pipe()
    if terminal:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        argv, env=env, stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL
    )
    os.close(theirs)
    data = b""
    try:
        while piece := os.read(ours, 65536):
            data += piece
    except OSError:  # a terminal ends this way
        pass
    os.close(ours)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, argv
    return Shown(data, usage.ru_utime + usage.ru_stime)


def compared(
    argv: Sequence[str], bare: Sequence[str], env: Mapping[str, str], rounds: int
) -> tuple[Shown, float, float]:
    """On a terminal; CPU seconds there (the median) and above that in a pipe."""
    pairs = [
        (shown(argv, env, terminal=True), shown(bare, env, terminal=False)) for _ in range(rounds)
    ]
    cpu = statistics.median(there.cpu for there, _ in pairs)
    return pairs[0][0], cpu, cpu - statistics.median(piped.cpu for _, piped in pairs)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "kit.toml")
        env = {**os.environ, "KIT_CONFIG": str(config), "XDG_STATE_HOME": folder,
               "TERM": "xterm-256color", "LANG": "C.UTF-8"}  # fmt: skip
        kit = [sys.executable, "-m", "kit", "ask", "hi"]
        rows = []
        for times in (1, 2, 4):
            with served(SIZE * times) as url:
                config.write_text(
                    f'[profiles.m]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="none"\n'
                )
                rows.append(_row("kit ask", SIZE * times, *compared(kit, kit, env, ROUNDS)))
                if times > 1:
                    continue
                scripts = {"rich Live, 10 a second": (READ + TENTH, ROUNDS),
                           "rich Live, every chunk": (READ + EACH, 1)}  # fmt: skip
                for name, (script, rounds) in scripts.items():
                    argvs = [[sys.executable, "-c", code, url] for code in (script, PLAIN)]
                    rows.append(_row(name, SIZE, *compared(argvs[0], argvs[1], env, rounds)))
    table(["", "bytes", "written", "× bytes", "rows up", "CPU s", "above a pipe"], rows)


def _row(name: str, size: int, there: Shown, cpu: float, above: float) -> list[object]:
    return [name, size, len(there.data), len(there.data) / size, there.ups, cpu, above]


if __name__ == "__main__":
    main()
