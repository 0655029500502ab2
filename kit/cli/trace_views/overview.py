"""One run as tables: what was asked, a line a call, a vote, a draft, a tool, and the answer."""

from __future__ import annotations

import json
from collections.abc import Iterator

from kit.cli.markdown.cells import shorten
from kit.cli.screen.sanitise import clean
from kit.cli.screen.terminal import Terminal
from kit.cli.trace_views.figures import (
    aligned,
    cost,
    dim,
    fitted,
    money,
    one_line,
    seconds,
    status,
    tokens,
)
from kit.events import Checked
from kit.trace.calls import Called
from kit.trace.runs import Run
from kit.trace.story import Draft, Story, Tooled, worth

_SHORT_VOTE = 24


def overview(run: Run, told: Story, terminal: Terminal) -> Iterator[str]:
    """What was asked and what came of it: calls, votes, drafts, tools, checks, then the answer."""
    facts = [[dim(name, terminal), value] for name, value in _facts(run, told, terminal) if value]
    yield from _table(facts, terminal)
    for heading, rows in _tables(told, terminal):
        if rows:
            yield ""
            yield from _table([[dim(name, terminal) for name in heading], *rows], terminal)
    if run.answer:
        yield ""
        yield clean(run.answer).rstrip("\n")


def _table(rows: list[list[str]], terminal: Terminal) -> Iterator[str]:
    return aligned(fitted(rows, terminal.width) if terminal.out_tty else rows)


def _facts(run: Run, told: Story, terminal: Terminal) -> list[tuple[str, str]]:
    ended = f" (exit {run.exit})" if run.exit else ""
    return [
        ("run", run.id),
        ("status", status(run.status, terminal) + ended),
        ("error", one_line(run.error)),
        ("pattern", one_line(run.pattern)),
        ("goes on", one_line(told.started.resumed_from)),
        ("started", one_line(run.started)),
        ("time", seconds(run.elapsed_s)),
        ("cost", cost(run)),
        ("profiles", one_line(", ".join(run.profiles))),
        ("models", one_line(", ".join(run.models))),
        ("prompt", one_line(run.prompt)),
    ]


def _tables(told: Story, terminal: Terminal) -> Iterator[tuple[tuple[str, ...], list[list[str]]]]:
    yield (
        ("call", "status", "profile", "model", "time", "tokens", "cost", _last_heading(told)),
        [_call(call, told, terminal) for call in told.calls],
    )
    yield ("answer", "votes"), _votes(told)
    yield (
        ("draft", "round", "from", "score", "critique"),
        [_draft(each, told) for each in told.drafts.values()],
    )
    yield ("tool", "status", "time", "arguments"), [_tool(use, terminal) for use in told.tools]
    yield ("check", "result"), [_check(trial.checked, terminal) for trial in told.checks]


def _last_heading(told: Story) -> str:
    return "vote" if told.votes else "draft" if told.drafts else ""


def _call(call: Called, told: Story, terminal: Terminal) -> list[str]:
    return [
        one_line(call.id),
        status("recorded" if call.recorded else call.status, terminal),
        one_line(call.request.profile),
        one_line(call.model),
        seconds(call.seconds),
        tokens(call.usage, terminal),
        "" if call.recorded else money(call.usage.cost_usd),
        voted(call, terminal) or told.duty(call.id),
    ]


def voted(call: Called, terminal: Terminal) -> str:
    """The vote, or why there is none; empty where nobody voted. In short on a terminal."""
    if call.ballot is None:
        return ""
    vote, reason = call.ballot.vote, call.ballot.reason
    text = one_line(f"={vote}" if vote is not None else f"abstains: {reason}")
    return shorten(text, _SHORT_VOTE) if terminal.out_tty else text


def _votes(told: Story) -> list[list[str]]:
    votes = told.closed.votes if told.closed else {}
    ordered = sorted(votes.items(), key=lambda each: -each[1])
    return [[one_line(vote), f"{count:g}"] for vote, count in ordered]


def _draft(draft: Draft, told: Story) -> list[str]:
    made, scored = draft.made, draft.scored
    critique = scored.critique if scored else ""
    return [
        f"{made.draft}{' *' if made.draft == told.best else ''}",
        f"{made.round}",
        f"{made.revises or ''}",
        (worth(scored.score) if scored.passed else "fails") if scored else "",
        one_line(critique or next((each.critique for each in draft.judged), "")),
    ]


def _tool(use: Tooled, terminal: Terminal) -> list[str]:
    said = f": {use.error}" if use.error else ""
    return [
        one_line(use.name),
        status(use.status, terminal),
        seconds(use.seconds),
        one_line(arguments(use) + said),
    ]


def arguments(use: Tooled) -> str:
    return json.dumps(use.arguments, ensure_ascii=False) if use.arguments else ""


def _check(checked: Checked, terminal: Terminal) -> list[str]:
    return [one_line(checked.command), status(passed(checked), terminal)]


def passed(checked: Checked) -> str:
    if checked.passed:
        return "ok"
    return "not ended" if checked.code is None else f"failed (exit {checked.code})"
