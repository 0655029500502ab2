"""MCP servers as users name them: on the command line and in a table of a set file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kit.errors import UsageError
from kit.patterns.tools.mcp import McpServer, server_from, server_of
from kit.patterns.tools.sets import loaded

PAGE = Path(__file__).parents[3] / "docs" / "mcp.md"

NAMES = {
    "npx -y @scope/server-git@1.2 /a": "server-git",
    "npx -y some-mcp": "some-mcp",
    "uvx mcp-server-fetch --x": "mcp-server-fetch",
    "uv run --quiet ./servers/files.py": "files",
    "/usr/bin/python3 -u server.py": "server",
    "python3.13 -m my.mcp": "my_mcp",
    "node /opt/thing/dist/index.js stdio": "thing",
    "docker run -i --rm ghcr.io/a/github-mcp-server": "github-mcp-server",
    "./my__server": "my_server",
    "'/a b/run me'": "run_me",
    "npx -y": "npx",
    "ünïcode": "n_code",
    "☃": "server",
    "x" * 80: "x" * 24,
    "https://mcp.example.com:8443/sse?x=1": "mcp_example_com",
}


@pytest.mark.parametrize("text", NAMES)
def test_a_server_is_called_after_its_package_or_host(text: str) -> None:
    assert server_of(text).name == NAMES[text]


def test_a_command_is_read_as_a_shell_would() -> None:
    server = server_of("npx -y 'a b' \"c\"")
    assert (server.command, server.url) == (("npx", "-y", "a b", "c"), "")
    assert server.shown == "npx -y 'a b' c"


def test_an_address_is_shown_without_its_query() -> None:
    assert server_of("https://h.example/mcp?key=secret").shown == "https://h.example/mcp"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no server"),
        ("'a", "no closing quotation"),
        ("https://user:pw@h.example/", "user name or a password"),
        ("https://", "an http or https address"),
        ("http://h:99999/", "cannot be read"),
    ],
)
def test_what_names_no_server_is_refused(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        server_of(text)
    assert says in caught.value.message
    assert "pw" not in caught.value.message


def test_a_table_describes_a_server() -> None:
    table = {"command": ["a", "b"], "env": ["TOKEN"], "readonly": ["get_*"], "tools": ["get_*"]}
    assert server_from("my git", table) == McpServer(
        "my_git", ("a", "b"), env=("TOKEN",), readonly=("get_*",), tools=("get_*",)
    )
    assert server_from("x", {"command": "a 'b c'"}).command == ("a", "b c")
    web = server_from("docs", {"url": "https://h.example/mcp", "token_env": "DOCS"})
    assert web == McpServer("docs", url="https://h.example/mcp", token_env="DOCS")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({}, "needs either a command or a url"),
        ({"command": ["a"], "url": "https://h"}, "needs either a command or a url"),
        ({"command": []}, "needs either a command or a url"),
        ({"command": "'a"}, "no closing quotation"),
        ({"comand": ["a"]}, "has no setting 'comand'"),
        ({"name": "x", "command": ["a"]}, "has no setting 'name'"),
        ({"command": [1]}, "must be a list of strings"),
        ({"url": 5}, "must be a string"),
        ({"command": ["a"], "env": {"A": "b"}}, "must be a list of strings"),
    ],
)
def test_a_table_that_cannot_be_meant_is_refused(table: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError) as caught:
        server_from("srv", table)
    assert says in caught.value.message.lower()


def test_the_example_of_the_docs_is_understood(tmp_path: Path) -> None:
    (tmp_path / "work.toml").write_text(PAGE.read_text().split("```toml\n")[1].split("```")[0])
    files, git, docs = loaded(str(tmp_path / "work.toml")).servers
    assert (files.name, files.readonly) == ("files", ("read_*", "list_*"))
    assert (git.command, git.env) == (("uvx", "mcp-server-git"), ("GIT_AUTHOR_NAME",))
    assert (docs.url, docs.token_env) == ("https://mcp.example.com/mcp", "DOCS_TOKEN")
