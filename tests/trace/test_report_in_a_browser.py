"""The report opened in a real browser: nothing complains, nothing leaves, nobody is shut out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
import recorded
from browser import Browser, Page, browsing
from recorded import Moment

from kit.trace.report.page import report
from kit.trace.runs import read, records

Opened = Callable[[Iterable[Moment]], Page]
RUNS = [recorded.a_vote, recorded.a_refinement, recorded.with_tools, recorded.hostile]

ACTIVE = (
    "script, img, iframe, object, embed, link, form, base, input, video, audio, foreignObject, use,"
    " animate, [style], [onload], [onerror], [onclick], [src], [srcset], a:not([href^='#'])"
)

FAINT = """
(() => {
  const parts = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = each => {
    for (let at = each; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  document.querySelectorAll('details').forEach(each => { each.open = true; });
  for (const each of document.querySelectorAll('body *')) {
    const own = [...each.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    if (!own || each.closest('svg, meter')) continue;
    const [a, b] = [light(parts(getComputedStyle(each).color)), light(behind(each))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push([each.tagName, each.className, contrast]);
  }
  return faint;
})()
"""
"""Texts with less contrast than WCAG 2.2 AA asks for (1.4.3)."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browsing(tmp_path_factory.mktemp("browser")) as running:
        yield running


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Opened:
    def open_(moments: Iterable[Moment]) -> Page:
        path = recorded.recorded(tmp_path / "runs", moments)
        page = tmp_path / "report.html"
        page.write_text(report(read(path), records(path)), encoding="utf-8")
        return browser.opened(page)

    return open_


@pytest.mark.parametrize("run", RUNS)
def test_nothing_complains_and_nothing_leaves(
    run: Callable[[], Iterable[Moment]], opened: Opened, tmp_path: Path
) -> None:
    page = opened(run())
    page.look(1100)
    assert (
        page.value("document.querySelectorAll('details').forEach(d => { d.open = true })") is None
    )
    assert page.requests == [(tmp_path / "report.html").as_uri()]
    assert page.complaints == []


def test_hostile_texts_are_texts(opened: Opened) -> None:
    page = opened(recorded.hostile())
    assert page.value("document.title").startswith("<script>document.title='owned'</script>")
    assert page.value(f"document.querySelectorAll({ACTIVE!r}).length") == 0
    words = page.value("document.body.textContent")
    assert words.count("<img src=x onerror=") > 20
    assert words.count("⟨U+202E⟩txet⟨U+2066⟩") > 20


def test_the_policy_is_in_force(opened: Opened) -> None:
    """What would be added to the page all the same is refused: a style, a script, a picture."""
    page = opened(recorded.a_vote())
    for attempt in (
        "document.body.setAttribute('style', 'color: red')",
        "document.body.append(Object.assign(document.createElement('script'), {text: 'x = 1'}))",
        "document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:1/a.png'}))",
    ):
        before = len(page.complaints)
        page.value(attempt)
        page.value("new Promise(done => setTimeout(done, 50))")
        assert "Content Security Policy" in "".join(page.complaints[before:]), attempt
    assert page.value("typeof x") == "undefined"
    assert not [each for each in page.requests if each.startswith("http")]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("run", RUNS)
def test_every_text_has_contrast_in_light_and_dark(
    run: Callable[[], Iterable[Moment]], dark: bool, opened: Opened
) -> None:
    page = opened(run())
    page.look(1100, dark=dark)
    assert page.value(FAINT) == []
    paper = page.value("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(15, 19, 24)" if dark else "rgb(255, 255, 255)")


@pytest.mark.parametrize("width", [360, 800, 1600])
@pytest.mark.parametrize("run", RUNS)
def test_no_page_is_wider_than_the_screen(
    run: Callable[[], Iterable[Moment]], width: int, opened: Opened
) -> None:
    page = opened(run())
    page.look(width)
    page.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    assert page.value("document.documentElement.scrollWidth") <= width


def test_the_keyboard_reaches_and_opens_everything(opened: Opened) -> None:
    page = opened(recorded.a_vote())
    page.look(1100)
    stops: list[str] = []
    page.press("Tab")
    while (stop := page.value("document.activeElement.outerHTML.slice(0, 90)")) not in stops:
        stops.append(stop)
        page.press("Tab")
        if len(stops) > 200:
            break
    assert stops[0].startswith('<a href="#main" class="skip">Skip to the answer</a>')
    assert sum(each.startswith("<summary>") for each in stops) == page.value(
        "document.querySelectorAll('summary').length"
    )
    page.value("document.querySelector('#call-3 summary').focus()")
    assert page.value("document.querySelector('#call-3').open") is False
    page.press("Enter")
    assert page.value("document.querySelector('#call-3').open") is True


def test_a_screen_reader_finds_landmarks_headings_and_names(opened: Opened) -> None:
    page = opened(recorded.a_vote())
    nodes = page.ask("Accessibility.getFullAXTree")["nodes"]
    told = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in nodes
        if not node["ignored"]
    ]
    roles = [role for role, _ in told]
    for landmark in ("banner", "main", "navigation", "contentinfo"):
        assert roles.count(landmark) == 1, landmark
    regions = [name for role, name in told if role == "region"]
    assert regions == ["Answer", "The vote", "Timeline", "Calls", "Settings"]
    assert [name for role, name in told if role == "heading"] == [
        recorded.PROMPT,
        "Answer",
        "The vote",
        "Each ballot, in the order of counting",
        "Timeline",
        "Calls",
        "Settings",
    ]
    assert all(name for role, name in told if role in {"image", "img", "link", "button"})
    assert "columnheader" in roles
    assert "rowheader" in roles


def test_paper_shows_what_is_folded(opened: Opened) -> None:
    page = opened(recorded.a_vote())
    page.look(800, dark=True, media="print")
    paper = page.value("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    assert page.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    assert page.value("document.documentElement.scrollWidth") <= 800
    assert page.value("document.querySelector('.chart table').offsetWidth") <= 800
    assert page.value("document.querySelector('#call-4 .said').getBoundingClientRect().height") > 10


def test_a_thousand_members_are_shown(opened: Opened) -> None:
    page = opened(recorded.a_vote(1000))
    page.look(1100)
    assert page.complaints == []
    assert page.value("document.querySelectorAll('.chart tbody tr').length") == 1000
    assert page.value("document.querySelectorAll('.calls > details').length") == 1000
    assert page.value("document.documentElement.scrollHeight") < 60_000
