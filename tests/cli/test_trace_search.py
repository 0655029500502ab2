"""``kit trace search``: hostile texts are data on their way in and out."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
import shelves
from command import Kit

EVIL = "\x1b[2J\x1b]52;c;ZXZpbA==\x07\x9b31m\rover"


@pytest.fixture
def folder(kit: Kit) -> Path:
    return kit.home / "state" / "kit" / "runs"


def test_a_pipe_gets_a_line_a_run_newest_first(kit: Kit, folder: Path) -> None:
    first = shelves.ask(folder, "The\tcapital\nof France?", "Paris")
    second = shelves.ask(folder, "Which city?", "Paris, the capital.")
    ran = kit("trace", "search", "capital")
    assert ran.err == ""
    assert [line.split("\t")[0::5] for line in ran.out.splitlines()] == [
        [second.stem, "Paris, the capital."], [first.stem, "The capital of France?"],
    ]  # fmt: skip
    assert [line.split("\t")[2:5] for line in ran.out.splitlines()] == [
        ["ok", "ask", "answer"], ["ok", "ask", "prompt"],
    ]  # fmt: skip
    assert kit("trace", "search", "capital", COLUMNS="20") == ran
    assert kit("trace", "search", "capital", "-n", "1").out == ran.out.splitlines(True)[0]


def test_json_has_the_run_and_the_words_around(kit: Kit, folder: Path) -> None:
    path = shelves.ask(folder, "The capital of France?", "Paris")
    [found] = kit("trace", "search", "CAPITAL OF", "par", "--json").object
    assert (found["run"], found["found_in"]) == (path.stem, "prompt")
    assert found["snippet"] == "The capital of France?"
    assert found["answer"] == "Paris"


@pytest.mark.parametrize("text", ['"', "NEAR(", "a AND", "*", "--x", "'); DROP TABLE runs;--"])
def test_syntax_is_only_text(text: str, kit: Kit, folder: Path) -> None:
    path = shelves.ask(folder, f"say {text} now")
    shelves.ask(folder, "say nothing", "at all")
    assert kit("trace", "search", "--", text).out.split("\t")[0] == path.stem


def test_nothing_found_is_said_on_stderr(kit: Kit, folder: Path) -> None:
    shelves.ask(folder)
    ran = kit("trace", "search", "zzz")
    assert (ran.code, ran.out, ran.err) == (0, "", "kit: no run holds that\n")
    assert kit("trace", "search", "zzz", "--json").object == []
    assert kit("trace", "search", " ").code == 2


@pytest.mark.parametrize("width", [40, 100])
def test_x08_what_is_found_reaches_no_terminal_as_a_command(
    width: int, kit: Kit, folder: Path
) -> None:
    pexpect = pytest.importorskip("pexpect")
    shelves.ask(folder, f"before {EVIL} needle {EVIL} after {'x' * 500}", "日" * 300 + "needle")
    child = pexpect.spawn(
        sys.executable,
        ["-m", "kit", "trace", "search", "needle"],
        env={**os.environ, **kit.env(), "NO_COLOR": "1", "TERM": "xterm"},
        dimensions=(24, width),
        encoding="utf-8",
    )
    seen = child.read()
    assert "needle" in seen
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", seen)
    assert max(len(line) for line in seen.splitlines()) <= max(width, 70)
    piped = kit("trace", "search", "needle").out
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", piped)
    assert "\x1b" not in json.dumps(kit("trace", "search", "needle", "--json").out)
