"""What a short command costs: CPU against ``python -c pass``, a minimal script, and the peers."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks._environments import alone, environment
from benchmarks._measure import Ran, ran, table
from benchmarks._mock import served
from benchmarks._peers import PEERS, commands, settings

ROUNDS = 10
MINIMAL = """
import httpx2, json, sys
with httpx2.stream("POST", sys.argv[1] + "/chat/completions", json={"model": "m", "stream": True,
                   "messages": [{"role": "user", "content": "hi"}]}, timeout=30) as reply:
    for line in reply.iter_lines():
        if line.startswith("data: {"):
            choices = json.loads(line[6:])["choices"]
            sys.stdout.write(choices[0]["delta"].get("content") or "")
"""
RINGS = Path(__file__).resolve().parents[1] / "tests" / "providers" / "rings"
KEYRING = {"PYTHONPATH": str(RINGS), "PYTHON_KEYRING_BACKEND": "rings.Works"}
ALONE = "import keyring; keyring.get_password('kit', 'k')"
PASS, SCRIPT = "python -c pass", "minimal httpx2 script"
LIMITS = {"kit --version": (PASS, 1.5), "kit --help": (PASS, 7.0), "kit ask --help": (PASS, 7.0),
          "kit ask hi": (SCRIPT, 1.3)}  # fmt: skip
"""What issue 9 promises: at most so many times as much CPU as the other command."""
OURS = {"--version": "kit --version", "--help": "kit --help", "one prompt": "kit ask hi"}

Command = tuple[Sequence[str], Mapping[str, str]]


def script() -> list[str]:
    """The command as people start it, where it is installed beside this Python."""
    installed = Path(sys.executable).with_name("kit")
    return [str(installed)] if installed.exists() else [sys.executable, "-m", "kit"]


def ours(url: str, home: Path) -> dict[str, Command]:
    """kit's commands and what they are compared with."""
    (home / "kit.toml").write_text(
        f'[profiles.m]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="none"\n'
        f'[profiles.k]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="keyring"\n'
    )
    (home / "ring.json").write_text('{"kit/k": "bench-key-0000000"}')
    env = {**alone(home), "KIT_CONFIG": str(home / "kit.toml"), "KIT_PROFILE": "m"}
    ring = {**env, **KEYRING, "RING": str(home / "ring.json")}
    python, kit = sys.executable, script()
    plain = {
        PASS: [python, "-c", "pass"],
        "kit --version": [*kit, "--version"],
        "kit --help": [*kit, "--help"],
        "kit a mistyped command": [*kit, "asck"],
        "kit ask --help": [*kit, "ask", "--help"],
        "kit trace list": [*kit, "trace", "list"],
        SCRIPT: [python, "-c", MINIMAL, url],
        "kit ask hi": [*kit, "ask", "hi"],
        "kit consensus hi": [*kit, "consensus", "hi"],
    }
    kept = {
        "kit ask hi, key in a keyring": [*kit, "ask", "-p", "k", "hi"],
        "keyring alone": [python, "-c", ALONE],
    }
    return {
        **{name: (argv, env) for name, argv in plain.items()},
        **{name: (argv, ring) for name, argv in kept.items()},
    }


def theirs(url: str, home: Path) -> dict[str, Command]:
    """The peers that can be installed here, each with a home of its own."""
    found: dict[str, Command] = {}
    for name, peer in PEERS.items():
        if tools := environment(f"peer-{name}", peer.packages, sys.executable):
            own = home / name
            own.mkdir()
            env = {**alone(own), **settings(peer, url, own)}
            for what, argv in commands(peer, tools, url, own).items():
                found[f"{name} {what}"] = argv, env
    return found


def measured(commands: Mapping[str, Command]) -> dict[str, list[Ran]]:
    """In turn, round by round, so that a machine that drifts drifts for all of them; a first round
    is not counted."""
    seen: dict[str, list[Ran]] = {name: [] for name in commands}
    for _ in range(1 + ROUNDS):
        for name, (argv, env) in commands.items():
            seen[name].append(ran(argv, env))
    return {name: runs[1:] for name, runs in seen.items()}


def own_rows(names: Sequence[str], cpu: Mapping[str, float]) -> list[list[object]]:
    rows: list[list[object]] = []
    for name in names:
        other, most = LIMITS.get(name, (PASS, 0.0))
        kept = "yes" if cpu[name] <= most * cpu[other] else "NO"
        limit = f"{most:g} × {'pass' if other == PASS else 'script'}: {kept}" if most else ""
        rows.append([name, cpu[name], cpu[name] / cpu[PASS], cpu[name] / cpu[SCRIPT], limit])
    return rows


def peer_rows(seen: Mapping[str, Sequence[Ran]], cpu: Mapping[str, float]) -> list[list[object]]:
    rows: list[list[object]] = []
    for name, runs in seen.items():
        what = next(each for each in OURS if name.endswith(f" {each}"))
        if code := next((each.code for each in runs if each.code), 0):
            rows.append([name, "", "", f"it failed: exit {code}"])
        else:
            rows.append([name, cpu[name], cpu[OURS[what]], f"{cpu[name] / cpu[OURS[what]]:.1f} ×"])
    return rows


def main() -> None:
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
        os.environ.pop(name, None)  # they spoil every comparison
    print(f"{time.strftime('%Y-%m-%d')}, {platform.system()} {platform.machine()}, "
          f"{os.cpu_count()} cores, Python {platform.python_version()}; "
          f"CPU: user and system, median of {ROUNDS}, in turn\n")  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, served() as url:
        own, peers = ours(url, Path(folder)), theirs(url, Path(folder))
        seen = measured({**own, **peers})
    cpu = {name: statistics.median(each.cpu for each in runs) for name, runs in seen.items()}
    table(["command", "CPU ms", "× pass", "× script", "at most"], own_rows(list(own), cpu))
    print()
    table(
        ["peer", "CPU ms", "kit's", "kit is faster by"],
        peer_rows({name: seen[name] for name in peers}, cpu),
    )


if __name__ == "__main__":
    main()
