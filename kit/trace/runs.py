"""Reading runs back: a file may be torn, damaged, still growing or of a later release."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.events import Event, Json, Message
from kit.trace.alive import is_held
from kit.trace.blobs import restored
from kit.trace.calls import Called, calls, seconds
from kit.trace.folders import runs_folder
from kit.trace.records import decode
from kit.trace.shelf import find, paths

__all__ = ["Run", "events", "find", "listed", "messages", "read", "records", "runs_folder"]


@dataclass(frozen=True, slots=True)
class Run:
    """What a run adds up to. ``status`` is that of ``--json``, or ``running``, or ``interrupted``;
    ``usage`` has the keys of ``--json``; ``skipped`` counts lines that could not be read."""

    id: str
    path: Path
    started: str = ""  # RFC 3339, UTC
    pattern: str = ""
    status: str = ""
    exit: int | None = None
    prompt: str = ""
    answer: str = ""  # or what there was of it
    profiles: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    usage: Mapping[str, Json] | None = None
    elapsed_s: float | None = None
    error: str = ""
    records: int = 0
    skipped: int = 0


def records(path: Path) -> Iterator[dict[str, Json]]:
    """Every line that can be read. Raises UsageError when the file cannot be opened."""
    return (record for record in _parsed(path) if record is not None)


def events(path: Path) -> Iterator[Event]:
    """Every event of a kind that this release knows."""
    decoded = (decode(record) for record in records(path))
    return (event for event in decoded if event is not None)


def read(path: Path) -> Run:
    """One run, whole. Raises UsageError when the file cannot be opened."""
    known, skipped = parted(path)
    return summed(path, known, calls(known), skipped)


def parted(path: Path) -> tuple[list[dict[str, Json]], int]:
    """The records of a run, and how many lines are none. UsageError when it cannot be opened."""
    parsed = list(_parsed(path))
    known = [record for record in parsed if record is not None]
    return known, len(parsed) - len(known)


def summed(
    path: Path, known: Sequence[dict[str, Json]], made: Sequence[Called], skipped: int = 0
) -> Run:
    """What these records, which have these calls, add up to."""
    begin = next((each for each in known if each["kind"] == "run.started"), {})
    end = next((each for each in reversed(known) if each["kind"] == "run.finished"), None)
    result: dict[str, Json] = _typed(end or {}, "result", dict, {})
    elapsed: float | None = _typed(result, "elapsed_s", (int, float), None)
    error: dict[str, Json] = _typed(result, "error", dict, {})
    return Run(
        id=path.stem,
        path=path,
        started=_typed(begin or next(iter(known), {}), "t", str, ""),
        pattern=_typed(begin, "pattern", str, ""),
        status=_typed(result, "status", str, "ok") if end else unfinished(path, writer(begin)),
        exit=_typed(result, "exit", int, None),
        prompt=_prompt(made),
        answer=_typed(result, "answer", str, "") or _best_draft(known) or _last_words(made),
        profiles=_distinct(call.request.profile for call in made),
        models=_distinct(call.model for call in made),
        usage=_typed(result, "usage", dict, None),
        elapsed_s=_span(known) if elapsed is None else elapsed,
        error=_typed(error, "message", str, ""),
        records=len(known),
        skipped=skipped,
    )


def listed(folder: Path, limit: int | None = None) -> Iterator[Run]:
    """The newest ``limit`` runs, newest first; no more files are opened than are asked for."""
    for path in paths(folder):
        if limit == 0:
            return
        with suppress(UsageError):  # removed meanwhile, or not ours to read
            yield read(path)
            limit = limit - 1 if limit else None


def messages(path: Path) -> tuple[Message, ...]:
    """The conversation of an ask: what was sent last and what came back. UsageError without one."""
    known = list(records(path))
    pattern = next((each.get("pattern") for each in known if each["kind"] == "run.started"), "ask")
    replied = [call for call in calls(known) if call.status == "ok"]
    if pattern != "ask":
        raise UsageError(
            f"run {path.stem} cannot be continued, as its pattern is {pattern}",
            hint="name a run of `kit ask`; `kit trace list` shows them",
        )
    if not replied:
        raise UsageError(
            f"run {path.stem} has no whole reply to continue from",
            hint="name another one; `kit trace list` shows them",
        )
    return replied[-1].conversation


def _parsed(path: Path) -> Iterator[dict[str, Json] | None]:
    """Each line that is not blank: its record, or None when it is not one."""
    try:
        with path.open("rb") as file:
            yield from restored(_record(each) for each in file if not each.isspace())
    except OSError as error:
        raise UsageError(
            f"run {path.stem} cannot be read: {(error.strerror or str(error)).lower()}",
            hint=f"look at {path}",
        ) from error


def _record(raw: bytes) -> dict[str, Json] | None:
    try:
        value = json.loads(raw.decode())
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and isinstance(value.get("kind"), str) else None


def writer(begin: Mapping[str, Json]) -> int:
    """The process that wrote this first record; 0 is unknown."""
    return _typed(begin, "pid", int, 0)  # type: ignore[no-any-return]  # it is an int


def unfinished(path: Path, pid: int) -> str:
    """The status of a run without a last record, now; ``pid`` is its writer's."""
    with suppress(OSError):
        if is_held(path, pid):
            return "running"
    return "interrupted"


def _typed(record: Mapping[str, Json], name: str, kind: Any, default: Any) -> Any:
    value = record.get(name)
    return value if isinstance(value, kind) else default


def _prompt(made: Sequence[Called]) -> str:
    """The last that the user said before the first call: a continued talk has said more."""
    said = [each.text for each in made[0].request.messages if each.role == "user"] if made else []
    return said[-1] if said else ""


def _best_draft(known: Sequence[Mapping[str, Json]]) -> str:
    """Of a refinement that did not come to its end; what was said last may be a judge's words."""
    best = next((each.get("draft") for each in reversed(known) if _is_best(each)), None)
    made = (each for each in known if each["kind"] == "draft.made" and each.get("draft") == best)
    return _typed(next(made, {}), "text", str, "") if best else ""


def _is_best(record: Mapping[str, Json]) -> bool:
    return record["kind"] == "draft.scored" and record.get("best") is True


def _last_words(made: Sequence[Called]) -> str:
    return next((call.words for call in reversed(made) if call.words), "")


def _distinct(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _span(known: Sequence[Mapping[str, Json]]) -> float | None:
    times = [t for t in map(seconds, known) if t is not None]
    return round(max(times) - min(times), 3) if times else None
