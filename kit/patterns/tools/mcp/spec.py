"""An MCP server as a user names it: a command or an address, and what it is given.

Nothing that a server says of itself enters here: its name, what it is trusted with and what of the
environment it sees come from the user alone.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from fnmatch import fnmatchcase
from typing import get_type_hints
from urllib.parse import urlsplit

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json

SAFE = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TMP", "TEMP",
    "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "NO_PROXY",
    "APPDATA", "COMSPEC", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PATHEXT", "PROGRAMDATA",
    "PROGRAMFILES", "SYSTEMDRIVE", "SYSTEMROOT", "USERNAME", "USERPROFILE",
})  # fmt: skip
"""What a server sees of the environment without being given it: no name that holds a key."""

LAUNCHERS = {"bun", "bunx", "deno", "docker", "dotnet", "go", "java", "node", "npx", "perl", "php",
             "pipx", "pnpm", "podman", "python", "ruby", "sh", "bash", "uv", "uvx",
             "yarn"}  # fmt: skip
"""Commands that say nothing of the server: it is called by the first word after them that does."""

VERBS = {"dlx", "exec", "run", "tool", "x"}
EMPTY = {
    "app",
    "bin",
    "build",
    "cli",
    "dist",
    "index",
    "lib",
    "main",
    "__main__",
    "out",
    "src",
    ".",
}
"""Names of files and folders that are the same everywhere."""

LONGEST = 24  # characters of a server's name: tools have 64 for both names


@dataclass(frozen=True, slots=True)
class McpServer:
    """Either ``command`` (spoken to over its stdin and stdout) or ``url`` (streamable HTTP).
    ``env``: names of further variables that its process sees. ``token_env``: the variable whose
    value is sent to the URL as a bearer token. ``tools``: patterns for its own names of the tools
    that are offered (empty: all). ``readonly``: patterns for those that the user says only look.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: tuple[str, ...] = ()
    token_env: str = ""
    tools: tuple[str, ...] = ()
    readonly: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The command as a shell would read it, or the address without its query."""
        return shlex.join(self.command) if self.command else self.url.partition("?")[0]

    def offers(self, tool: str) -> bool:
        return not self.tools or any(fnmatchcase(tool, each) for each in self.tools)

    def only_looks(self, tool: str) -> bool:
        return any(fnmatchcase(tool, each) for each in self.readonly)


def server_of(text: str, name: str = "") -> McpServer:
    """The server that ``mcp:…`` names on a command line: an http(s) address, else a command."""
    if text.startswith(("http://", "https://")):
        url = _checked(text)
        return McpServer(name or called((urlsplit(url).hostname or "",)), url=url)
    command = _words(text)
    if not command:
        raise UsageError("mcp: names no server", hint="like mcp:'npx -y SERVER' or mcp:https://…")
    return McpServer(name or called(command), command)


def _words(command: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError(f"the MCP server {command!r}: {str(error).lower()}") from error


def server_from(name: str, table: Mapping[str, Json]) -> McpServer:
    """The server that a table of a set file describes; UsageError for what it cannot mean."""
    given = {key: _value(name, key, value) for key, value in table.items()}
    if bool(given.get("command")) == bool(given.get("url")):
        raise UsageError(f"the MCP server {name!r} needs either a command or a url")
    if given.get("url"):
        _checked(given["url"])
    return McpServer(called((name,)), **given)


def called(command: Sequence[str]) -> str:
    """How a server is called in the names of its tools: after its package, its script or the folder
    of that, without a double underscore, which ends it there."""
    words = [each for each in command if not each.startswith("-")] or [*command]
    if _telling(words[0]).rstrip(".0123456789") in LAUNCHERS:
        words = [each for each in words[1:] if each not in VERBS] or words
    name = re.sub(r"[^A-Za-z0-9-]+|_+", "_", _telling(words[0])).strip("_-")
    return name[:LONGEST].rstrip("_-") or "server"


def distinct(servers: Sequence[McpServer]) -> tuple[McpServer, ...]:
    """The same servers, in order; one whose name is taken is called NAME-2, NAME-3 …"""
    taken: set[str] = set()
    found = []
    for server in servers:
        name, number = server.name, 1
        while name in taken:
            number += 1
            name = f"{server.name}-{number}"
        taken.add(name)
        found.append(replace(server, name=name))
    return tuple(found)


def environment(server: McpServer, environ: Mapping[str, str]) -> dict[str, str]:
    """What its process sees: the safe names, proxies without a password, and what it is given."""
    shown = {name: value for name, value in environ.items() if _safe(name, value)}
    return shown | {name: environ[name] for name in server.env if name in environ}


def _safe(name: str, value: str) -> bool:
    if name.lower() in {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}:
        return "@" not in value
    return (name.upper() if os.name == "nt" else name) in SAFE or name.startswith("LC_")


def _telling(word: str) -> str:
    """``git-mcp`` of ``@scope/git-mcp@1.2``, of ``git-mcp.py`` and of ``git-mcp/dist/index.js``."""
    parts = [part for part in re.split(r"[/\\]", word) if part.partition("@")[0]]
    names = [re.sub(r"\.(py|js|mjs|cjs|ts|exe|cmd|sh|jar)$", "", each) for each in parts]
    names = [name.partition("@")[0] for name in names]
    return next((each for each in reversed(names) if each not in EMPTY), (names or [word])[-1])


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it is what finds a bad port
    except ValueError as error:
        raise UsageError("the address of an MCP server cannot be read") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"an MCP server has an http or https address, unlike {url!r}")
    if "@" in parts.netloc:
        raise UsageError(
            "the address of an MCP server holds a user name or a password",
            hint="give it a token by token_env in a file for --tools",
        )
    return url


def _value(server: str, key: str, value: Json) -> Json:
    """As the field wants it: a string, or strings in a list."""
    kinds = get_type_hints(McpServer)
    if key == "name" or key not in {each.name for each in fields(McpServer)}:
        raise UsageError(f"the MCP server {server!r} has no setting {key!r}")
    if kinds[key] is str and isinstance(value, str):
        return value
    if kinds[key] is not str and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if key == "command" and isinstance(value, str):
        return _words(value)
    wanted = "a string" if kinds[key] is str else "a list of strings"
    raise UsageError(f"{key!r} of the MCP server {server!r} must be {wanted}")
