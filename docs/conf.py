"""How the site is built from the pages beside this file: `make docs`, strictly and offline.

The pages are plain Markdown that reads as well where the repository is browsed; what only a site
needs is added here.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from kit import __version__  # noqa: E402  # found by the line above, installed or not

project = "kit"
author = "The kit authors"
copyright = "The kit authors. Apache-2.0"  # noqa: A001  # Sphinx's name for it
version = release = __version__

extensions = ["myst_parser"]
root_doc = "index"
smartquotes = False  # what may be typed stays as it is typed
nitpicky = True
myst_enable_extensions = ["html_image"]  # <img> is a picture like any other
myst_heading_anchors = 4  # react.md#what-may-run, as where the repository is browsed
myst_links_external_new_tab = False

html_theme = "furo"
html_title = f"kit {__version__}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["local.js"]
html_use_index = False
html_favicon = "_static/mark.svg"
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None  # the same sources give the same bytes
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
html_theme_options = {
    "top_of_page_buttons": ["view"],
    "source_repository": "https://github.com/kit-llm/kit/",
    "source_branch": "main",
    "source_directory": "docs/",
    "light_css_variables": {"color-brand-primary": "#0b5c7d", "color-brand-content": "#0b5c7d"},
    "dark_css_variables": {"color-brand-primary": "#6fc7e8", "color-brand-content": "#6fc7e8"},
}

BORROWED = {"changes": "CHANGELOG.md", "contributing": "CONTRIBUTING.md"}
"""Pages whose text stands at the root of the repository."""

SECTION = re.compile(r"^## (?P<caption>.+)\n(?P<rows>(?:(?!^## ).*\n)*)", re.MULTILINE)
ROW = re.compile(r"^- \[(?P<title>[^]]+)\]\((?P<page>[\w-]+)\.md\)", re.MULTILINE)
PICTURE = re.compile(
    r'<picture>\s*<source [^>]*dark[^>]*srcset="(?P<dark>[^"]+)">\s*'
    r'<img alt="(?P<alt>[^"]+)" src="(?P<light>[^"]+)">\s*</picture>'
)
IMAGE = "```{{image}} {src}\n:alt: {alt}\n:class: only-{mode}\n```"


WHOLE = 32  # characters of code within a line that are kept on one line


def setup(app: Sphinx) -> None:
    app.connect("source-read", _for_the_site)
    app.connect("doctree-read", _kept_whole)


def _for_the_site(app: Sphinx, page: str, source: list[str]) -> None:
    """Borrowed texts in place, links to them within the site, pictures that follow its switch."""
    text = source[0]
    if page == root_doc:
        text += "\n".join(map(_navigation, SECTION.finditer(text)))
    if page in BORROWED:
        path = ROOT / BORROWED[page]
        app.env.note_dependency(path)
        text = path.read_text("utf-8").replace("](docs/", "](")
    for name, place in BORROWED.items():
        text = re.sub(rf"\]\((?:\.\./)?{re.escape(place)}", f"]({name}.md", text)
    source[0] = PICTURE.sub(_both, text)


def _navigation(section: re.Match[str]) -> str:
    """The lists of the front page are the navigation: a page in none of them is an error."""
    rows = "\n".join(f"{row['title']} <{row['page']}>" for row in ROW.finditer(section["rows"]))
    return f"\n```{{toctree}}\n:hidden:\n:caption: {section['caption']}\n\n{rows}\n```\n"


def _both(found: re.Match[str]) -> str:
    return "\n\n".join(
        IMAGE.format(src=found[mode], alt=found["alt"], mode=mode) for mode in ("light", "dark")
    )


def _kept_whole(_: Sphinx, page: nodes.document) -> None:
    for code in page.findall(nodes.literal):
        if len(code.astext()) <= WHOLE:
            code["classes"].append("whole")
