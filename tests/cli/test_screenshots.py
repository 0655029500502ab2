"""The pictures of a terminal in docs/images are what the command shows today, to the byte."""

from __future__ import annotations

import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from browser import browsing
from command import Kit
from filmed import Screen, filmed, rows
from loopback import Server
from scenes import SCENES

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import drawing  # noqa: E402  # found by the line above

IMAGES = ROOT / "docs" / "images"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", SCENES)
def test_a_picture_is_what_the_command_shows(name: str, kit: Kit, server: Server) -> None:
    scene = SCENES[name]
    seen = filmed(scene, kit, server)
    said = " ".join(drawing.text(seen).split())
    missing = [words for words in scene.shows if " ".join(words.split()) not in said]
    assert not missing, drawing.text(seen)
    committed = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
    assert drawing.svg(seen, scene.title) == committed, "run python scripts/screenshots.py"


def test_there_is_no_picture_that_nobody_makes() -> None:
    assert {path.stem for path in IMAGES.glob("*.svg")} == set(SCENES)


def drawn(text: str, columns: int = 20) -> ET.Element:
    import pyte

    screen = Screen(columns, 10)
    pyte.Stream(screen).feed(text)
    return ET.fromstring(drawing.svg(rows(screen), "a <title>"))


def test_each_run_of_text_stands_in_its_columns() -> None:
    """Wide characters take two, marks that join have none, lines and blocks are shapes."""
    found = drawn("ab c  <d>\r\n漢字e\u0301 │──┼█\r\n\x1b[1;31mred\x1b[0m\x1b[2mfaint\x1b[0m")
    texts = [
        (each.text, each.get("x"), each.get("textLength")) for each in found.iter(f"{SVG}text")
    ]
    assert texts == [
        ("ab c", "16", "33.6"), ("<d>", "66.4", "25.2"),
        ("漢字", "16", "33.6"), ("\u00e9", "49.6", "8.4"),
        ("red", "16", "25.2"), ("faint", "41.2", "42"),
    ]  # fmt: skip
    paths = [each.get("d") for each in found.iter(f"{SVG}path")]
    assert paths == ["M70.6 35v19", "M74.8 44.5h16.8", "M91.6 44.5h8.4M95.8 35v19"]
    assert [each.get("x") for each in found.iter(f"{SVG}rect")] == [".5", "100"]
    styles = [dict(each.items()) for each in found.iter(f"{SVG}text")][-2:]
    assert (styles[0]["fill"], styles[0]["font-weight"]) == (drawing.COLOURS["red"], "700")
    assert styles[1]["opacity"] == str(drawing.FAINT)


def test_a_picture_can_be_read_aloud() -> None:
    found = drawn("ab  c\r\n\r\nd")
    assert [found.findtext(f"{SVG}title"), found.findtext(f"{SVG}desc")] == [
        "a <title>",
        "ab  c\n\nd",
    ]
    assert found.get("role") == "img"


def test_every_colour_is_readable_on_its_paper() -> None:
    """By the contrast ratio of WCAG 2, 4.5 to 1; faint text too."""
    paper, ink = light(drawing.PAPER), light(drawing.INK)
    faint = light(mixed(drawing.INK, drawing.PAPER, drawing.FAINT))
    lights = [light(each) for each in drawing.COLOURS.values()]
    assert min((each + 0.05) / (paper + 0.05) for each in [*lights, ink, faint]) >= 4.5


def mixed(ink: str, paper: str, strength: float) -> str:
    both = zip(channels(ink), channels(paper), strict=True)
    return "#" + "".join(f"{round(a * strength + b * (1 - strength)):02x}" for a, b in both)


def channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def light(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
              for c in (each / 255 for each in channels(colour))]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_a_browser_shows_them_all_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    sources = [(IMAGES / f"{name}.svg").as_uri() for name in SCENES]
    page.write_text("".join(f'<img src="{each}">' for each in sources), encoding="utf-8")
    with browsing(tmp_path / "browser") as browser:
        shown = browser.opened(page)
        wide = shown.value("[...document.images].map(each => each.naturalWidth)")
        assert min(wide) > 600
        assert sorted(shown.requests) == sorted([page.as_uri(), *sources])
        assert shown.complaints == []


def test_nothing_in_a_picture_is_fetched() -> None:
    for name in SCENES:
        svg = (IMAGES / f"{name}.svg").read_text(encoding="utf-8")
        drawing_alone = re.sub(r"<desc.*?</desc>|<text.*?</text>", "", svg, flags=re.DOTALL)
        assert re.findall(r"https?://[^\"]*|url\(|href", drawing_alone) == [
            "http://www.w3.org/2000/svg"
        ]
