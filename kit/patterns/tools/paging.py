"""As many lines of a long text as there is room for, and how to get the next ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from kit.patterns.tools.ability import ToolFault

NOTE = 120
"""Characters that are kept for the note in the last line."""


def page(lines: Sequence[str], first: int, last: int | None, room: int, *, more: str = "") -> str:
    """Lines ``first`` to ``last`` (from 1; None: the last), as far as ``room`` characters go. A
    last line in brackets says what is missing; ``more`` is said when the text itself goes on
    behind its last line here. ToolFault when it has no such line."""
    if first > max(len(lines), 1):
        raise ToolFault(f"there are only {len(lines)} lines{more and f', {more}'}")
    end = len(lines) if last is None else min(max(last, first), len(lines))
    shown = _fitting(lines, first - 1, end, max(room - NOTE, 1))
    notes = []
    if shown is None:
        line = lines[first - 1]
        body, upto = line[: max(room - NOTE, 1)], first
        notes.append(f"line {first} has {len(line)} characters and is cut")
    else:
        body, upto = "\n".join(lines[first - 1 : shown]), shown
    if (first, upto) != (1, len(lines)):
        notes.append(f"lines {first} to {upto} of {'at least ' if more else ''}{len(lines)}")
    if upto < end:
        notes.append(f"go on with first_line {upto + 1}")
    notes += [more] if more and upto == len(lines) else []
    return f"{body}\n[{'; '.join(notes)}]" if notes else body


def _fitting(lines: Sequence[str], start: int, end: int, room: int) -> int | None:
    """Where the lines that fit end; None when not even the first does."""
    at = start
    while at < end and room >= len(lines[at]):
        room -= len(lines[at]) + 1
        at += 1
    return at if at > start or start >= end else None
