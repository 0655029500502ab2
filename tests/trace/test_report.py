"""The report of a run is one page that holds everything, and nothing in it can get out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from html.parser import HTMLParser
from pathlib import Path

import pytest
import recorded
from hypothesis import given
from hypothesis import strategies as st
from recorded import Moment

from kit import events as ev
from kit.trace.report.compare import side_by_side
from kit.trace.report.markup import el, joined, text
from kit.trace.report.page import report
from kit.trace.runs import read, records

FIXTURE = Path(__file__).parent / "fixtures" / "schema1.jsonl"
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "nav", "section",
    "article", "h1", "h2", "h3", "p", "div", "span", "a", "ul", "ol", "li", "dl", "dt", "dd", "pre",
    "code", "strong", "bdi", "details", "summary", "table", "colgroup", "col", "thead", "tbody",
    "tr", "th", "td", "meter", "del", "ins", "svg", "g", "rect", "line", "circle", "polyline",
    "path", "text",
}  # fmt: skip
VOID = {"meta", "col"}


class Page(HTMLParser):
    """What a page is made of. A tag that is left open, or closed but not open, is an error."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    @property
    def said(self) -> str:
        return "".join(self.words)

    def values(self, name: str) -> list[str]:
        return [value for _, each, value in self.attributes if each == name]


def page(folder: Path, moments: Iterable[Moment]) -> Page:
    return Page(source(folder, moments))


def source(folder: Path, moments: Iterable[Moment]) -> str:
    path = recorded.recorded(folder / "runs", moments)
    return report(read(path), records(path))


RUNS = [recorded.a_vote, recorded.a_refinement, recorded.with_tools, recorded.hostile]


@pytest.mark.parametrize("run", RUNS)
def test_a_page_is_of_known_parts_and_leads_nowhere_else(run: object, tmp_path: Path) -> None:
    assert callable(run)
    found = page(tmp_path, run())
    assert set(found.tags) <= TAGS
    names = {name for _, name, _ in found.attributes}
    assert not {name for name in names if name.startswith("on")} | names & {"style", "src"}
    assert all(link.startswith("#") for link in found.values("href"))
    assert max(Counter(found.values("id")).values()) == 1
    assert set(found.values("href")) <= {f"#{name}" for name in found.values("id")}
    assert found.tags["h1"] == found.tags["main"] == found.tags["head"] == 1


def test_the_policy_lets_a_browser_load_this_style_and_nothing_else(tmp_path: Path) -> None:
    html = source(tmp_path, recorded.a_vote())
    [style] = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    name = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    [policy] = re.findall(r'http-equiv="Content-Security-Policy" content="(.*?)"', html)
    assert policy == (
        f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{name}&#x27;; "
        "base-uri &#x27;none&#x27;; form-action &#x27;none&#x27;"
    )
    assert html.index("Content-Security-Policy") < html.index("<style>")
    assert not re.search(r"url\(|@import|expression", style)


def test_the_same_run_is_the_same_page(tmp_path: Path) -> None:
    path = recorded.recorded(tmp_path, recorded.a_vote())
    assert report(read(path), records(path)) == report(read(path), records(path))


def test_no_control_character_and_nothing_that_turns_direction_is_in_a_page(
    tmp_path: Path,
) -> None:
    html = source(tmp_path, recorded.hostile())
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", html)
    assert "⟨U+001B⟩[2J" in html
    assert "⟨U+202E⟩txet" in html
    html.encode()


def test_the_vote_is_told_in_words_too(tmp_path: Path) -> None:
    found = page(tmp_path, recorded.a_vote())
    assert "7 ballots counted; 1 without a vote; stopped early" in found.said
    assert "0.05 won467 %" in found.said
    assert "#3 local answered 503 three times" in found.said
    bars = [each for each in found.values("aria-label") if "waits" in each]
    assert (
        "waits for its turn 30 ms, an attempt that failed 0.1 s, waits before it tries again 0.4 s,"
        " an attempt that failed 0.1 s, waits before it tries again 0.5 s, sent, no words yet 0.6 s"
    ) in bars


def test_a_thousand_members_are_a_page_of_bounded_size(tmp_path: Path) -> None:
    html = source(tmp_path, recorded.a_vote(1000))
    found = Page(html)
    assert len(html) < 1_800_000
    assert html.count(recorded.PROMPT) == 2  # as a heading and as the message of the first call
    assert "940 further rows" in found.said
    assert found.said.count("ANSWER: ") == 999


def test_a_refinement_shows_each_draft_beside_the_one_it_was_made_from(tmp_path: Path) -> None:
    html = source(tmp_path, recorded.a_refinement())
    assert "Version 2 <ins>starts</ins> <ins>in</ins> " in html
    assert "<del>is</del>" in html
    said = Page(html).said
    assert "0.35 fails its check" in said
    assert "0.93 the best" in said
    assert "line 3: 'very' is forbidden" in said
    assert "Held against draft 1 in 1 order: it won 1." in said


def test_the_steps_of_tools_tell_what_was_wanted_given_and_refused(tmp_path: Path) -> None:
    said = page(tmp_path, recorded.with_tools()).said
    for words in (
        'read ok 0.2 s · let by: readonly{"path": "docs/plan.txt"}',
        "shell failed 0.0 s",
        "nobody is here to allow it; --allow shell does",
        "What it gaveRelease: 2026-12-01\nOwner: Ada\n",
    ):
        assert words in said


BROKEN: list[list[Moment]] = [
    [],
    [recorded.begun("ask")],
    [recorded.begun("ask"), (0.1, ev.CallStarted("1", recorded.asked("hi")))],
    [(0.1, ev.TextDelta("1", "words without a beginning"))],
    [(0.0, ev.VoteCast("1", 0, "4")), (0.0, ev.VoteClosed())],
    [(0.0, ev.Scored("1", 3, 1, None)), (0.0, ev.Compared("1", 1, 2, 0))],
    [(0.0, ev.ToolUsed("", "", "t")), (0.0, ev.ToolStarted("1", "x", "u"))],
    [(0.0, ev.Drafted("1", 1, 0, 1, "made from itself")), (0.0, ev.Checked())],
    [recorded.ended(0.1, "ask", "", status="budget", code=8, message="too dear")],
]


@pytest.mark.parametrize("moments", BROKEN)
def test_a_run_that_did_not_come_far_has_a_page(moments: list[Moment], tmp_path: Path) -> None:
    assert page(tmp_path, moments).tags["h1"] == 1


@pytest.mark.parametrize("lines", range(0, 25, 3))
def test_a_torn_run_has_a_page(lines: int, tmp_path: Path) -> None:
    path = tmp_path / f"{recorded.RUN}.jsonl"
    path.write_bytes(b"".join(FIXTURE.read_bytes().splitlines(keepends=True)[:lines]) + b'{"ki')
    found = Page(report(read(path), records(path)))
    assert "interrupted" in found.said
    assert "1 line of the file could not be read." in found.said


@given(st.text(st.characters()))
def test_every_text_comes_back_as_it_is_shown(value: str) -> None:
    found = Page(el("p", value, title=value))
    assert found.said == text(value)
    assert found.values("title") == [text(value)]
    assert set(found.tags) == {"p"}


@given(st.text("ab \n<>&", max_size=40), st.text("ab \n<>&", max_size=40))
def test_both_texts_are_whole_in_a_comparison(old: str, new: str) -> None:
    """But for lines that are equal and far from a change, and the ends of lines."""
    cells = re.findall(r"<td[^>]*>(.*?)</td>", side_by_side(old, new, ("a", "b")), re.DOTALL)
    shown = "".join(Page(joined(el("p", ""))).said + Page(f"<p>{each}</p>").said for each in cells)
    if "equal line" not in shown:
        assert Counter(shown) == Counter("".join(old.splitlines() + new.splitlines()))
