"""Tools as a command line and a file of sets name them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tooled import ports

from kit.errors import ConfigError, UsageError
from kit.patterns.tools.ability import Ability
from kit.patterns.tools.fixed import Fixed
from kit.patterns.tools.mcp.spec import McpServer
from kit.patterns.tools.naming import Named, anchored, parsed, source_of, sources_of
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.sets import Toolset, gathered, loaded


def names(words: list[str], given: Ports | None = None) -> list[str]:
    """The tools that these words bring, in order."""

    async def opened() -> list[str]:
        found: list[Ability] = []
        sources = sources_of(words, given or ports())
        for each in sources:
            found += await each.open()
        for each in sources:
            await each.aclose()
        return [each.face.name for each in found]

    return asyncio.run(opened())


# --- words ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("calc", Named("calc", "")),
        ("read:src", Named("read", "src")),
        ("read:a:b", Named("read", "a:b")),
        ("http:example.org:8443", Named("http", "example.org:8443")),
        ("shell", Named("shell", "")),
        ("shell:work", Named("shell", "work")),
        ("mine.py", Named("py", "mine.py")),
        ("./a/mine.py:f", Named("py", "./a/mine.py:f")),
        ("calc.py:read", Named("py", "calc.py:read")),
        ("mcp:npx -y @scope/server", Named("mcp", "npx -y @scope/server")),
        ("mcp:https://h.example/mcp", Named("mcp", "https://h.example/mcp")),
        ("mcp:python server.py", Named("mcp", "python server.py")),
    ],
)
def test_a_word_is_taken_apart(word: str, named: Named) -> None:
    assert parsed(word) == named


@pytest.mark.parametrize(
    ("word", "says", "hint"),
    [
        ("calk", "there is no tool 'calk'", "did you mean 'calc'?"),
        ("serch:src", "there is no tool 'serch:src'", "did you mean 'search'?"),
        ("read", "-t read needs a folder", "like -t read:."),
        ("read:", "-t read needs a folder", "like -t read:."),
        ("http", "-t http needs a host", "like -t http:api.example.org"),
        ("calc:2", "-t 'calc:2' ends too early or says too much", "there are: calc"),
        ("shell:", "-t 'shell:' ends too early or says too much", "there are: calc"),
        ("mcp:", "there is no tool 'mcp:'", "did you mean 'mcp'?"),
        ("", "there is no tool ''", "there are: calc"),
        ("~/tools", "there is no tool '~/tools'", "there are: calc"),
    ],
)
def test_a_word_that_names_no_tool_says_what_was_meant(word: str, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(word)
    assert caught.value.message == says
    assert caught.value.hint.startswith(hint)


def test_each_word_brings_its_tool(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def f(): ...\ndef g(): ...\n")
    words = ["calc", "clock", f"read:{tmp_path}", f"list:{tmp_path}", f"search:{tmp_path}"]
    words += ["shell", f"{tmp_path}/mine.py:g", "http:example.org"]
    assert names(words) == ["calc", "clock", "read", "list", "search", "shell", "g", "http"]
    assert isinstance(source_of("calc", ports()), Fixed)


def test_two_of_a_kind_are_told_apart(tmp_path: Path) -> None:
    for place in ("a/src", "b/src", "docs"):
        (tmp_path / place).mkdir(parents=True)
    words = [f"read:{tmp_path}/a/src", f"read:{tmp_path}/docs", f"read:{tmp_path}/b/src", "calc"]
    assert names(words) == ["read_src", "read_docs", "read_src_2", "calc"]


def test_a_word_that_is_there_twice_counts_once() -> None:
    assert names(["calc", "calc"]) == ["calc"]


def test_all_hosts_are_one_tool() -> None:
    async def description() -> str:
        (web,) = sources_of(["http:a.example", "http:*.b.example"], ports())
        (ability,) = await web.open()
        return ability.face.description

    assert asyncio.run(description()).startswith("GET a URL; allowed hosts: a.example, *.b.example")


def test_a_host_that_is_none_is_refused_before_the_run() -> None:
    with pytest.raises(UsageError, match="names no host"):
        sources_of(["http:a/b"], ports())


def test_servers_are_given_to_who_runs_them() -> None:
    served: list[McpServer] = []

    def serve(server: McpServer) -> Fixed:
        served.append(server)
        return Fixed(())

    own = McpServer("git", ("uvx", "git-server"))
    sources_of(["mcp:server-git", "calc", "mcp:server-git --all"], ports(serve=serve), [own])
    assert [(each.name, each.command) for each in served] == [
        ("server-git", ("server-git",)),
        ("server-git-2", ("server-git", "--all")),
        ("git", ("uvx", "git-server")),
    ]
    with pytest.raises(UsageError, match="nothing here may start the MCP server"):
        sources_of(["mcp:server-git"], ports())


def test_paths_are_read_from_where_they_are_written() -> None:
    folder = Path("/base")
    assert anchored("read:src", folder) == "read:/base/src"
    assert anchored("read:/src", folder) == "read:/src"
    assert anchored("shell:.", folder) == "shell:/base"
    assert anchored("mine.py:f", folder) == "/base/mine.py:f"
    assert anchored("mine.py", folder) == "/base/mine.py"
    for word in ("calc", "shell", "http:a.example", "mcp:server"):
        assert anchored(word, folder) == word


# --- sets -----------------------------------------------------------------------------------------
SET = """\
# what may be looked at
[tools.look]
use = ["calc", "read:src", "http:docs.example"]
allow = ["http"]

[tools.look.mcp.git]
command = ["uvx", "mcp-server-git"]
readonly = ["git_log"]
"""


def file(tmp_path: Path, text: str) -> Path:
    place = tmp_path / "tools.toml"
    place.write_text(text)
    return place


def test_a_set_names_tools_and_what_is_allowed(tmp_path: Path) -> None:
    place = file(tmp_path, SET)
    look = Toolset(
        "look",
        ("calc", f"read:{tmp_path}/src", "http:docs.example"),
        ("http",),
        (McpServer("git", ("uvx", "mcp-server-git"), readonly=("git_log",)),),
    )
    assert loaded(str(place)) == look
    assert loaded(f"{place}:look") == look


def test_what_is_named_alone_and_in_sets_is_gathered(tmp_path: Path) -> None:
    place = file(tmp_path, '[tools.a]\nuse = ["clock"]\n[tools.b]\nallow = ["x"]\n')
    assert gathered(["calc"], [f"{place}:a", f"{place}:b"]) == Toolset(
        "", ("calc", "clock"), ("x",)
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[tools.a]\nuse = ["calc"', ":2:14: Unclosed array"),
        ('[tools.a]\nuses = ["calc"]', ":2: the set 'a' has no 'uses': it has use, allow, mcp"),
        ('[tools.a]\nuse = "calc"', ":2: use must be a list of strings"),
        ("[tools.a]\n\nuse = [1]", ":3: use must be a list of strings"),
        ('[tools.a]\nuse = ["calk"]', ":2: there is no tool 'calk'"),
        ('[tools.a]\nallow = "x"', ":2: allow must be a list of strings"),
        ("[profiles.a]\nx = 1", ":1: a file of tools has no 'profiles', only [tools.NAME]"),
        ("", ": there is no set: it begins with [tools.NAME]"),
        ("[tools]\na = 1", ":2: 'a' is no table"),
        ("[tools.a.mcp]\ngit = 1", ":1: an MCP server is a table: [tools.a.mcp.NAME]"),
        ("[tools.a.mcp.git]\nx = 1", ":1: the MCP server 'git' has no setting 'x'"),
    ],
)
def test_what_is_wrong_with_a_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    place = file(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        loaded(str(place))
    assert caught.value.message.startswith(f"{place}{says}")


def test_a_set_or_a_file_that_is_not_there_says_what_there_is(tmp_path: Path) -> None:
    place = file(tmp_path, "[tools.a]\n[tools.b]\n")
    for word, says in {
        f"{place}": "more than one set",
        f"{place}:c": "no set 'c'",
        f"{tmp_path}/none.toml": "no such file or directory",
        f"{tmp_path}": "is a directory",
    }.items():
        with pytest.raises(UsageError, match=says):
            loaded(word)
    (tmp_path / "tools.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 0"):
        loaded(str(place))
    (tmp_path / "tools.toml").write_bytes(b"#" * (2**20 + 1))
    with pytest.raises(UsageError, match="larger than 1 MiB"):
        loaded(str(place))
