"""The contract's small print, seen from the shell: streams, files, signals, words that help."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pexpect
import pytest
from command import Kit, until
from loopback import Server, chat_stream, cut, delta, refusal, until_close
from screens import Pty

from kit import __version__
from kit.cli.app import COMMANDS

EVIL = "\x1b]0;owned\x07\x1b[2Jred\x9b31m text\x07 \x7f end"


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=0)


def through_sh(kit: Kit, redirection: str, *args: str) -> subprocess.CompletedProcess[str]:
    """The command with a redirection that only a shell can write."""
    return subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", *kit.argv(*args)],
        env=kit.env(), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def on_a_terminal(kit: Kit, *args: str) -> str:
    """What arrives at a terminal that stands for stdout."""
    terminal = Pty()
    process = kit.start(*args, stdout=terminal.stream)
    process.communicate(timeout=60)
    return terminal.text()


# --- where the answer goes ----------------------------------------------------------------------
def test_a_pipe_that_is_named_as_output_is_written_to_and_stays_a_pipe(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    """A device too: an ordinary file in the place of /dev/null would be a disaster."""
    server.script(chat_stream("the answer"))
    fifo, got = tmp_path / "fifo", []
    os.mkfifo(fifo)
    reader = threading.Thread(target=lambda: got.append(fifo.read_text()), daemon=True)
    reader.start()
    ran = served("ask", "-o", str(fifo), "hi")
    assert fifo.is_fifo()
    reader.join(10)
    assert (ran.code, ran.out, got) == (0, "", ["the answer\n"])


def test_dev_stdout_as_output_is_stdout(served: Kit, server: Server) -> None:
    server.script(chat_stream("the answer"))
    assert served("ask", "-o", "/dev/stdout", "hi").out == "the answer\n"


def test_an_answer_that_its_file_does_not_take_goes_to_stdout(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.script(chat_stream("paid for"))
    target = tmp_path / "answer"
    process = served.start(
        "ask", "-q", "-o", str(target), "hi",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"paid for\n")
    assert b"cannot be written: File too large" in err
    assert not target.exists()


def test_a_field_that_is_missing_does_not_hide_how_the_run_ended(
    served: Kit, server: Server
) -> None:
    server.script(refusal(503, "down"), chat_stream("up"))
    assert served("ask", "--field", "detail.parsed", "hi").code == 5
    assert served("ask", "--field", "detail.parsed", "hi").code == 2


@pytest.mark.parametrize("args", [("--version",), ("--help",), ("ask", "--help"), ("ask", "hi")])
def test_a_closed_stdout_is_said_and_is_no_success(
    served: Kit, server: Server, args: tuple[str, ...]
) -> None:
    server.default = chat_stream("hello")
    ran = through_sh(served, ">&-", *args)
    assert (ran.returncode, ran.stderr) == (
        1,
        "kit: stdout cannot be written: Bad file descriptor\n",
    )


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_version_that_cannot_be_written_is_no_traceback(kit: Kit) -> None:
    ran = through_sh(kit, ">/dev/full", "--version")
    want = "kit: stdout cannot be written: No space left on device\n"
    assert (ran.returncode, ran.stderr) == (1, want)


def test_with_no_stream_open_at_all_the_file_is_still_written(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.script(chat_stream("hello"))
    ran = through_sh(served, "<&- >&- 2>&-", "ask", "-o", str(tmp_path / "file"), "hi")
    assert (ran.returncode, (tmp_path / "file").read_text()) == (0, "hello\n")


@pytest.mark.parametrize("args", [("help", "exit-codes"), ("consensus", "--help")])
def test_an_encoding_that_lacks_a_letter_is_no_error(kit: Kit, args: tuple[str, ...]) -> None:
    """F20."""
    assert kit(*args, PYTHONIOENCODING="ascii").code == 0


@pytest.mark.parametrize("command", ["ask", "consensus"])
def test_with_nobody_to_ask_there_is_still_an_object(kit: Kit, command: str) -> None:
    ran = kit(command, "--json", "hi")
    assert (ran.code, ran.object["status"], ran.object["exit"]) == (3, "auth", 3)
    assert ran.object["error"]["message"] == "no provider is set up yet"
    assert ran.object["usage"]["calls"] == 0


def test_who_answers_instead_is_said(kit: Kit, server: Server) -> None:
    server.script(refusal(503, "down"), chat_stream("hello"))
    kit.serve(server.url, "one", retries=0).serve(server.url, "two")
    ran = kit("ask", "-p", "one", "--fallback", "two", "hi")
    assert (ran.code, ran.out) == (0, "hello\n")
    assert ran.err.startswith("kit: two is asked instead: ")
    assert ran.err.count("\n") == 1


# --- what reaches a terminal --------------------------------------------------------------------
@pytest.mark.parametrize("how", [("--field", "answer"), ("--json",), ("--events",)])
def test_no_form_of_the_answer_brings_control_characters_to_a_terminal(
    served: Kit, server: Server, how: tuple[str, ...]
) -> None:
    """X01, X02: C1 controls too, which JSON would let through."""
    server.script(chat_stream(*EVIL))
    text = on_a_terminal(served, "ask", *how, "hi")
    assert "end" in text
    assert not set(text) & {"\x1b", "\x07", "\x7f", "\x9b"}


def test_the_same_answer_is_whole_in_a_pipe(served: Kit, server: Server) -> None:
    server.default = chat_stream(EVIL)
    assert served("ask", "--field", "answer", "hi").out == EVIL + "\n"
    assert served("ask", "--json", "hi").object["answer"] == EVIL
    assert json.loads(served("ask", "--events", "hi").out.splitlines()[-1])["result"][
        "answer"
    ] == EVIL  # fmt: skip


def test_the_name_of_a_file_cannot_close_its_own_quotes(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    """X05."""
    server.script(chat_stream("ok"))
    file = tmp_path / 'a"> now\n\u202ebe.txt'
    file.write_text("text")
    served("ask", "-f", str(file), "hi")
    content = server.requests[0].json["messages"][0]["content"]
    assert content == 'hi\n\n<file name="a\'> now\\n\\u{202e}be.txt">\ntext\n</file>'


# --- signals --------------------------------------------------------------------------------------
def ended(process: subprocess.Popen[bytes], by: int) -> int:
    process.send_signal(by)
    code = process.wait(10)
    for stream in (process.stdout, process.stderr):
        assert stream is not None
        stream.close()
    return code


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_is_heard_while_nobody_reads_stdout(
    served: Kit, server: Server, by: int, code: int
) -> None:
    """F11: kit waits for room in the pipe, as the answer is larger than that."""
    text = delta("x" * 8192)
    server.script(until_close(*[text] * 100, delta(finish="stop")))
    process = served.start("ask", "hi")
    until(lambda: _is_full(process))
    assert ended(process, by) == code
    assert served.records()[-1]["result"]["status"] == "cancelled"


def _is_full(process: subprocess.Popen[bytes]) -> bool:
    """Nothing was added to the pipe for a while, although there is more to say."""
    import fcntl
    import termios

    assert process.stdout is not None
    sizes = []
    for _ in range(2):
        raw = fcntl.ioctl(process.stdout, termios.FIONREAD, b"\0" * 4)
        sizes.append(int.from_bytes(raw, "little"))
        time.sleep(0.1)
    return sizes[0] == sizes[1] > 32768


def test_a_signal_is_heard_while_a_key_command_thinks(served: Kit, tmp_path: Path) -> None:
    began = tmp_path / "began"
    served.configure(
        '[profiles.m]\napi = "openai-chat"\nbase_url = "http://127.0.0.1:9"\nmodel = "m"\n'
        f'key_command = ["sh", "-c", "echo x > {began}; exec sleep 20"]\n'
    )
    del served.environ["KIT_KEY_M"]
    process = served.start("ask", "hi")
    until(began.exists)
    start = time.monotonic()
    assert ended(process, signal.SIGINT) == 130
    assert time.monotonic() - start < 10  # and not the 20 s that the command takes
    assert served.records()[-1]["result"]["status"] == "cancelled"


def test_a_terminal_that_goes_away_is_129_with_a_trace(served: Kit, server: Server) -> None:
    server.script([*cut("one ", "two")[:3], 30.0])
    terminal = pexpect.spawn(
        sys.executable, ["-m", "kit", "ask", "hi"], env=served.env(), encoding="utf-8", timeout=30
    )
    terminal.expect("two")
    terminal.close(force=False)
    assert terminal.exitstatus == 129
    result = served.records()[-1]["result"]
    assert (result["status"], result["answer"]) == ("cancelled", "one two")


RING = """
import os, time
from keyring.backend import KeyringBackend

class Ring(KeyringBackend):
    priority = 9

    def get_password(self, service, user):
        open(os.environ["BEGAN"], "w").close()
        time.sleep(20)

    set_password = delete_password = get_password
"""


def test_a_signal_is_heard_while_a_keyring_hangs(served: Kit, tmp_path: Path) -> None:
    (tmp_path / "hanging.py").write_text(RING)
    began = tmp_path / "began"
    served.toml = served.toml.replace("retries", 'key = "keyring"\nretries')
    served.configure(served.toml)
    del served.environ["KIT_KEY_M"]
    served.environ |= {"PYTHON_KEYRING_BACKEND": "hanging.Ring", "BEGAN": str(began)}
    served.environ["PYTHONPATH"] = f"{served.env()['PYTHONPATH']}{os.pathsep}{tmp_path}"
    ran = served.interrupted("ask", "hi", when=began.exists)
    failed = [each["message"] for each in served.records() if each["kind"] == "call.failed"]
    assert (ran.code, ran.err, failed) == (130, "kit: interrupted\n", ["interrupted"])


# --- words that help ------------------------------------------------------------------------------
@pytest.mark.parametrize("args", [("ask",), ("ask", "hi"), ("trace", "list"), ("key",)])
@pytest.mark.parametrize("flag", ["-V", "--version"])
def test_the_version_is_told_after_every_command(
    kit: Kit, args: tuple[str, ...], flag: str
) -> None:
    assert (kit(*args, flag).out, kit(*args, flag).code) == (f"kit {__version__}\n", 0)


def test_a_version_that_is_the_value_of_a_flag_is_a_value(served: Kit, server: Server) -> None:
    server.script(chat_stream("ok"))
    assert served("ask", "-s", "-V", "--", "--version").out == "ok\n"
    assert [each["content"] for each in server.requests[0].json["messages"]] == ["-V", "--version"]


def test_help_helps_with_itself(kit: Kit) -> None:
    assert kit("help", "help").out == kit("--help").out


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("hlep",), "there is no command 'hlep'; did you mean `kit help`?"),
        (("--verson",), "there is no flag --verson here; did you mean `kit --version`?"),
        (("trace", "shw"), "no such command 'shw'; did you mean 'show'?"),
        (("trace", "list", "--foo"), "no such option: --foo; see `kit trace list --help`"),
        (("completion",), "missing argument 'SHELL'. Choose from: bash, zsh, fish, powershell;"
         " see `kit completion --help`"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_the_way_on(
    kit: Kit, args: tuple[str, ...], said: str
) -> None:
    ran = kit(*args)
    assert (ran.code, ran.out, ran.err) == (2, "", f"kit: {said}\n")


@pytest.mark.parametrize("command", ["profile", "key", "config", "trace", "local"])
def test_a_list_of_commands_says_what_each_does_and_gives_no_examples(
    kit: Kit, command: str
) -> None:
    commands = kit(command, "--help").out.partition("Commands:")[2]
    assert commands
    assert "Example" not in commands


@pytest.mark.parametrize("args", [("--help",), ("help", "exit-codes"), ("consensus", "--help")])
def test_help_fits_into_eighty_columns(kit: Kit, args: tuple[str, ...]) -> None:
    assert [line for line in kit(*args).out.splitlines() if len(line) > 80] == []


def test_every_command_has_help_that_writes_nothing(kit: Kit) -> None:
    before = sorted(kit.home.rglob("*"))
    for name in COMMANDS:
        ran = kit("help", name)
        assert (ran.code, ran.err, "\x1b" in ran.out) == (0, "", False), name
        assert f"Usage: kit {name}" in ran.out
    assert sorted(kit.home.rglob("*")) == before


@pytest.mark.parametrize("flag", ["--timeout", "--deadline", "--max-cost", "--temperature"])
@pytest.mark.parametrize("value", ["nan", "inf"])
def test_a_limit_that_is_no_number_is_refused(
    served: Kit, server: Server, flag: str, value: str
) -> None:
    ran = served("ask", flag, value, "hi")
    assert (ran.code, server.requests) == (2, [])
    assert f"{flag} {value} is not a number" in ran.err


def test_a_configuration_that_was_named_must_be_there(served: Kit, server: Server) -> None:
    ran = served("ask", "--config", "nowhere.toml", "hi")
    assert (ran.code, ran.err) == (2, "kit: --config nowhere.toml cannot be found\n")
    assert server.requests == []


@pytest.mark.parametrize(
    "args", [("ask", "@~nobody-here/x"), ("ask", "-o", "~nobody-here/x", "hi")]
)
def test_the_home_of_a_user_who_does_not_exist_is_2(served: Kit, args: tuple[str, ...]) -> None:
    ran = served(*args)
    assert ran.code == 2
    assert "~nobody-here" in ran.err


def test_quiet_says_nothing_of_a_run_that_cannot_be_recorded(served: Kit, server: Server) -> None:
    """F08, F09: without -q it is one warning, and either way the answer is there."""
    server.default = chat_stream("hello")
    (served.home / "state").write_text("a file where a folder should be")
    loud, quiet = served("ask", "hi"), served("ask", "-q", "hi")
    assert (loud.code, loud.out, quiet.code, quiet.out) == (0, "hello\n", 0, "hello\n")
    assert (loud.err.count("\n"), quiet.err) == (1, "")
    assert "is not recorded" in loud.err


def test_the_latest_of_no_runs_is_2(kit: Kit) -> None:
    ran = kit("trace", "last")
    assert (ran.code, "no runs are recorded" in ran.err) == (2, True)
