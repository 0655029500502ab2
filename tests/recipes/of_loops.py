"""Recipes of the sections Until it is right, Tools, Again for nothing."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys

import pexpect
from command import until
from loopback import chat_stream, hang
from recipes.of_files import repository
from recipes.place import Place, needed
from recipes.table import expect

SLUG = "tr -cs 'A-Za-z\\n' - | tr A-Z a-z | sed 's/-*$//'"


@expect("Write a script until its tests pass")
def _(place: Place) -> None:
    needed("timeout")

    def says(asked: str) -> str:
        return f"```sh\n{SLUG}\n```" if "printed 'Hello, World!', not" in asked else "cat"

    place.served("fast", says)
    assert place.run().out == ""
    assert place.read("slug.sh") == f"{SLUG}\n"
    place.voices["fast"] = "exit 0"
    place.run(7)
    assert place.read("slug.sh") == f"{SLUG}\n"
    assert place.read("slug.part") == "exit 0\n"


@expect("Write JSON until it satisfies a schema and adds up")
def _(place: Place) -> None:
    place.file("receipt.txt", "3.00\n4.50\n7.50")
    says = {"+1 off": '{"items": [3, 4.5], "total": 7.5}', "'total'": '{"items": [3], "total": 4}'}
    place.served("fast", lambda asked: next((s for m, s in says.items() if m in asked), '{"a": 1}'))
    place.run()
    place.voices["fast"] = '{"items": [3], "total": 2}'
    assert place.run(7).out == '{"items": [3], "total": 2}\n'


def judged(score: int) -> str:
    rating = {"evidence": "…", "score": score}
    return json.dumps({"criteria": {"polite": rating, "short": rating}, "critique": "no blame"})


@expect("Polish a letter by a rubric")
def _(place: Place) -> None:
    own, better = "You gave a wrong address.\n", "We are sorry and are looking into it."
    place.file("letter.txt", own)

    def judge(asked: str) -> str:
        if "<draft_A>" in asked:
            return f"ANSWER: {'A' if asked.index(better) < asked.index(own[:-1]) else 'B'}"
        return judged(5 if better in asked else 2)

    place.fake("fast", f'"{better}"')
    place.served("openai", judge)
    assert place.run().out == ""
    assert place.read("letter.new") == f"{better}\n"
    place.voices["openai"] = judged(2)
    assert place.run().out == "not yet at the target: read it twice\n"
    assert place.read("letter.new") == own


def calls(tool: str, **arguments: object) -> str:
    """A reply of the scripted provider that uses a tool."""
    return f'{{tool_calls=[{{name="{tool}", arguments={json.dumps(json.dumps(arguments))}}}]}}'


@expect("Ask a question about a repository")
def _(place: Place) -> None:
    place.file("src/net.py", "timeout = 30\n")
    beside = [calls("read", path=f"{up}home/.config/kit/config.toml") for up in ("../", "")]
    place.fake("fast", calls("search", pattern="timeout"), *beside, '"src/net.py, to 30 s"')
    assert place.run().out == "src/net.py, to 30 s\n"
    record = place.record()
    assert "src/net.py:1: timeout = 30" in record
    assert "api = " not in record  # what lies beside the folder is not read
    place.fake("curious", *[calls("search", pattern=f"x{at}") for at in range(11)], '"unknown"')
    assert place.run(7, KIT_PROFILE="curious").out == "unknown\n"


@expect("Let it run commands, one by one")
def _(place: Place) -> None:
    repository(place)
    used = calls("shell", argv=["git", "branch", "--merged", "main"])
    place.fake("fast", used, '"Only main."')
    (block,) = place.recipe.scripts
    program, *words = place.script(block)
    child = pexpect.spawn(
        program, words, cwd=str(place.folder), env={**place.environ, "TERM": "dumb"}, timeout=60
    )
    try:
        child.expect(r"shell wants to run \(exec\):\r\n  \| [^\n]*git branch --merged main")
        child.expect(r"\[s\]top\? ")
        child.send("y\r")
        child.expect("Only main.")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0
    finally:
        child.close(force=True)
    record = place.record()
    assert "* main" in record
    assert "refused" in place.run().err


@expect("Use an MCP server")
def _(place: Place) -> None:
    from mcp_servers import GREETING, PROGRAM, tool  # skips where there is no MCP SDK

    log = tool("git_log", {"say": "Ada: wait longer"}), tool("git_reset", {"say": "gone"})
    plan = json.dumps({"tools": log, "hello": GREETING})
    server = place.root / "server.py"
    server.write_text(PROGRAM, encoding="utf-8")
    words = shlex.join([sys.executable, "-I", "-S", str(server), plan])
    uvx = place.program("uvx", f'#!/bin/sh\n[ "$*" = mcp-server-git ] && exec {words}\n')
    place.fake("fast", calls("git__git_log"), calls("git__git_reset"), '"Ada waits longer."')
    ran = place.run()
    assert ran.out == "Ada waits longer.\n"
    record = place.record()
    assert "Ada: wait longer" in record
    assert "gone" not in record  # it is not readonly, and nobody was there to ask
    uvx.write_text("#!/bin/sh\necho no such package >&2\nexit 1\n")
    assert "no such package" in place.run(5).err


@expect("Test a script in CI without a key")
def _(place: Place) -> None:
    place.served("fast", lambda asked: "bug" if "crash" in asked else "wish")
    place.file("tickets.txt", "a crash\nmore colours\n")
    assert place.run().out == ""
    assert place.read("expected.txt") == "bug\ta crash\nwish\tmore colours\n"
    assert len(place.server.requests) == 2
    place.file("tickets.txt", "a crash \n")
    again = ["sh", "triage.sh"]
    ran = place.command(again, stdin="another\n", KIT_REPLAY="tape")
    assert ran.out == "\tanother\n"
    assert len(place.server.requests) == 2


@expect("Go on with what was killed")
def _(place: Place) -> None:
    place.served("fast", "42", 'key = "none"\nprice = { input = 0.1, output = 0.1 }')
    place.server.script(chat_stream("ANSWER: 42"), chat_stream("ANSWER: 42"), hang())
    argv = ["kit", "consensus", "-j", "1", "--answer", "number", "Six times seven?"]
    running = subprocess.Popen(
        argv, cwd=place.folder, env=place.environ, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    until(lambda: len(place.server.requests) == 3)
    running.send_signal(signal.SIGKILL)
    running.communicate(timeout=30)
    assert place.run().out == "42\n"
    assert len(place.server.requests) == 4  # the one that hung is asked again, the two are not
    assert place.run().out == "42\n"  # it is whole now
    assert len(place.server.requests) == 4


@expect("What a stricter vote would have cost")
def _(place: Place) -> None:
    vote = ["kit", "consensus", "-q", "-n", "9", "--stop", "none", "--answer", "number", "Which?"]
    place.fake("fast", *['"4"'] * 9)
    assert place.command(vote).out == "4\n"
    ran = place.run()
    assert ran.out == "4\n"
    assert "with risk=0.01: the same answer" in ran.err
    vote[4:7] = ["9"]
    assert place.command(vote).out == "4\n"
    assert "never recorded" in place.run(7).err


@expect("What the last week cost")
def _(place: Place) -> None:
    for name, model, cost in (("a", "big-model", 0.015), ("b", "small-model", 0.001)):
        reply = f'{{text="x", usage={{input_tokens=1, output_tokens=1, cost_usd={cost}}}}}'
        place.profile(name, f'api = "fake"\nmodel = "{model}"\nreplies = [{reply}]')
    for name in ("a", "a", "b"):
        assert place.command(["kit", "ask", "-p", name, "hi"]).code == 0
    place.run()
