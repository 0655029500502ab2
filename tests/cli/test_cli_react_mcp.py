"""``kit react -t mcp:…``: servers of tools, from the outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest
from command import KEY, Kit
from loopback import Script, Server, response, serving
from mcp_servers import gone, over_http, tool, written


def says(text: str = "", *wanted: tuple[str, dict[str, Any]]) -> Script:
    """A reply of an openai-chat server; ``wanted``: names and arguments of the tools it calls."""
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": name, "arguments": json.dumps(a)}}
        for n, (name, a) in enumerate(wanted)
    ]
    message = {"role": "assistant", "content": text or None, "tool_calls": calls or None}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls" if calls else "stop"}
    return response({"id": "c", "model": "m-1", "choices": [choice]})


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.base, retries=0)


def observed(server: Server) -> list[str]:
    """What the model was told of its calls, in the last request."""
    messages = server.requests[-1].json["messages"]
    return [each["content"] for each in messages if each["role"] == "tool"]


def test_a_tool_of_a_server_is_offered_and_used(served: Kit, server: Server) -> None:
    word = written(served.home, tool("get", about="Gets it", properties={"n": {"type": "integer"}}))
    server.script(says("", ("srv__get", {"n": 5})), says("It is 5."))
    ran = served("react", "-t", word, "--allow", "srv__*", "--json", "what is it?")
    assert (ran.code, ran.object["answer"]) == (0, "It is 5."), ran.err
    (offer,) = server.requests[0].json["tools"]
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    assert offer["function"] == {"name": "srv__get", "description": "Gets it", "parameters": schema}
    assert '{"n": 5}' in observed(server)[0]
    (call,) = ran.object["detail"]["tool_calls"]
    assert (call["name"], call["ok"]) == ("srv__get", True)


def test_a_server_of_a_url_is_used_too(served: Kit, server: Server) -> None:
    server.script(says("", ("127_0_0_1__get", {})), says("done"))
    with serving() as remote:
        remote.default = over_http([tool("get")])
        ran = served("react", "-t", f"mcp:{remote.url}/mcp", "--allow", "network", "go")
    assert (ran.code, ran.out) == (0, "done\n"), ran.err
    assert "done" in observed(server)[0]


def test_an_answer_that_is_nonsense_is_no_traceback(served: Kit, server: Server) -> None:
    """The SDK logs them where it is not silenced."""
    server.script(says("", ("127_0_0_1__get", {})), says("done"))
    with serving() as remote:
        remote.default = over_http([tool("get")], response(b"{"))
        ran = served("react", "-t", f"mcp:{remote.url}/mcp", "--allow", "network", "go")
    assert (ran.code, ran.out, "Traceback" in ran.err) == (0, "done\n", False), ran.err
    assert "Failed to parse" in observed(server)[0]


def test_without_a_terminal_nothing_of_a_server_runs_unless_it_is_allowed(
    served: Kit, server: Server
) -> None:
    """Whatever it says of its tools."""
    mark = served.home / "mark"
    hints = {"annotations": {"readOnlyHint": True, "title": "readonly"}}
    word = written(served.home, {**tool("get", {"touch": str(mark)}), **hints})
    server.script(says("", ("srv__get", {})), says("I may not."))
    ran = served("react", "-t", word, "look")
    assert (ran.code, ran.out) == (0, "I may not.\n")
    assert "--allow srv__get lets it run" in ran.err
    assert not mark.exists()


def test_a_tool_that_has_changed_is_not_covered_by_an_earlier_permission(
    served: Kit, server: Server
) -> None:
    """R09: the same command, the same flag, another description."""
    for about, covered in (("Gets it", True), ("Gets it", True), ("Sends it all away", False)):
        word = written(served.home, tool("get", about=about))
        server.script(says("", ("srv__get", {})), says("done"))
        ran = served("react", "-t", word, "--allow", "srv__get", "look")
        assert ran.code == 0
        assert observed(server)[0].startswith("error: refused: its server has changed") != covered


def test_a_server_that_crashes_costs_its_tools_and_no_others(served: Kit, server: Server) -> None:
    word = written(served.home, tool("die", {"stderr": [1, "out of\x1b[31m luck"]}, {"exit": 3}))
    server.script(
        says("", ("srv__die", {}), ("calc", {"expression": "6*7"})),
        says("", ("srv__die", {})),
        says("It is 42."),
    )
    ran = served("react", "-t", word, "-t", "calc", "--allow", "srv__die", "go")
    assert (ran.code, ran.out) == (0, "It is 42.\n"), ran.err
    died, counted, again = observed(server)
    why = "its server ended with the exit code 3; its last words: out of[31m luck"
    assert (why in died, "42" in counted, why in again) == (True, True, True)
    assert "\x1b" not in ran.err


def test_a_server_that_does_not_start_stops_the_run_before_anything_is_sent(
    served: Kit, server: Server
) -> None:
    word = written(served.home, first=[{"stderr": [1, "no token\n"]}, {"exit": 2}])
    ran = served("react", "-t", "calc", "-t", word, "--json", "go")
    assert (ran.code, ran.object["status"], server.requests) == (5, "unavailable", [])
    assert "the MCP server srv ended with the exit code 2; its last words: no token" in ran.err


def test_a_command_that_is_not_there_is_a_usage_error(served: Kit, server: Server) -> None:
    ran = served("react", "-t", "mcp:/nowhere/server --x", "go")
    assert (ran.code, server.requests) == (2, [])
    assert "cannot be run" in ran.err


def test_without_the_extra_the_way_to_it_is_told(served: Kit, tmp_path: Path) -> None:
    fake = tmp_path / "mcp"
    fake.mkdir()
    (fake / "__init__.py").write_text("raise ImportError('not here')\n")
    path = os.pathsep.join([str(tmp_path), served.env()["PYTHONPATH"]])
    ran = served("react", "-t", written(served.home, tool("get")), "go", PYTHONPATH=path)
    assert (ran.code, "pip install 'kit-llm[mcp]'" in ran.err) == (2, True), ran.err


def test_a_tool_that_hangs_is_given_up_in_its_time(served: Kit, server: Server) -> None:
    word = written(served.home, tool("wait", {"deaf": 1}), last=[{"deaf": 1}])
    server.script(says("", ("srv__wait", {})), says("It hangs."))
    ran = served("react", "-t", word, "--allow", "exec", "--tool-timeout", "0.3", "go")
    assert (ran.code, ran.out) == (0, "It hangs.\n")
    assert "too slow: ended after 0.3 s" in observed(server)[0]


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_a_run_that_is_ended(served: Kit, server: Server, by: int) -> None:
    place = served.home / "pids"
    word = written(served.home, tool("wait", {"pids": str(place)}, {"deaf": 1}))
    server.script(says("", ("srv__wait", {})))
    ran = served.interrupted(
        "react", "-t", word, "--allow", "exec", "go", by=by, when=lambda: place.exists()
    )
    assert ran.code == (-by if by == signal.SIGKILL else 128 + by)
    assert gone(json.loads(place.read_text()))


def test_a_server_sees_no_key_of_a_profile(served: Kit, server: Server) -> None:
    word = written(served.home, tool("get", {"environ": 1}))
    server.script(says("", ("srv__get", {})), says("done"))
    ran = served("react", "-t", word, "--allow", "exec", "go", OPENAI_API_KEY="sk-other-key-1234")
    assert ran.code == 0
    assert "PATH" in observed(server)[0]
    for secret in (KEY, "sk-other-key-1234", "KIT_KEY_M"):
        assert secret not in observed(server)[0]


def test_a_set_file_names_a_server_with_its_token_and_what_only_looks(
    served: Kit, server: Server
) -> None:
    with serving() as remote:
        remote.default = over_http([tool("get"), tool("put")])
        (served.home / "set.toml").write_text(
            f'[tools.mine.mcp.shop]\nurl = "{remote.url}/mcp"\ntoken_env = "SHOP"\n'
            'readonly = ["get"]\n'
        )
        server.script(says("", ("shop__get", {}), ("shop__put", {})), says("done"))
        file = str(served.home / "set.toml")
        ran = served("react", "--tools", file, "go", SHOP="tok-123456789")
        sent = {seen.headers.get("authorization") for seen in remote.requests}
    assert (ran.code, sent) == (0, {"Bearer tok-123456789"}), ran.err
    got, put = observed(server)
    assert ("done" in got, put.startswith("error: refused")) == (True, True)
    assert b"tok-123456789" not in served.written()


def test_on_a_terminal_the_arguments_are_shown_and_a_changed_tool_is_asked_for_again(
    served: Kit, server: Server, terminal: Any
) -> None:
    path = {"path": {"type": "string"}}
    changed = [tool("get", about="Gets it all", properties=path)]
    first = tool("get", {"tools": changed}, {"echo": 1}, about="Gets it", properties=path)
    word = written(served.home, first)
    one = ("srv__get", {"path": "a\u202eb"})
    server.script(says("", one), says("", one), says("done"))
    child = terminal("-t", word, "--allow", "srv__get", "go")
    child.expect(
        r"kit: srv__get wants to run \(exec\):\r\n  \| srv__get \{[^\n]*a[^\n]*202e[^\n]*b"
    )
    child.expect("its server has changed its description or its arguments since it was last let")
    child.expect(r"\? ")
    child.sendline("y")
    child.expect("done")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert not any(each.startswith("error") for each in observed(server))


def test_a_run_that_names_no_server_does_not_import_the_sdk(served: Kit, server: Server) -> None:
    server.script(says("hi"))
    code = "import runpy, sys, os\nreal = os._exit\n"
    code += "os._exit = lambda n: (print('mcp' in sys.modules, file=sys.stderr), real(n))\n"
    code += "sys.argv = ['kit', 'react', '-t', 'calc', 'hi']\n"
    code += "runpy.run_module('kit', run_name='__main__')"
    done = subprocess.run(
        [sys.executable, "-c", code], env=served.env(), capture_output=True, text=True, timeout=60,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert (done.stdout, "True" in done.stderr) == ("hi\n", False)
