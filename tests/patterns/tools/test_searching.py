"""Searching below one folder: what is found, what is left alone, and that it always ends."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest
from tooled import fault, ports, shown, use

from kit.patterns.tools.files import Below
from kit.patterns.tools.searching import BIG, searching


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "a.txt").write_text("one needle\nTwo Needles\nthree\n")
    (root / "src" / "b.py").write_text("# a needle\n    needle = 1\n")
    (root / ".git" / "x").write_text("needle\n")
    (root / "binary").write_bytes(b"needle\0needle\n")
    (tmp_path / "secret").write_text("needle SECRET\n")
    return root


def search(tree: Path, **more: object) -> Below:
    return searching(tree, ports(**more))


def test_lines_are_found_with_their_place(tree: Path) -> None:
    assert use(search(tree), pattern="needle") == (
        "a.txt:1: one needle\n"
        "src/b.py:1: # a needle\n"
        "src/b.py:2: needle = 1\n"
        "[3 matching lines in 2 files]"
    )
    assert use(search(tree), pattern="nowhere") == "[0 matching lines in 2 files]"


def test_a_plain_pattern_is_plain(tree: Path) -> None:
    (tree / "c").write_text("a.b*\naxb\n")
    assert use(search(tree), pattern="a.b*", path="c") == "c:1: a.b*\n[1 matching lines in 1 files]"


def test_case_may_be_ignored(tree: Path) -> None:
    said = use(search(tree), pattern="NEEDLE", ignore_case=True, glob="*.txt")
    assert said.splitlines()[:2] == ["a.txt:1: one needle", "a.txt:2: Two Needles"]
    regex = use(search(tree), pattern="NEE.LE", ignore_case=True, regex=True, glob="*.txt")
    assert regex == said


def test_a_regular_expression_finds_lines(tree: Path) -> None:
    said = use(search(tree), pattern=r"^\s+need\w+ =", regex=True)
    assert said == "src/b.py:2: needle = 1\n[1 matching lines in 2 files]"


def test_path_and_glob_say_where(tree: Path) -> None:
    assert use(search(tree), pattern="needle", path="src").startswith("src/b.py:1:")
    assert use(search(tree), pattern="needle", path="src/b.py").endswith("in 1 files]")
    assert use(search(tree), pattern="needle", glob="src/*.py").startswith("src/b.py:1:")
    assert use(search(tree), pattern="needle", path=".git") == (
        ".git/x:1: needle\n[1 matching lines in 1 files]"
    )
    assert fault(search(tree), pattern="x", path="none") == "none: no such file or directory"


def test_r11_what_lies_outside_is_not_searched(tree: Path) -> None:
    os.symlink(tree.parent / "secret", tree / "out")
    os.symlink(tree.parent, tree / "outdir")
    assert "SECRET" not in use(search(tree), pattern="needle")
    for path in ("..", "out", "outdir", "../secret"):
        assert "SECRET" not in fault(search(tree), pattern="needle", path=path)


def test_pipes_and_large_files_are_passed_by(tree: Path) -> None:
    os.mkfifo(tree / "pipe")
    with (tree / "big").open("wb") as file:
        file.write(b"needle\n")
        file.truncate(BIG + 1)
    assert use(search(tree), pattern="needle").endswith("[3 matching lines in 2 files]")


def test_r07_other_encodings_are_searched_as_far_as_they_can_be(tree: Path) -> None:
    (tree / "latin").write_bytes(b"caf\xe9 needle\n")
    said = use(search(tree), pattern="needle", path="latin")
    assert said == "latin:1: caf\ufffd needle\n[1 matching lines in 1 files]"
    regex = use(search(tree), pattern="f. n", regex=True, path="latin")
    assert regex == said


def test_many_matches_are_counted_and_not_all_shown(tree: Path) -> None:
    (tree / "many").write_text("needle\n" * 1000 + "needle" + "x" * 1000)
    said = use(search(tree, room=500), pattern="needle", path="many")
    assert len(said) <= 500
    *lines, note = said.split("\n")
    assert note == (
        f"[1001 matching lines in 1 files; {1001 - len(lines)} are left out: search for less]"
    )


@pytest.mark.parametrize("pattern", ["(", "a{2,1}", "(?P<a>x)(?P<a>y)", "*"])
def test_what_is_no_expression_says_so(tree: Path, pattern: str) -> None:
    said = fault(search(tree), pattern=pattern, regex=True)
    assert said.startswith("the pattern is no regular expression: ")


CATASTROPHIC = {"pattern": r"(a+)+$", "regex": True}


def test_an_expression_that_would_take_for_ever_is_ended(tree: Path) -> None:
    (tree / "aaa").write_text("a" * 60 + "b\n")
    said = use(search(tree, seconds=0.5), **CATASTROPHIC)
    assert said == ("[0 matching lines in 2 files; ended before all files were searched: too slow]")


def test_its_process_ends_with_the_use(tree: Path) -> None:
    """Cancelled in the middle: no process of ours is left."""
    (tree / "aaa").write_text("a" * 60 + "b\n")

    def children() -> set[str]:
        ids = (each for each in os.listdir("/proc") if each.isdigit())
        found = set()
        for each in ids:
            try:
                line = Path(f"/proc/{each}/cmdline").read_bytes()
            except OSError:
                continue
            if b"matcher.py" in line:
                stat = Path(f"/proc/{each}/stat").read_text().rsplit(")", 1)[1].split()
                if stat[1] == str(os.getpid()) and stat[0] != "Z":
                    found.add(each)
        return found

    if not os.path.isdir("/proc/self"):
        pytest.skip("no /proc")

    async def cancelled() -> bool:
        source = search(tree)
        (ability,) = await source.open()
        task = asyncio.ensure_future(ability.run(CATASTROPHIC))
        while not children():
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        while children():
            await asyncio.sleep(0.01)
        await source.aclose()
        return task.cancelled()

    assert asyncio.run(asyncio.wait_for(cancelled(), 30))


def test_what_is_approved_names_the_pattern(tree: Path) -> None:
    assert shown(search(tree), pattern="x y", path="src") == f"{tree}/src pattern='x y'"
