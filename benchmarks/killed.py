"""kill -9 at random moments of every pattern: what is lost, what is asked again, what comes out."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks._measure import table

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from command import Kit  # the tests' own door to the command
from kills import COMMANDS, ENDED, Bench, Record, missing
from loopback import serving

from kit.trace.runs import read

KILLS = 50
WITHIN = 0.5


def measured(pattern: str, kills: int) -> tuple[str, ...]:
    """One row: killed while it ran, listed, texts lost, requests asked again, other answers."""
    with tempfile.TemporaryDirectory() as home, serving() as server:
        bench = Bench(Kit(Path(home)), server)
        command, moments = COMMANDS[pattern], random.Random(f"{pattern} {kills}")
        answer, whole, seconds = bench.undisturbed(command)
        found: Counter[str] = Counter()
        began = time.monotonic()
        while found["killed"] < kills:
            path, moment = bench.kill(command, moments.uniform(0, seconds))
            status = read(path).status
            if status in ENDED:
                continue
            before = Record.of(path)
            found["killed"] += 1
            found["listed"] += status == "interrupted"
            found["lost"] += len(missing(bench, path, moment, WITHIN))
            found["had"] += before.replies.total()
            bench.clear()
            out = bench.kit("trace", "resume", path.stem).out
            found["same"] += out == answer
            found["again"] += (bench.asked() - (Counter(whole) - before.replies)).total()
        names = ("killed", "listed", "lost", "had", "again", "same")
        return (pattern, *(str(found[name]) for name in names), f"{time.monotonic() - began:.0f}")


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    share = [kills // len(COMMANDS) + (at < kills % len(COMMANDS)) for at in range(len(COMMANDS))]
    heads = (
        "pattern", "killed", "listed as interrupted", f"texts lost after {WITHIN} s",
        "replies recorded", "asked again", "same answer", "seconds",
    )  # fmt: skip
    rows = [measured(name, count) for name, count in zip(COMMANDS, share, strict=True)]
    table(heads, rows)


if __name__ == "__main__":
    main()
