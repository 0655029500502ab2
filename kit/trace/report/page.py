"""The report of one run: a page of HTML that needs nothing else, no network and no script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from kit.events import Json
from kit.trace.amounts import money, plural, seconds
from kit.trace.report.chart import chart
from kit.trace.report.drafts import checks, drafts
from kit.trace.report.markup import Content, Html, el
from kit.trace.report.pieces import Section, code, cut, folded, own, pill, said, section
from kit.trace.report.style import POLICY, STYLE
from kit.trace.report.talk import talk, tools
from kit.trace.report.vote import vote
from kit.trace.runs import Run
from kit.trace.story import Story, story

_TITLE = 160  # characters of a prompt in the heading


def report(run: Run, records: Iterable[Mapping[str, Json]]) -> str:
    """The page, a pure function of the run and its records. All that others wrote is escaped, and
    what a browser may load is this file alone."""
    told = story(records)
    found = [
        _answer(run, told),
        vote(told),
        drafts(told),
        tools(told),
        chart(told),
        checks(told),
        talk(told),
        _more(told),
    ]
    sections = [each for each in found if each is not None]
    main = el("main", [each.html for each in sections], id="main")
    body = el("body", _skip(), _header(run, told, sections), main, _footer(run, told))
    return f"<!doctype html>\n{el('html', _head(run), body, lang='en')}\n"


def _head(run: Run) -> Html:
    return el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("title", f"{cut(run.prompt, 60) or run.id} · kit {cut(run.pattern, 20)}"),
        el("style", Html(STYLE)),
    )


def _skip() -> Html:
    return el("a", "Skip to the answer", href="#main", class_="skip")


def _header(run: Run, told: Story, sections: list[Section]) -> Html:
    return el(
        "header",
        el("p", "kit ", own(cut(run.pattern, 40)), " ", pill(run.status), class_="kicker"),
        el("h1", own(cut(run.prompt, _TITLE) or run.id)),
        _trouble(run),
        el(
            "dl", [_fact(name, value) for name, value in _facts(run, told) if value], class_="facts"
        ),
        _contents(sections),
    )


def _trouble(run: Run) -> Html | None:
    return el("p", own(run.error), class_="trouble") if run.error else None


def _fact(name: str, value: str | Sequence[str]) -> Html:
    """Several values each keep together where the line breaks."""
    values = [value] if isinstance(value, str) else value
    parts = [(", " if at else None, own(each)) for at, each in enumerate(values)]
    return el("div", el("dt", name), el("dd", parts))


def _facts(run: Run, told: Story) -> list[tuple[str, str | Sequence[str]]]:
    usage = run.usage or {}
    return [
        ("Started", _moment(run.started)),
        ("Goes on from run", told.started.resumed_from),
        ("Took", seconds(run.elapsed_s)),
        ("Cost", _cost(usage.get("cost_usd"))),
        ("Requests", _count(usage.get("calls"))),
        ("Tokens in", _count(usage.get("input_tokens"))),
        ("Tokens out", _count(usage.get("output_tokens"))),
        ("Models", run.models),
        ("Profiles", run.profiles),
        ("Agreement", _share((told.result.get("detail") or {}).get("agreement"))),
        ("Score", _share((told.result.get("detail") or {}).get("score"))),
        ("Exit code", f"{run.exit}" if run.exit else ""),
    ]


def _moment(started: str) -> str:
    """In UTC, as it is recorded: who reads the file may be elsewhere."""
    try:
        return datetime.fromisoformat(started).strftime("%Y-%m-%d %H:%M:%S UTC")
    except ValueError:
        return started


def _count(value: Json) -> str:
    """Digits in groups of three, parted by a thin space."""
    return f"{value:,}".replace(",", "\u202f") if isinstance(value, int) else ""


def _cost(value: Json) -> str:
    return money(value) if isinstance(value, (int, float)) else ""


def _share(value: Json) -> str:
    return f"{value:.0%}" if isinstance(value, (int, float)) else ""


def _contents(sections: list[Section]) -> Html:
    """Links to the parts that this run has."""
    links = [el("li", el("a", each.title, href=f"#{each.name}")) for each in sections]
    return el("nav", el("ul", links), aria_label="Contents")


def _answer(run: Run, told: Story) -> Section:
    """What was asked, where the heading has not all of it, and what came of it."""
    whole = cut(run.prompt, _TITLE) != run.prompt.strip()
    question = folded("The whole prompt", said(run.prompt)) if whole else None
    tone = "" if run.status == "ok" else " bad"
    words: Content = said(run.answer, more=f"answer{tone}") if run.answer else el(
        "p", "There is none.", class_="soft")  # fmt: skip
    return section("answer", "Answer", words, question,
                   [el("p", own(note), class_="soft") for note in told.notes])  # fmt: skip


def _more(told: Story) -> Section:
    detail = {key: value for key, value in (told.result.get("detail") or {}).items()
              if key != "samples"}  # fmt: skip
    return section(
        "more",
        "Settings",
        folded("What it was started with", code(dict(told.started.settings))),
        folded("The pattern's own result", code(detail)) if detail else None,
    )


def _footer(run: Run, told: Story) -> Html:
    version = f"kit {told.started.kit}, " if told.started.kit else ""
    skipped = (
        f" {plural(run.skipped, 'line')} of the file could not be read." if run.skipped else ""
    )
    return el(
        "footer",
        el("p", f"Run {run.id}, recorded by {version}schema {told.started.schema}.{skipped} "
                "This page holds everything that it shows: it loads nothing and runs nothing."),
    )  # fmt: skip
