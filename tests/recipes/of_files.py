"""Recipes of the sections Git, Files and logs."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
from command import until
from recipes.place import DOWN, Place, needed
from recipes.table import expect

MESSAGE = "Read the timeout from the file\n\nIt was fixed."


def repository(place: Place) -> None:
    """A repository with one commit, which is also origin/main, and a change on a branch."""
    needed("git")
    place.environ |= {"GIT_CONFIG_GLOBAL": str(place.home / "gitconfig"), "GIT_EDITOR": "true"}
    place.git("init", "-q", "-b", "main")
    place.git("config", "user.name", "A")
    place.git("config", "user.email", "a@example.org")
    place.file("a.py", "timeout = 3\n")
    place.git("add", ".")
    place.git("commit", "-q", "-m", "Begin")
    place.git("update-ref", "refs/remotes/origin/main", "main")
    place.git("tag", "v1")


def change(place: Place, message: str = "Wait longer") -> None:
    place.file("a.py", "timeout = 4\n")
    place.git("commit", "-q", "-a", "-m", message)


@expect("Draft commit messages in a hook")
def _(place: Place) -> None:
    repository(place)
    place.served("fast", lambda asked: MESSAGE if "+timeout = 4" in asked else "no diff was shown")
    place.run()
    place.file("a.py", "timeout = 4\n")
    place.git("commit", "-q", "-a")
    assert place.git("log", "-1", "--format=%B").strip() == MESSAGE
    place.git("commit", "-q", "--allow-empty", "-m", "My own words")
    assert place.git("log", "-1", "--format=%B").strip() == "My own words"
    assert len(place.server.requests) == 1
    place.voices["fast"] = DOWN
    place.file("a.py", "timeout = 5\n")
    aborted = place.command(["git", "commit", "-q", "-a"])  # an editor that writes nothing
    assert aborted.code == 1
    assert "kit: " in aborted.err
    assert "empty commit message" in aborted.err


@expect("Review a branch")
def _(place: Place) -> None:
    repository(place)
    place.served("fast", "a.py:1: too long")
    assert place.run(1).out == ""
    assert place.server.requests == []
    change(place)
    assert place.run().out == "a.py:1: too long\n"
    system, user = place.server.requests[0].json["messages"]
    assert system["content"].startswith("You review code.")
    assert "-timeout = 3\n+timeout = 4" in user["content"]


@expect("Turn the log into release notes")
def _(place: Place) -> None:
    repository(place)
    place.served("fast", lambda asked: "## Changed\n\n- " + asked.split("- ")[-1])
    change(place, "Wait longer\n\nSome hosts are slow.")
    assert place.run().out == ""
    assert place.read("NOTES.md") == "## Changed\n\n- Wait longer\n  Some hosts are slow.\n"
    place.voices["fast"] = DOWN
    place.run(5)
    assert "Wait longer" in place.read("NOTES.md")


@expect("Summarise every file of a folder")
def _(place: Place) -> None:
    names = {"a.txt": "one", "b c.txt": "two"}
    for name, text in names.items():
        place.file(f"notes/{name}", text)
    place.served("fast", lambda asked: DOWN if "two" in asked else f"about {asked[-11:-8]}")
    place.run(5)
    assert place.names() == ["notes/a.txt", "notes/a.txt.summary", "notes/b c.txt"]
    place.voices["fast"] = "about two"
    assert (place.run().out, len(place.server.requests)) == ("", 3)
    assert place.read("notes/a.txt.summary") == "about one\n"
    assert place.read("notes/b c.txt.summary") == "about two\n"


@expect("Name files after what is in them")
def _(place: Place) -> None:
    texts = {"1.txt": "good-name", "2 b.txt": "../../etc/evil", "3.txt": "good-name", "4.txt": DOWN}
    for name, text in texts.items():
        place.file(name, text)
    place.served("fast", lambda asked: asked.split("\n")[-2])
    told = place.run().err
    assert place.names() == ["2 b.txt", "3.txt", "4.txt", "good-name.txt"]
    assert "no name for ./2 b.txt: ../../etc/evil\n" in told
    assert place.read("3.txt") == "good-name"


@expect("Find the first error in a long log")
def _(place: Place) -> None:
    place.served("fast", "line 3: the disk was full")
    place.file("build.log", "fine\n" * 5)
    assert (place.run(1).out, place.server.requests) == ("", [])
    place.file("build.log", "fine\nfine\nError: no room\nat x\n" + "fine\n" * 99)
    assert place.run().out == "line 3: the disk was full\n"
    (asked,) = place.asked()
    assert "\n\n1-fine\n2-fine\n3:Error: no room\n4-at x\n" in asked
    assert len(asked.splitlines()) == 13  # words, a blank, two before, the line, eight after


@expect("Explain errors as they are logged")
def _(place: Place) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("there is no /proc here to see when tail has opened the file")
    place.served("fast", lambda asked: DOWN if "third" in asked else "It is a test.")
    log = place.file("app.log", "ERROR of before\n")
    (block,) = place.recipe.scripts
    shown = place.root / "shown"
    with shown.open("w") as out:
        running = subprocess.Popen(
            place.script(block), cwd=place.folder, env=place.environ, stdout=out,
            stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: follows(log, running.pid))
        with log.open("a") as file:
            file.write("INFO all is well\nERROR second\nERROR third\nERROR fourth\n")
        until(lambda: shown.read_text().endswith("ERROR fourth\nIt is a test.\n"))
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)
    lines = shown.read_text().splitlines()
    assert lines[:3] == ["ERROR second", "It is a test.", "ERROR third"]
    assert lines[3].startswith("kit: ")
    assert [asked[-6:] for asked in place.asked()] == ["second", " third", "fourth"]


def follows(log: Path, group: int) -> bool:
    """A process of this group has the file open, at its end."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(process.name)) != group:
                continue
            for opened in (process / "fd").iterdir():
                if opened.readlink() == log:
                    where = (process / "fdinfo" / opened.name).read_text()
                    return f"pos:\t{log.stat().st_size}\n" in where
        except OSError:  # it has ended meanwhile
            continue
    return False
