"""HTML that cannot be broken out of: elements are values, and every text in them is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import TypeAlias

_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_LONE = re.compile("[\ud800-\udfff]")
_VOID = frozenset({"br", "col", "hr", "meta"})


class Html(str):
    """A piece of HTML that is right as it stands. Only this module makes it."""

    __slots__ = ()


Content: TypeAlias = "str | Iterable[Content] | None"


def el(name: str, /, *content: Content, **attributes: str | float | bool | None) -> Html:
    """An element. ``class_`` is class, ``aria_label`` aria-label; True is an attribute without a
    value, None and False are left out."""
    opened = f"<{name}{''.join(map(_attribute, attributes.items()))}>"
    return Html(opened if name in _VOID else f"{opened}{joined(*content)}</{name}>")


def joined(*content: Content) -> Html:
    """Pieces one after the other: HTML as it is, other texts escaped, None left out."""
    return Html("".join(map(_piece, content)))


def text(value: str) -> str:
    """A text with nothing hidden in it: control characters (as of a terminal) and those that turn
    the direction of what follows are shown by their names, halves of pairs as U+FFFD."""
    shown = _LONE.sub("\ufffd", value.replace("\r\n", "\n"))
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", shown)


def _piece(content: Content) -> str:
    match content:
        case None:
            return ""
        case Html():
            return content
        case str():
            return escape(text(content))
        case _:
            return joined(*content)


def _attribute(item: tuple[str, str | float | bool | None]) -> str:
    name, value = item
    name = name.rstrip("_").replace("_", "-")
    match value:
        case None | False:
            return ""
        case True:
            return f" {name}"
        case float():
            return f' {name}="{value:.6g}"'
        case _:
            return f' {name}="{escape(text(str(value)))}"'
