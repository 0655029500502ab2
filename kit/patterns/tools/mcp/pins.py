"""How a server's tools were when a user let them: a hash of each, one file a server."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from kit.patterns.tools.mcp.spec import McpServer


class Pins:
    """The prints of a server's tools. Without a folder they last as long as the run."""

    def __init__(self, folder: Path | None, server: McpServer) -> None:
        self._path = folder / f"{_identity(server)}.json" if folder else None
        self._shown = server.name
        self._known: dict[str, str] | None = None

    @property
    def place(self) -> str:
        """The file that holds them; "" without one."""
        return str(self._path or "")

    def get(self, tool: str) -> str:
        """The print of the tool when it was let; "" when it never was."""
        if self._known is None:
            self._known = self._read()
        return self._known.get(tool, "")

    def keep(self, tool: str, print_: str) -> None:
        """A folder that cannot be written costs the memory of it, never the run."""
        if self.get(tool) == print_:
            return
        self._known = {**self._read(), **(self._known or {}), tool: print_}
        with suppress(OSError):
            self._write(self._known)

    def _read(self) -> dict[str, str]:
        try:
            kept = json.loads(self._path.read_text("utf-8")) if self._path else {}
        except (OSError, ValueError, RecursionError):  # none yet, or torn: then nothing was let
            return {}
        tools = kept.get("tools") if isinstance(kept, dict) else None
        if not isinstance(tools, dict):
            return {}
        return {name: each for name, each in tools.items() if isinstance(each, str)}

    def _write(self, tools: Mapping[str, str]) -> None:
        if self._path is None:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        body = json.dumps({"schema": 1, "server": self._shown, "tools": tools}, indent=1)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
        with os.fdopen(os.open(new, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(body + "\n")
        new.replace(self._path)


def _identity(server: McpServer) -> str:
    """The same for the same command or address, whatever it is called."""
    whole = json.dumps([server.command, server.url])
    return hashlib.sha256(whole.encode(errors="surrogatepass")).hexdigest()[:32]
