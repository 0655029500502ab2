"""The rows of a run's chart: its calls, its tools and its checks, in the order they began."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kit.dataclass import dataclass
from kit.trace.calls import Called
from kit.trace.phases import Phase, phases
from kit.trace.story import Story, Tooled, Trial


@dataclass(frozen=True, slots=True)
class Row:
    """``of`` is the call, the tool's use or the check that did these things."""

    of: Called | Tooled | Trial
    phases: Sequence[Phase]

    @property
    def begin(self) -> float | None:
        return self.phases[0].begin if self.phases else None


@dataclass(frozen=True, slots=True)
class Waterfall:
    """``begin`` and ``end`` in seconds since 1970: the span in which all rows lie."""

    rows: Sequence[Row]
    begin: float
    end: float

    @property
    def seconds(self) -> float:
        return self.end - self.begin


def waterfall(told: Story) -> Waterfall:
    """Rows of which no time is recorded stand at the end."""
    rows = sorted(_rows(told, told.end or 0.0), key=lambda row: row.begin or float("inf"))
    spans = [phase for row in rows for phase in row.phases]
    return Waterfall(
        rows,
        min((span.begin for span in spans), default=0.0),
        max((span.end for span in spans), default=0.0),
    )


def _rows(told: Story, end: float) -> Iterator[Row]:
    for call in told.calls:
        yield Row(call, phases(call, end))
    for use in told.tools:
        yield Row(use, _work(use.began, use.ended or end))
    for trial in told.checks:
        yield Row(trial, _work(trial.began, trial.ended))


def _work(began: float | None, ended: float | None) -> list[Phase]:
    if began is None or ended is None:
        return []
    return [Phase("work", began, max(began, ended))]
