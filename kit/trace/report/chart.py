"""The waterfall: a table with a row a call, a tool or a check, and what it did when as a bar."""

from __future__ import annotations

from collections.abc import Sequence

from kit.events import Usage
from kit.trace.amounts import money, plural, seconds
from kit.trace.calls import Called
from kit.trace.phases import WORDS, Phase
from kit.trace.report.markup import Content, Html, el
from kit.trace.report.pieces import Section, cut, folded, own, section, wide
from kit.trace.story import Story, Tooled, Trial
from kit.trace.waterfall import Row, Waterfall, waterfall

SHOWN = 60
"""Rows that are seen at once; the others unfold."""
_WIDE = 1000  # units of a bar


def chart(told: Story) -> Section | None:
    """None for a run that did nothing in time."""
    whole = waterfall(told)
    if not any(row.phases for row in whole.rows):
        return None
    first, rest = whole.rows[:SHOWN], whole.rows[SHOWN:]
    more = folded(plural(len(rest), "further row"), _table(rest, whole, told)) if rest else None
    return section("timeline", "Timeline", _table(first, whole, told), more, _legend(whole))


def _table(rows: Sequence[Row], whole: Waterfall, told: Story) -> Html:
    sizes = ("of", None, "num", "tok", "num", "res")
    heads = ["what", _ticks(whole.seconds), "time", "tokens", "cost", "result"]
    return wide(
        "Timeline",
        el(
            "table",
            el("colgroup", [el("col", class_=size) for size in sizes]),
            el("thead", el("tr", [_head(at, head) for at, head in enumerate(heads)])),
            el("tbody", [_row(row, whole, told) for row in rows]),
        ),
        class_="scroll chart",
    )


def _head(at: int, head: Content) -> Html:
    return el("th", head, scope="col", class_="n" if at in {2, 3, 4} else None)


def _ticks(length: float) -> Html:
    """The clock over the bars, in one unit."""
    times = (length * at / 4 for at in range(5))
    told = [f"{1000 * each:.0f} ms" if length < 1 else f"{each:.1f} s" for each in times]
    return el("span", [el("span", each) for each in told], class_="ticks")


def _row(row: Row, whole: Waterfall, told: Story) -> Html:
    took = row.phases[-1].end - row.phases[0].begin if row.phases else None
    usage = row.of.usage if isinstance(row.of, Called) else Usage()
    paid = not (isinstance(row.of, Called) and row.of.recorded)
    return el(
        "tr",
        el("th", *_name(row), scope="row"),
        el("td", _bar(row.phases, whole)),
        el("td", seconds(took), class_="n"),
        el("td", _tokens(usage), class_="n"),
        el("td", money(usage.cost_usd) if paid else "", class_="n"),
        _result(row, told),
    )


def _name(row: Row) -> tuple[Content, ...]:
    match row.of:
        case Called(id=id, model=model):
            return el("a", f"#{id}", href=f"#call-{id}"), " ", el("span", own(model))
        case Tooled(name=name):
            return "tool ", el("span", own(name))
        case Trial(checked=checked):
            return "check ", el("span", own(cut(checked.command, 60)))


def _bar(phases: Sequence[Phase], whole: Waterfall) -> Html:
    return el(
        "svg",
        el("path", d="M0 0V10M250 0V10M500 0V10M750 0V10M1000 0V10", class_="grid"),
        [_span(phase, whole) for phase in phases],
        viewBox=f"0 0 {_WIDE} 10",
        preserveAspectRatio="none",
        class_="bar",
        role="img",
        aria_label=_told(phases) or "not begun",
    )


def _span(phase: Phase, whole: Waterfall) -> Html:
    scale = _WIDE / (whole.seconds or 1.0)
    begin = min((phase.begin - whole.begin) * scale, _WIDE - 2)
    return el(
        "rect",
        x=begin,
        y=1.5,
        width=max((phase.end - phase.begin) * scale, 2.0),
        height=7,
        class_=phase.kind,
    )


def _told(phases: Sequence[Phase]) -> str:
    """The bar in words, for who does not see it."""
    spans = (f"{WORDS[each.kind]} {seconds(each.end - each.begin)}" for each in phases)
    return ", ".join(spans)


def _tokens(usage: Usage) -> str:
    told = [usage.input_tokens, usage.output_tokens]
    return "" if told == [None, None] else " → ".join("?" if n is None else str(n) for n in told)


def _result(row: Row, told: Story) -> Html:
    word, tone, whole = _outcome(row, told)
    return el("td", own(cut(word, 24)), class_=f"end {tone}".strip(), title=whole or None)


def _outcome(row: Row, told: Story) -> tuple[str, str, str]:
    """A few words, their tone, and all of it."""
    match row.of:
        case Called() as call:
            return of_call(call, told)
        case Tooled(error=error, status=status):
            return status, "" if status == "ok" else "bad", error
        case Trial(checked=checked):
            return ("passes", "good", "") if checked.passed else ("fails", "bad", "")


def of_call(call: Called, told: Story) -> tuple[str, str, str]:
    if (ballot := call.ballot) and ballot.vote is not None:
        won = told.closed is not None and told.closed.winner == ballot.vote
        return f"= {ballot.vote}", "good" if won else "", ballot.vote
    if call.status != "ok":
        why = getattr(call.failure, "message", "") or getattr(call.failure, "reason", "")
        return call.status, "warn" if call.status in {"cancelled", "open"} else "bad", why
    if ballot:
        return "abstains", "warn", ballot.reason
    return told.duty(call.id) or ("recorded" if call.recorded else "ok"), "", ""


def _legend(whole: Waterfall) -> Html:
    there = {phase.kind for row in whole.rows for phase in row.phases}
    return el("ul", [_key(kind, word) for kind, word in WORDS.items() if kind in there],
              class_="legend")  # fmt: skip


def _key(kind: str, word: str) -> Html:
    swatch = el("svg", el("rect", width=10, height=10, class_=kind), viewBox="0 0 10 10",
                aria_hidden="true")  # fmt: skip
    return el("li", swatch, word)
