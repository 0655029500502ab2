"""What a TAB costs: from the key to the word on the screen of a real shell."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pexpect

from benchmarks._measure import processes, table

ROOT = Path(__file__).resolve().parents[1]
TURNS = 15
TABS = {
    "a command": ("kit consen", "sus"),
    "a command of a group": ("kit trace sea", "rch"),
    "a flag": ("kit trace show --form", "at"),
    "a flag among fifty": ("kit consensus --min-agr", "eement"),
    "a choice": ("kit ask --color alw", "ays"),
    "a profile: asks kit": ("kit ask -p slow-o", "ne"),
}
"""What is completed: what was typed, and what TAB adds."""

STARTS = {
    "bash": (["--norc", "--noprofile"], "bind 'set bell-style none'; PS1=; . completions/kit.bash"),
    "zsh": (["-f"], "PS1=; autoload -Uz compinit; compinit -D -u; . completions/_kit"),
    "fish": (["--no-config"], "function fish_prompt; end; source completions/kit.fish"),
}


def main() -> None:
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        env = _home(Path(folder))
        for shell in filter(shutil.which, STARTS):
            rows += [[shell, *row] for row in _shell(shell, env, Path(folder, "asked"))]
        asked = {"kit complete": [sys.executable, "-m", "kit", "complete", "profiles", "slow-o"]}
        cpu, wall, _ = processes(asked, env)["kit complete"]
    table(["shell", "what", "first ms", "median ms", "kit started"], rows)
    print(f"\nkit complete profiles: {cpu:.0f} ms of CPU, {wall:.0f} ms in all")


def _home(folder: Path) -> dict[str, str]:
    """A kit that writes down that it was started, and one profile."""
    command = folder / "bin" / "kit"
    command.parent.mkdir()
    asked = folder / "asked"
    asked.touch()
    command.write_text(f'#!/bin/sh\necho x >> {asked}\nexec {sys.executable} -m kit "$@"\n')
    command.chmod(0o755)
    config = folder / "kit.toml"
    config.write_text('[profiles.slow-one]\napi = "fake"\n')
    path = f"{command.parent}:{os.environ['PATH']}"
    kept = {"PATH": path, "KIT_CONFIG": str(config), "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    return {**kept, "TERM": "xterm", "LANG": "C.UTF-8"}


def _shell(shell: str, env: dict[str, str], asked: Path) -> Iterator[list[object]]:
    with _opened(shell, env) as child:
        for what, (typed, added) in TABS.items():
            before = len(asked.read_text())
            times = [_tab(child, typed, added) for _ in range(TURNS)]
            started = (len(asked.read_text()) - before) // 2 / TURNS
            yield [what, times[0], statistics.median(times[1:]), f"{started:g} ×"]


@contextmanager
def _opened(shell: str, env: dict[str, str]) -> Iterator[pexpect.spawn[str]]:
    flags, setup = STARTS[shell]
    child = pexpect.spawn(
        shell, flags, env=env, cwd=str(ROOT), encoding="utf-8", timeout=20,  # type: ignore[arg-type]  # env takes str
        dimensions=(24, 120),
    )  # fmt: skip
    child.delaybeforesend = None
    try:
        child.sendline(f'{setup}; echo rea""dy')
        child.expect("ready")
        yield child
    finally:
        child.close(force=True)


def _tab(child: pexpect.spawn[str], typed: str, added: str) -> float:
    """Milliseconds from the key to the last letter that it adds."""
    child.send(typed)
    _quiet(child)
    began = time.perf_counter()
    child.send("\t")
    child.expect_exact(added)
    took = (time.perf_counter() - began) * 1000
    child.sendcontrol("u")
    _quiet(child)
    return took


def _quiet(child: pexpect.spawn[str]) -> None:
    """Until nothing more comes for a moment."""
    try:
        while child.read_nonblocking(4096, timeout=0.12):
            pass
    except pexpect.TIMEOUT:
        pass


if __name__ == "__main__":
    main()
