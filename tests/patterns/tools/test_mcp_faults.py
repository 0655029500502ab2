"""MCP servers that crash, hang, flood, babble: bounded in time and size, gone at the end (R08)."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys

import pytest
from mcp_servers import PROGRAM, gone, server, tool, used, using

from kit.errors import KitError, TimedOutError, UnavailableError
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.mcp import McpServer, McpSource

GARBAGE = {"line": "loading… {not json"}


async def none(tools: dict[str, Ability]) -> list[str]:
    return list(tools)


async def told(ability: Ability, seconds: float = 20.0) -> str:
    """What it says, or why it fails."""
    try:
        async with asyncio.timeout(seconds):
            return await ability.run({})
    except ToolFault as fault:
        return f"fault: {fault}"
    except TimeoutError:
        return "too slow"


def said(of: McpServer, *names: str, seconds: float = 20.0) -> list[str]:
    """What came of using the tools one after the other."""

    async def all_of(tools: dict[str, Ability]) -> list[str]:
        return [await told(tools[f"srv__{name}"], seconds) for name in names]

    return using(of, all_of)


def complaint(of: McpServer, patience: float = 20.0) -> KitError:
    with pytest.raises(UnavailableError) as caught:
        using(of, none, patience=patience)
    return caught.value


def test_a_crash_is_told_with_the_last_words_and_other_servers_go_on() -> None:
    last = {"stderr": [1, "one\n" * 9 + "boom\x1b[2J\x00 at\tline 7\n"]}
    broken = server(tool("die", last, {"exit": 3}), tool("get"), name="bad")

    async def both() -> list[str]:
        bad, good = McpSource(broken, os.environ), McpSource(server(tool("get")), os.environ)
        tools = {each.face.name: each for each in [*await bad.open(), *await good.open()]}
        try:
            return [await told(tools[name]) for name in ("bad__die", "bad__get", "srv__get")]
        finally:
            await bad.aclose()
            await good.aclose()

    why = "its server ended with the exit code 3; its last words: one / one / boom[2J at line 7"
    assert asyncio.run(both()) == [f"fault: {why}", f"fault: {why}", "{}"]


def test_a_server_that_is_killed_by_somebody_is_told_so() -> None:
    one = server(tool("die", {"children": 1}), tool("get"))

    async def killed(tools: dict[str, Ability]) -> tuple[str, list[int]]:
        pids = json.loads(await tools["srv__die"].run({}))
        os.kill(pids[0], signal.SIGKILL)
        return await told(tools["srv__get"]), pids

    why, pids = using(one, killed)
    assert why == "fault: its server was ended by signal 9"
    assert gone(pids)


def test_a_use_that_hangs_ends_when_patience_does_and_the_next_one_works() -> None:
    slow = server(tool("wait", {"sleep": 0.6}, {"say": "late"}), tool("get"))
    assert said(slow, "wait", "get", seconds=0.2)[0] == "too slow"
    assert said(slow, "wait", "get", seconds=5) == ["late", "{}"]

    async def after(tools: dict[str, Ability]) -> list[str]:
        return [await told(tools["srv__wait"], 0.2), await told(tools["srv__get"], 10)]

    assert using(slow, after) == ["too slow", "{}"]  # a late answer is nobody's


def test_a_server_that_never_greets_is_given_up() -> None:
    error = complaint(server(greeting=[{"deaf": 1}]), patience=0.5)
    assert isinstance(error, TimedOutError)
    assert error.message == "the MCP server srv does not answer within 0.5 s"


def test_a_server_that_ends_at_once_is_told_with_its_last_words() -> None:
    error = complaint(
        server(first=[{"stderr": [1, "no \x9b31mconfig\u202e found\n"]}, {"exit": 1}])
    )
    message = "the MCP server srv ended with the exit code 1; its last words: no 31mconfig found"
    assert error.message == message


def test_garbage_between_messages_is_passed_over() -> None:
    chatty = server(tool("get", GARBAGE, {"say": "fine"}, GARBAGE), first=[GARBAGE] * 5)
    assert said(chatty, "get", "get") == ["fine", "fine"]


def test_garbage_without_end_ends_the_server() -> None:
    babble = server(tool("get", {"many": [5000, "x\n"]}, {"sleep": 60}))
    why = "fault: its server was ended: it sent too many messages that nobody asked for (garbage)"
    assert said(babble, "get", "get") == [why, why]


def test_an_answer_that_nobody_asked_for_is_garbage() -> None:
    stray = '{"jsonrpc": "2.0", "id": 999, "result": {}}\n'
    babble = server(tool("get", {"many": [5000, stray]}, {"sleep": 60}))
    why = "fault: its server was ended: it sent too many messages that nobody asked for (garbage)"
    assert said(babble, "get") == [why]


def test_notifications_without_end_end_the_server() -> None:
    line = '{"jsonrpc": "2.0", "method": "notifications/message", "params": {}}\n'
    few, many = server(tool("get", {"many": [5000, line]}, {"say": "fine"})), 20_000
    assert said(few, "get", "get", "get") == ["fine"] * 3
    (why,) = said(server(tool("get", {"many": [many, line]}, {"sleep": 60})), "get")
    assert why.endswith("too many messages that nobody asked for (notifications)")


def test_requests_without_end_end_the_server_even_when_it_reads_no_answers() -> None:
    line = '{"jsonrpc": "2.0", "id": 5, "method": "ping"}\n'
    (why,) = said(server(tool("get", {"many": [5000, line]}, {"deaf": 60})), "get")
    assert why.endswith("too many messages that nobody asked for (requests)")


def test_bytes_without_end_end_the_server() -> None:
    (why,) = said(server(tool("get", {"many": [1000, "x" * 100_000]}, {"sleep": 60})), "get")
    assert why == "fault: its server was ended: it wrote 64 MiB without an answer"


def test_an_answer_that_is_too_long_is_a_fault_and_the_next_one_works() -> None:
    long = server(tool("long", {"many": [100, "x" * 100_000]}, {"line": ""}), tool("get"))
    assert said(long, "long", "get") == [
        "fault: its server says: its answer is longer than 8 MiB",
        "{}",
    ]


def test_a_long_answer_is_cut() -> None:
    observed = used(server(tool("get", {"long": 5_000_000})), "srv__get")
    assert len(observed) < 4.2 * 2**20
    assert observed.endswith("x\n[… 805696 characters left out …]")


@pytest.mark.parametrize("nested", [500, 100_000])
def test_an_answer_that_is_nested_deeply_is_a_fault(nested: int) -> None:
    start = '{"jsonrpc": "2.0", "id": 3, "result": {"content": '
    steps = [{"many": [1, start]}, {"many": [nested, "["]}, {"many": [nested, "]"]}, {"line": "}}"}]
    (why,) = said(server(tool("get", *steps)), "get", seconds=0.5)
    assert why in {"fault: its server's answer is not what MCP wants there", "too slow"}


def test_much_on_stderr_holds_nobody_up_and_is_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert said(server(tool("get", {"stderr": [1_000_000, "x"]}, {"say": "fine"})), "get") == [
        "fine"
    ]
    assert capfd.readouterr() == ("", "")


def test_nothing_is_printed_for_what_a_server_does(capfd: pytest.CaptureFixture[str]) -> None:
    """The SDK logs tracebacks where it is not silenced."""
    bad = '{"jsonrpc": "2.0", "method": "notifications/tools/list_changed", "params": 5}'
    assert said(server(tool("get", GARBAGE, {"line": bad}, {"exit": 1})), "get")
    assert capfd.readouterr() == ("", "")


def test_nothing_that_a_server_started_outlives_the_source() -> None:
    family = server(tool("get", {"children": 1}), last=[{"deaf": 1}])  # no TERM, no end of stdin
    pids = json.loads(used(family, "srv__get"))
    assert len(pids) == 3  # itself, a child in its group, one in a session of its own
    assert gone(pids)


def test_nothing_outlives_a_source_that_could_not_be_opened() -> None:
    pids: list[int] = []

    async def whole() -> None:
        source = McpSource(server(greeting=[{"deaf": 1}]), os.environ, patience=60)
        opening = asyncio.create_task(source.open())
        while not (child := source._life._child):
            await asyncio.sleep(0.01)
        pids.append(child.transport.get_pid())
        opening.cancel()
        await opening

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(whole())
    assert gone(pids)


HOLDER = """
import asyncio, json, os, sys
from kit.patterns.tools.mcp import McpServer, McpSource
async def main():
    source = McpSource(McpServer("srv", tuple(json.loads(sys.argv[1]))), os.environ)
    (one,) = await source.open()
    print(await one.run({}), flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


def test_a_server_does_not_outlive_a_kit_that_is_killed() -> None:
    """Nobody can tell it then but the shell that waits for that."""
    if os.name != "posix":
        pytest.skip("no process groups here")
    family = server(tool("get", {"children": 1}), last=[{"deaf": 1}])
    assert PROGRAM in family.command
    command = [sys.executable, "-c", HOLDER, json.dumps(family.command)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout
        pids = json.loads(holder.stdout.readline())
        holder.kill()
    assert len(pids) == 3
    assert gone(pids)
