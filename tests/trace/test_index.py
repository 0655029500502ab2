"""The index is a cache: quick, never wrong for long, never worth an error."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import shelves
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.trace import index
from kit.trace.catalogue import Found, counted, forget, latest, search
from kit.trace.entry import entry
from kit.trace.runs import Run, listed

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="an open index cannot be replaced there"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def from_files(folder: Path) -> list[Run]:
    return list(listed(folder))


def altered(path: Path) -> None:
    """Another prompt, and nothing that tells from outside: only who reads the file sees it."""
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"What is", b"How was"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def test_the_list_is_the_same_as_from_the_files(folder: Path, cache: Path) -> None:
    paths = [shelves.ask(folder), shelves.vote(folder), shelves.ask(folder, ended=False)]
    first = latest(folder, cache)
    assert first == from_files(folder)
    assert latest(folder, cache) == first
    assert [run.status for run in first] == ["interrupted", "ok", "ok"]
    assert latest(folder, cache, 2) == first[:2]
    known = [(each.run, each.figures) for each in map(entry, reversed(paths))]
    assert counted(folder, cache) == known
    assert index.place(folder, cache).exists()


def test_only_what_is_new_is_read(folder: Path, cache: Path) -> None:
    old = [shelves.ask(folder) for _ in range(3)]
    first = latest(folder, cache)
    for path in old:
        altered(path)
    new = shelves.ask(folder)
    assert latest(folder, cache) == [entry(new).run, *first]
    with old[1].open("ab") as file:
        file.write(b"torn")
    assert [run.prompt[:7] for run in latest(folder, cache)] == [
        "What is", "What is", "How was", "What is",
    ]  # fmt: skip
    assert [run.skipped for run in latest(folder, cache)] == [0, 0, 1, 0]


def test_a_short_list_reads_no_more_than_it_shows(folder: Path, cache: Path) -> None:
    paths = [shelves.ask(folder) for _ in range(5)]
    assert [run.id for run in latest(folder, cache, 2)] == [paths[4].stem, paths[3].stem]
    with sqlite3.connect(index.place(folder, cache)) as connection:
        assert connection.execute("SELECT count(*) FROM runs").fetchall() == [(2,)]
    connection.close()


def test_an_unfinished_run_is_asked_each_time_whether_it_goes_on(folder: Path, cache: Path) -> None:
    path = shelves.ask(folder, ended=False)
    import fcntl

    with path.open("ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert [run.status for run in latest(folder, cache)] == ["running"]
    assert [run.status for run in latest(folder, cache)] == ["interrupted"]


def test_a_full_disk_is_told_as_what_it_is_so_that_the_index_stays(
    folder: Path, cache: Path
) -> None:
    shelves.ask(folder)
    latest(folder, cache)
    new = shelves.ask(folder, "long " * 50_000)
    connection = sqlite3.connect(index.place(folder, cache), isolation_level=None)
    [[pages]] = connection.execute("PRAGMA page_count")
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError) as full:
        index.Index(folder, connection).runs([new])
    connection.close()
    assert full.value.sqlite_errorcode == sqlite3.SQLITE_FULL
    assert len(latest(folder, cache)) == 2


def spoilt(file: Path) -> None:
    """Every page but the first is noise."""
    data = file.read_bytes()
    file.write_bytes(data[:4096] + os.urandom(len(data) - 4096))


def of_version(file: Path, version: int) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute("DELETE FROM runs")
    connection.close()


def without_table(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("DROP TABLE words")
    connection.close()


def misshapen(file: Path) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE runs SET run = '{'")
    connection.close()


SPOILT: dict[str, Callable[[Path], object]] = {
    "noise": spoilt,
    "no database": lambda file: file.write_bytes(b"hello" * 1000),
    "cut": lambda file: os.truncate(file, 5000),
    "empty": lambda file: os.truncate(file, 0),
    "gone": lambda file: file.unlink(),
    "older": lambda file: of_version(file, 0),
    "newer": lambda file: of_version(file, 99),
    "without a table": without_table,
    "misshapen": misshapen,
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_index_is_made_again_silently(
    how: str, folder: Path, cache: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        shelves.ask(folder)
    latest(folder, cache)
    file = index.place(folder, cache)
    SPOILT[how](file)
    assert latest(folder, cache) == from_files(folder)
    assert [found.run for found in search(folder, cache, ["6 × 7"], 9)] == from_files(folder)
    assert index.ask(folder, cache, lambda opened: len(opened.runs([]))) == 0, "usable again"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("trouble", ["a file for a folder", "a folder for the file", "a link"])
def test_without_an_index_the_files_tell(
    trouble: str, folder: Path, cache: Path, tmp_path: Path
) -> None:
    shelves.vote(folder)
    shelves.ask(folder)
    if trouble == "a file for a folder":
        cache.write_text("")
    elif trouble == "a folder for the file":
        (index.place(folder, cache) / "x").mkdir(parents=True)
    else:
        cache.mkdir()
        (tmp_path / "other").write_text("precious")
        index.place(folder, cache).symlink_to(tmp_path / "other")
    assert latest(folder, cache) == from_files(folder)
    assert [run for run, _ in counted(folder, cache)] == from_files(folder)
    assert len(search(folder, cache, ["6 ×"], 9)) == 2
    if trouble == "a link":
        assert (tmp_path / "other").read_text() == "precious"


def test_what_is_in_the_index_is_the_users_alone(folder: Path, cache: Path) -> None:
    shelves.ask(folder)
    mask = os.umask(0)
    try:
        latest(folder, cache)
    finally:
        os.umask(mask)
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in cache.iterdir()} == {0o600}


def test_nothing_is_left_of_what_was_removed(folder: Path, cache: Path) -> None:
    gone = [shelves.ask(folder, "xylophonist", answer="zzyzx")]
    keep = shelves.ask(folder, "a question to keep")
    gone.append(shelves.ask(folder, "xylophonist", answer="zzyzx"))
    assert len(search(folder, cache, ["xylophonist"], 9)) == 2
    for path in gone:
        path.unlink()
    assert search(folder, cache, ["xylophonist"], 9) == []
    forget(folder, cache)
    assert [run.id for run in latest(folder, cache)] == [keep.stem]
    written = b"".join(file.read_bytes() for file in cache.iterdir())
    assert b"question to keep" in written
    assert not [word for word in (b"xylo", b"zzyz", gone[0].stem.encode()) if word in written]


def test_each_folder_has_an_index_of_its_own(tmp_path: Path, cache: Path) -> None:
    one, other = shelves.ask(tmp_path / "a"), shelves.ask(tmp_path / "b")
    assert [run.id for run in latest(tmp_path / "a", cache)] == [one.stem]
    assert [run.id for run in latest(tmp_path / "b", cache)] == [other.stem]
    assert [run.id for run in latest(tmp_path / "a", cache)] == [one.stem]


READER = """
import sys
from pathlib import Path
from kit.trace.catalogue import counted, latest, search
folder, cache = map(Path, sys.argv[1:])
for _ in range(3):
    print(len(latest(folder, cache)), len(counted(folder, cache)),
          len(search(folder, cache, ["6 ×"], 10**6)))
"""


def test_f13_eight_readers_make_one_index_at_once(folder: Path, cache: Path) -> None:
    runs = 60
    for _ in range(runs):
        shelves.ask(folder)
    cache.mkdir()
    index.place(folder, cache).write_bytes(b"not a database" * 999)  # and all must replace it
    readers = [
        subprocess.Popen(
            [sys.executable, "-c", READER, str(folder), str(cache)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(8)
    ]  # fmt: skip
    told = [reader.communicate(timeout=60) for reader in readers]
    assert told == [(f"{runs} {runs} {runs}\n" * 3, "")] * 8
    assert len(index.ask(folder, cache, lambda opened: opened.runs([])) or []) == 0


# --- search -------------------------------------------------------------------------------------
def test_what_is_found_is_shown_with_what_stands_around_it(folder: Path, cache: Path) -> None:
    shelves.ask(folder, "no", "nothing")
    asked = shelves.ask(folder, "What is the\n capital  of France, please?", "Paris")
    said = shelves.ask(folder, "And of Spain?", "The CAPITAL of Spain is Madrid.")
    found = search(folder, cache, ["capital OF"], 9)
    assert [(each.run.id, each.where, each.before, each.text, each.after) for each in found] == [
        (said.stem, "answer", "The ", "CAPITAL of", " Spain is Madrid."),
        (asked.stem, "prompt", "What is the ", "capital of", " France, please?"),
    ]
    assert search(folder, cache, ["capital", "france", "PARIS"], 9) == [
        Found(found[1].run, "prompt", "What is the ", "capital", " of France, please?")
    ]
    assert [each.run.id for each in search(folder, cache, ["a"], 1)] == [said.stem]


HOSTILE = ['"', "'", "*", "AND", "x OR y", "NOT", "NEAR(a b)", "asked:x", "(", "a^b", "-x", "--",
           "%", "_", "[", "\\", "x\0y", "; DROP TABLE runs", "{asked}: x", "+", "é", "日", "日本",
           "日本語です", "👩‍👩‍👧", "\ud800", "C++", "a.*b", "$(id)", "\x1b[31m"]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_character_of_a_search_has_a_meaning(text: str, folder: Path, cache: Path) -> None:
    fitting = shelves.ask(folder, f"before {text} after")
    shelves.ask(folder, "besides", "xyz")
    found = [each.run.id for each in search(folder, cache, [f"e {text} a"], 9)]
    assert found == [fitting.stem]
    assert fitting.stem in [each.run.id for each in search(folder, cache, ["before", "after"], 9)]


WORDS = st.text("abC \"'*ß日é-", max_size=12)


@given(
    said=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4),
    texts=st.lists(WORDS, max_size=3),
)
@settings(max_examples=25)
def test_index_and_files_find_the_same(said: list[tuple[str, str]], texts: list[str]) -> None:
    with TemporaryDirectory() as name:
        _compare(Path(name), said, texts)


def _compare(place: Path, said: list[tuple[str, str]], texts: list[str]) -> None:
    for prompt, answer in said:
        shelves.ask(place / "runs", prompt, answer)
    (place / "nowhere").write_text("")
    wanted = [text for text in texts if text.strip()] or ["b"]
    assert search(place / "runs", place / "cache", wanted, 3) == search(
        place / "runs", place / "nowhere", wanted, 3
    )
