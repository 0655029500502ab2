"""Long texts of requests, each once in the file of its run: nine equal prompts are one line.

A text of a request that takes more than LONG bytes stands in a line of its own, ``{"kind": "blob",
"sha256": …, "text": …}``, and the records that mention it hold ``{"$blob": sha256}`` in its place.
The line is before the first of them, but after ``run.started``, which is always the first. It is
the same file and not a folder beside it, so that a run is carried, copied and removed as one file.
Only what goes out is written so: what was answered can be read with any JSON tool.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from kit.events import Json

LONG = 4096
KIND = "blob"
GOING_OUT = ("settings", "request")
"""The fields of records in which texts are looked for: of ``run.started``, of ``call.started``."""
_MARK = "$blob"
_ESCAPED = re.compile(r"\$+blob")  # someone's own object of this name gets one more $


class Blobs:
    """The writer's side: which texts stand in the file already."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}  # text → name: the same string is hashed once

    def taken_out(self, value: Json, put: Callable[[dict[str, Json]], None]) -> Json:
        """The value with its long texts by name; ``put`` gets the record of a new one."""

        def shortened(text: str) -> Json:
            if len(text) * 4 <= LONG or len(_bytes(text)) <= LONG:
                return text
            if text not in self._known:
                import hashlib  # with OpenSSL: 2 ms, for who says so much

                self._known[text] = hashlib.sha256(_bytes(text)).hexdigest()
                put({"kind": KIND, "call": "", "sha256": self._known[text], "text": text})
            return {_MARK: self._known[text]}

        return _walked(value, shortened, lambda each: _renamed(each, "$" + next(iter(each))))


def restored(records: Iterable[dict[str, Json] | None]) -> Iterator[dict[str, Json] | None]:
    """The records with the texts in their places again and without the lines that held them."""
    texts: dict[str, str] = {}
    first: list[dict[str, Json]] = []  # run.started waits for the lines behind it
    for record in records:
        if record and record["kind"] == KIND:
            if isinstance(name := record.get("sha256"), str):
                texts[name] = str(record.get("text", ""))
            continue
        yield from (_whole(each, texts) for each in first)
        first = [record] if record and record["kind"] == "run.started" else []
        if not first:
            yield _whole(record, texts) if record else None
    yield from (_whole(each, texts) for each in first)


def _whole(record: dict[str, Json], texts: Mapping[str, str]) -> dict[str, Json]:
    going_out = {name: _put_back(record[name], texts) for name in GOING_OUT if name in record}
    return {**record, **going_out} if going_out else record


def _put_back(value: Json, texts: Mapping[str, str]) -> Json:
    def back(each: Mapping[str, Json]) -> Json:
        [(mark, name)] = each.items()
        if mark != _MARK:
            return _renamed(each, mark[1:])
        return texts.get(str(name), f"[this text is lost with its line: sha256 {name}]")

    return _walked(value, lambda text: text, back)


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
