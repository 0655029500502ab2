"""All runs at once: from the index where there is one, else from their files, with one answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from kit.dataclass import dataclass
from kit.errors import UsageError
from kit.trace.entry import Entry, Figures, entry, one_line
from kit.trace.runs import Run
from kit.trace.shelf import paths
from kit.trace.ulid import made_at

AROUND = 60
"""Characters that are shown before and after what was found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A run in which a text was found: in the ``prompt`` or the ``answer``, between what else."""

    run: Run
    where: str
    before: str
    text: str
    after: str


def latest(folder: Path, cache: Path, limit: int | None = None) -> list[Run]:
    """The newest ``limit`` runs, newest first."""
    chosen = list(islice(paths(folder), limit))
    if not chosen:
        return []
    from kit.trace import index  # sqlite3: 6 ms

    known = index.ask(folder, cache, lambda opened: opened.runs(chosen))
    return [each.run for each in _entries(chosen)] if known is None else known


def counted(
    folder: Path, cache: Path, since: float | None = None
) -> list[tuple[Run, tuple[Figures, ...]]]:
    """All runs that began at ``since`` (seconds since 1970) or later, with the figures of their
    calls; newest first."""
    chosen = list(made_since(folder, since))
    if not chosen:
        return []
    from kit.trace import index

    known = index.ask(folder, cache, lambda opened: opened.counted(chosen))
    return [(each.run, each.figures) for each in _entries(chosen)] if known is None else known


def made_since(folder: Path, since: float | None) -> Iterator[Path]:
    """Newest first."""
    return (path for path in paths(folder) if since is None or made_at(path.stem) >= since)


def search(folder: Path, cache: Path, texts: Sequence[str], limit: int) -> list[Found]:
    """The newest ``limit`` runs in which each of the texts stands, in whatever case and with
    whatever white between its words. UsageError for a text of nothing."""
    wanted = [one_line([text]) for text in texts]
    if not all(wanted):
        raise UsageError("there is nothing to search for", hint="kit trace search TEXT")
    patterns = [re.compile(re.escape(text), re.IGNORECASE) for text in wanted]
    every = list(paths(folder))
    if not every:
        return []
    from kit.trace import index

    found = index.ask(
        folder,
        cache,
        lambda opened: list(islice(_matching(opened.holding(every, wanted), patterns), limit)),
    )
    if found is None:
        return list(islice(_matching(_entries(every), patterns), limit))
    return found


def forget(folder: Path, cache: Path) -> None:
    """Take the runs that were removed out of the index, down to the last byte."""
    from kit.trace import index

    index.ask(folder, cache, lambda opened: opened.forget(list(paths(folder))))


def _entries(chosen: Iterable[Path]) -> Iterator[Entry]:
    for path in chosen:
        with suppress(UsageError):  # removed meanwhile, or not ours to read
            yield entry(path)


def _matching(entries: Iterable[Entry], patterns: Sequence[re.Pattern[str]]) -> Iterator[Found]:
    for each in entries:
        if all(pattern.search(each.asked) or pattern.search(each.said) for pattern in patterns):
            yield _shown(each, patterns[0])


def _shown(each: Entry, pattern: re.Pattern[str]) -> Found:
    for where, text in (("prompt", each.asked), ("answer", each.said)):
        if at := pattern.search(text):
            start, end = at.span()
            before = text[max(start - AROUND, 0) : start]
            return Found(each.run, where, before, at[0], text[end : end + AROUND])
    raise AssertionError("every text was found in one of the two")
