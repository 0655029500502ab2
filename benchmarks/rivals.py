"""``kit consensus`` beside the two tools that come nearest, on the same mock server.

They are installed by name into an environment of their own in the user's cache, where they stay;
where they cannot be installed, this benchmark says so and ends.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks._environments import environment, told
from benchmarks._measure import Ran, ran, table
from benchmarks._mock import calls, served

PACKAGES = ("executionkit==0.4.0", "conclave-cli==1.3.0")
NEWEST = Path(__file__).parent.parent / "scripts" / "python.sh"  # executionkit fails on 3.11
LATENCY, PLAN, ROUNDS = 100, 9, 3
MOCKS: Mapping[str, tuple[Sequence[str], int]] = {
    "all agree": (["A"], 200),
    "2 of 9 differ": (["A", "A", "B", "A", "A", "A", "B", "A", "A"], 200),
    "no reply has a vote": (["I cannot say."], 200),
    "every reply is empty": ([""], 200),
    "every call fails: 500": ([], 500),
}
QUESTION = "Is 2027 a prime number? A: yes, B: no"
EXECUTIONKIT = f"""
import asyncio, sys
from executionkit import Provider, consensus

async def main():
    async with Provider(base_url=sys.argv[1], model="m") as provider:
        result = await consensus(provider, sys.argv[2], num_samples={PLAN}, max_concurrency={PLAN})
        print(result.value)

asyncio.run(main())
"""


def commands(tools: Path, url: str, folder: Path) -> Mapping[str, Sequence[str]]:
    """Each takes its defaults, but for the plan of nine at once."""
    kit = [sys.executable, "-m", "kit", "consensus", "-n", str(PLAN), "--choices", "A,B"]
    members = ",".join(f"m{n}" for n in range(PLAN))
    council = [str(tools / "conclave"), "ask", "-m", "vote", "-c", members, "--choices", "yes,no"]
    (folder / "driver.py").write_text(EXECUTIONKIT)
    driver = [str(tools / "python"), str(folder / "driver.py"), url]
    return {
        "kit": [*kit, QUESTION],
        "kit --stop none": [*kit, "--stop", "none", QUESTION],
        "ExecutionKit": [*driver, QUESTION],
        "conclave-cli": [*council, QUESTION],
    }


def settings(url: str, folder: Path) -> Mapping[str, str]:
    """The environment with one profile of kit's, and nine members of conclave's."""
    (folder / "kit.toml").write_text(
        f'[profiles.m]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="none"\n'
    )
    models = "".join(f"  m{n}: mock/m{n}\n" for n in range(PLAN))
    (folder / "conclave.yml").write_text(
        f"models:\n{models}synthesizer: m0\nendpoints:\n  mock:\n"
        f"    completions_url: {url}/chat/completions\n    env_var: MOCK_KEY\n"
    )
    ours = {"KIT_CONFIG": "kit.toml", "KIT_STATE_DIR": "state", "CONCLAVE_CONFIG": "conclave.yml"}
    return {**os.environ, "MOCK_KEY": "k", **{k: str(folder / v) for k, v in ours.items()}}


def rows(mock: str, tools: Path) -> list[list[object]]:
    """What each tool made of this mock: the median of a few runs, in turn, after one to warm up."""
    texts, status = MOCKS[mock]
    with served(LATENCY, texts=texts, status=status) as url, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        env, argvs = settings(url, folder), commands(tools, url, folder)
        runs: dict[str, list[tuple[Ran, int]]] = {tool: [] for tool in argvs}
        for _ in range(1 + (ROUNDS if status == 200 else 1)):
            for tool, argv in argvs.items():
                runs[tool].append((ran(argv, env, keep=True), calls(url)))
        return [[mock, tool, *_row(seen[1:])] for tool, seen in runs.items()]


def _row(runs: Sequence[tuple[Ran, int]]) -> list[object]:
    last, made = runs[-1]
    wall, cpu = (
        statistics.median(getattr(one, what) for one, _ in runs) for what in ("wall", "cpu")
    )
    said = last.printed.strip()
    return [made, wall, cpu, last.code, repr(said) if len(said) < 20 else f"{len(said)} characters"]


def main() -> None:
    newest = told(["sh", NEWEST, "newest"])
    tools = environment("rivals", PACKAGES, newest)
    if not tools:
        return
    version = told([tools / "python", "-c", "import sys; print(sys.version.split()[0])"])
    print(f"{', '.join(PACKAGES)} on Python {version}; kit on {sys.version.split()[0]}; "
          f"{PLAN} answers, {LATENCY} ms each\n")  # fmt: skip
    table(
        ["replies", "tool", "calls", "wall ms", "CPU ms", "exit", "stdout"],
        [row for mock in MOCKS for row in rows(mock, tools)],
    )


if __name__ == "__main__":
    main()
