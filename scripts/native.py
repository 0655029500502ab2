"""Completion for shells that know flags and their texts themselves: zsh and fish."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from commands import Flag, Place, Takes, keys, presets, shared

Parts = dict[str, str]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# --- zsh -----------------------------------------------------------------------------------------
def zsh(found: Sequence[Place]) -> Parts:
    whole, *others = found
    return {
        "PRESETS": " ".join(presets()),
        "KEYS": " ".join(keys()),
        "SHARED": "\n".join(f"  {_zsh_flag(flag)}" for flag in shared(found)),
        "PLACES": "\n\n".join(_zsh_place(each, shared(found)) for each in others),
        "TOP": _zsh_group(whole, "_kit"),
    }


def _zsh_place(place: Place, common: Sequence[Flag]) -> str:
    name = place.path.replace(" ", "_").replace("-", "_")
    if place.commands and not place.arguments:
        return f"_{name}() {{\n{_zsh_group(place, f'_{name}')}\n}}"
    has = set(common) <= set(place.flags)
    own = [_zsh_flag(flag) for flag in place.flags if not (has and flag in common)]
    specs = [*(["$_kit_shared"] if has else []), *own, *_zsh_arguments(place)]
    body = " \\\n    ".join(["  _arguments -S", *specs])
    return f"_{name}() {{\n{''.join(_zsh_nested(place))}{body}\n}}"


def _zsh_nested(place: Place) -> Iterator[str]:
    """A command that has commands of its own besides its arguments."""
    for name, _ in place.commands:
        yield f"  if [[ $words[2] == {name} && CURRENT -gt 2 ]]; then\n"
        yield f"    shift words\n    (( CURRENT-- ))\n    _{place.path.replace(' ', '_')}_{name}\n"
        yield "    return\n  fi\n"


def _zsh_group(place: Place, name: str) -> str:
    rows = [_quoted(f"{command}:{about}") for command, about in place.commands]
    return " \\\n    ".join([f"  __kit_group {name}", *rows])


def _zsh_flag(flag: Flag) -> str:
    about = f"[{flag.about.translate(_BRACKETS)}]"
    takes = (
        "" if flag.takes is None else f":{flag.label.translate(_COLONS)}:{_zsh_take(flag.takes)}"
    )
    names = [_zsh_name(name, flag.takes) for name in flag.names]
    if len(names) == 1:
        return _quoted(f"{'*' if flag.many else ''}{names[0]}{about}{takes}")
    lead = "*" if flag.many else f"({' '.join(flag.names)})"
    return f"{_quoted(lead)}{{{','.join(names)}}}{_quoted(about + takes)}"


_BRACKETS = str.maketrans({"[": "\\[", "]": "\\]"})
_COLONS = str.maketrans({":": "\\:"})


def _zsh_name(name: str, takes: Takes) -> str:
    if takes is None:
        return name
    return f"{name}=" if name.startswith("--") else f"{name}+"


def _zsh_take(takes: Sequence[str]) -> str:
    return f" __kit_take {' '.join(takes).translate(_COLONS)}" if takes else " "


def _zsh_arguments(place: Place) -> Iterator[str]:
    known = [*place.arguments]
    for at, takes in enumerate(known, 1):
        if at == 1 and place.commands:
            yield _quoted(f"1: :{_zsh_take((*(name for name, _ in place.commands), *takes))}")
        if place.rest and at == len(known):
            yield _quoted(f"*: :{_zsh_take(takes)}")
        else:
            yield _quoted(f"{at}: :{_zsh_take(takes)}")


# --- fish ----------------------------------------------------------------------------------------
def fish(found: Sequence[Place]) -> Parts:
    valued = dict.fromkeys(
        name
        for place in found
        for flag in place.flags
        if flag.takes is not None
        for name in flag.names
    )
    lines = [*_fish_commands(found), *_fish_flags(found), *_fish_arguments(found)]
    return {
        "PLACES": " ".join(_at(place) for place in found),
        "PRESETS": " ".join(presets()),
        "KEYS": " ".join(keys()),
        "VALUED": " ".join(valued),
        "COMPLETE": "\n".join(lines),
    }


def _at(place: Place) -> str:
    return place.path.removeprefix("kit ").replace(" ", "/")


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _fish_commands(found: Sequence[Place]) -> Iterator[str]:
    for place in found:
        here = f"complete -c kit -n '__kit_first {_at(place)}'"
        for name, about in place.commands:
            yield f"{here} -a {name} -d {_fish_quoted(about)}"


def _fish_flags(found: Sequence[Place]) -> Iterator[str]:
    """One line for a flag that is the same in several commands."""
    where: dict[Flag, list[str]] = {}
    for place in found:
        for flag in place.flags:
            where.setdefault(flag, []).append(_at(place))
    for flag, spots in where.items():
        spelt = [
            f"-{'l' if name.startswith('--') else 's'} {name.lstrip('-')}" for name in flag.names
        ]
        about = f"-d {_fish_quoted(flag.about)}" if flag.about else ""
        parts = [*spelt, about, _fish_take(flag.takes)]
        yield " ".join(
            ["complete -c kit -n", f"'__kit_at {' '.join(spots)}'", *filter(None, parts)]
        )


def _fish_take(takes: Takes) -> str:
    if takes is None:
        return ""
    words = [_FISH.get(word, word) for word in takes]
    words = [f"(__kit_ask {word[1:]})" if word.startswith(":") else word for word in words if word]
    listed = f" -a {_fish_quoted(' '.join(words))}" if words else ""
    return f"{'-rF' if ':files' in takes else '-x'}{listed}"


_FISH = {
    ":presets": "$__kit_presets",
    ":keys": "$__kit_keys",
    ":files": "",
    ":folders": "(__fish_complete_directories (commandline -ct))",
    ":at": "(__kit_files)",
}


def _fish_arguments(found: Sequence[Place]) -> Iterator[str]:
    where: dict[tuple[str, str], list[str]] = {}
    for place in found:
        for at, takes in enumerate(place.arguments):
            repeated = place.rest or len(set(place.arguments)) == 1 < len(place.arguments)
            last = at == len(place.arguments) - 1
            test = "at" if repeated and last and at == 0 else "later" if at else "first"
            if takes:
                taken = _fish_take(takes).removeprefix("-x").replace("-rF", "-F").strip()
                where.setdefault((test, taken), []).append(_at(place))
    for (test, taken), spots in where.items():
        yield f"complete -c kit -n '__kit_{test} {' '.join(spots)}' {taken}"
