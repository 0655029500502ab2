"""``kit`` in lines of sh, and the four commands that ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from command import Kit, Ran
from loopback import Server

ASKING = {
    "ask": ["ask", "hi"],
    "consensus": ["consensus", "-n", "3", "--no-marker", "hi"],
    "refine": ["refine", "--check", "true", "hi"],
    "react": ["react", "-t", "calc", "hi"],
}
"""Each takes the answer "fine" for a whole one."""
each_command = pytest.mark.parametrize("words", ASKING.values(), ids=ASKING)


def shell(kit: Kit, script: str, cwd: Path | None = None) -> Ran:
    """Lines of sh in which ``$K`` is the command."""
    argv = ["sh", "-c", script.replace("$K", f"{sys.executable} -m kit")]
    done = subprocess.run(argv, env=kit.env(), cwd=cwd, capture_output=True, timeout=90)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def prompts(server: Server) -> list[str]:
    """The last message of each request."""
    return [each.json["messages"][-1]["content"] for each in server.requests]
