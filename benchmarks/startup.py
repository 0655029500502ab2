"""What a short command costs: CPU against ``python -c pass`` and a minimal script."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from benchmarks._measure import processes, table
from benchmarks._mock import served

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
KEYRING = (f"PYTHONPATH={RINGS}", "PYTHON_KEYRING_BACKEND=rings.Works")
ALONE = "import keyring; keyring.get_password('kit', 'k')"


def main() -> None:
    kit = [sys.executable, "-m", "kit"]
    with tempfile.TemporaryDirectory() as folder, served() as url:
        config = Path(folder, "kit.toml")
        config.write_text(
            f'[profiles.m]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="none"\n'
            f'[profiles.k]\napi="openai-chat"\nbase_url="{url}"\nmodel="m"\nkey="keyring"\n'
        )
        ring = Path(folder, "ring.json")
        ring.write_text('{"kit/k": "bench-key-0000000"}')
        env = {**os.environ, "KIT_CONFIG": str(config), "XDG_STATE_HOME": folder}
        env |= {"KIT_PROFILE": "m", "RING": str(ring)}
        for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
            env.pop(name, None)  # they spoil every comparison
        python = sys.executable
        found = processes(
            {
                "python -c pass": [python, "-c", "pass"],
                "kit --version": [*kit, "--version"],
                "kit --help": [*kit, "--help"],
                "kit ask --help": [*kit, "ask", "--help"],
                "kit trace list": [*kit, "trace", "list"],
                "minimal httpx2 script": [python, "-c", MINIMAL, url],
                "kit ask hi": [*kit, "ask", "hi"],
                "kit consensus hi": [*kit, "consensus", "hi"],
                "kit ask hi, key in a keyring": ["env", *KEYRING, *kit, "ask", "-p", "k", "hi"],
                "keyring alone": ["env", *KEYRING, python, "-c", ALONE],
            },
            env,
        )
    floor, script = found["python -c pass"][0], found["minimal httpx2 script"][0]
    table(
        ["command", "CPU ms", "× pass", "× script", "wall ms", "RSS MiB"],
        [
            [name, cpu, cpu / floor, cpu / script, wall, rss / 1024]
            for name, (cpu, wall, rss) in found.items()
        ],
    )


if __name__ == "__main__":
    main()
