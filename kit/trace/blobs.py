"""Long texts of requests, each once in the file of its run: nine equal prompts are one line.

A text of a request that takes more than LONG bytes stands in a line of its own, ``{"kind": "blob",
"sha256": …, "text": …}``, before the first record that mentions it; that one and all later ones
hold ``{"$blob": sha256}`` in its place. It is the same file and not a folder beside it, so that a
run is carried, copied and removed as one file. Only requests are written so: what was answered can
be read with any JSON tool.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from kit.events import Json

LONG = 4096
KIND = "blob"
_MARK = "$blob"
_ESCAPED = re.compile(r"\$+blob")  # someone's own object of this name gets one more $


class Blobs:
    """The writer's side: which texts stand in the file already."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}  # text → name: the same string is hashed once

    def taken_out(self, request: Json, put: Callable[[dict[str, Json]], None]) -> Json:
        """The request with its long texts by name; ``put`` writes the line of a new one."""

        def shortened(text: str) -> Json:
            if len(text) * 4 <= LONG or len(_bytes(text)) <= LONG:
                return text
            if text not in self._known:
                self._known[text] = hashlib.sha256(_bytes(text)).hexdigest()
                put({"kind": KIND, "call": "", "sha256": self._known[text], "text": text})
            return {_MARK: self._known[text]}

        return _walked(request, shortened, lambda each: _renamed(each, "$" + next(iter(each))))


def restored(records: Iterable[dict[str, Json] | None]) -> Iterator[dict[str, Json] | None]:
    """The records with the texts in their places again and without the lines that held them."""
    texts: dict[str, str] = {}
    for record in records:
        if record is None:
            yield None
        elif record["kind"] == KIND:
            if isinstance(name := record.get("sha256"), str):
                texts[name] = str(record.get("text", ""))
        elif isinstance(record.get("request"), dict):
            yield {**record, "request": _put_back(record["request"], texts)}
        else:
            yield record


def _put_back(request: Json, texts: Mapping[str, str]) -> Json:
    def back(each: Mapping[str, Json]) -> Json:
        [(mark, name)] = each.items()
        if mark != _MARK:
            return _renamed(each, mark[1:])
        return texts.get(str(name), f"[this text is lost with its line: sha256 {name}]")

    return _walked(request, lambda text: text, back)


def _walked(
    value: Json, of_text: Callable[[str], Json], of_marked: Callable[[dict[str, Json]], Json]
) -> Json:
    """A copy in which each string and each object of the one key ``$blob`` is exchanged."""
    match value:
        case str():
            return of_text(value)
        case list():
            return [_walked(each, of_text, of_marked) for each in value]
        case dict() if len(value) == 1 and _ESCAPED.fullmatch(next(iter(value))):
            return of_marked(value)
        case dict():
            return {key: _walked(each, of_text, of_marked) for key, each in value.items()}
        case _:
            return value


def _renamed(each: Mapping[str, Json], name: str) -> dict[str, Json]:
    return {name: next(iter(each.values()))}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
