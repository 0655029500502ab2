"""Small parts that the sections of the report share."""

from __future__ import annotations

import json
from typing import NamedTuple

from kit.events import Json
from kit.trace.report.markup import Content, Html, el

_TONES = {"ok": "good", "running": "warn", "open": "warn", "cancelled": "warn",
          "interrupted": "warn"}  # fmt: skip


class Section(NamedTuple):
    """A part of the page: ``name`` is its anchor."""

    name: str
    title: str
    html: Html


def section(name: str, title: str, *content: Content) -> Section:
    """With a heading, which is also its name for a screen reader."""
    heading = el("h2", title, id=f"{name}-title")
    html = el("section", heading, *content, id=name, aria_labelledby=f"{name}-title")
    return Section(name, title, html)


def pill(status: str) -> Html:
    return el("span", cut(status, 24), class_=f"pill {_TONES.get(status, 'bad')}")


def said(value: str, *, more: str = "", tag: str = "div") -> Html:
    """What someone said, in its own lines and its own direction; it can reorder nothing else."""
    return el(tag, value, class_=f"said {more}".strip(), dir="auto")


def own(value: str) -> Html:
    """The same within a line."""
    return el("bdi", value)


def code(value: Json) -> Html:
    """JSON, or a text that a program wrote."""
    if not isinstance(value, str):
        short = json.dumps(value, ensure_ascii=False)
        value = short if len(short) <= 90 else json.dumps(value, indent=2, ensure_ascii=False)
    return el("pre", value, dir="auto", tabindex=0)


def folded(title: Content, *content: Content, open_: bool = False, **attributes: str) -> Html:
    return el("details", el("summary", title), *content, open=open_, **attributes)


def wide(label: str, *content: Content, class_: str = "scroll") -> Html:
    """What may be wider than the screen: its own scrolling, by keyboard too."""
    return el("div", *content, class_=class_, role="group", aria_label=label, tabindex=0)


def cut(value: str, length: int) -> str:
    """On one line, and no longer than this."""
    line = " ".join(value[: length * 4].split())
    return line if len(line) <= length else line[: length - 1] + "…"
