"""A real shell with completion for kit, which is typed into; what kit is called with is kept."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import pytest
from command import Kit, until

COMPLETIONS = Path(__file__).resolve().parents[1] / "completions"

FLAGS = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}
SETUP = {
    "bash": ["bind 'set bell-style none'", f". '{COMPLETIONS}/kit.bash'"],
    "zsh": ["autoload -Uz compinit", "compinit -D -u", f". '{COMPLETIONS}/_kit'"],
    "fish": [f"source '{COMPLETIONS}/kit.fish'"],
}

COMMAND = """\
import json, os, sys
if sys.argv[1:2] == ["complete"]:
    with open({asked!r}, "a") as file:
        file.write(json.dumps(sys.argv[2:]) + "\\n")
    os.execv({python!r}, [{python!r}, "-m", "kit", *sys.argv[1:]])
with open({called!r}, "a") as file:
    file.write(json.dumps(sys.argv[1:]) + "\\n")
"""
"""Stands for kit in the shell: asks kit for names, and only writes down all other calls."""


@dataclass
class Shell:
    """``asked``: what completion asked kit, ``called``: the arguments of every other call."""

    kit: Kit
    name: str
    flags: Sequence[str] | None = None
    setup: Sequence[str] | None = None
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        program = shutil.which(self.name)
        if not program:
            pytest.skip(f"no {self.name} here (.ci/run installs it)")
        self.folder = self.kit.home / "here"
        self.folder.mkdir(exist_ok=True)
        self.child = pexpect.spawn(
            program,
            list(FLAGS[self.name] if self.flags is None else self.flags),
            env={**self.kit.env(), **self.environ, "PATH": self._path(), "TERM": "xterm"},  # type: ignore[arg-type]  # takes str
            cwd=str(self.folder), encoding="utf-8", timeout=60, dimensions=(24, 200),
        )  # fmt: skip
        for line in SETUP[self.name] if self.setup is None else self.setup:
            self.child.sendline(line)
        assert self("kit ready") == ["ready"]

    def _path(self) -> str:
        folder = self.kit.home / "bin"
        folder.mkdir(exist_ok=True)
        said = {"asked": str(self.kit.home / "asked"), "called": str(self.kit.home / "called")}
        script = COMMAND.format(python=sys.executable, **said)
        (folder / "kit").write_text(f"#!{sys.executable} -IS\n{script}")
        (folder / "kit").chmod(0o755)
        return f"{folder}:{self.kit.env()['PATH']}"

    def __call__(self, keys: str) -> list[str]:
        """Type this, then Enter: what kit was called with."""
        before = len(self._lines("called"))
        self.child.send(f"{keys}\r")
        until(lambda: self._read() and len(self._lines("called")) > before, 60)
        found: list[str] = self._lines("called")[-1]
        return found

    def _read(self) -> bool:
        """What the shell writes has to go somewhere, or it waits."""
        try:
            while self.child.read_nonblocking(65536, timeout=0):
                pass
        except pexpect.TIMEOUT:
            pass
        return True

    @property
    def asked(self) -> list[list[str]]:
        return self._lines("asked")

    def _lines(self, name: str) -> list[list[str]]:
        path = self.kit.home / name
        text = path.read_text() if path.exists() else ""
        return [json.loads(line) for line in text.splitlines()]

    def close(self) -> None:
        self.child.close(force=True)
