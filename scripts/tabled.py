"""Completion for shells that look words up in tables: bash and PowerShell."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from commands import Flag, Place, Takes, keys, presets, shared

Parts = dict[str, str]


def bash(found: Sequence[Place]) -> Parts:
    usual, special = _taken(found)
    return {
        "SHARED": _lines(_names(shared(found)), "  "),
        "PRESETS": _lines(presets(), "  "),
        "KEYS": _lines(keys(), "  "),
        "PLACES": "\n".join(_bash_place(each) for each in _split(found)),
        "USUAL": "\n".join(_bash_rules(usual)),
        "SPECIAL": "\n".join(_bash_rules(special, quote="'")),
    }


def powershell(found: Sequence[Place]) -> Parts:
    usual, special = _taken(found)
    return {
        "SHARED": _lines(_names(shared(found)), "  "),
        "PRESETS": _lines(presets(), "  "),
        "KEYS": _lines(keys(), "  "),
        "PLACES": "\n".join(_powershell_place(each) for each in _split(found)),
        "TAKES": "\n".join([*_powershell_rules(usual), *_powershell_rules(special)]),
    }


Row = tuple[str, Mapping[str, Sequence[str]], bool]
"""A place, its words by kind (commands, flags, first, more), whether it has the shared flags."""


def _split(found: Sequence[Place]) -> Iterator[Row]:
    common = shared(found)
    for place in found:
        whole = set(common) <= set(place.flags)
        own = [flag for flag in place.flags if not (whole and flag in common)]
        first, *later = place.arguments or ((),)
        kinds = {
            "commands": [name for name, _ in place.commands],
            "flags": _names(own),
            "first": first,
            "more": later[-1] if later else first if place.rest else (),
        }
        yield place.path, {kind: words for kind, words in kinds.items() if words}, whole


def _bash_place(row: Row) -> str:
    path, kinds, whole = row
    sets = [
        f'      {kind}="{_lines(_with(kind, words, whole), "        ")}"'
        for kind, words in kinds.items()
    ]
    return "\n".join([f"    '{path}')", *sets, "      ;;"])


def _powershell_place(row: Row) -> str:
    path, kinds, whole = row
    sets = [
        f'        {kind} = "{_lines(_with(kind, words, whole, "KitShared"), "          ")}"'
        for kind, words in kinds.items()
    ]
    return "\n".join([f"    '{path}' = @{{", *sets, "    }"])


def _with(kind: str, words: Sequence[str], whole: bool, name: str = "_kit_shared") -> list[str]:
    return [f"${name}", *words] if kind == "flags" and whole else [*words]


Rules = dict[Takes, list[str]]


def _taken(found: Sequence[Place]) -> tuple[Rules, Rules]:
    """What takes what: flags wherever they stand; and, where one differs, "PLACE FLAG"."""
    spots = [
        (place.path, name, flag.takes)
        for place in found
        for flag in place.flags
        for name in flag.names
    ]
    counts: dict[str, Counter[Takes]] = {}
    for _, name, takes in spots:
        counts.setdefault(name, Counter())[takes] += 1
    most = {name: count.most_common(1)[0][0] for name, count in counts.items()}
    usual: Rules = {}
    special: Rules = {}
    for name, takes in most.items():
        if takes is not None:
            usual.setdefault(takes, []).append(name)
    for path, name, takes in spots:
        if takes != most[name]:
            special.setdefault(takes, []).append(f"{path} {name}")
    return usual, special


def _said(takes: Takes) -> str:
    return "" if takes is None else " ".join(takes) or ":any"


def _bash_rules(rules: Rules, quote: str = "") -> Iterator[str]:
    for takes, names in rules.items():
        quoted = [f"{quote}{name}{quote}" for name in names]
        yield f"    {'|'.join(quoted)}) takes='{_said(takes)}' ;;"


def _powershell_rules(rules: Rules) -> Iterator[str]:
    for takes, names in rules.items():
        listed = ", ".join(f"'{name}'" for name in names)
        yield f"foreach ($each in {listed}) {{ $KitTakes[$each] = '{_said(takes)}' }}"


def _names(flags: Iterable[Flag]) -> list[str]:
    return [name for flag in flags for name in flag.names]


def _lines(words: Sequence[str], indent: str) -> str:
    """On one line, or on several of at most 96 columns."""
    text = " ".join(words)
    if len(text) <= 80:
        return text
    return "\n" + textwrap.fill(
        text, 96, initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
