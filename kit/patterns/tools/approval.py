"""Who lets a tool run: its class, what the user allowed beforehand, what was answered. Pure.

An approval that was given before the model read what others wrote is stale after it: then only
what is allowed by name runs without being asked for again.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias, get_args

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.patterns.tools.ability import Access

Answer: TypeAlias = Literal["once", "tool", "no", "stop"]
"""Yes for this use, yes for this tool from now on, no, end the run."""

CLASSES: tuple[Access, ...] = get_args(Access)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What ``--allow`` names: whole classes, and tools by name or pattern (``git__*``)."""

    classes: frozenset[str] = frozenset()
    names: tuple[str, ...] = ()

    def by_name(self, name: str) -> bool:
        return any(fnmatchcase(name, pattern) for pattern in self.names)


def allowed(words: Iterable[str]) -> Allowed:
    given = tuple(words)
    classes = frozenset(word for word in given if word in CLASSES)
    return Allowed(classes, tuple(word for word in given if word not in classes))


def checked(allow: Allowed, tools: Sequence[str]) -> Allowed:
    """Itself; UsageError for a name that no tool has: a slip there must not look like safety."""
    for pattern in allow.names:
        if not any(fnmatchcase(name, pattern) for name in tools):
            near = difflib.get_close_matches(pattern, [*tools, *CLASSES], n=1)
            there = ", ".join([*CLASSES, *tools])
            raise UsageError(
                f"--allow {pattern!r} names no tool of this run",
                hint=f"did you mean {near[0]!r}?" if near else f"there are: {there}",
            )
    return allow


def let(
    name: str, access: Access, allow: Allowed, answered: Mapping[str, bool], *, tainted: bool
) -> str:
    """Who lets this tool run: readonly, allowed, asked; "" when somebody must be asked now.

    ``answered``: the tools that were approved for good, and whether the model had read what others
    wrote when that was said.
    """
    if access == "readonly":
        return "readonly"
    if allow.by_name(name) or (access in allow.classes and not tainted):
        return "allowed"
    if name in answered and (answered[name] or not tainted):
        return "asked"
    return ""
