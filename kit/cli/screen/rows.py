"""Small tables and JSON on stdout: the same bytes at any width, on a terminal and in a pipe."""

from __future__ import annotations

import json
from collections.abc import Sequence

from kit.cli.output import line
from kit.cli.screen.sanitise import visible
from kit.trace.records import harmless


def print_rows(rows: Sequence[Sequence[object]]) -> None:
    """Columns padded to their widest cell, two blanks apart, nothing after the last."""
    cells = [[visible(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        line("  ".join(padded).rstrip())


def print_json(value: object) -> None:
    """One JSON value. Mappings and tuples of a profile become objects and arrays."""
    line(harmless(json.dumps(value, ensure_ascii=False, indent=2, default=dict)))
