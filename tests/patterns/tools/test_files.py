"""Reading and listing below one folder, and that nothing leads out of it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from tooled import fault, ports, shown, use

from kit.errors import UsageError
from kit.patterns.tools.ability import ToolFault
from kit.patterns.tools.files import LOOK, Below, listing, reading
from kit.patterns.tools.globs import matches
from kit.patterns.tools.paging import page
from kit.patterns.tools.rooted import Root


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "top"
    (root / "src" / "deep").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / "a.txt").write_text("one\ntwo\nthree\n")
    (root / "src" / "b.py").write_text("b = 1\n")
    (root / "src" / "deep" / "c.py").write_text("c = 1\n")
    (root / ".git" / "config.py").write_text("hidden\n")
    (tmp_path / "secret.txt").write_text("SECRET\n")
    return root


def read(tree: Path, room: int = 16_000) -> Below:
    return reading(tree, ports(room=room))


def listed(tree: Path, room: int = 16_000) -> Below:
    return listing(tree, ports(room=room))


# --- read -----------------------------------------------------------------------------------------
def test_a_file_is_read_as_it_is(tree: Path) -> None:
    assert use(read(tree), path="a.txt") == "one\ntwo\nthree"
    assert use(read(tree), path="./src/../src//b.py") == "b = 1"
    assert use(read(tree), path=str(tree / "src" / "b.py")) == "b = 1"


def test_an_empty_file_is_said_to_be_empty(tree: Path) -> None:
    (tree / "none").touch()
    assert use(read(tree), path="none") == "[the file is empty]"


def test_lines_that_are_asked_for(tree: Path) -> None:
    said = use(read(tree), path="a.txt", first_line=2, last_line=2)
    assert said == "two\n[lines 2 to 2 of 3]"
    assert fault(read(tree), path="a.txt", first_line=9) == "there are only 3 lines"


def test_a_long_file_comes_in_pages_that_lose_nothing(tree: Path) -> None:
    lines = [f"line {number}" for number in range(1, 501)]
    (tree / "long").write_text("\n".join(lines))
    got: list[str] = []
    while len(got) < 500:
        said = use(read(tree, room=1000), path="long", first_line=len(got) + 1)
        *body, note = said.split("\n")
        assert len(said) <= 1000
        got += body
        if len(got) < 500:
            assert note.endswith(f"go on with first_line {len(got) + 1}]")
    assert got == lines


def test_a_line_without_end_is_cut(tree: Path) -> None:
    (tree / "line").write_text("x" * 5000)
    said = use(read(tree, room=1000), path="line")
    assert said == "x" * 880 + "\n[line 1 has 5000 characters and is cut]"


def test_r07_what_is_no_text_is_decoded_with_replacement_and_without_nuls(tree: Path) -> None:
    (tree / "binary").write_bytes(b"\x7fELF\x00\x01\xff\xfe caf\xc3\xa9")
    said = use(read(tree), path="binary")
    assert said == (
        "[not text: 14 bytes, shown as far as they can be]\n\x7fELF\ufffd\x01\ufffd\ufffd café"
    )
    (tree / "utf16").write_bytes("né\n".encode("utf-16"))
    assert use(read(tree), path="utf16") == "né"


def test_a_huge_file_is_looked_at_no_further_than_the_limit(tree: Path) -> None:
    with (tree / "huge").open("wb") as file:
        file.write(b"start\n")
        file.truncate(LOOK * 50)  # sparse: 1.6 GB that are no bytes on the disk
    said = use(read(tree), path="huge", last_line=1)
    assert said.splitlines()[1:] == ["start", "[lines 1 to 1 of at least 2]"]


@pytest.mark.parametrize("kind", ["fifo", "socket", "device", "folder"])
def test_what_is_no_file_is_not_opened(tree: Path, kind: str) -> None:
    place = tree / "it"
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "socket":
        import socket

        server = socket.socket(socket.AF_UNIX)
        here = os.getcwd()
        os.chdir(tree)  # the name of a socket may have 100 letters
        server.bind("it")
        os.chdir(here)
    elif kind == "device":
        os.symlink("/dev/zero", place)
    else:
        place.mkdir()
    told = {
        "fifo": "it is a pipe, which is not read",
        "socket": "it is a socket, which is not read",
        "device": f"it is a link out of {tree}",
        "folder": "it is a folder",
    }
    assert fault(read(tree), path="it") == told[kind]


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/zero", "/sys/kernel/notes"])
def test_the_kernel_s_own_files_are_none_even_below_the_root(path: str) -> None:
    if not os.path.exists(path):
        pytest.skip("another kernel")
    assert fault(read(Path("/")), path=path) == f"{path} is the system's own, no file"


def test_what_may_not_be_read_says_so(tree: Path) -> None:
    assert fault(read(tree), path="nothing") == "nothing: no such file or directory"
    assert fault(read(tree), path="a.txt/b") == "a.txt/b: not a directory"
    assert fault(read(tree), path="x" * 300) == f"{'x' * 300}: file name too long"
    assert fault(read(tree), path="a\ud800") == "a\\u{d800} is no name of a file"
    assert fault(read(tree), path="a\0b") == "a\\u{0}b: no such file or directory"


def test_a_folder_that_is_not_there_ends_the_run_before_it_begins(tree: Path) -> None:
    with pytest.raises(UsageError, match="no such file or directory"):
        use(read(tree / "none"), path="x")
    with pytest.raises(UsageError, match="not a directory"):
        use(read(tree / "a.txt"), path="x")


def test_a_name_that_hides_something_is_shown_and_found_by_what_is_shown(tree: Path) -> None:
    (tree / "x\u202etxt.exe\n").write_text("hidden")
    os.close(os.open(bytes(tree) + b"/\xff", os.O_CREAT | os.O_WRONLY))
    said = use(listed(tree)).splitlines()
    assert "x\\u{202e}txt.exe\\u{a} 6" in said
    assert "\\u{dcff} 0" in said
    assert use(read(tree), path="x\\u{202e}txt.exe\\u{a}") == "hidden"
    assert use(read(tree), path="\\u{dcff}") == "[the file is empty]"


# --- list -----------------------------------------------------------------------------------------
def test_a_folder_is_listed_by_name(tree: Path) -> None:
    os.symlink("a.txt", tree / "link")
    assert use(listed(tree)) == ".git/\na.txt 14\nlink@\nsrc/"
    assert use(listed(tree), path="src") == "b.py 6\ndeep/"
    assert use(listed(tree), path="src/deep", glob="*.txt") == "[nothing here]"
    assert fault(listed(tree), path="a.txt") == "a.txt is no folder"


def test_a_glob_looks_in_all_folders_but_the_tools_own(tree: Path) -> None:
    assert use(listed(tree), glob="**/*.py") == "src/b.py 6\nsrc/deep/c.py 6"
    assert use(listed(tree), glob="src/*.py") == "src/b.py 6"
    assert use(listed(tree), path=".git") == "config.py 7"


def test_a_long_list_says_how_much_is_left_out(tree: Path) -> None:
    for number in range(100):
        (tree / "src" / f"file-{number:03}").touch()
    said = use(listed(tree, room=600), path="src")
    assert len(said) <= 600
    assert said.splitlines()[0] == "b.py 6"
    left_out = 102 - len(said.splitlines()) + 1
    assert said.splitlines()[-1] == f"[{left_out} more; a narrower glob or path shows them]"


@pytest.mark.parametrize(
    ("path", "glob", "fits"),
    [
        ("a.py", "*.py", True),
        ("x/a.py", "*.py", True),
        ("x/a.py", "x/*.py", True),
        ("x/y/a.py", "x/*.py", False),
        ("x/y/a.py", "x/**/*.py", True),
        ("x/a.py", "x/**/*.py", True),
        ("a.py", "**/*.py", True),
        ("x/y", "x/**", True),
        ("x", "x/**", True),
        ("y/x", "x/**", False),
        ("a/b/c/d", "**/b/**/d", True),
        ("a/b/c/d", "a/*/d", False),
        ("A.py", "a.py", False),
        ("a.py", "[ab].p?", True),
        (".x", "*", True),
    ],
)
def test_globs(path: str, glob: str, fits: bool) -> None:
    assert matches(path.split("/"), glob) is fits


def test_a_glob_that_would_explode_does_not() -> None:
    assert not matches(["a" * 250] * 10, "/".join(["**", "*a*a*a*a*a*a*a*a*a*a*b"] * 10))


def test_a_page_of_nothing() -> None:
    assert page([], 1, None, 100) == ""
    with pytest.raises(ToolFault, match="only 0 lines"):
        page([], 2, None, 100)


# --- R11: nothing leads out -----------------------------------------------------------------------
OUT = [
    "../secret.txt",
    "src/../../secret.txt",
    "src/deep/../../../secret.txt",
    "./.././top/../secret.txt",
    "{outside}/secret.txt",
    "{root}/../secret.txt",
    "{root}x/secret.txt",
    "/etc/passwd",
    "out",
    "outdir/secret.txt",
    "up/../secret.txt",
    "chain1",
    "src/rel",
    "loop",
]


@pytest.fixture
def linked(tree: Path) -> Path:
    os.symlink(tree.parent / "secret.txt", tree / "out")
    os.symlink(tree.parent, tree / "outdir")
    os.symlink("..", tree / "up")
    os.symlink("chain2", tree / "chain1")
    os.symlink("src/chain3", tree / "chain2")
    os.symlink("../../secret.txt", tree / "src" / "chain3")
    os.symlink("../../secret.txt", tree / "src" / "rel")
    os.symlink("loop", tree / "loop")
    return tree


@pytest.mark.parametrize("path", OUT)
def test_r11_no_path_and_no_link_leads_out_of_the_root(linked: Path, path: str) -> None:
    named = path.format(root=linked, outside=linked.parent)
    said = fault(read(linked), path=named)
    assert "SECRET" not in said
    assert any(each in said for each in ("outside of", "link out of", "too many links"))


@pytest.mark.parametrize("path", ["outdir", "up", ".."])
def test_r11_no_folder_outside_is_listed(linked: Path, path: str) -> None:
    said = fault(listed(linked), path=path)
    assert "outside of" in said or "link out of" in said


def test_r11_a_glob_follows_no_link(linked: Path) -> None:
    assert "secret" not in use(listed(linked), glob="**/*")


def test_r11_links_within_the_root_lead_where_they_lead(tree: Path) -> None:
    os.symlink("../a.txt", tree / "src" / "rel")
    os.symlink(tree / "src", tree / "abs")
    os.symlink("abs/deep", tree / "both")
    assert use(read(tree), path="src/rel") == "one\ntwo\nthree"
    assert use(read(tree), path="abs/b.py") == "b = 1"
    assert use(read(tree), path="both/c.py") == "c = 1"
    assert use(read(tree), path="both/../b.py") == "b = 1"


def test_r11_a_root_that_is_a_link_is_where_it_leads(tree: Path) -> None:
    os.symlink(tree, tree.parent / "alias")
    alias = read(tree.parent / "alias")
    assert use(alias, path="a.txt") == "one\ntwo\nthree"
    assert use(alias, path=str(tree.parent / "alias" / "a.txt")) == "one\ntwo\nthree"
    assert use(alias, path=str(tree / "a.txt")) == "one\ntwo\nthree"


SWAPS = """
import os, sys
os.chdir(sys.argv[1])
print("ready", flush=True)
while os.getppid() == int(sys.argv[2]):
    for source, target in ("swap", "aside"), ("link", "swap"), ("swap", "link"), ("aside", "swap"):
        os.rename(source, target)
"""


def test_r11_swapping_a_folder_for_a_link_meanwhile_leads_nowhere(tree: Path) -> None:
    """Another process swaps a folder for a link out of the root, as fast as it can: what is read
    is what lies below the root, or nothing."""
    inside, outside = tree / "swap", tree.parent / "outside"
    inside.mkdir()
    outside.mkdir()
    (inside / "f").write_text("inside")
    (outside / "f").write_text("SECRET")
    os.symlink(outside, tree / "link")
    root = Root(tree)
    root.open()
    argv = [sys.executable, "-c", SWAPS, str(tree), str(os.getpid())]
    seen: set[bytes] = set()
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as swapping:
        assert swapping.stdout
        swapping.stdout.readline()
        try:
            for _ in range(5_000):
                try:
                    with root.file("swap/f") as file:
                        seen.add(file.read())
                except ToolFault as told:
                    seen.add(str(told).encode())
        finally:
            swapping.kill()
            root.close()
    assert b"SECRET" not in seen
    assert b"inside" in seen
    assert len(seen) > 1  # it was swapped while it was read


def test_r11_no_open_file_is_left_behind(linked: Path) -> None:
    async def often() -> tuple[int, int]:
        source = read(linked)
        (ability,) = await source.open()
        before = len(os.listdir("/proc/self/fd"))
        for path in [*OUT, "a.txt", "src/b.py", "none", "src"]:
            with suppress(ToolFault):
                await ability.run({"path": path})
        after = len(os.listdir("/proc/self/fd"))
        await source.aclose()
        return before, after

    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("no /proc")
    before, after = asyncio.run(often())
    assert after == before


def test_what_is_approved_is_the_path_that_is_looked_up(tree: Path) -> None:
    assert shown(read(tree), path="a.txt", first_line=3) == f"{tree}/a.txt first_line=3"
    assert shown(listed(tree)) == str(tree)
