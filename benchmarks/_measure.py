"""CPU and wall of whole processes, and tables of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence


def processes(
    argvs: Mapping[str, Sequence[str]], env: Mapping[str, str], rounds: int = 7
) -> dict[str, tuple[float, float, int]]:
    """Median CPU ms, median wall ms and peak RSS in KiB of each command, in turn round by round,
    so that a machine that drifts drifts for all of them. A first round is not counted."""
    seen: dict[str, list[tuple[float, float, int]]] = {name: [] for name in argvs}
    for _ in range(rounds + 1):
        for name, argv in argvs.items():
            began = time.perf_counter()
            process = subprocess.Popen(
                argv, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip
            _, _, usage = os.wait4(process.pid, 0)
            process.returncode = 0
            wall = time.perf_counter() - began
            cpu = usage.ru_utime + usage.ru_stime
            seen[name].append((cpu * 1000, wall * 1000, usage.ru_maxrss))
    return {
        name: (
            statistics.median(row[0] for row in rows[1:]),
            statistics.median(row[1] for row in rows[1:]),
            max(row[2] for row in rows[1:]),
        )
        for name, rows in seen.items()
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
