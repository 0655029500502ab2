"""MCP servers that do what a test wrote for them: over pipes, a program without the SDK."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import loopback
import pytest
from needs import ALL

from kit.patterns.tools.ability import Ability
from kit.patterns.tools.mcp import McpServer, McpSource

try:
    import mcp.client.session  # noqa: F401  # 1 s: here, so that no test's patience pays for it
except ImportError:
    if os.environ.get(ALL):
        raise
    pytest.skip("there is no mcp: pip install 'kit-llm[mcp]'", allow_module_level=True)

T = TypeVar("T")
VERSION = "2025-06-18"
GREETING = {
    "protocolVersion": VERSION,
    "capabilities": {"tools": {"listChanged": True}},
    "serverInfo": {"name": "filesystem", "version": "9"},
}

# Answers line by line. A tool's answer is a list of steps: {"line": …} is written as it is, {"say":
# text} is an answer in words, {"result": …} one in full, the others do what their name says.
PROGRAM = r"""
import json, os, signal, subprocess, sys, time
plan = json.loads(sys.argv[1])
tools, out = plan["tools"], sys.stdout
def write(text):
    out.write(text + "\n"); out.flush()
def answer(id, result):
    write(json.dumps({"jsonrpc": "2.0", "id": id, "result": result}))
def step(id, do, arguments):
    global tools
    (kind, value), = do.items()
    if kind == "say": answer(id, {"content": [{"type": "text", "text": value}]})
    if kind == "echo": answer(id, {"content": [{"type": "text", "text": json.dumps(arguments)}]})
    if kind == "result": answer(id, value)
    if kind == "error": write(json.dumps({"jsonrpc": "2.0", "id": id, "error": value}))
    if kind == "line": write(value)
    if kind == "touch": open(value, "w").close()
    if kind == "pids":
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        with open(value + ".new", "w") as file: json.dump([os.getpid(), child.pid], file)
        os.rename(value + ".new", value)
    if kind == "stderr": sys.stderr.write(value[1] * value[0]); sys.stderr.flush()
    if kind == "long": step(id, {"say": "x" * value}, arguments)
    if kind == "many":
        for _ in range(value[0]): out.write(value[1])
        out.flush()
    if kind == "exit": os._exit(value)
    if kind == "sleep": time.sleep(value)
    if kind == "deaf":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True: time.sleep(60)
    if kind == "tools":
        tools = value
        write('{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}')
    if kind == "environ": step(id, {"say": json.dumps(dict(os.environ))}, arguments)
    if kind == "children":
        sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
        both = [subprocess.Popen(sleep, start_new_session=each) for each in (False, True)]
        step(id, {"say": json.dumps([os.getpid(), *(each.pid for each in both)])}, arguments)
    if kind == "ask":
        write(json.dumps({"jsonrpc": "2.0", "id": "mine", **value}))
        step(id, {"say": sys.stdin.readline()}, arguments)
def listing(cursor):
    if plan.get("endless"):
        number = int(cursor or 0)
        one = {"name": f"t{number}", "inputSchema": {"type": "object"}}
        return {"tools": [one], "nextCursor": str(number + 1)}
    return {"tools": [{k: v for k, v in t.items() if k != "do"} for t in tools]}
for do in plan.get("first", []): step(None, do, {})
while line := sys.stdin.readline():
    message = json.loads(line)
    method, id, params = message.get("method"), message.get("id"), message.get("params") or {}
    if method == "initialize":
        for do in plan.get("greeting", [{"result": plan["hello"]}]): step(id, do, {})
    elif method in plan.get("methods", {}):
        for do in plan["methods"][method]: step(id, do, {})
    elif method == "tools/list": answer(id, listing(params.get("cursor")))
    elif method == "tools/call":
        named = [t for t in tools if t["name"] == params["name"]] or tools
        for do in named[0].get("do", [{"echo": 1}]): step(id, do, params.get("arguments"))
for do in plan.get("last", []): step(None, do, {})
"""


def tool(name: str, *do: Mapping[str, Any], about: str = "", **schema: Any) -> dict[str, Any]:
    """One that does these steps when it is used; without any it says its arguments back."""
    face = {"name": name, "description": about, "inputSchema": {"type": "object", **schema}}
    return {**face, "do": list(do)} if do else face


def server(*tools: Mapping[str, Any], name: str = "srv", **plan: Any) -> McpServer:
    """A server of these tools; ``first``, ``greeting``, ``last``: steps at other times."""
    settings = {each: plan.pop(each) for each in ("env", "readonly", "tools") if each in plan}
    whole = json.dumps({"tools": tools, "hello": GREETING, **plan})
    return McpServer(name, (sys.executable, "-I", "-S", "-c", PROGRAM, whole), **settings)


def written(folder: Path, *tools: Mapping[str, Any], **plan: Any) -> str:
    """The word for ``-t`` that names such a server, which reads its plan from this folder."""
    read = "import sys\nsys.argv[1] = open(sys.argv[1]).read()\n"
    (folder / "srv.py").write_text(read + PROGRAM)
    whole = {"tools": tools, "hello": GREETING, **plan}
    (folder / "plan.json").write_text(json.dumps(whole))
    command = [sys.executable, "-I", "-S", str(folder / "srv.py"), str(folder / "plan.json")]
    return f"mcp:{shlex.join(command)}"


def using(
    server: McpServer, work: Callable[[dict[str, Ability]], Awaitable[T]], **options: Any
) -> T:
    """What ``work`` makes of the tools of a source that is opened before and closed after."""

    async def whole() -> T:
        source = McpSource(server, options.pop("environ", os.environ), **options)
        abilities = await source.open()
        try:
            return await work({each.face.name: each for each in abilities})
        finally:
            await source.aclose()

    return asyncio.run(whole())


def used(
    server: McpServer, name: str, arguments: Mapping[str, Any] | None = None, **opts: Any
) -> str:
    """The observation of one use."""

    async def once(tools: dict[str, Ability]) -> str:
        return await tools[name].run(arguments or {})

    return using(server, once, **opts)


def gone(pids: Sequence[int], patience: float = 10.0) -> bool:
    """Whether these processes end in time; one that nobody has waited for has ended."""
    until = time.monotonic() + patience
    while any(map(_alive, pids)):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except OSError:  # no /proc here, or it went meanwhile
        return Path("/proc").is_dir() is False
    return state != "Z"


# --- the same over HTTP: scripts for loopback.Server ----------------------------------------------
def over_http(
    tools: Sequence[Mapping[str, Any]], use: loopback.Answer | None = None
) -> Callable[[loopback.Seen], loopback.Script]:
    """Answers what a client asks; ``use`` answers every use of a tool."""

    def answer(seen: loopback.Seen) -> loopback.Script:
        if seen.method != "POST":
            return loopback.response(b"", 405)
        method, number = seen.json.get("method"), seen.json.get("id")
        if method == "initialize":
            return said(number, GREETING)
        if method == "tools/list":
            return said(number, {"tools": list(tools)})
        if method == "tools/call":
            if use is None:
                return said(number, {"content": [{"type": "text", "text": "done"}]})
            return use(seen) if callable(use) else use
        return loopback.response(b"", 202)

    return answer


def said(number: Any, result: Mapping[str, Any]) -> loopback.Script:
    return loopback.response({"jsonrpc": "2.0", "id": number, "result": dict(result)})
