"""``shell[:DIR]``: a program with its words, never a line for a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Json, Tool
from kit.patterns.processes import Bounds, Ended, ended
from kit.patterns.tools import plain, sandbox
from kit.patterns.tools.ability import Ability, ToolFault
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.sandbox import Sandbox

HEAD, TAIL = 24 * 1024, 40 * 1024
"""Bytes of the output that are kept."""
FLOOD = 8 * 2**20
"""Bytes of output after which the program is ended."""
SEEN = {"TERM": "dumb", "NO_COLOR": "1", "PAGER": "cat", "GIT_TERMINAL_PROMPT": "0"}
Arguments: TypeAlias = Mapping[str, Json]


@dataclass
class Shell:
    """The source. Without ``folder`` programs run where kit does and, in a sandbox, change nothing;
    a folder that was given is theirs to change."""

    ports: Ports
    folder: Path | None = None
    name: str = "shell"

    async def open(self) -> Sequence[Ability]:
        self.where = self._where()
        self.sandbox, why = await sandbox.found(self.ports.environ(), network=self.ports.network)
        if self.sandbox is None:
            self.ports.say(f"{self.name} runs programs without a sandbox: {why}")
        return [Ability(self._face(), "exec", self._run, self._shown)]

    async def aclose(self) -> None:
        """Nothing is open between two uses."""

    def _where(self) -> Path:
        try:
            where = (self.folder or Path()).expanduser().resolve(strict=True)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise UsageError(f"the folder {self.folder} of {self.name}: {why}") from error
        if not where.is_dir():
            raise UsageError(f"the folder {self.folder} of {self.name} is none")
        return where

    def _face(self) -> Tool:
        return Tool(
            self.name,
            f"Run a program in {plain.name(str(self.where))} and get what it writes and its exit"
            " code. argv is the program and its words, one each: no shell reads them, so there are"
            " no pipes, redirections, variables or globs (for those: sh, -c and a line). Its input"
            f" is empty, it is ended after {self.ports.own:g} s with all that it started."
            f" {_told(self.sandbox, writable=self._writable)}",
            {
                "type": "object",
                "properties": {
                    "argv": {
                        "type": "array",
                        "items": {"type": "string", "maxLength": 100_000},
                        "minItems": 1,
                        "maxItems": 1000,
                        "description": 'For example ["git", "log", "-3"].',
                    }
                },
                "required": ["argv"],
                "additionalProperties": False,
            },
        )

    @property
    def _writable(self) -> bool:
        return self.folder is not None

    async def _run(self, arguments: Arguments) -> str:
        argv: list[str] = arguments["argv"]
        environ = {**self.ports.environ(), **SEEN}
        bounds = Bounds(self.ports.own, HEAD, TAIL, FLOOD)
        words = argv
        if self.sandbox:
            words = self.sandbox.walled(argv, self.where, writable=self._writable)
        return _answer(await ended(words, environ, bounds, folder=self.where))

    def _shown(self, arguments: Arguments) -> str:
        walls = "in a sandbox" if self.sandbox else "NO sandbox"
        return f"{shlex.join(arguments['argv'])}  ({walls}, in {self.where})"


def _told(walls: Sandbox | None, *, writable: bool) -> str:
    if walls is None:
        return ""
    change = "changes nothing outside of that folder" if writable else "changes no file"
    return f"It {change} but in an empty /tmp, and reaches {_net(walls)}."


def _net(walls: Sandbox) -> str:
    return "the network" if walls.network else "no network"


def _answer(told: Ended) -> str:
    """Output, and how it ended when that was not well; ToolFault when it never began."""
    if told.why.startswith("cannot run"):
        raise ToolFault(told.why)
    said = plain.printed(told.output).rstrip()
    if told.code == 0:
        return said or "[exit code 0, no output]"
    how = told.why or _code(told.code or 0)
    return f"{said}\n[{how}]".lstrip()


def _code(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"exit code {code}"
