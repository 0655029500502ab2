"""CPU and wall of whole processes, and tables of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ran:
    """One whole process: CPU and wall in ms, peak RSS in KiB, exit code, what it printed."""

    cpu: float
    wall: float
    rss: int
    code: int
    printed: str = ""


def ran(argv: Sequence[str], env: Mapping[str, str], *, keep: bool = False) -> Ran:
    """Run this command to its end; stdout is read only to ``keep`` it."""
    began = time.perf_counter()
    process = subprocess.Popen(
        argv, env=dict(env), stdin=subprocess.DEVNULL, text=True, stderr=subprocess.DEVNULL,
        stdout=subprocess.PIPE if keep else subprocess.DEVNULL,
    )  # fmt: skip
    printed = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall, cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return Ran(cpu * 1000, wall * 1000, usage.ru_maxrss, process.returncode, printed)


def processes(
    argvs: Mapping[str, Sequence[str]], env: Mapping[str, str], rounds: int = 7
) -> dict[str, tuple[float, float, int]]:
    """Median CPU ms, median wall ms and peak RSS in KiB of each command, in turn round by round,
    so that a machine that drifts drifts for all of them. A first round is not counted."""
    seen: dict[str, list[Ran]] = {name: [] for name in argvs}
    for _ in range(rounds + 1):
        for name, argv in argvs.items():
            seen[name].append(ran(argv, env))
    return {
        name: (
            statistics.median(one.cpu for one in runs[1:]),
            statistics.median(one.wall for one in runs[1:]),
            max(one.rss for one in runs[1:]),
        )
        for name, runs in seen.items()
    }


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Rows in columns, numbers to the right."""
    cells = [list(map(str, head)), *(list(map(_shown, row)) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        first, *rest = zip(row, widths, strict=True)
        print(first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest), sep="  ")
    sys.stdout.flush()


def _shown(value: object) -> str:
    return (
        f"{value:.2f}"
        if isinstance(value, float) and value < 100
        else (f"{value:.0f}" if isinstance(value, float) else str(value))
    )
