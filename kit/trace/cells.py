"""Runs and their figures as the index keeps them: lists of JSON, in the order of their fields."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from kit.events import Json
from kit.trace.entry import Entry, Figures
from kit.trace.runs import Run

_RUN = tuple(field.name for field in fields(Run) if field.name not in ("id", "path"))
_FIGURES = tuple(field.name for field in fields(Figures))


def of(entry: Entry) -> tuple[str, str]:
    """The run, and its figures; in ASCII, whatever was said."""
    figures = [_values(each, _FIGURES) for each in entry.figures]
    return json.dumps(_values(entry.run, _RUN)), json.dumps(figures)


def run(path: Path, cell: str) -> Run:
    """The run of this file. ValueError or TypeError for what ``of`` has not written."""
    values: Iterable[Any] = (
        tuple(each) if isinstance(each, list) else each for each in json.loads(cell)
    )
    return Run(path.stem, path, *values)


def figures(cell: str) -> tuple[Figures, ...]:
    """The figures of its calls. ValueError or TypeError as in ``run``."""
    return tuple(Figures(*each) for each in json.loads(cell))


def _values(value: Run | Figures, names: Iterable[str]) -> list[Json]:
    return [getattr(value, name) for name in names]
