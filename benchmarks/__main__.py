"""Runs every benchmark, one process each, so that none warms up another."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main() -> int:
    here = Path(__file__).parent
    names = sys.argv[1:] or sorted(p.stem for p in here.glob("[!_]*.py"))
    worst = 0
    for name in names:
        print(f"\n== {name} ==", flush=True)
        worst = max(
            worst,
            subprocess.run(
                [sys.executable, "-m", f"benchmarks.{name}"], cwd=here.parent, check=False
            ).returncode,
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
