"""A web page as plain text: headings, lists and links stay, scripts and decoration go. Pure.

One pass from left to right, linear in the page's length, whatever is wrong with it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

_SILENT = {"script", "style", "noscript", "template", "svg", "iframe", "object", "canvas"}
_RAW = {"script", "style", "textarea", "title"}
_BREAKS = {
    "p", "div", "section", "article", "header", "footer", "main", "nav", "aside", "ul", "ol", "dl",
    "dt", "dd", "table", "tr", "blockquote", "form", "fieldset", "figure", "figcaption",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "address", "details", "summary", "body", "title",
}  # fmt: skip
_MARKS = {f"h{level}": "#" * level + " " for level in range(1, 7)} | {"li": "- "}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,40})")
_HREF = re.compile(
    r"""\bhref\s{0,9}=\s{0,9}(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s>"']{1,4000}))"""
)
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}charset\s{0,9}=\s{0,9}["']?([a-zA-Z0-9_-]{1,40})""", re.IGNORECASE
)


def decoded(data: bytes, content_type: str) -> str:
    """By the charset of the header, else of the page's own word, else UTF-8; never fails."""
    named = re.search(r"charset=\"?([\w.:-]{1,40})", content_type)
    own = _CHARSET.search(data[:4096])
    kind = named[1] if named else own[1].decode("ascii") if own else "utf-8"
    try:
        return data.decode(kind, errors="replace")
    except (LookupError, ValueError):
        return data.decode("utf-8", errors="replace")


def readable(page: str, url: str) -> str:
    """The text of an HTML page that came from ``url``; links as ``[text](address)``."""
    writer = _Writer(url)
    silent = ""
    for text, tag, attributes, closing in _pieces(page):
        if silent:
            silent = "" if closing and tag == silent else silent
            continue
        writer.text(text)
        if tag in _SILENT and not closing:
            silent = "" if attributes.endswith("/") else tag
        elif tag:
            writer.tag(tag, attributes, closing=closing)
    return writer.done()


def _pieces(page: str) -> Iterator[tuple[str, str, str, bool]]:
    """Text, then the tag after it (its name, its attributes, whether it closes); "" for none."""
    at = 0
    while at < len(page):
        start = page.find("<", at)
        if start < 0:
            yield page[at:], "", "", False
            return
        text = page[at:start]
        if page.startswith("<!--", start):
            end = page.find("-->", start + 4)
            yield text, "", "", False
            at = len(page) if end < 0 else end + 3
        elif found := _TAG.match(page, start):
            name = found[2].lower()
            end = page.find(">", found.end())
            end = len(page) if end < 0 else end
            yield text, name, page[found.end() : end], bool(found[1])
            at = end + 1
            if name in _RAW and not found[1]:
                stop = _closing(page, name, at)
                yield page[at:stop], "", "", False
                at = stop
        else:  # a doctype, or a bare <
            end = page.find(">", start) if page.startswith(("<!", "<?"), start) else start
            yield (text if end > start else text + "<"), "", "", False
            at = len(page) if end < 0 else end + 1


def _closing(page: str, name: str, at: int) -> int:
    """Where the text of an element that holds no tags ends."""
    found = re.compile(f"</{name}", re.IGNORECASE).search(page, at)
    return found.start() if found else len(page)


class _Writer:
    """Lines, as they come to be."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.lines: list[str] = []
        self.line: list[str] = []
        self.link: tuple[str, int] | None = None  # its address, and where its text began
        self.kept = 0  # elements open in which every space counts

    def text(self, raw: str) -> None:
        if not raw:
            return
        said = html.unescape(raw)
        if self.kept:
            first, *rest = said.split("\n")
            self.line.append(first)
            for each in rest:
                self.lines.append("".join(self.line).rstrip())
                self.line = [each]
        else:
            self.line.append(re.sub(r"\s+", " ", said))

    def tag(self, name: str, attributes: str, *, closing: bool) -> None:
        if name == "pre":
            self._end(blank=True)
            self.kept = max(self.kept + (-1 if closing else 1), 0)
        elif name == "a":
            self._anchor(attributes, closing=closing)
        elif name in ("br", "li") or name in _BREAKS:
            self._end(blank=name in _BREAKS and name not in ("tr", "dt", "dd"))
            self.line += [] if closing else [_MARKS.get(name, "")]
        elif name in ("td", "th"):
            self.line.append("" if closing else " | ")

    def done(self) -> str:
        self._end(blank=False)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()

    def _anchor(self, attributes: str, *, closing: bool) -> None:
        if not closing:
            found = _HREF.search(attributes)
            href = html.unescape(next(filter(None, found.groups()), "")) if found else ""
            self.link = (href, len(self.line))
        elif self.link:
            (href, at), self.link = self.link, None
            said = " ".join("".join(self.line[at:]).split())
            if address := self._address(href):
                self.line[at:] = [f"[{said or address}]({address})"]

    def _address(self, href: str) -> str:
        """The whole address of a link to another page; "" for one within this page, or to none."""
        if not href or href.startswith("#"):
            return ""
        try:
            whole = urljoin(self.url, href.strip())
            return whole if urlsplit(whole).scheme in ("http", "https") else ""
        except ValueError:
            return ""

    def _end(self, *, blank: bool) -> None:
        if self.link:  # its text goes on in another line
            self.link = (self.link[0], 0)
        said = "".join(self.line)
        said = said.rstrip() if self.kept else " ".join(said.split())
        self.line = []
        if said.strip(" |-#"):
            self.lines.append(said.removeprefix("| "))
        if blank and self.lines and self.lines[-1]:
            self.lines.append("")
