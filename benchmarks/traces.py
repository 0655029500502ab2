"""What the record of runs costs: to write while an answer streams, to read from 10,000 of them."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks._measure import processes, table
from benchmarks._mock import served
from kit.events import (
    CallSent,
    CallStarted,
    Event,
    Message,
    Replied,
    Request,
    RunFinished,
    RunStarted,
    Text,
    TextDelta,
    Usage,
    VoteCast,
    VoteClosed,
)
from kit.trace import index
from kit.trace.catalogue import counted, latest, search
from kit.trace.folders import place
from kit.trace.journal import Journal
from kit.trace.runs import listed
from kit.trace.ulid import ulid

RUNS = 10_000
TOKENS = (1_000, 5_000, 20_000)
CALLS = 3  # in each of the runs
QUESTION = "What does it mean that the disk is full although it is not? " * 3
ANSWER = "Look at the inodes: many small files use them up while blocks are still free. " * 4


def journal_cost() -> None:
    """CPU of a whole `kit ask` with its record and without, in turn."""
    rows = []
    for tokens in TOKENS:
        with served(tokens=tokens) as url, tempfile.TemporaryDirectory() as home:
            config = Path(home, "kit.toml")
            config.write_text(
                f'[profiles.m]\napi = "openai-chat"\nbase_url = "{url}"\n'
                'model = "m"\nkey = "none"\n'
            )
            env = {**os.environ, "HOME": home, "XDG_STATE_HOME": home, "KIT_CONFIG": str(config)}
            env.pop("KIT_STATE_DIR", None)
            ask = [sys.executable, "-m", "kit", "ask", "hi"]
            cost = processes({"with": ask, "without": [*ask, "--no-trace"]}, env, rounds=9)
        with_, without = cost["with"][0], cost["without"][0]
        share = f"{(with_ / without - 1) * 100:+.1f} %"
        rows.append([f"ask, {tokens:,} tokens", without, with_, share])
    table(["CPU ms", "no record", "recorded", "the record"], rows)


def events(run: str) -> list[Event]:
    asked = Request((Message("user", (Text(QUESTION),)),), profile="m", model="m")
    said: list[Event] = [RunStarted(kit="0", run=run, pattern="consensus")]
    for call in map(str, range(CALLS)):
        reply = Message("assistant", (Text(ANSWER),))
        said += [CallStarted(call, asked), CallSent(call, model="m"), TextDelta(call, ANSWER),
                 Replied(call, reply, usage=Usage(40, 60), model="m"),
                 VoteCast(call, int(call), "inodes")]  # fmt: skip
    result = {"status": "ok", "exit": 0, "answer": ANSWER, "elapsed_s": 1.0,
              "usage": {"calls": CALLS, "cost_usd": None}}  # fmt: skip
    return [*said, VoteClosed("", "inodes", {"inodes": 3.0}, "all"), RunFinished(result=result)]


def filled(folder: Path) -> None:
    """One run written by the journal, and the others with its bytes under names of their own."""
    first = ulid()
    journal = Journal.open(folder, first, later=lambda *_: None)
    for event in events(first):
        journal(event)
    journal.close()
    raw = place(folder, first).read_bytes()
    for _ in range(RUNS - 1):
        run = ulid()
        place(folder, run).write_bytes(raw.replace(first.encode(), run.encode()))


def timed(act: Callable[[], object]) -> list[float]:
    """CPU and wall in seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    return [time.process_time() - cpu, time.perf_counter() - wall]


def reading() -> None:
    with tempfile.TemporaryDirectory() as home:
        folder, cache = Path(home, "runs"), Path(home, "cache")
        filled(folder)
        rows: dict[str, Callable[[], object]] = {
            "the latest 20, no index yet": lambda: latest(folder, cache, 20),
            "index of all made": lambda: latest(folder, cache),
            "list of all": lambda: latest(folder, cache),
            "list of all, from the files": lambda: list(listed(folder)),
            "stats of all": lambda: counted(folder, cache),
            "search, 20 found": lambda: search(folder, cache, ["small files"], 20),
            "search, nothing found": lambda: search(folder, cache, ["no such words"], 20),
        }
        table(
            [f"{RUNS:,} runs of {CALLS} calls; s", "CPU", "wall"],
            [[name, *timed(act)] for name, act in rows.items()],
        )
        size = index.place(folder, cache).stat().st_size / 2**20
        print(f"index: {size:.0f} MiB")


def main() -> None:
    journal_cost()
    reading()


if __name__ == "__main__":
    main()
