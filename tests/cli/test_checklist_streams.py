"""The shell checklist, points 1 to 33: help, streams, prompts, signals, exit codes, terminals.

The numbers are those of the list that kit was held against; other files test the same in depth.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest
from command import Kit, Ran, until
from loopback import Server, chat_stream, cut, delta, hang, refusal
from screens import Pty, escapes, seen

from kit import __version__

ASKING = [["ask", "hi"], ["consensus", "-n", "3", "--no-marker", "hi"]]


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    server.default = chat_stream("fine")
    return kit.serve(server.url, retries=0)


def shell(kit: Kit, script: str, **more: object) -> Ran:
    """A line of sh in which ``$K`` is the command."""
    argv = ["sh", "-c", script.replace("$K", f"{sys.executable} -m kit")]
    done = subprocess.run(
        argv, env=kit.env(), capture_output=True, text=True, timeout=60, check=False, **more
    )  # type: ignore[call-overload]  # more is cwd and the like
    return Ran(done.returncode, done.stdout, done.stderr)


def on_a_terminal(kit: Kit, *args: str, **environ: str) -> str:
    """What arrives at a terminal that stands for stdout."""
    terminal = Pty()
    kit.environ |= environ
    kit.start(*args, stdout=terminal.stream).communicate(timeout=60)
    return terminal.text()


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


def test_04_an_error_leaves_stdout_empty(served: Kit, server: Server) -> None:
    server.script(refusal(404, "no such model"))
    ran = served("ask", "-m", "nope", "hi")
    assert (ran.code, ran.out) == (4, "")


@pytest.mark.parametrize(("typed", "meant"), [("asck", "ask"), ("consenus", "consensus")])
def test_05_a_mistyped_command_gets_a_guess(kit: Kit, typed: str, meant: str) -> None:
    ran = kit(typed, "x")
    assert ran.code == 2
    assert f"did you mean `kit {meant}`?" in ran.err


def test_06_an_unknown_flag_is_named(kit: Kit) -> None:
    ran = kit("ask", "--jsn", "x")
    assert ran.code == 2
    assert "--jsn" in ran.err


@pytest.mark.parametrize("words", ASKING, ids=["ask", "consensus"])
def test_07_08_09_stdout_is_the_answer_and_one_newline(served: Kit, words: list[str]) -> None:
    assert served(*words).out == "fine\n"


def test_10_progress_is_for_terminals_and_v_and_never_for_q(served: Kit) -> None:
    words = ASKING[1]
    assert served(*words).err == ""
    assert "agree" in served(*words[:1], "-v", *words[1:]).err
    assert served(*words[:1], "-q", *words[1:]).err == ""


def test_11_a_prompt_comes_from_words_and_stdin(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "f").write_text("from a file")
    for line in ("echo ctx | $K ask q", "echo q | $K ask", "echo q | $K ask -", "$K ask - <f"):
        assert shell(served, line, cwd=tmp_path).code == 0
    prompts = [each.json["messages"][-1]["content"] for each in server.requests]
    assert prompts == ["q\n\nctx", "q", "q", "from a file"]


def test_12_an_empty_prompt_is_2_and_sends_nothing(served: Kit, server: Server) -> None:
    ran = shell(served, "$K ask </dev/null")
    assert (ran.code, server.requests) == (2, [])
    assert "empty" in ran.err


def test_13_a_loop_over_a_file_makes_a_request_a_line(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "lines").write_text("a\nb\nc\n")
    shell(served, 'while read -r l; do $K ask "$l"; done <lines', cwd=tmp_path)
    assert [each.json["messages"][-1]["content"] for each in server.requests] == ["a", "b", "c"]


def test_14_a_silent_pipe_is_said_and_not_waited_for_in_silence(served: Kit) -> None:
    process = served.start("ask", "hi", stdin=subprocess.PIPE)
    assert process.stderr is not None
    assert b"stdin is open but silent" in process.stderr.readline()
    process.kill()
    process.communicate(timeout=20)


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
    ran = shell(served, "$K ask long | head -1")
    assert (ran.code, ran.out, ran.err) == (0, "line\n", "")
    assert server.requests[0].closed.wait(10)


def test_18_a_full_disk_is_said(served: Kit) -> None:
    ran = shell(served, "$K ask hi >/dev/full")
    assert ran.code != 0
    assert "No space left" in ran.err


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


def test_21_each_end_has_its_own_code(served: Kit, server: Server) -> None:
    documented = kit_codes(served)
    server.script(refusal(401, "no"), refusal(400, "no"), refusal(503, "no"), cut("half"))
    codes = [served("ask", "hi").code for _ in range(4)]
    codes += [served("ask", "--max-calls", "0", "hi").code, served("ask", "").code]
    assert codes == [3, 4, 5, 6, 8, 2]
    assert set(codes) <= documented


def kit_codes(kit: Kit) -> set[int]:
    words = kit("help", "exit-codes").out.split("\n")
    return {
        int(line.split()[0]) for line in words if line.split()[:1] and line.split()[0].isdigit()
    }


def test_22_23_24_what_is_not_whole_is_no_success(served: Kit, server: Server) -> None:
    server.script(cut("half "), chat_stream("long", finish="length"), chat_stream(""))
    half, length, empty = (served("ask", "hi") for _ in range(3))
    assert (half.code, half.out) == (6, "half \n")
    assert (length.code, length.out) == (6, "long\n")
    assert (empty.code != 0, empty.out) == (True, "")
    assert all(ran.err.startswith("kit: ") for ran in (half, length, empty))


def test_25_26_json_is_one_object_and_events_are_lines(served: Kit, server: Server) -> None:
    server.script(chat_stream("fine"), refusal(400, "bad"), chat_stream("fine"))
    good, bad, events = served("ask", "--json", "x"), served("ask", "--json", "x"), None
    assert (good.object["status"], good.object["error"]) == ("ok", None)
    assert bad.object["status"] == "rejected"
    assert "bad" in json.dumps(bad.object["error"])
    events = [json.loads(line) for line in served("ask", "--events", "x").out.splitlines()]
    assert events[0]["schema"] == 1
    assert events[-1]["kind"] == "run.finished"


def test_27_a_schema_that_is_not_met_is_no_success(served: Kit, server: Server) -> None:
    schema = '{"type": "object", "required": ["a"]}'
    server.script(chat_stream('{"a": 1}'), chat_stream('{"b": 1}'))
    assert served("ask", "--schema", schema, "x").out == '{"a": 1}\n'
    assert served("ask", "--schema", schema, "--repairs", "0", "x").code == 7


def test_28_an_output_file_is_whole_or_not_there(served: Kit, tmp_path: Path) -> None:
    assert served("ask", "-o", str(tmp_path / "new"), "x").out == ""
    assert (tmp_path / "new").read_text() == "fine\n"
    assert served("ask", "-o", str(tmp_path), "x").code == 2
    assert served("ask", "-o", "-", "x").out == "fine\n"


def test_29_a_field_needs_no_jq(served: Kit) -> None:
    assert served("ask", "--field", "usage.calls", "x").out == "1\n"


def test_30_colour_is_the_users_choice(served: Kit, server: Server) -> None:
    server.default = chat_stream("**bold**")
    assert "m" in escapes(on_a_terminal(served, "ask", "x", TERM="xterm"))
    assert escapes(on_a_terminal(served, "ask", "--color", "never", "x")) == set()
    assert "\x1b" not in served("ask", "x", NO_COLOR="1").out
    assert "m" in escapes(served("ask", "--color", "always", "x").out)
    assert "\x1b" not in on_a_terminal(served, "ask", "x", TERM="dumb")


def test_31_escapes_of_others_are_inert_on_a_terminal_and_whole_in_a_pipe(
    served: Kit, server: Server
) -> None:
    evil = "\x1b]0;x\x07 \x1b[2J end"
    server.default = chat_stream(evil)
    assert served("ask", "x").out == evil + "\n"
    assert "\x1b]0" not in (shown := on_a_terminal(served, "ask", "x"))
    assert "\x1b[2J" not in shown


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_32_few_bytes_and_no_way_up(served: Kit, server: Server, columns: int) -> None:
    text = "".join(f"word{number} and\n\n* item {number}\n\n" for number in range(40))
    server.default = chat_stream(*[text[at : at + 7] for at in range(0, len(text), 7)])
    said = on_a_terminal(served, "ask", "x", COLUMNS=str(columns), TERM="xterm")
    assert len(said.encode()) <= 10 * len(text)
    assert "A" not in escapes(said)
    assert sum("item 7" in line for line in seen(said, columns, 400)) == 1


def test_33_any_letter_in_any_locale(served: Kit, server: Server) -> None:
    server.default = chat_stream("日本 👩‍👩‍👧 é")
    assert served("ask", "x").out == "日本 👩‍👩‍👧 é\n"
    assert served("ask", "x", LC_ALL="C", PYTHONUTF8="0").code == 0


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
