"""A table for spreadsheets: a row for each call."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TypeAlias

from kit.trace.calls import Called
from kit.trace.entry import figures
from kit.trace.journal import stamp
from kit.trace.runs import Run
from kit.trace.story import Story

COLUMNS = (
    "run", "started", "pattern", "run_status", "call", "profile", "model", "status", "sent",
    "requests", "latency_s", "first_token_s", "input_tokens", "output_tokens", "reasoning_tokens",
    "cached_tokens", "cost_usd", "finish", "vote", "agreed", "error",
)  # fmt: skip
CONTENT = ("prompt", "reply")

Cell: TypeAlias = str | float | None


def lines(told: Iterable[tuple[Run, Story]], *, content: bool) -> Iterator[str]:
    """CSV with a heading, each line with its end; nothing stands for what is unknown."""
    yield _line((*COLUMNS, *(CONTENT if content else ())))
    for run, story in told:
        winner = story.closed.winner if story.closed else None
        for call in story.calls or [Called("")]:
            yield _line(_row(run, call, winner, content=content))


def _row(run: Run, call: Called, winner: str | None, *, content: bool) -> list[Cell]:
    made = figures(call, winner)
    agreed = None if made.agreed is None else str(made.agreed).lower()
    cells: list[Cell] = [
        run.id, run.started, run.pattern, run.status, call.id, made.profile, made.model,
        made.status if call.id else None, None if call.sent is None else stamp(call.sent),
        made.sent, made.latency_s, made.first_s, made.input_tokens, made.output_tokens,
        made.reasoning_tokens, made.cached_tokens, made.cost_usd,
        call.reply.finish if call.reply else None, call.ballot.vote if call.ballot else None,
        agreed, getattr(call.failure, "message", None),
    ]  # fmt: skip
    asked = [each.text for each in call.request.messages if each.role == "user"]
    return [*cells, *((asked[-1] if asked else None, call.words) if content else ())]


def _line(cells: Iterable[Cell]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow([_inert(each) for each in cells])
    return out.getvalue()


def _inert(cell: Cell) -> Cell:
    """A text that a spreadsheet would take for a formula, and run, begins with an apostrophe."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{cell}"
    return cell
