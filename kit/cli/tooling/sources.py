"""Where the tools come from that ``-t`` and ``--tools`` name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kit.cli.desk import Desk
from kit.patterns.tools.ability import Source
from kit.patterns.tools.ports import Ports


def sources(specs: Sequence[str], sets: Sequence[str], desk: Desk, ports: Ports) -> list[Source]:
    """One for each. UsageError for what names no tool."""
    from kit.patterns.tools.calc import calc
    from kit.patterns.tools.clock import clock
    from kit.patterns.tools.files import reading
    from kit.patterns.tools.fixed import Fixed
    from kit.patterns.tools.shell import Shell

    del sets, desk
    found: list[Source] = []
    for spec in specs:
        if spec == "calc":
            found.append(Fixed((calc(),)))
        elif spec == "clock":
            found.append(Fixed((clock(),)))
        elif spec == "shell":
            found.append(Shell(ports))
        else:
            found.append(reading(Path(spec.partition(":")[2]), ports))
    return found
