"""Writes the scripts in completions/ from the commands and the frames in scripts/shells/.

python scripts/completions.py            # a test compares them with what this would write
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import commands
import native
import tabled

SHELLS = {
    "kit.bash": tabled.bash,
    "_kit": native.zsh,
    "kit.fish": native.fish,
    "kit.ps1": tabled.powershell,
}
"""A frame in shells/ → what stands for its #WORDS."""


def files() -> Iterator[tuple[Path, str]]:
    """What this writes: path, text."""
    found = commands.places()
    for name, parts in SHELLS.items():
        text = (commands.ROOT / "scripts" / "shells" / name).read_text(encoding="utf-8")
        for word, part in parts(found).items():
            text = text.replace(f"#{word}", part)
        yield commands.ROOT / "completions" / name, text


def main() -> None:
    for path, text in files():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(commands.ROOT))


if __name__ == "__main__":
    main()
