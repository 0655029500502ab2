"""A fresh folder, a fresh home, the real command on PATH: where a recipe is run as it stands."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from command import Ran
from loopback import Script, Seen, Server, chat_stream, refusal
from recipes.page import Block, Recipe

Says = str | Callable[[str], str]
"""What a model answers: always this, or what a function makes of the prompt."""


@dataclass
class Place:
    """``folder`` is the current folder of the blocks. ``environ`` is all that they see of the
    environment: nothing of the machine's own but the folders of its programs."""

    recipe: Recipe
    root: Path
    server: Server
    environ: dict[str, str] = field(default_factory=dict)
    toml: str = ""
    voices: dict[str, Says] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder, self.home, self.bin = (self.root / each for each in ("here", "home", "bin"))
        for each in (self.folder, self.home, self.bin):
            each.mkdir(parents=True)
        self.config = self.home / ".config" / "kit" / "config.toml"
        self.config.parent.mkdir(parents=True)
        self.environ = {"HOME": str(self.home), "PATH": f"{self.bin}:{os.environ['PATH']}",
                        "LANG": "C.UTF-8", **self.environ}  # fmt: skip
        self._commands()
        for name, text in self.recipe.files.items():
            self.file(name, text)

    def _commands(self) -> None:
        """The installed command, and a ``python3`` that is there for certain."""
        installed = Path(sys.executable).with_name("kit")
        kit = f'{installed} "$@"' if installed.exists() else f'{sys.executable} -m kit "$@"'
        self.program("kit", f"#!/bin/sh\nexec {kit}\n")
        self.program("python3", f'#!/bin/sh\nexec {sys.executable} "$@"\n')

    # --- what is there before ---------------------------------------------------------------------
    def file(self, name: str, text: str = "") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def program(self, name: str, text: str) -> Path:
        """A stand-in for a program that does not have to be here, or must not be used."""
        path = self.bin / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def profile(self, name: str, rows: str) -> None:
        """The first one is the default."""
        self.toml = self.toml or f'default_profile = "{name}"\n'
        self.toml += f"[profiles.{name}]\n{rows}\n"
        self.config.write_text(self.toml, encoding="utf-8")

    def fake(self, name: str, *replies: str) -> None:
        """A profile whose scripted provider gives these replies (TOML values), in each process
        from the first one on."""
        self.profile(name, f'api = "fake"\nmodel = "m"\nreplies = [{", ".join(replies)}]')

    def served(self, name: str, says: Says, more: str = 'key = "none"') -> None:
        """A profile of the loopback server, whose model has the profile's name."""
        where = f'api = "openai-chat"\nbase_url = "{self.server.base}"\nmodel = "{name}"'
        self.profile(name, f"{where}\nretries = 0\n{more}")
        self.voices[name] = says
        self.server.default = answering(self.voices)

    def git(self, *words: str) -> str:
        env = {**self.environ, "GIT_CONFIG_GLOBAL": "/dev/null"}
        done = subprocess.run(
            ["git", *words], cwd=self.folder, env=env, capture_output=True, text=True, check=True
        )
        return done.stdout

    # --- the recipe -------------------------------------------------------------------------------
    def script(self, block: Block) -> list[str]:
        """The block, unchanged, as a script of its shell."""
        path = self.root / f"block-{block.line}"
        path.write_text(block.text, encoding="utf-8")
        return [needed(block.language), str(path)]

    def run(self, code: int = 0, **environ: str) -> Ran:
        """All shell blocks of the recipe, one after the other. The last exit code is ``code``; what
        is printed is what the page shows, when it was to work."""
        out, err, last = "", "", 0
        for block in self.recipe.scripts:
            ran = self.command(self.script(block), **environ)
            out, err, last = out + ran.out, err + ran.err, ran.code
        assert last == code, (last, out, err)
        if code == 0 and self.recipe.printed is not None:
            assert (out, err) == (self.recipe.printed, err)
        return Ran(last, out, err)

    def command(self, argv: list[str], stdin: str | None = None, **environ: str) -> Ran:
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}
        done = subprocess.run(
            argv, cwd=self.folder, env={**self.environ, **environ}, capture_output=True,
            text=True, timeout=90, check=False, **given,
        )  # fmt: skip
        return Ran(done.returncode, done.stdout, done.stderr)

    # --- what is there after ----------------------------------------------------------------------
    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def names(self) -> list[str]:
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*.*"))

    def record(self) -> str:
        """The file of the latest run."""
        runs = self.home / ".local" / "state" / "kit" / "runs"
        return max(runs.rglob("*.jsonl")).read_text(encoding="utf-8")

    def asked(self) -> list[str]:
        """The last message of each request that the server got."""
        return [prompt(seen) for seen in self.server.requests]


def prompt(seen: Seen) -> str:
    return str(seen.json["messages"][-1]["content"])


def answering(says: dict[str, Says]) -> Callable[[Seen], Script]:
    def answer(seen: Seen) -> Script:
        voice = says[seen.json["model"]]
        text = voice if isinstance(voice, str) else voice(prompt(seen))
        return refusal(503, "busy") if text == DOWN else chat_stream(text)

    return answer


DOWN = "\0down"
"""Instead of an answer: the provider is overloaded."""


def needed(program: str) -> str:
    """Its path; the test is skipped, with its name, where it is not."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"there is no {program} here")
    return path
