"""The wheel holds what the tree holds."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_what_the_tree_holds(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=120)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    tree = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "kit").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    texts = {
        f"kit/{path.relative_to(ROOT).as_posix()}"
        for folder in ("completions", "man")
        for path in (ROOT / folder).iterdir()
    }
    packed = {name for name in names if ".dist-info/" not in name and ".data/" not in name}
    assert packed == tree | texts
    assert any(name.endswith(".data/data/share/man/man1/kit.1") for name in names)
    assert any(name.endswith("entry_points.txt") for name in names)
