"""F11, F12, F16 and F20 of the fault battery: keys, signals, piped prompts, locales."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command import Kit, until
from loopback import HANG, Script, Server, chat_stream, cut, refusal, response
from terminals import on_terminal, watched

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals and pseudo-terminals of POSIX")


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=0)


def result(kit: Kit) -> Any:
    return kit.records()[-1]["result"]


def calling(*argv: str) -> Script:
    """A model that wants to run a command."""
    function = {"name": "shell", "arguments": json.dumps({"argv": argv})}
    call = {"id": "t1", "type": "function", "function": function}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return response({"id": "c", "model": "m-1", "choices": [choice]})


# --- F11 and F12 ----------------------------------------------------------------------------------
AT_WORK = {
    "ask": (["ask", "hi"], cut("# T\n\npartial **te", "xt", how=HANG), "xt"),
    "plain": (["ask", "--plain", "hi"], cut("partial ", "text", how=HANG), "partial text"),
    "consensus": (
        ["consensus", "-n", "3", "--speed", "max", "hi"], cut("partial", how=HANG), "streaming",
    ),
    "refine": (["refine", "--check", "true", "hi"], cut("partial", how=HANG), "writing"),
    "react": (["react", "-t", "shell", "hi"], calling("true"), r"\[s\]top\? "),
    "silent": (["ask", "hi"], [HANG], "$"),
}  # fmt: skip
MODES = "trap : INT; stty -g; $K {}; echo code=$?; stty -g"


@pytest.mark.parametrize(("words", "script", "shows"), AT_WORK.values(), ids=AT_WORK)
def test_F11_sigint(
    words: list[str], script: Script, shows: str, served: Kit, server: Server
) -> None:
    """Ctrl-C: 130, what was said stays on the screen, the request is closed, the trace says so, and
    the terminal is as it was."""
    server.default = script
    with on_terminal(served, sh=MODES.format(" ".join(words)), columns=200) as terminal:
        until(lambda: bool(server.requests))
        terminal.wait_for(shows)
        terminal.type("\x03")
        assert terminal.end() == 0
    lines = [line for line in terminal.lines if line]
    assert lines[-2] == "code=130"
    assert lines[0] == lines[-1], "the terminal's modes before and after"
    assert not terminal.screen.cursor.hidden
    assert terminal.obeyed == set()
    assert "Traceback" not in terminal.text
    assert "interrupted" in terminal.text
    assert result(served)["status"] == "cancelled"
    if "react" not in words:
        assert all(each.closed.wait(10) for each in server.requests)
    if words[0] == "ask" and script != [HANG]:
        assert any(re.fullmatch(r"partial (\*\*)?text(\^C)?", line) for line in lines)
        assert "partial" in result(served)["answer"]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_F12_sigterm_sighup(name: str, served: Kit, server: Server) -> None:
    """143 and 129, else as Ctrl-C."""
    code = 128 + signal.Signals[name]
    for words, script, shows in (AT_WORK["ask"], AT_WORK["consensus"]):
        server.default = script
        with on_terminal(served, *words) as terminal:
            terminal.wait_for(shows)
            terminal.signal(signal.Signals[name])
            assert terminal.end() == code
        assert terminal.obeyed == set()
        assert result(served)["status"] == "cancelled"
        assert all(each.closed.wait(10) for each in server.requests)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_F11_F12_in_a_pipe(name: str, served: Kit, server: Server) -> None:
    code = 128 + signal.Signals[name]
    server.default = cut("so far", how=HANG)
    process = served.start("ask", "hi")
    assert process.stdout is not None
    assert process.stdout.read(6) == b"so far"
    process.send_signal(signal.Signals[name])
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err.count(b"\n")) == (code, b"\n", 1)
    ended = result(served)
    assert (ended["status"], ended["exit"], ended["answer"]) == ("cancelled", code, "so far")
    assert server.requests[0].closed.wait(10)


STUBBORN = """
import asyncio

from kit.events import TextDelta


class Stubborn:
    def __init__(self, profile, key=None):
        pass

    async def stream(self, request):
        yield TextDelta("", "partial")
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                print("deaf", flush=True)
"""


def test_F11_sigint_a_second_one_ends_it_at_once(kit: Kit, server: Server, tmp_path: Path) -> None:
    """Also while what was cancelled goes on."""
    (tmp_path / "stubborn.py").write_text(STUBBORN)
    kit.configure('[profiles.s]\napi = "stubborn:Stubborn"\nmodel = "s"\n')
    path = f"{kit.env()['PYTHONPATH']}{os.pathsep}{tmp_path}"
    with on_terminal(kit, "ask", "hi", PYTHONPATH=path) as terminal:
        terminal.wait_for("partial")
        terminal.type("\x03")
        terminal.wait_for("deaf")
        terminal.type("\x03")
        assert terminal.end() == 130
    assert "Traceback" not in terminal.text


def test_F11_sigint_before_anything_was_sent(served: Kit, server: Server) -> None:
    """While the prompt is typed, and while a key is read."""
    for words, shows in ((["ask"], "type the prompt"), (["key", "set", "m"], "[Kk]ey")):
        with on_terminal(served, sh=MODES.format(" ".join(words)), columns=200) as terminal:
            terminal.wait_for(shows)
            terminal.type("half a prom")
            terminal.type("\x03")
            assert terminal.end() == 0
        lines = [line for line in terminal.lines if line]
        assert lines[-2] == "code=130"
        assert lines[0] == lines[-1]
        assert "Traceback" not in terminal.text
    assert server.requests == []


# --- F16 ------------------------------------------------------------------------------------------
HUGE = "yes 'a word and another' | {}"


def test_F16_stdin_prompt_huge_binary_empty(served: Kit, server: Server, tmp_path: Path) -> None:
    """What is no prompt is 2 with one line that says why, and nothing is sent."""
    kit = " ".join((sys.executable, "-m", "kit"))
    for words in ("ask", "consensus -n 2 hi --stdin"):
        done = subprocess.run(
            ["sh", "-c", HUGE.format(f"{kit} {words}")],
            env=served.env(), capture_output=True, timeout=90,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1), words
        assert b"stdin holds more than 16 MiB" in done.stderr
    late = tmp_path / "late"
    late.write_bytes(b"text " * 3000 + b"\0\1\2" + b"x" * 9000)
    for ran in (
        served("ask", stdin=b"\x89PNG\r\n\x1a\n\0\0\0"),
        served("ask", "words", stdin="words".encode("utf-16")),
        served("ask", f"@{late}"),
        served("ask", "-f", str(late), "words"),
    ):
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert "is binary, not text" in ran.err
    for words, data in (([], b""), (["-"], b" \t\r\n\n"), (["-"], b"\xef\xbb\xbf\n")):
        ran = served("ask", *words, stdin=data)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), data
        assert "the prompt is empty" in ran.err
    assert (served.runs(), server.requests) == ([], [])


def test_F16_stdin_prompt_is_whole(served: Kit, server: Server) -> None:
    """``-`` is stdin; nearly 16 MiB, a BOM, CRLF and bytes that are no UTF-8 are a prompt."""
    server.default = chat_stream("fine")
    huge = "ab " * (5 << 20)
    given = [b"one\n", b"\xef\xbb\xbfone\r\ntwo\r\n", b"caf\xe9 and \xf0\x9f", huge.encode()]
    wanted = ["one", "one\ntwo", "caf� and �", huge]
    for data in given:
        assert served("ask", "-", stdin=data).code == 0
    assert [each.json["messages"][-1]["content"] for each in server.requests] == wanted


def test_F16_stdin_prompt_typed_at_a_terminal(served: Kit, server: Server) -> None:
    server.default = chat_stream("fine")
    for words in (["ask"], ["ask", "-"]):
        with on_terminal(served, *words) as terminal:
            terminal.wait_for("Ctrl-D")
            terminal.type("typed é\n\x04")
            assert terminal.end() == 0
        assert terminal.lines[-1] == "fine"
    with on_terminal(served, "ask") as terminal:
        terminal.wait_for("Ctrl-D")
        terminal.type("\x04")
        assert terminal.end() == 2
    said = [each.json["messages"][-1]["content"] for each in server.requests]
    assert said == ["typed é", "typed é"]


# --- F20 ------------------------------------------------------------------------------------------
LETTERS = "naïve 漢字 🚀 – “x” ✓"
LOCALES = (
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {"LC_ALL": "", "LANG": "xx_XX.nonsense", "PYTHONIOENCODING": "ascii:strict"},
)
ASKING = ("ask -v", "consensus -v -n 2 --answer text --no-marker", "refine -v --check true",
          "react -v -t calc")  # fmt: skip
LOOKING = ("trace", "trace show", "trace show --format steps", "trace show --format timeline",
           "trace stats", "trace search 漢字", "help votes", "profile list")  # fmt: skip


@pytest.mark.parametrize("locale", LOCALES, ids=["C", "ascii"])
def test_F20_locale_C_ASCII_stdout(locale: dict[str, str], served: Kit, server: Server) -> None:
    """An answer's letters arrive in UTF-8 whatever the locale, and no letter is an error."""
    server.default = chat_stream(LETTERS)
    for words in ASKING[:2]:
        ran = served(*words.split(), LETTERS, **locale)
        assert (ran.code, ran.out) == (0, LETTERS + "\n"), words
        assert "Traceback" not in ran.err
    lines = [*(f"$K {words} '{LETTERS}'" for words in ASKING), *(f"$K {each}" for each in LOOKING)]
    script = " && ".join(lines if "PYTHONUTF8" in locale else lines[:4])
    seen = watched(served, sh=script, **locale)
    assert seen.obeyed == set()
    assert seen.lines.count(LETTERS) >= 4
    server.default = refusal(400, LETTERS)
    ran = served("ask", "hi", **locale)
    assert (ran.code, LETTERS in ran.err) == (4, True)
    ran = served("ask", "-f", f"/nowhere/ü {LETTERS}", "hi", **locale)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
