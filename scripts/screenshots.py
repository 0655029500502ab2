#!/usr/bin/env python3
"""Makes docs/images/*.svg: the command on a real terminal, its providers scripted."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "scripts")]

from command import Kit  # noqa: E402  # what the tests look at
from drawing import svg  # noqa: E402
from filmed import filmed  # noqa: E402
from loopback import serving  # noqa: E402
from scenes import SCENES  # noqa: E402


def main(names: list[str]) -> int:
    images = ROOT / "docs" / "images"
    for name in names or SCENES:
        with TemporaryDirectory() as folder, serving() as server:
            rows = filmed(SCENES[name], Kit(Path(folder) / "home"), server)
        path = images / f"{name}.svg"
        path.write_text(svg(rows, SCENES[name].title), encoding="utf-8")
        print(path, path.stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
