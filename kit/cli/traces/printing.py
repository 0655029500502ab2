"""How the commands of ``kit trace`` print: harmless lines, JSON, remarks on stderr."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, TypeAlias

from typer import Option

from kit.cli.screen.terminal import Terminal
from kit.events import Json

if TYPE_CHECKING:
    from kit.trace.runs import Run

AsJson: TypeAlias = Annotated[bool, Option("--json", help="as JSON")]


def terminal() -> Terminal:
    return Terminal.detect(os.environ, sys.stdout, sys.stderr)


def put(lines: Iterable[str]) -> None:
    """Lines whose texts are already harmless; what the encoding lacks becomes a question mark."""
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        text = re.sub("[\ud800-\udfff]", "\ufffd", line)
        sys.stdout.buffer.write(f"{text}\n".encode(encoding, "replace"))
    sys.stdout.buffer.flush()


def put_whole(data: bytes) -> None:
    """What is meant for a file, as it is; a terminal gets no control characters."""
    if sys.stdout.isatty():
        from kit.cli.screen.sanitise import clean

        data = clean(data.decode(errors="replace")).encode()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def put_json(value: Json, terminal: Terminal) -> None:
    """In ASCII: the same JSON, and no character in it can move a cursor or lack in an encoding."""
    put([json.dumps(value, indent=2 if terminal.out_tty else None)])


def note(text: str) -> None:
    from kit.cli.screen.render import err  # only when there is something to say

    err(f"kit: {text}")


def run_object(run: Run) -> dict[str, Json]:
    """With the names of ``--json`` of a run, where the contract has one."""
    return {
        "run": run.id,
        "started": run.started or None,
        "pattern": run.pattern or None,
        "status": run.status,
        "exit": run.exit,
        "prompt": run.prompt,
        "answer": run.answer,
        "profiles": run.profiles,
        "models": run.models,
        "usage": run.usage,
        "elapsed_s": run.elapsed_s,
        "error": run.error or None,
        "skipped": run.skipped,
    }
