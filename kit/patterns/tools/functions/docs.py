"""What a docstring says of a function and of each parameter. Pure."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping

_SECTION = re.compile(
    r"^(Args|Arguments|Parameters|Returns?|Raises|Yields?|Examples?|Notes?|See Also):?\s*$"
)
_FIELD = re.compile(r"^:(?:param|parameter|arg|argument)\s+(?:[^:]*\s)?\*{0,2}(\w+):\s*(.*)$")
_OTHER_FIELD = re.compile(r"^:\w+[^:]*:")
_ARGUMENT = re.compile(r"^\s+\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")


def parted(docstring: str | None) -> tuple[str, Mapping[str, str]]:
    """What comes before the sections, and the parameters as an ``Args:`` section or ``:param``
    fields tell of them."""
    lines = inspect.cleandoc(docstring or "").splitlines()
    ends = (at for at, line in enumerate(lines) if _SECTION.match(line) or _OTHER_FIELD.match(line))
    end = next(ends, len(lines))
    told: dict[str, list[str]] = {}
    for name, text in _parameters(lines[end:]):
        told.setdefault(name, []).append(text)
    return "\n".join(lines[:end]).strip(), {
        name: " ".join(filter(None, texts)) for name, texts in told.items()
    }


def _parameters(lines: list[str]) -> Iterator[tuple[str, str]]:
    """The name of a parameter with each line that is about it."""
    inside, name, indent = False, "", 0
    for line in lines:
        depth = len(line) - len(line.lstrip())
        if section := _SECTION.match(line):
            inside, name = section[1] in ("Args", "Arguments", "Parameters"), ""
        elif field := _FIELD.match(line):
            inside, name, indent = False, field[1], 0
            yield name, field[2].strip()
        elif inside and (argument := _ARGUMENT.match(line)) and (not name or depth <= indent):
            name, indent = argument[1], depth
            yield name, argument[2].strip()
        elif name and depth > indent:
            yield name, line.strip()
        elif line.strip():
            name = ""
