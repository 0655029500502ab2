"""The built command as a user runs it: its own process, its own home, a loopback server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

KEY = "sk-test-4cZk9wQx7Lr2Vb8N"
"""The key that tests use: it must never be found in anything that was written."""

OURS = [path for path in sys.path if path and not path.startswith((sys.prefix, sys.base_prefix))]
"""The folders of the tests: what is installed a process finds by itself, sooner."""


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def object(self) -> Any:
        return json.loads(self.out)


@dataclass
class Kit:
    """``kit`` with nothing of the machine's own settings. ``toml`` is its configuration."""

    home: Path
    toml: str = ""
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home.mkdir(exist_ok=True)
        self.configure(self.toml)

    def configure(self, toml: str) -> None:
        self.config = self.home / "kit.toml"
        self.config.write_text(toml, encoding="utf-8")

    def serve(self, url: str, name: str = "m", **more: object) -> Kit:
        """A profile for this server, with a key from the environment."""
        rows = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
        self.toml += f'[profiles.{name}]\napi = "openai-chat"\nbase_url = "{url}"\n'
        self.toml += f"{'' if 'model' in more else f'model = {name!r}'}\n{rows}\n"
        self.configure(self.toml)
        self.environ[f"KIT_KEY_{name.upper()}"] = KEY
        return self

    def env(self) -> dict[str, str]:
        here = {"KIT_CONFIG": str(self.config), "HOME": str(self.home),
                "XDG_STATE_HOME": str(self.home / "state"), "LANG": "C.UTF-8",
                "XDG_CACHE_HOME": str(self.home / "cache"), "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(OURS)}  # fmt: skip
        return {**here, **self.environ}

    def argv(self, *args: str) -> list[str]:
        return [sys.executable, "-m", "kit", *args]

    def __call__(self, *args: str, stdin: str | bytes | None = None, **environ: str) -> Ran:
        data = stdin.encode() if isinstance(stdin, str) else stdin
        done = subprocess.run(
            self.argv(*args),
            env={**self.env(), **environ},
            input=data,
            stdin=subprocess.DEVNULL if data is None else None,
            capture_output=True,
            timeout=90,
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *args: str, **more: Any) -> subprocess.Popen[bytes]:
        """The command left running, its streams as pipes."""
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(self.argv(*args), env=self.env(), **{**pipes, **more})

    def interrupted(
        self, *args: str, when: Callable[[], bool], by: int = signal.SIGINT, times: int = 1
    ) -> Ran:
        """Run it, send a signal once ``when`` is true, and wait for its end."""
        process = self.start(*args)
        until(when)
        for _ in range(times):
            process.send_signal(by)
            time.sleep(0.05)
        out, err = process.communicate(timeout=30)
        return Ran(process.returncode, out.decode(), err.decode())

    def written(self) -> bytes:
        """Everything that lies in this home."""
        files = (path for path in self.home.rglob("*") if path.is_file())
        return b"".join(path.read_bytes() for path in files)

    def runs(self) -> list[Path]:
        return sorted((self.home / "state").rglob("*.jsonl"))

    def records(self) -> list[dict[str, Any]]:
        """Every record of the latest run."""
        return [json.loads(line) for line in self.runs()[-1].read_text().splitlines()]


def until(true: Callable[[], bool], seconds: float = 30) -> None:
    """Wait until something is so; an assertion when it does not come."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)
