"""Recipes of the sections Keys, Where you type, Where it runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pexpect
import pyte
import pytest
from command import KEY, until
from recipes.of_files import change, repository
from recipes.place import DOWN, Place, needed
from recipes.table import expect


def sent(place: Place) -> str:
    """The key that the last request came with."""
    return place.server.requests[-1].headers.get("authorization", "").removeprefix("Bearer ")


def kept_nowhere(place: Place, *but: str) -> None:
    """The key is in no file below the folder and the home, but these."""
    files = (path for path in place.root.rglob("*") if path.is_file() and path.name not in but)
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []


@expect("A key out of a password manager")
def _(place: Place) -> None:
    place.program("pass", f'#!/bin/sh\n[ "$*" = "show llm/fast" ] && echo {KEY}\n')
    place.served("fast", "It crosses devices.", "# mine")
    out = place.run().out.splitlines()
    assert re.fullmatch(f"key_command +…{KEY[-4:]}", out[-2])
    assert out[-1] == "It crosses devices."
    assert sent(place) == KEY
    assert "# mine" in place.config.read_text()
    kept_nowhere(place, "pass")
    place.program("pass", "#!/bin/sh\necho the store is locked >&2\nexit 1\n")
    assert "the store is locked" in place.run(3, OPENAI_API_KEY=KEY).err


@expect("A key out of the secrets of CI")
def _(place: Place) -> None:
    repository(place)
    change(place)
    place.served("openai", "", 'key = "env:OPENAI_API_KEY"')
    place.voices["gpt-4.1-mini"] = "Fine."
    assert place.run(OPENAI_API_KEY=KEY).out == ""
    assert place.read("review.md") == "Fine.\n"
    assert sent(place) == KEY
    kept_nowhere(place)
    assert not (place.home / ".local").exists()  # no record was kept
    assert "from a secret" in place.run(2).err


@expect("Lend a key to another program")
def _(place: Place) -> None:
    place.served("fast", "", 'key = "env:MINE"')
    place.file("report.py", "import os, sys\nprint(os.environ['OPENAI_API_KEY'])\nsys.exit(7)\n")
    assert place.run(7, MINE=KEY).out == f"{KEY}\n"
    place.run(3)
    assert place.server.requests == []


@expect("A profile for one project")
def _(place: Place) -> None:
    allowed = place.root / "allowed"
    place.program(
        "direnv",
        f"""#!/bin/sh
case $1 in
  allow) cat .envrc > {allowed} ;;
  exec) shift 2; . {allowed}; exec "$@" ;;
esac
""",
    )
    place.fake("other", '"another"')
    place.fake("local", '"the local one"')
    assert place.run().out == "the local one\n"
    runs = [path.suffix for path in (place.folder / ".kit").rglob("*") if path.is_file()]
    assert ".jsonl" in runs


@expect("A command line out of words")
def _(place: Place) -> None:
    (block,) = place.recipe.scripts
    bash, path = place.script(block)
    place.served("fast", lambda asked: "du -sh -- */ | sort -h" if asked == "what is big" else DOWN)
    env = {**place.environ, "TERM": "dumb", "INPUTRC": "/dev/null"}
    child = pexpect.spawn(
        bash, ["--noprofile", "--rcfile", path, "-i"], cwd=str(place.folder), env=env, timeout=60,
        dimensions=(24, 200),
    )  # fmt: skip
    try:
        child.expect(r"[$#] ")
        child.send("what is big\x18k")
        child.expect(re.escape("du -sh -- */ | sort -h"))
        child.send("\x15echo never mind\x18k")
        child.expect("kit: [^\r]*busy")
        child.send("\r")
        child.expect("\r\nnever mind\r\n")
        child.send("\x15exit\r")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    system, _ = place.server.requests[0].json["messages"]
    assert system["content"].startswith(
        f"Answer with one bash command line for {os.uname().sysname}"
    )


@expect("Filter lines in Vim")
def _(place: Place) -> None:
    vim = needed("vim")
    place.served("fast", lambda asked: asked.split("\n\n")[-1].upper())
    text = place.file("note.txt", "one\nit's 50%\nthree\n")
    place.run()
    keys = ["-c", "2Kit Shout! It's 'mine' % # $HOME", "-c", "wq"]
    argv = [vim, "-N", "-es", "-i", "NONE", "-u", str(place.home / ".vimrc"), *keys, text.name]
    ran = place.command(argv)
    assert text.read_text() == "one\nIT'S 50%\nthree\n", ran
    assert place.asked() == ["Shout! It's 'mine' % # $HOME\n\nit's 50%"]


def watching(child: Any) -> Callable[[], str]:
    """What stands on the screen of this terminal by now."""
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)

    def shown() -> str:
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            stream.feed(child.read_nonblocking(1 << 16, timeout=0.1))
        return "\n".join(screen.display).rstrip()

    return shown


@expect("A popup in tmux")
def _(place: Place) -> None:
    tmux = needed("tmux")
    if tuple(map(int, re.findall(r"\d+", place.command([tmux, "-V"]).out)[:2])) < (3, 2):
        pytest.skip("this tmux has no popups")
    place.served("fast", lambda asked: f"You said {asked}.")
    place.run()
    short = tempfile.mkdtemp(prefix="kit-")  # the path of a socket has 107 bytes at most
    env = {**place.environ, "TERM": "screen", "TMUX_TMPDIR": short, "SHELL": "/bin/sh"}
    child = pexpect.spawn(
        tmux, ["-f", str(place.home / ".tmux.conf")], cwd=str(place.folder), env=env, timeout=60
    )
    try:
        shown = watching(child)
        until(lambda: bool(re.search(r"[$#]\s", shown())))
        child.send("\x02k")
        until(lambda: "type the prompt" in shown())
        child.send("good morning\r\x04")
        until(lambda: "You said good morning." in shown())
        child.send("\r")
        until(lambda: "good morning" not in shown())
        child.send("exit\r")
        child.expect(pexpect.EOF)
    finally:
        subprocess.run([tmux, "kill-server"], env=env, capture_output=True, check=False)
        child.close(force=True)
        shutil.rmtree(short, ignore_errors=True)


@expect("Be told how a long job ended")
def _(place: Place) -> None:
    needed("make")
    told = place.root / "told"
    place.program("notify-send", f'#!/bin/sh\nprintf "%s\\n" "$@" >> {told}\n')
    place.served("fast", lambda asked: "A test is wrong." if "wrong in a.c" in asked else "?")
    place.file("Makefile", "test:\n\t@echo wrong in a.c >&2; exit 1\n")
    place.run()
    place.file("Makefile", "test:\n")
    place.run()
    assert told.read_text() == "Tests failed\nA test is wrong.\nTests passed\n"


@expect("A report from cron")
def _(place: Place) -> None:
    table = place.root / "crontab"
    table.write_text("@daily true\n")
    place.program(
        "crontab", f"#!/bin/sh\ncase $1 in -l) cat {table} ;; -) cat > {table}.new ;; esac\n"
    )
    place.run()
    old, line = Path(f"{table}.new").read_text().splitlines()
    assert old == "@daily true"
    *when, command = line.split(" ", 5)
    assert (when, "%" in command) == (["0", "7", "*", "*", "1-5"], False)
    place.served("fast", lambda asked: "None." if "Mounted on" in asked else "?")
    local = place.home / ".local" / "bin"
    local.mkdir(parents=True)
    shutil.copy(place.bin / "kit", local)
    cron = ["env", "-i", f"HOME={place.home}", "LOGNAME=ada", "SHELL=/bin/sh", "PATH=/usr/bin:/bin"]
    ran = place.command([*cron, "/bin/sh", "-c", command])
    assert (ran.code, ran.out, ran.err) == (0, "None.\n", "")


@expect("A rule in a Makefile")
def _(place: Place) -> None:
    needed("make")
    for name in ("one", "two"):
        place.file(f"{name}.txt", name)
    place.served("fast", lambda asked: DOWN if "\none\n" in asked else "about two")
    ran = place.run(2)
    assert "kit: " in ran.err
    assert not (place.folder / "one.summary").exists()
    place.voices["fast"] = "about one"
    assert place.run().out == ""
    place.server.requests.clear()
    place.run()
    assert place.server.requests == []
    assert (place.read("one.summary"), place.read("two.summary")[:5]) == ("about one\n", "about")


@expect("Ask about another machine")
def _(place: Place) -> None:
    place.program("ssh", '#!/bin/sh\n[ "$1" = web1 ] && exec sh -c "$2"\n')
    place.program("journalctl", '#!/bin/sh\necho "disk full"\n')
    place.served("fast", lambda asked: "Its disk is full." if "\n\ndisk full" in asked else "?")
    assert place.run().out == "Its disk is full.\n"
    place.program("ssh", "#!/bin/sh\nexit 255\n")
    place.run(255)
    assert len(place.server.requests) == 1


# Does with Dockerfile and flags what docker would: the environment is what -e names and the image
# sets, a path that -v maps is found where it lies outside.
DOCKER = """#!{python}
import os, re, sys
verb, *words = sys.argv[1:]
if verb == "build":
    sys.exit(print("sha256:0"))
given, kept, entry = {{}}, {{}}, None
for line in open("Dockerfile"):
    if line.startswith("ENV "):
        given |= [line[4:].strip().split("=", 1)]
    if line.startswith("ENTRYPOINT"):
        entry = re.findall('"(.*?)"', line)
while words[0].startswith("-"):
    flag = words.pop(0)
    if flag == "-e":
        name, equals, value = words.pop(0).partition("=")
        given |= {{name: value}} if equals else {{name: os.environ[name]}}
    if flag == "-v":
        outside, inside, _ = words.pop(0).split(":")
        kept[inside] = outside
given = {{name: kept.get(value, value) for name, value in given.items()}}
home = {{"HOME": "/nonexistent", "PATH": os.environ["PATH"]}}
os.execvpe(entry[0], [*entry, *words[1:]], given | home)
"""


@expect("In a container")
def _(place: Place) -> None:
    """Without docker, which would have to fetch an image: what it is told is looked at."""
    repository(place)
    place.program("docker", DOCKER.format(python=sys.executable))
    place.served("fast", lambda asked: "It began." if asked.endswith("Begin") else "?", "# none")
    place.file("kit.toml", place.toml)
    place.config.unlink()
    ran = place.run(KIT_KEY_FAST=KEY)
    assert (ran.out, ran.err) == ("It began.\n", "")
    assert sent(place) == KEY
    kept_nowhere(place)
