"""Manners beyond the list: jobs, folders that are gone, few descriptors, stdin and files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from command import Kit, Ran
from lines import prompts, shell
from loopback import HANG, Server, chat_stream, cut
from screens import escapes
from terminals import on_terminal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="shells, jobs and descriptors of POSIX")


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    server.default = chat_stream("fine")
    return kit.serve(server.url, retries=0)


# --- jobs -----------------------------------------------------------------------------------------
VOTE = "$K consensus -n 3 --stop none --speed max --no-marker hi"


def test_a_run_in_the_background_leaves_the_terminal_to_its_shell(
    served: Kit, server: Server
) -> None:
    """The live view is drawn once, at the end; nothing that the shell shows is overwritten."""
    server.default = lambda _: chat_stream("fine", delay=0.2)
    with on_terminal(served, sh=f"set -m; {VOTE} & echo typed; wait") as terminal:
        assert terminal.end() == 0
    assert not any(each in terminal.text for each in ("waiting", "streaming"))
    assert "A" not in escapes(terminal.text)
    assert "typed" in terminal.lines
    assert terminal.lines[-1] == "fine"
    assert sum("done" in line for line in terminal.lines) == 3


def test_a_view_goes_on_below_what_was_shown_while_kit_was_stopped(
    served: Kit, server: Server
) -> None:
    server.default = cut("partial", how=HANG)
    with on_terminal(
        served, sh=f"set -m; {VOTE}; echo; echo one; echo two; fg; echo code=$?"
    ) as terminal:
        terminal.wait_for("streaming")
        terminal.type("\x1a")
        terminal.wait_for("two")
        terminal.wait_for("streaming")
        terminal.type("\x03")
        terminal.wait_for("code=130")
    lines = terminal.lines
    assert lines.index("one") + 1 == lines.index("two")
    assert sum("cancelled" in line for line in lines) == 3


def test_a_key_to_be_typed_in_the_background_is_asked_for_in_words(served: Kit) -> None:
    """The terminal stops it before it can show its question."""
    with on_terminal(served, sh="set -m; $K key set m & wait; echo stopped") as terminal:
        terminal.wait_for("it runs in the background; `fg` brings it to the front")


@pytest.mark.parametrize("name", ["HUP", "INT"])
def test_what_the_caller_ignores_stays_ignored(name: str, served: Kit, server: Server) -> None:
    """As under nohup, and for what a script starts with &."""
    server.default = chat_stream("partial", " and", " whole", delay=0.3)
    ignoring = ["sh", "-c", f'trap "" {name}; exec "$@"', "sh", *served.argv("ask", "hi")]
    process = subprocess.Popen(ignoring, env=served.env(), stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.read(7) == b"partial"
    process.send_signal(getattr(signal, f"SIG{name}"))
    assert process.communicate(timeout=30)[0] == b" and whole\n"
    assert process.returncode == 0


# --- where little is there ------------------------------------------------------------------------
def test_few_descriptors_mean_fewer_calls_at_once(served: Kit, server: Server) -> None:
    """And none that fails. A soft limit is raised, a hard one is lived with."""
    vote = "$K consensus -n 40 -j 40 --stop none --speed max --no-marker hi --field detail.answered"
    ran = shell(served, f"(ulimit -n 30; {vote}); (ulimit -Sn 30; {vote})")
    assert ran == Ran(0, "40\n40\n", "")


def test_a_folder_that_is_gone(served: Kit, server: Server, tmp_path: Path) -> None:
    """What does not need it works; what does says so, before anything is paid for."""
    gone = 'mkdir "$HOME/gone"; cd "$HOME/gone"; rmdir "$HOME/gone"; '
    for words in ("ask hi", "react -t clock hi", f"ask -o {tmp_path}/abs hi && cat {tmp_path}/abs"):
        assert shell(served, f"{gone} $K {words}") == Ran(0, "fine\n", "")
    asked = len(server.requests)
    for words, why in (("ask -o rel hi", "no folder"), ("react -t read:. hi", "folder is gone")):
        ran = shell(served, f"{gone} $K {words}")
        assert (ran.code, ran.out, len(server.requests)) == (2, "", asked)
        assert why in ran.err


def test_nobody_has_to_have_a_home(served: Kit, tmp_path: Path) -> None:
    """An empty HOME is none; a user that is only a number has /, and no folder named ~."""
    (tmp_path / "sitecustomize.py").write_text(
        "import pwd\ndef getpwuid(number): raise KeyError(number)\npwd.getpwuid = getpwuid\n"
    )
    paths = os.pathsep.join([str(tmp_path), served.env()["PYTHONPATH"]])
    place = f"{sys.executable} -m kit trace path; {sys.executable} -m kit config path"
    for home in ("HOME=", "-u HOME"):
        line = f"env -u XDG_STATE_HOME -u KIT_CONFIG {home} PYTHONPATH={paths} sh -c '{place}'"
        ran = shell(served, line, cwd=tmp_path)
        assert ran.out == "/.local/state/kit/runs\n/.config/kit/config.toml\n"
    home = Path("~root").expanduser()
    assert shell(served, f"env HOME= sh -c '{place}'").out.startswith(str(served.home / "state"))
    if os.getuid() == 0:
        assert shell(served, f"env -u XDG_STATE_HOME HOME= sh -c '{place}'").out.startswith(
            str(home)
        )


def test_words_are_utf_8_in_any_locale(served: Kit, server: Server) -> None:
    bare = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    served.environ |= bare
    assert shell(served, "$K ask h\u00e9; $K ask \"$(printf 'x\\377')\"").code == 0
    assert prompts(server) == ["h\u00e9", "x\ufffd"]


# --- stdin and files ------------------------------------------------------------------------------
def test_stdin_has_a_name_wherever_a_file_is_wanted(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("text\n")
    (tmp_path / "p").write_bytes(b"\x89PNG\r\n\x1a\n")
    for words in ("q -f - <f", "@- <f", "'sum up' - <f", "-a - q <p"):
        assert shell(served, f"$K ask {words}", cwd=tmp_path).code == 0, words
    *texts, parts = prompts(server)
    assert texts == ['q\n\n<file name="stdin">\ntext\n</file>', "text", "sum up\n\ntext"]
    assert [each["type"] for each in parts] == ["image_url", "text"]
    ran = shell(served, "$K ask q -f - -a - <f", cwd=tmp_path)
    assert (ran.code, ran.err) == (2, "kit: stdin is named twice; it can be read once\n")


def test_letters_that_are_lost_are_said(served: Kit, tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"ok\ncaf\xe9\n")
    for words in ("q <latin", "@latin", "q -f latin"):
        ran = shell(served, f"$K ask {words}", cwd=tmp_path)
        assert ran.out == "fine\n"
        assert " is not UTF-8 (line 2): what cannot be read became \ufffd" in ran.err
    assert shell(served, "$K ask -q @latin", cwd=tmp_path).err == ""


def test_an_output_that_cannot_be_is_refused_before_it_is_paid_for(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "circle").symlink_to("circle")
    cases = {
        "''": "--output is empty", ".": "is a folder", "new/": "is a folder",
        "no/file": "there is no folder no", "circle": "Too many levels", "x" * 300: "name too long",
    }  # fmt: skip
    for name, why in cases.items():
        ran = shell(served, f"$K ask -o {name} hi", cwd=tmp_path)
        assert (ran.code, ran.out, server.requests) == (2, "", [])
        assert why in ran.err
    assert [each.name for each in tmp_path.iterdir() if each.name != "home"] == ["circle"]


def test_an_output_has_the_mode_that_the_shell_would_give_it(served: Kit, tmp_path: Path) -> None:
    """The umask for a new one, its own for one that is there; a link is followed, a pipe fed."""
    (tmp_path / "old").write_text("before")
    (tmp_path / "old").chmod(0o640)
    (tmp_path / "link").symlink_to("old")
    ran = shell(
        served,
        "(umask 027; $K ask -o new hi); $K ask -o link hi; mkfifo pipe; cat pipe & "
        "$K ask -o pipe hi; wait; $K ask -o /dev/null hi; stat -c %a new old; cat link",
        cwd=tmp_path,
    )
    assert ran == Ran(0, "fine\n640\n640\nfine\n", "")
    assert (tmp_path / "link").is_symlink()
    assert not list(tmp_path.glob(".kit-*"))


def test_nothing_of_an_answer_is_lost_to_a_full_disk(served: Kit, tmp_path: Path) -> None:
    """Here a limit of the size of files stands for it."""
    (tmp_path / "old").write_text("before")
    ran = shell(served, "(ulimit -f 0; $K ask -o old hi; echo $?) | cat; cat old", cwd=tmp_path)
    assert ran.out == "fine\n2\nbefore"
    assert "kit: --output old cannot be written: File too large" in ran.err
