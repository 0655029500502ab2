"""The reference server of MCP's own authors, another program in another language, serves kit."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import npm
import pytest
from mcp_servers import using

from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.mcp import McpServer

PACKAGE = "@modelcontextprotocol/server-everything@^2026.8"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = npm.installed(PACKAGE, tmp_path_factory.mktemp("everything") / "node")
    return str(folder / "node_modules/@modelcontextprotocol/server-everything/dist/index.js")


@pytest.fixture(scope="module")
def url(program: str) -> Iterator[str]:
    """The same over streamable HTTP, on a port that was free a moment ago."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    command = ["node", program, "streamableHttp"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environ = {**os.environ, "PORT": str(port)}
    with subprocess.Popen(command, env=environ, **quiet) as running:  # type: ignore[call-overload]  # a table
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            running.kill()


def _wait(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("server-everything does not listen")


@pytest.fixture(params=["stdio", "http"])
def everything(request: pytest.FixtureRequest, program: str) -> McpServer:
    if request.param == "http":
        return McpServer("every", url=request.getfixturevalue("url"))
    return McpServer("every", ("node", program, "stdio"))


async def names(tools: dict[str, Ability]) -> list[str]:
    return list(tools)


USES: dict[str, tuple[dict[str, object], str]] = {
    "echo": ({"message": "Grüße 🌍"}, "Echo: Grüße 🌍"),
    "get-sum": ({"a": 2, "b": 40}, "The sum of 2 and 40 is 42."),
    "get-tiny-image": ({}, r"(?s).*\n\[image, image/png, \d+ bytes: not shown\]\n.*"),
    "get-structured-content": ({"location": "New York"}, r'\{"temperature":.*"humidity":.*\}'),
    "get-resource-links": ({"count": 2}, r"(?s).*\n\[link to resource .*: demo://resource/.*\].*"),
    "get-resource-reference": ({"resourceType": "Text", "resourceId": 1},
                               r"(?s).*\[resource demo://.*, text/plain\]\nResource 1: This is.*"),
    "trigger-long-running-operation": ({"duration": 0.2, "steps": 2}, "Long running operation .*"),
}  # fmt: skip


def test_every_kind_of_answer_is_understood(everything: McpServer) -> None:
    async def use_all(tools: dict[str, Ability]) -> dict[str, str]:
        return {name: await tools[f"every__{name}"].run(args) for name, (args, _) in USES.items()}

    said = using(everything, use_all)
    wrong = {name: said[name] for name in USES if not re.fullmatch(USES[name][1], said[name])}
    assert wrong == {}


def test_its_complaint_is_told_to_the_model(everything: McpServer) -> None:
    async def wrongly(tools: dict[str, Ability]) -> str:
        with pytest.raises(ToolFault) as caught:
            await tools["every__get-sum"].run({"a": 1, "b": "x"})
        return str(caught.value)

    assert "expected number, received string" in using(everything, wrongly)


def test_it_sees_no_key(program: str) -> None:
    async def look(tools: dict[str, Ability]) -> str:
        return await tools["every__get-env"].run({})

    server = McpServer("every", ("node", program, "stdio"))
    seen = using(server, look, environ={**os.environ, "OPENAI_API_KEY": "sk-verysecret"})
    assert '"PATH"' in seen
    assert "sk-verysecret" not in seen


def test_what_it_offers_is_offered_over_both(program: str, url: str) -> None:
    pipes = using(McpServer("every", ("node", program, "stdio")), names)
    assert using(McpServer("every", url=url), names) == pipes
    assert len(pipes) > 8


def test_a_tool_that_is_used_twenty_times_at_once_answers_each(everything: McpServer) -> None:
    async def many(tools: dict[str, Ability]) -> list[str]:
        echo = tools["every__echo"].run
        return await asyncio.gather(*(echo({"message": str(n)}) for n in range(20)))

    assert using(everything, many) == [f"Echo: {n}" for n in range(20)]


def test_its_process_is_gone_when_the_source_is_closed(program: str) -> None:
    """Found by the program's path among all processes."""
    if not Path("/proc").is_dir():
        pytest.skip("no /proc here")
    using(McpServer("every", ("node", program, "stdio", "for-this-test")), names)
    lines = [_line(each) for each in Path("/proc").glob("[0-9]*/cmdline")]
    assert [each for each in lines if b"for-this-test" in each and b"node" in each] == []


def _line(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
