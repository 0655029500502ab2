"""Each built-in tool through the command: named with ``-t``, called by a scripted model."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from command import KEY, Kit, Ran
from loopback import Script, Server, response


def says(text: str = "", *calls: tuple[str, dict[str, Any]]) -> Script:
    """A reply of an openai-chat server; ``calls`` are names with arguments."""
    wanted = [
        {"id": f"t{at}", "type": "function", "function": {"name": n, "arguments": json.dumps(a)}}
        for at, (n, a) in enumerate(calls)
    ]
    message = {"role": "assistant", "content": text or None, "tool_calls": wanted or None}
    finish = "tool_calls" if calls else "stop"
    return response({"model": "m-1", "choices": [{"message": message, "finish_reason": finish}]})


def used(kit: Kit, server: Server, *flags: str, calls: list[tuple[str, dict[str, Any]]]) -> Ran:
    """A run in which a model makes these calls at once and then answers."""
    server.script(says("", *calls), says("done"))
    kit.serve(server.base, retries=0)
    ran = kit("react", *flags, "do it")
    assert (ran.code, ran.out) == (0, "done\n"), ran.err
    return ran


def observed(server: Server) -> list[str]:
    """What the model was told of its calls, in their order."""
    body = server.requests[-1].json
    return [bare(each["content"]) for each in body["messages"] if each["role"] == "tool"]


def bare(content: str) -> str:
    """Without the fence around what others wrote."""
    fenced = re.fullmatch(r"\[data (\w+)\]\n(.*)\n\[end of data \1\]", content, re.DOTALL)
    return fenced[2] if fenced else content


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "a.txt").write_text("one\ntwo needle\n")
    (root / "src" / "b.py").write_text("needle = 1\n")
    (tmp_path / "secret").write_text("SECRET\n")
    os.symlink(tmp_path / "secret", root / "out")
    return root


def test_calc_and_clock(kit: Kit, server: Server) -> None:
    calls = [("calc", {"expression": "2**100"}), ("calc", {"expression": "1/0"}), ("clock", {})]
    used(kit, server, "-t", "calc", "-t", "clock", calls=calls)
    power, zero, now = observed(server)
    assert power == str(2**100)
    assert "cannot calculate: division by zero" in zero
    assert now.startswith("UTC: 20")


def test_files_are_read_listed_and_searched_below_their_folder(
    kit: Kit, server: Server, tree: Path
) -> None:
    flags = [word for kind in ("read", "list", "search") for word in ("-t", f"{kind}:{tree}")]
    calls: list[tuple[str, dict[str, Any]]] = [
        ("read", {"path": "a.txt"}),
        ("list", {}),
        ("search", {"pattern": "needle"}),
        ("read", {"path": "out"}),
        ("read", {"path": "../secret"}),
    ]
    used(kit, server, *flags, calls=calls)
    read, listed, found, *outside = observed(server)
    assert read == "one\ntwo needle"
    assert listed == "a.txt 15\nout@\nsrc/"
    assert found == ("a.txt:2: two needle\nsrc/b.py:1: needle = 1\n[2 matching lines in 2 files]")
    assert "link out of" in outside[0]
    assert "outside of" in outside[1]
    assert "SECRET" not in json.dumps(server.requests[-1].json)


def test_a_page_of_a_host_that_was_named(kit: Kit, server: Server) -> None:
    page = response(b"<h1>Hi</h1>", headers={"Content-Type": "text/html"})
    place = f"127.0.0.1:{server.port}"
    server.script(says("", ("http", {"url": f"http://{place}/x"})), page, says("done"))
    kit.serve(server.base, retries=0)
    ran = kit("react", "-t", f"http:{place}", "--allow", "http", "do it")
    assert (ran.code, ran.out) == (0, "done\n"), ran.err
    assert observed(server) == [f"[200 text/html http://{place}/x]\n# Hi"]
    fetched = server.requests[1]
    assert KEY.encode() not in fetched.raw_headers
    assert fetched.path == "/x"


def test_r10_another_host_is_not_asked(kit: Kit, server: Server) -> None:
    calls = [("http", {"url": f"{server.url}/x"}), ("http", {"url": "https://169.254.169.254/"})]
    used(kit, server, "-t", "http:example.org", "--allow", "http", calls=calls)
    assert all("is not allowed" in each for each in observed(server))
    assert [each.path for each in server.requests] == ["/v1/chat/completions"] * 2


def test_r05_a_program_sees_no_key(kit: Kit, server: Server) -> None:
    kit.environ |= {"OPENAI_API_KEY": "sk-other-0123456789abcdef", "COPY": KEY, "PLAIN": "seen"}
    calls: list[tuple[str, dict[str, Any]]] = [("shell", {"argv": ["env"]})]
    used(kit, server, "-t", "shell", "--allow", "shell", calls=calls)
    (env,) = observed(server)
    names = {line.partition("=")[0] for line in env.splitlines()}
    assert "PLAIN" in names
    assert not names & {"OPENAI_API_KEY", "COPY", "KIT_KEY_M"}
    assert KEY.encode() not in kit.written()


def test_r02_without_a_terminal_no_program_runs_that_was_not_allowed(
    kit: Kit, server: Server, tmp_path: Path
) -> None:
    touch = ("shell", {"argv": ["touch", str(tmp_path / "it")]})
    used(kit, server, "-t", f"shell:{tmp_path}", calls=[touch])
    assert "refused" in observed(server)[0]
    assert not (tmp_path / "it").exists()


def test_r03_a_slow_program_is_ended_and_what_it_wrote_is_told(kit: Kit, server: Server) -> None:
    slow = ("shell", {"argv": ["sh", "-c", "echo begun; sleep 60"]})
    used(kit, server, "-t", "shell", "--allow", "exec", "--tool-timeout", "3", calls=[slow])
    assert observed(server) == ["begun\n[ended after 2 s: too slow]"]


MINE = """
def area(width: float, height: float = 1.0) -> float:
    '''The area of a rectangle.

    Args:
        width: in metres
    '''
    print("this is printed")
    return width * height
area.kit_access = "readonly"

def fails() -> None:
    raise ValueError("SECRET")
"""


def test_python_functions(kit: Kit, server: Server, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(MINE)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("area", {"width": 3, "height": 2}),
        ("area", {"width": "wide"}),
        ("fails", {}),
    ]
    ran = used(kit, server, "-t", f"{tmp_path}/mine.py", "--allow", "fails", calls=calls)
    area, wrong, fails = observed(server)
    assert area == "6.0"
    assert "width" in wrong
    assert "fails raised ValueError" in fails
    assert "this is printed" in ran.err
    assert "kit: fails raised ValueError: SECRET (line 13)\n" in ran.err
    assert "SECRET" not in json.dumps(server.requests[-1].json)
    (first, _) = server.requests[0].json["tools"]
    assert first["function"]["description"] == "The area of a rectangle."


def test_a_set_of_tools_from_a_file(kit: Kit, server: Server, tree: Path) -> None:
    sets = tree.parent / "sets.toml"
    sets.write_text(
        '[tools.look]\nuse = ["read:root"]\n[tools.work]\nuse = ["shell"]\nallow = ["shell"]\n'
    )
    calls: list[tuple[str, dict[str, Any]]] = [
        ("read", {"path": "a.txt", "last_line": 1}),
        ("shell", {"argv": ["echo", "hi"]}),
    ]
    used(kit, server, "--tools", f"{sets}:look", "--tools", f"{sets}:work", calls=calls)
    assert observed(server) == ["one\n[lines 1 to 1 of 2]", "hi"]


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("-t", "calk"), "there is no tool 'calk'"),
        (("-t", "read"), "-t read needs a folder"),
        (("-t", "read:/nowhere/at/all"), "no such file or directory"),
        (("-t", "http:a/b"), "names no host"),
        (("-t", "/nowhere/mine.py"), "cannot be imported"),
        (("--tools", "/nowhere.toml"), "no such file or directory"),
    ],
)
def test_a_tool_that_is_none_ends_the_run_before_anything_is_sent(
    flags: tuple[str, ...], says: str, kit: Kit, server: Server
) -> None:
    kit.serve(server.base)
    ran = kit("react", *flags, "do it")
    assert (ran.code, ran.out, server.requests) == (2, "", [])
    assert says in ran.err


def test_the_whole_observation_stands_in_the_trace(kit: Kit, server: Server, tree: Path) -> None:
    used(kit, server, "-t", f"read:{tree}", calls=[("read", {"path": "a.txt"})])
    (record,) = [each for each in kit.records() if each["kind"] == "tool.used"]
    assert (record["name"], record["output"]) == ("read", "one\ntwo needle")
