"""The shell checklist, points 1 to 20: help, streams, prompts, signals.

The numbers are those of the list that kit was held against; other files test the same in depth.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from command import Kit, Ran, until
from lines import ASKING, each_command, prompts, shell
from loopback import Server, chat_stream, cut, delta, hang, refusal

from kit import __version__


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    server.default = chat_stream("fine")
    return kit.serve(server.url, retries=0)


def test_01_the_version_is_one_line(kit: Kit) -> None:
    for flag in ("--version", "-V"):
        assert kit(flag) == Ran(0, f"kit {__version__}\n", "")


def test_02_alone_it_helps_and_calls_nobody(served: Kit, server: Server) -> None:
    ran = served()
    assert (ran.code, ran.err, server.requests) == (0, "", [])
    assert len(ran.out.splitlines()) < 40


def test_03_help_has_examples_first_and_ends_with_where_to_go(kit: Kit) -> None:
    assert "https://" in kit("--help").out.splitlines()[-1]
    for words in (["help", "ask"], ["ask", "-h"], ["ask", "--help"]):
        said = kit(*words).out
        assert said.index("Examples:") < said.index("Options:")


@each_command
def test_04_25_an_error_leaves_stdout_empty_or_one_object(
    words: list[str], served: Kit, server: Server
) -> None:
    server.default = refusal(404, "no such model")
    ran = served(*words, "-m", "nope")
    assert (ran.code, ran.out) == (7 if words[0] == "consensus" else 4, "")
    assert "no such model" in ran.err
    ran = served(*words, "--json")
    assert (ran.object["exit"], ran.object["answer"]) == (ran.code, "")
    assert {"type", "message", "hint"} <= set(ran.object["error"])
    assert ran.err.splitlines()[-1].startswith("kit: "), "and for a person all the same"


@pytest.mark.parametrize(("typed", "meant"), [("asck", "ask"), ("consenus", "consensus")])
def test_05_a_mistyped_command_gets_a_guess(kit: Kit, typed: str, meant: str) -> None:
    ran = kit(typed, "x")
    assert ran.code == 2
    assert f"did you mean `kit {meant}`?" in ran.err


def test_06_an_unknown_flag_is_named(kit: Kit) -> None:
    ran = kit("ask", "--jsn", "x")
    assert ran.code == 2
    assert "--jsn" in ran.err


@each_command
def test_07_08_09_10_stdout_is_the_answer_and_one_newline(words: list[str], served: Kit) -> None:
    """No escape, no carriage return, no blanks at line ends; progress is for terminals and -v."""
    assert served(*words) == Ran(0, "fine\n", "")
    talkative, silent = served(*words, "-v"), served(*words, "-q")
    assert (talkative.out, silent) == ("fine\n", Ran(0, "fine\n", ""))
    assert "cost unknown" in talkative.err or "agree" in talkative.err
    assert not set(talkative.err) & set("\x1b\r")


def test_11_a_prompt_comes_from_words_and_stdin(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("from a file")
    for line in ("echo ctx | $K ask q", "echo q | $K ask", "echo q | $K ask -", "$K ask - <f"):
        assert shell(served, line, cwd=tmp_path).code == 0
    assert prompts(server) == ["q\n\nctx", "q", "q", "from a file"]
    for words in ("consensus -n 1 --no-marker", "refine --check true", "react -t calc"):
        server.requests.clear()
        assert shell(served, f"echo ctx | $K {words} q").out == "fine\n"
        assert prompts(server)[0].endswith("q\n\nctx")


def test_12_an_empty_prompt_is_2_and_sends_nothing(served: Kit, server: Server) -> None:
    for command in ASKING:
        ran = shell(served, f"$K {command} </dev/null")
        assert (ran.code, ran.out, server.requests) == (2, "", [])
        assert "empty" in ran.err


def test_13_a_loop_over_a_file_makes_a_request_a_line(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "lines").write_text("a\nb\nc\n")
    shell(served, 'while read -r l; do $K ask "$l"; done <lines', cwd=tmp_path)
    assert prompts(server) == ["a", "b", "c"]


def test_13_a_loop_over_a_pipe_is_told_what_was_read(served: Kit, server: Server) -> None:
    """It cannot be told apart from `echo ctx | kit ask q`; -v and a terminal say it, --no-stdin
    and </dev/null mend it."""
    loop = "printf 'a\\nb\\nc\\n' | while read -r l; do $K ask -v {} \"$l\"; done"
    assert "kit: read 4 bytes from stdin" in shell(served, loop.format("")).err
    assert "read" not in shell(served, loop.format("--no-stdin")).err
    assert prompts(server) == ["a\n\nb\nc", "a", "b", "c"]
    assert "kit: nothing came from stdin" in shell(served, ": | $K ask -v q").err


def test_14_a_silent_pipe_is_said_and_not_waited_for(served: Kit) -> None:
    process = served.start("ask", "hi", stdin=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.read() == b"fine\n", "with stdin still open"
    assert b"stdin is open but silent" in process.communicate(timeout=20)[1]
    assert process.returncode == 0


def test_15_two_dashes_end_the_flags(served: Kit, server: Server) -> None:
    served("ask", "--", "--not-a-flag")
    assert server.requests[0].json["messages"][-1]["content"] == "--not-a-flag"


def test_16_a_prompt_may_be_longer_than_a_command_line(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    long = "word " * 600_000
    (tmp_path / "long").write_text(long)
    served("ask", stdin=long)
    served("ask", f"@{tmp_path / 'long'}")
    said = {each.json["messages"][-1]["content"].strip() for each in server.requests}
    assert said == {long.strip()}


def test_17_a_reader_that_leaves_is_no_error(served: Kit, server: Server) -> None:
    server.script([*cut(*["line\n"] * 200)[:-1], *[delta("more\n"), 0.05] * 100])
    ran = shell(served, "{ $K ask long; echo $? >code; } | head -1; cat code", cwd=served.home)
    assert (ran.code, ran.out, ran.err) == (0, "line\n141\n", "")
    assert server.requests[0].closed.wait(10)


@each_command
def test_18_a_full_disk_is_said(words: list[str], served: Kit) -> None:
    ran = shell(served, f"$K {' '.join(words)} >/dev/full")
    assert ran.code == 1
    assert ran.err.endswith("kit: stdout cannot be written: No space left on device\n")


def test_18_what_concerns_stderr_costs_no_answer(served: Kit, server: Server) -> None:
    said = shell(served, "$K ask hi 2>/dev/full; $K ask hi 2>&-; $K ask hi <&- 2>&-")
    assert said == Ran(0, "fine\n" * 3, "")
    said = shell(served, "$K ask hi >&-; echo $?; $K --help >/dev/full; echo $?")
    assert (said.out, said.err.count("stdout cannot be written")) == ("1\n1\n", 2)
    server.default = refusal(401, "no")
    assert shell(served, "$K ask hi 2>/dev/full; echo $?").out == "3\n"


@pytest.mark.parametrize(
    ("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_19_20_a_signal_ends_it_with_what_was_said(
    served: Kit, server: Server, by: int, code: int
) -> None:
    server.script(cut("partial ", "text", how="hang"))
    ran = served.interrupted("ask", "hi", when=lambda: bool(server.requests), by=by)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert served.records()[-1]["result"]["status"] == "cancelled"


def test_19_ctrl_c_while_modules_are_imported_is_quiet(served: Kit) -> None:
    for wait in (0.02, 0.08, 0.15):
        process = served.start("consensus", "--help")
        try:
            process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert b"kit/" not in err, "before kit's first line the interpreter speaks for itself"
        assert process.returncode in (0, 130, -signal.SIGINT) or b"Traceback" in err


def test_19_a_second_ctrl_c_ends_it_at_once(served: Kit, server: Server) -> None:
    server.script(hang())
    child = pexpect.spawn(
        sys.executable, ["-m", "kit", "ask", "hi"], env=served.env(), encoding="utf-8", timeout=20
    )  # type: ignore[arg-type]  # env takes str
    until(lambda: bool(server.requests))
    child.sendintr()
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 130
