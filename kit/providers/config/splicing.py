"""Puts one value into a TOML text, or takes one out, leaving every other byte alone. Pure.

A TOML document model moves the comments above a table when the table before it grows or goes;
splicing the text does not. Layouts that it does not know are left to the caller's check.
"""

from __future__ import annotations

import re

from kit.events import Json
from kit.providers.config.places import Path, Place, scan

_REST = re.compile(r"[ \t]*(#[^\n]*)?(?:\n|$)")


def put(text: str, path: Path, value: Json) -> str:
    """``text`` with ``path = value``."""
    there = _placed(text, path)
    if there and there.kind in {"key", "inline"}:
        return text[: there.value] + _written(value) + text[there.end :]
    return _added(drop(text, path), path, value)


def put_table(text: str, path: Path) -> str:
    """``text`` with an empty table: a header at its end, or braces within braces."""
    parent = _placed(text, path[:-1])
    if parent and parent.kind in {"key", "inline"}:
        return put(text, path, {})
    return _ended(text) + ("\n" if text.strip() else "") + f"[{_key(path)}]\n"


def drop(text: str, path: Path) -> str:
    """``text`` without ``path`` and all below it; comments stay, but those among the removed keys
    of a table."""
    for span in reversed(_spans(text, path)):
        text = text[: span[0]] + text[span[1] :]
    return text


def _added(text: str, path: Path, value: Json) -> str:
    """A new key: after the last one of its table, where the table has a place."""
    *table, last = path
    line = f"{_key((last,))} = {_written(value)}\n"
    places = scan(text)
    if not table:
        return _before_headers(text, places, line)
    owner = _placed(text, path[:-1])
    if owner is None:
        siblings = [place for place in places if place.path[:-1] == tuple(table)]
        above = None if siblings else _placed(text, path[:-2])
        if above and above.kind in {"key", "inline"}:
            return put(text, path[:-1], {last: value})
        return _beside(text, siblings, path, value)
    if owner.kind in {"key", "inline"}:  # name = { … }
        inside = text[owner.value : owner.end]
        comma = " " if inside.strip("{} \t") == "" else ", "
        body = inside[:-1].rstrip().rstrip(",") + comma + line.rstrip("\n") + " }"
        return text[: owner.value] + body + text[owner.end :]
    at = _after_last(text, places, owner)
    return _ended(text[:at]) + line + text[at:]


def _beside(text: str, siblings: list[Place], path: Path, value: Json) -> str:
    """Its table is only implied: by dotted keys, or by the headers of tables below it."""
    if siblings and siblings[-1].kind == "key":
        at = _line_end(text, siblings[-1].end)
        written = re.split(r"[ \t]*=", text[siblings[-1].start :], maxsplit=1)[0]
        prefix = written[: written.rindex(".") + 1] if "." in written else ""
        return _ended(text[:at]) + f"{prefix}{_key(path[-1:])} = {_written(value)}\n" + text[at:]
    head = f"[{_key(path[:-1])}]\n{_key(path[-1:])} = {_written(value)}\n"
    return _ended(text) + ("\n" if text.strip() else "") + head


def _placed(text: str, path: Path) -> Place | None:
    return next((place for place in scan(text) if place.path == path), None)


def _before_headers(text: str, places: list[Place], line: str) -> str:
    headers = [place for place in places if place.kind in {"table", "array"}]
    loose = [place for place in places if place.kind == "key"]
    first = headers[0].start if headers else len(text)
    own = [place for place in loose if place.start < first]
    if own:
        at = _line_end(text, own[-1].end)
        return _ended(text[:at]) + line + text[at:]
    if not headers:
        return _ended(text) + line
    top = text[:first]
    at = top.rfind("\n\n") + 2 if "\n\n" in top else 0  # the comment just above a header is its own
    return text[:at] + line + "\n" + text[at:]


def _after_last(text: str, places: list[Place], owner: Place) -> int:
    """The end of the line of the last key that stands under a header."""
    later = places[places.index(owner) + 1 :]
    end = owner.end
    for place in later:
        if place.kind in {"table", "array"}:
            break
        end = max(end, place.end)
    return _line_end(text, end)


def _spans(text: str, path: Path) -> list[tuple[int, int]]:
    """What has to go: whole lines, in the text's order. A comment behind a value stays."""
    places = scan(text)
    spans: list[tuple[int, int]] = []
    for index, place in enumerate(places):
        if place.path[: len(path)] != path or (spans and place.start < spans[-1][1]):
            continue
        if place.kind in {"table", "array"}:
            spans.append(_block(text, places, index))
        elif place.kind == "inline":
            spans.append(_entry(text, place))
        else:
            spans.append(_line(text, place))
    return spans


def _block(text: str, places: list[Place], index: int) -> tuple[int, int]:
    """A header and its keys, with the blank lines that follow, but no comment after its last key.

    Comments below the last key most often speak of the next table."""
    place = places[index]
    end = _after_last(text, places, place)
    blank = re.compile(r"(?:[ \t]*\r?\n)*").match(text, end)
    return place.start, blank.end() if blank else end


def _line(text: str, place: Place) -> tuple[int, int]:
    rest = _REST.match(text, place.end)
    if rest is None or rest[1]:
        return place.start, rest.start(1) if rest else place.end
    start = place.start
    while start and text[start - 1] in " \t":
        start -= 1
    return start, rest.end()


def _entry(text: str, place: Place) -> tuple[int, int]:
    """One key within braces, with the comma that parts it from its neighbour."""
    after = re.compile(r"\s*,[ \t]*").match(text, place.end)
    if after:
        return place.start, after.end()
    start = len(text[: place.start].rstrip())
    return (start - 1 if text[start - 1] == "," else place.start), place.end


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end + 1


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


def _key(path: Path) -> str:
    import tomlkit  # 40 ms, for who edits

    return ".".join(tomlkit.key(part).as_string() for part in path)


def _written(value: Json) -> str:
    import tomlkit

    if isinstance(value, dict):
        pairs = (f"{_key((key,))} = {_written(one)}" for key, one in value.items())
        return "{ " + ", ".join(pairs) + " }" if value else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_written, value)) + "]"
    return tomlkit.item(value).as_string()
