"""Where the tools come from that ``-t`` and ``--tools`` name, and what they get of this machine."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from kit.cli.desk import Desk
from kit.cli.tooling import shield
from kit.patterns.tools.ability import Source
from kit.patterns.tools.mcp import McpServer, McpSource
from kit.patterns.tools.naming import parsed, sources_of
from kit.patterns.tools.ports import Ports
from kit.patterns.tools.sets import gathered
from kit.trace.folders import runs_folder

RUNNING = ("shell", "mcp", "py")
"""Kinds that run other programs, or may."""


def sources(specs: Sequence[str], sets: Sequence[str], desk: Desk, ports: Ports) -> list[Source]:
    """For all of them together, nothing opened. UsageError for what names no tool."""
    wanted = gathered(specs, sets)
    if wanted.servers or any(parsed(word).kind in RUNNING for word in wanted.use):
        shield.raised()
    ports = replace(ports, serve=partial(_served, desk))
    return sources_of(wanted.use, ports, wanted.servers)


def allowed(sets: Sequence[str]) -> tuple[str, ...]:
    """What the sets allow, as ``--allow`` does."""
    return gathered((), sets).allow


def _served(desk: Desk, server: McpServer) -> Source:
    return McpSource(
        server,
        os.environ,  # of which it sees what is safe, and what it is given by name
        pins=runs_folder(os.environ).parent / "mcp",
        say=desk.members.tell,
        insecure=desk.model.insecure_http,
    )
