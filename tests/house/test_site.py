"""The docs as a site: built strictly, whole, and from nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from browser import browsing
from command import until
from needs import module

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
SPHINX = ("-m", "sphinx", "-W", "--keep-going", "-n", "-q", "-E", "-j", "1")
LOADING = {("script", "src"), ("link", "href"), ("img", "src"), ("iframe", "src"),
           ("source", "srcset"), ("object", "data"), ("video", "src"), ("audio", "src"),
           ("use", "href"), ("input", "src"), ("embed", "src")}  # fmt: skip
LINKING = {("a", "href"), ("form", "action")}
HOSTS = {"github.com", "epoch.ai", "phoenix.arize.com", "ollama.com", "json-schema.org",
         "direnv.net", "pradyunsg.me"}  # fmt: skip
"""Whom the pages may send a reader to; the last made the theme and signs its footer."""
BROKEN = """\
# A

[no page](b.md), [no place](#nowhere), ![no picture](d.png)
"""


@dataclass
class Page(HTMLParser):
    """What a built page points to, what can be pointed to in it, its title."""

    text: str
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    title: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)
        self.title = "".join(re.findall(r"<title>(.*?)</title>", self.text, re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.ids.add(value)
            elif (tag, name) in LOADING and value:
                self.loads.append(value)
            elif (tag, name) in LINKING and value:
                self.links.append(value)


def built(into: Path, *, docs: Path = DOCS) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *SPHINX, "-d", f"{into}.read", str(docs), str(into)],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built once, by the worker that comes first; the others wait for it."""
    module("sphinx")
    base = tmp_path_factory.getbasetemp()
    base = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    into, done = base / "site", base / "site.done"
    try:
        (base / "site.lock").mkdir()
    except FileExistsError:
        end = time.monotonic() + 300
        while not done.exists():
            assert time.monotonic() < end, "the site was not built"
            time.sleep(0.1)
    else:
        said = built(into)
        done.write_text(said.stderr if said.returncode else "")
    assert done.read_text() == ""
    return into


@pytest.fixture(scope="session")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text("utf-8")) for path in sorted(site.rglob("*.html"))}


def test_every_page_is_built_and_has_a_title(pages: dict[Path, Page]) -> None:
    names = {path.stem for path in pages}
    assert names == {path.stem for path in DOCS.glob("*.md")} | {"search"}
    assert [path.name for path, page in pages.items() if "kit 0." not in page.title] == []
    titles = [page.title for page in pages.values()]
    assert len(titles) == len(set(titles))


def test_every_link_leads_to_a_file_and_a_place_in_it(pages: dict[Path, Page]) -> None:
    astray = []
    for path, page in pages.items():
        for link in (*page.links, *page.loads):
            to = urlsplit(link)
            if to.scheme or to.netloc:
                continue
            target = path if not to.path else (path.parent / unquote(to.path)).resolve()
            there = target.is_file() and (
                not to.fragment or target.suffix != ".html" or to.fragment in pages[target].ids
            )
            astray += [] if there else [f"{path.name}: {link}"]
    assert astray == []


def test_every_page_is_reached_from_the_first(site: Path, pages: dict[Path, Page]) -> None:
    known, open_ = set(), [site / "index.html"]
    while open_:
        path = open_.pop()
        if path not in known:
            known.add(path)
            links = (urlsplit(link) for link in pages[path].links)
            open_ += [(path.parent / link.path).resolve() for link in links
                      if link.path.endswith(".html") and not link.netloc]  # fmt: skip
    assert [path.name for path in pages if path not in known] == []


def test_nothing_is_loaded_from_another_host(site: Path, pages: dict[Path, Page]) -> None:
    foreign = [(path.name, load) for path, page in pages.items() for load in page.loads
               if urlsplit(load).netloc]  # fmt: skip
    assert foreign == []
    for path in [*site.rglob("*.css"), *site.rglob("*.js"), *pages]:
        text = path.read_text("utf-8")
        asked = r"""url\(\s*["']?(?:https?:)?//|@import|\b(?:fetch|import)\(["'](?:https?:)?//"""
        assert re.findall(asked, text) == [], path.name


def test_readers_are_sent_to_known_hosts_only(pages: dict[Path, Page]) -> None:
    hosts = {urlsplit(link).netloc for page in pages.values() for link in page.links}
    assert hosts - {""} <= HOSTS


def test_the_site_can_be_searched_from_a_file(site: Path) -> None:
    index = (site / "searchindex.js").read_text("utf-8")
    assert index.startswith("Search.setIndex(")
    assert "keyring" in index
    page = (site / "search.html").read_text("utf-8")
    assert page.index("documentation_options.js") < page.index("local.js")
    assert page.index("local.js") < page.index("searchindex.js")


def test_a_browser_reads_it_from_files_on_a_phone_by_night(site: Path, tmp_path: Path) -> None:
    paper = "getComputedStyle(document.body).backgroundColor"
    with browsing(tmp_path) as browser:
        for name in ("index", "commands", "providers", "traces"):  # lists, tables, code, pictures
            page = browser.opened(site / f"{name}.html")
            page.look(390)
            assert page.value("document.documentElement.scrollWidth") == 390
            assert [each for each in page.requests if not each.startswith(("file:", "data:"))] == []
            assert page.complaints == []
        day = page.value(paper)
        page.look(1280, dark=True)
        assert page.value(paper) != day
        page.ask("Page.navigate", url=f"{(site / 'search.html').as_uri()}?q=keyring")
        found = "[...document.querySelectorAll('.search li a')].map(a => a.textContent).join()"
        until(lambda: "Keys" in (page.value(found) or ""))
        assert page.complaints == []


def test_what_is_amiss_fails_the_build(tmp_path: Path) -> None:
    module("sphinx")
    docs = tmp_path / "docs"
    (docs / "_static").mkdir(parents=True)
    (docs / "_static/mark.svg").write_text("<svg/>")
    (docs / "conf.py").write_text((DOCS / "conf.py").read_text())
    (docs / "index.md").write_text(BROKEN)
    (docs / "alone.md").write_text("# In no list\n")
    done = built(tmp_path / "html", docs=docs)
    assert done.returncode == 1
    told = ("'b.md'", "'nowhere'", "d.png", "alone.md: WARNING: document isn't included")
    assert [each for each in told if each not in done.stderr] == []


def test_the_reference_of_commands_is_what_the_commands_say() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import reference
    finally:
        sys.path.pop(0)
    page = reference.page()
    assert (DOCS / "commands.md").read_text("utf-8") == page, "run `make completions`"
    assert re.findall(r"^\| `-.*\| *(?:\\\[.*\\\])? *\|$", page, re.MULTILINE) == []
