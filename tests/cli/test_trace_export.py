"""``kit trace export`` for other programs, and ``kit trace rm`` for the privacy of the user."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import time
from pathlib import Path

import pytest
import shelves
from command import Kit

from kit.trace.runs import records
from kit.trace.ulid import DIGITS, made_at

EVIL = '=cmd|"/C calc"!A0'


@pytest.fixture
def folder(kit: Kit) -> Path:
    return kit.home / "state" / "kit" / "runs"


def of_age(seconds: float, tail: str = "0" * 16) -> str:
    """The name of a run that began so long ago."""
    number = round((time.time() - seconds) * 1000)
    return "".join(DIGITS[number >> shift & 31] for shift in range(45, -1, -5)) + tail


# --- export -------------------------------------------------------------------------------------
def test_jsonl_holds_the_records_as_they_were_meant(kit: Kit, folder: Path) -> None:
    """Long texts stand in their places, whatever the file does to store them once."""
    long = "long " * 2000
    paths = [shelves.ask(folder, long), shelves.vote(folder)]
    ran = kit("trace", "export", *(path.stem for path in paths))
    assert (ran.code, ran.err) == (0, "")
    told = [json.loads(line) for line in ran.out.splitlines()]
    assert told == [record for path in paths for record in records(path)]
    assert told[1]["request"]["messages"][0]["parts"][0]["text"] == long
    assert kit("trace", "export").out == kit("trace", "export", "-1", "--format", "jsonl").out


def test_csv_has_a_row_for_each_call(kit: Kit, folder: Path) -> None:
    path = shelves.vote(folder)
    ran = kit("trace", "export", "last", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(ran.out)))
    assert [(row["call"], row["status"], row["requests"], row["vote"]) for row in rows] == [
        ("1", "ok", "2", "42"), ("2", "ok", "1", "41"), ("3", "unavailable", "1", ""),
    ]  # fmt: skip
    assert {row["run"] for row in rows} == {path.stem}
    assert [row["cost_usd"] for row in rows] == ["0.001", "", ""], "nothing stands for unknown"
    assert [row["agreed"] for row in rows] == ["true", "false", ""]
    assert "6 × 7" not in ran.out
    whole = kit("trace", "export", "last", "--format", "csv", "--content")
    rows = list(csv.DictReader(io.StringIO(whole.out)))
    assert [row["reply"] for row in rows] == ["It is 42.", "It is 41.", ""]
    assert {row["prompt"] for row in rows} == {"What is 6 × 7?"}


@pytest.mark.parametrize("text", [EVIL, "+1", "-1+cmd", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(text: str, kit: Kit, folder: Path) -> None:
    shelves.ask(folder, text, text)
    ran = kit("trace", "export", "--format", "csv", "--content")
    [row] = csv.DictReader(io.StringIO(ran.out))
    assert (row["prompt"], row["reply"]) == (f"'{text}", f"'{text}")


def test_many_runs_go_oldest_first(kit: Kit, folder: Path) -> None:
    names = [of_age(86400 * days) for days in (40, 3, 1)]
    for name in names:
        shelves.ask(folder, run=name)
    ran = kit("trace", "export", "--since", "7d", "--format", "csv")
    assert [row["run"] for row in csv.DictReader(io.StringIO(ran.out))] == names[1:]
    assert kit("trace", "export", "--since", "1h").code == 2


def test_html_is_one_page_of_one_run(kit: Kit, folder: Path) -> None:
    shelves.vote(folder)
    shelves.ask(folder)
    out = kit.home / "run.html"
    assert kit("trace", "export", "-2", "--format", "html", "-o", str(out)).code == 0
    assert out.read_text().startswith("<!doctype html>")
    assert kit("trace", "export", "-2", "-1", "--format", "html").code == 2


def test_a_file_that_cannot_be_written_is_said(kit: Kit, folder: Path) -> None:
    shelves.ask(folder)
    ran = kit("trace", "export", "-o", str(kit.home / "no" / "where"))
    assert (ran.code, "cannot be written" in ran.err) == (2, True)


# --- rm -----------------------------------------------------------------------------------------
def test_one_run_is_removed_when_that_is_said(kit: Kit, folder: Path) -> None:
    gone, kept = shelves.ask(folder, "xylophone"), shelves.ask(folder)
    assert kit("trace", "search", "xylo").out.startswith(gone.stem)
    asked = kit("trace", "rm", gone.stem)
    assert (asked.code, gone.exists()) == (2, True)
    assert asked.err == (
        "kit: 1 run would be removed for good, and nobody can be asked; say --yes\n"
    )
    ran = kit("trace", "rm", gone.stem, "--yes")
    assert (ran.code, ran.out, ran.err) == (0, "", "kit: removed 1 run\n")
    assert (gone.exists(), kept.exists()) == (False, True)
    assert kit("trace", "search", "xylo").out == ""
    assert b"xylo" not in kit.written()


def test_old_runs_are_removed_with_their_folders(kit: Kit, folder: Path) -> None:
    old = [shelves.ask(folder, run=of_age(86400 * days)) for days in (400, 70)]
    young = shelves.ask(folder, run=of_age(86400 * 2))
    foreign = old[0].parent / "notes.txt"
    foreign.write_text("mine")
    ran = kit("trace", "rm", "--older-than", "30d", "--yes")
    assert (ran.code, ran.err) == (0, "kit: removed 2 runs\n")
    assert [run["run"] for run in kit("trace", "--json").object] == [young.stem]
    assert foreign.exists()
    assert not old[1].parent.exists()
    assert kit("trace", "rm", "--older-than", "30d", "--yes").err == "kit: nothing to remove\n"


def test_a_run_that_goes_on_is_kept(kit: Kit, folder: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    path = shelves.ask(folder, ended=False)
    with path.open("ab") as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        ran = kit("trace", "rm", "last", "--yes")
    assert (ran.code, path.exists()) == (0, True)
    assert ran.err == "kit: 1 run still going on: kept\nkit: nothing to remove\n"


@pytest.mark.parametrize(("typed", "removed"), [("y\n", True), ("\n", False), ("no\n", False)])
def test_a_person_is_asked(typed: str, removed: bool, kit: Kit, folder: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    path = shelves.ask(folder)
    child = pexpect.spawn(
        sys.executable, ["-m", "kit", "trace", "rm", "last"], env={**os.environ, **kit.env()}
    )
    child.expect_exact(f"kit: remove {path.stem} for good? [y/N] ")
    child.send(typed)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus, path.exists()) == ((0, False) if removed else (2, True))


@pytest.mark.parametrize(
    "args", [(), ("last", "--older-than", "1d"), ("../x", "--yes"), ("--older-than", "old")]
)
def test_f06_what_names_no_run_removes_nothing(
    args: tuple[str, ...], kit: Kit, folder: Path
) -> None:
    path = shelves.ask(folder)
    assert (kit("trace", "rm", *args).code, path.exists()) == (2, True)


def test_made_at_is_what_of_age_says() -> None:
    assert abs(made_at(of_age(1000)) - (time.time() - 1000)) < 5
