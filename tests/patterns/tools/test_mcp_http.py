"""MCP servers over streamable HTTP: one origin, one address, bounded answers (R08, R10)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest
from loopback import (
    CLOSE,
    EVENTS,
    HANG,
    RESET,
    Script,
    Seen,
    Server,
    chunk,
    event,
    head,
    response,
    serving,
)
from mcp_servers import GREETING, over_http, said, tool, using

from kit.errors import AuthError, KitError, UnavailableError, UsageError
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.mcp import McpServer
from kit.patterns.tools.mcp.web import client, is_forbidden

TOKEN = "tok-1234567890"


@pytest.fixture
def other() -> Iterator[Server]:
    """Another origin: another port."""
    with serving() as running:
        yield running


async def twice(tools: dict[str, Ability]) -> list[str]:
    """What comes of two uses, one after the other."""
    found = []
    for _ in range(2):
        try:
            found.append(await tools["srv__get"].run({"n": 1}))
        except ToolFault as fault:
            found.append(f"fault: {fault}")
    return found


def uses(server: Server, *answers: Any, **settings: Any) -> list[str]:
    """Two uses, the first of which gets this answer."""
    left = list(answers)

    def use(seen: Seen) -> Script:
        answer = left.pop(0) if left else _fine(seen)
        return answer(seen) if callable(answer) else answer

    server.default = over_http([tool("get")], use)
    return using(_at(server, **settings), twice)


def _at(server: Server, **settings: Any) -> McpServer:
    return McpServer("srv", url=f"{server.url}/mcp", **settings)


def _fine(seen: Seen, text: str = "fine") -> Script:
    return said(seen.json["id"], {"content": [{"type": "text", "text": text}]})


def refused(server: McpServer, **options: Any) -> KitError:
    with pytest.raises(KitError) as caught:
        using(server, twice, **options)
    return caught.value


def test_tools_of_a_url_are_of_the_class_network(server: Server) -> None:
    async def whole(tools: dict[str, Ability]) -> list[tuple[str, str]]:
        return [(each.face.name, each.access) for each in tools.values()]

    server.default = over_http([tool("get")])
    assert using(_at(server), whole) == [("srv__get", "network")]


def test_an_answer_comes_as_json_or_as_events(server: Server) -> None:
    def events(seen: Seen) -> Script:
        result = {"content": [{"type": "text", "text": "streamed"}]}
        note = {"jsonrpc": "2.0", "method": "notifications/progress", "params": {}}
        whole = {"jsonrpc": "2.0", "id": seen.json["id"], "result": result}
        return [head(200, EVENTS), event(note) + event(whole), CLOSE]

    assert uses(server, events) == ["streamed", "fine"]


def test_the_token_is_sent_as_the_variable_holds_it(server: Server) -> None:
    server.default = over_http([tool("get")])
    using(_at(server, token_env="T"), twice, environ={**os.environ, "T": f" {TOKEN}\n"})
    sent = {seen.headers.get("authorization") for seen in server.requests}
    assert sent == {f"Bearer {TOKEN}"}
    assert all(TOKEN.encode() not in seen.body for seen in server.requests)


def test_a_server_that_says_the_token_back_does_not_tell_the_model(server: Server) -> None:
    def echo(seen: Seen) -> Script:
        return _fine(seen, f"you are {seen.headers['authorization']}")

    server.default = over_http([tool("get")], echo)
    observed = using(_at(server, token_env="T"), twice, environ={**os.environ, "T": TOKEN})
    assert observed == ["you are Bearer [token]"] * 2


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_token_that_is_not_there_stops_the_run(server: Server, value: str | None) -> None:
    environ = {**os.environ} | ({} if value is None else {"T": value})
    error = refused(_at(server, token_env="T"), environ=environ)
    assert isinstance(error, AuthError)
    assert error.message == "T, which holds the token of the MCP server srv, is not set"
    assert server.requests == []


def test_a_token_with_a_line_end_in_it_is_refused_without_being_quoted(server: Server) -> None:
    error = refused(_at(server, token_env="T"), environ={**os.environ, "T": "tok\nX-Evil: 1"})
    assert isinstance(error, AuthError)
    assert "tok" not in error.message.replace("token", "")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_origin_is_not_followed(
    server: Server, other: Server, status: int
) -> None:
    other.default = over_http([tool("get")])
    server.default = response(b"", status, {"Location": f"{other.url}/mcp"})
    error = refused(_at(server, token_env="T"), environ={**os.environ, "T": TOKEN})
    assert isinstance(error, UnavailableError)
    assert "not followed" in error.message
    assert other.requests == []


def test_a_redirect_in_the_middle_of_a_run_is_not_followed_either(
    server: Server, other: Server
) -> None:
    away = response(b"", 307, {"Location": f"{other.url}/mcp"})
    why, then = uses(server, away)
    assert ("not followed" in why, then) == (True, "fine")
    assert other.requests == []


def test_a_redirect_within_the_origin_is_followed(server: Server) -> None:
    inner = over_http([tool("get")])

    def slash(seen: Seen) -> Script:
        if seen.path == "/mcp":
            return response(b"", 307, {"Location": "/mcp/"})
        return inner(seen)

    server.default = slash
    assert using(_at(server), twice) == ["done", "done"]


LINK_LOCAL = ["169.254.169.254", "fe80::1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe",
              "2002:a9fe:a9fe::", "100.100.100.200", "fd00:ec2::254", "0.0.0.0", "::",
              "224.0.0.1"]  # fmt: skip


@pytest.mark.parametrize("address", LINK_LOCAL)
def test_a_name_must_not_lead_to_where_machines_keep_their_credentials(address: str) -> None:
    assert is_forbidden(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "10.0.0.1", "192.0.2.1", "2001:db8::1"])
def test_a_name_may_lead_to_any_other_machine(address: str) -> None:
    assert not is_forbidden(address)


@pytest.mark.parametrize("written", ["2852039166", "0xa9fea9fe"])
def test_an_address_in_disguise_is_seen_through(written: str) -> None:
    """The system reads these as 169.254.169.254."""
    error = refused(McpServer("srv", url=f"https://{written}/mcp"))
    assert "169.254.169.254" in error.message
    assert isinstance(error, UsageError)


@pytest.mark.parametrize("host", ["0251.0376.0251.0376", "a..b", "x" * 70, "[::1"])
def test_an_address_that_nobody_can_read_is_told(host: str) -> None:
    error = refused(McpServer("srv", url=f"https://{host}/mcp"))
    assert "cannot be" in error.message


def test_plain_http_to_another_machine_needs_a_flag() -> None:
    error = refused(McpServer("srv", url="http://192.0.2.1/mcp?k=v"))
    assert isinstance(error, UsageError)
    assert error.message == "the MCP server http://192.0.2.1/mcp would be spoken to over plain http"
    assert "--insecure-http" in error.hint


def test_a_server_that_is_not_there_is_told_with_its_address() -> None:
    error = refused(McpServer("srv", url="http://127.0.0.1:9/mcp"))
    assert error.message == (
        "the MCP server http://127.0.0.1:9/mcp failed: it cannot be reached (connection refused)"
    )


ANSWERS: dict[str, Script] = {
    "fault: its server failed: the connection failed (ReadError)": [RESET],
    "fault: its server failed: the connection failed (RemoteProtocolError)": [CLOSE],
    "fault: its server failed: it answers with HTTP 500": [
        head(500, {"Content-Type": "text/html", "Content-Length": "4"}) + b"oops"
    ],
    "fault: its server failed: it wants a token (HTTP 401): name the variable that holds it as"
    " token_env": response({}, 401),
    "fault: its server failed: its answer is compressed (gzip) though that was not asked for": [
        head(200, {"Content-Encoding": "gzip", "Content-Length": "1"}) + b"x"
    ],
    "fault: its server says: Unexpected content type: text/html": [
        head(200, {"Content-Type": "text/html", "Content-Length": "4"}) + b"oops"
    ],
    "fault: its server failed: SSE stream ended without a response": [head(200, EVENTS), CLOSE],
}


@pytest.mark.parametrize("why", ANSWERS)
def test_an_answer_that_goes_wrong_costs_its_use_and_not_the_session(
    server: Server, why: str
) -> None:
    assert uses(server, ANSWERS[why]) == [why, "fine"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"jsonrpc": "2.0"}'])
def test_an_answer_that_is_no_message_costs_its_use_and_not_the_session(
    server: Server, body: bytes
) -> None:
    why, then = uses(server, response(body))
    assert why.startswith("fault: its server says: Failed to parse JSON response")
    assert then == "fine"


def test_a_connection_that_breaks_in_the_middle_of_an_answer_costs_its_use(server: Server) -> None:
    cut = [head(200, {"Content-Type": "application/json", "Content-Length": "999"}) + b"{", RESET]
    why, then = uses(server, cut)
    assert why.startswith("fault: its server says: Failed to parse JSON response")
    assert then == "fine"


def test_an_answer_without_end_is_cut_off(server: Server) -> None:
    kind = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    endless: Script = [head(200, kind), *[chunk(b" " * 2**20)] * 80, HANG]
    why, then = uses(server, endless)
    assert why.startswith("fault: its server says: Failed to parse JSON response")
    assert then == "fine"
    (first, _) = [seen for seen in server.requests if b"tools/call" in seen.body]
    assert first.closed.wait(5)


def test_nothing_is_sent_to_another_origin_whoever_asks_for_it(
    server: Server, other: Server
) -> None:
    async def ask() -> int:
        async with client(f"{server.url}/mcp", "127.0.0.1", TOKEN) as asked:
            return (await asked.post(f"{other.url}/mcp")).status_code

    assert (asyncio.run(ask()), other.requests, server.requests) == (502, [], [])


def test_an_event_without_end_is_cut_off(server: Server) -> None:
    endless: Script = [head(200, EVENTS), *[b"data: " + b"x" * 2**20] * 12, HANG]
    why, then = uses(server, endless)
    assert "SSE stream failed" in why
    assert then == "fine"


def test_events_without_end_end_the_session(server: Server) -> None:
    note = event({"jsonrpc": "2.0", "method": "notifications/message", "params": {}})
    flood: Script = [head(200, EVENTS), note * 11_000, HANG]
    why = "fault: its server was ended: it sent too many messages that nobody asked for"
    assert uses(server, flood) == [f"{why} (notifications)"] * 2


def test_a_server_that_hangs_at_the_end_holds_nobody_up(server: Server) -> None:
    """The session has a number, so its end is told; nobody waits for the answer."""
    inner = over_http([tool("get")])

    def sticky(seen: Seen) -> Script:
        if seen.method == "DELETE":
            return [HANG]
        if seen.json and seen.json.get("method") == "initialize":
            whole = {"jsonrpc": "2.0", "id": seen.json["id"], "result": GREETING}
            return response(whole, 200, {"Mcp-Session-Id": "s1"})
        return inner(seen)

    server.default = lambda seen: [HANG] if seen.method == "GET" else sticky(seen)
    assert using(_at(server), twice) == ["done", "done"]
    assert "DELETE" in {seen.method for seen in server.requests}
