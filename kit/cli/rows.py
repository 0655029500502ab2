"""Small tables and JSON on stdout: the same bytes at any width, on a terminal and in a pipe."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from kit.cli.sanitise import visible


def print_rows(rows: Sequence[Sequence[object]]) -> None:
    """Columns padded to their widest cell, two blanks apart, nothing after the last."""
    cells = [[visible(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        sys.stdout.write(line.rstrip() + "\n")


def print_json(value: object) -> None:
    """One JSON value. Mappings and tuples of a profile become objects and arrays."""
    text = json.dumps(value, ensure_ascii=False, indent=2, default=dict)
    sys.stdout.write(text + "\n")
