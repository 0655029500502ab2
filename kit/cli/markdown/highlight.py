"""Colours code while it arrives: a piece is given out once nothing that follows can change it.

A colouring and no parser: words, numbers, strings and comments, by the tables in languages.py. What
waits is the word or the sign at the end of the text, and never beyond the end of its line.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple, Protocol

from kit.cli.markdown.emphasis import CODE, DIM
from kit.cli.markdown.inline import Piece
from kit.cli.markdown.languages import LANGUAGES, Grammar

KEYWORD, STRING, NUMBER, COMMENT = "35", "32", "36", DIM
CHANGES = {"+": "32", "-": "31", "@": "36"}
LONGEST = 60  # characters of a word: what is longer is given out in parts


class Painter(Protocol):
    def paint(self, text: str, *, ended: bool) -> tuple[list[Piece], int]:
        """What is sure of the text, and how many of its characters that is; the text of the next
        call begins after them. ``ended``: a line ends with this text, so all of it is sure."""


def painter(language: str) -> Painter:
    """By the word after a fence; code in a language that is not known is all of one style."""
    name = language.lower()
    if name in ("diff", "patch"):
        return Diff()
    return Coloured(LANGUAGES[name]) if name in LANGUAGES else Even(CODE)


class Even:
    def __init__(self, style: str) -> None:
        self._style = style

    def paint(self, text: str, *, ended: bool) -> tuple[list[Piece], int]:  # noqa: ARG002  # Painter's
        return [Piece(text, self._style)], len(text)


class Diff:
    """The first character of a line decides."""

    def __init__(self) -> None:
        self._style: str | None = None  # of this line; None before its first character

    def paint(self, text: str, *, ended: bool) -> tuple[list[Piece], int]:
        if self._style is None:
            self._style = CHANGES.get(text[:1], "") if text else None
        pieces = [Piece(text, self._style or "")]
        self._style = None if ended else self._style
        return pieces, len(text)


class _Span(NamedTuple):
    """A comment or a string: ``body`` matches what belongs to it, up to what closes it."""

    body: re.Pattern[str]
    close: str  # "" for the end of the line
    style: str
    lines: bool  # goes on after the end of the line


class Coloured:
    def __init__(self, grammar: Grammar) -> None:
        self._grammar = grammar
        self._token, self._spans = _compiled(grammar)
        self._open: _Span | None = None
        self._before = ""  # the character before the text

    def paint(self, text: str, *, ended: bool) -> tuple[list[Piece], int]:
        pieces: list[Piece] = []
        at, end = 0, -1
        while at < len(text):
            end, style = (self._inside if self._open else self._next)(text, at, ended)
            if end == at:
                break
            pieces.append(Piece(text[at:end], style))
            at, self._before = end, text[end - 1]
        if ended:
            self._before = ""
            self._open = self._open if self._open and self._open.lines else None
        return pieces, at

    def _inside(self, text: str, at: int, ended: bool) -> tuple[int, str]:
        """How far the open comment or string goes, surely."""
        span = self._open
        assert span
        body = span.body.match(text, at)
        assert body
        end = body.end()
        if span.close and text.startswith(span.close, end):
            self._open = None
            return end + len(span.close), span.style
        if ended:
            return len(text), span.style
        halves = (n for n in range(len(span.close) - 1, 0, -1) if text.endswith(span.close[:n]))
        return max(at, min(end, len(text) - next(halves, 0))), span.style

    def _next(self, text: str, at: int, ended: bool) -> tuple[int, str]:
        """The next token; none while it may still become another one."""
        found = self._token.match(text, at)
        assert found
        kind, sign, end = found.lastgroup or "", found[0], found.end()
        if not ended and self._grows(text[at : at + LONGEST + 1], kind, sign):
            return at, ""
        before = text[at - 1] if at else self._before
        follows = before.isalnum() or before == "_"
        if kind == "opens" and not (follows and sign == "'" and self._grammar.prose):
            self._open = self._spans[sign]
            return end, self._open.style
        return end, "" if follows and kind != "tag" else self._style(kind, sign)

    def _grows(self, rest: str, kind: str, token: str) -> bool:
        """``rest``: the text from here, or enough of it to know."""
        if kind in ("word", "number", "tag"):
            return token == rest and len(rest) <= LONGEST and rest != ">"
        openers = (*self._spans, *(("</a", "<a") if self._grammar.tags else ()))
        return any(each.startswith(rest) and each != rest for each in openers)

    def _style(self, kind: str, token: str) -> str:
        if kind == "word":
            word = token.lower() if self._grammar.caseless else token
            return KEYWORD if word in self._grammar.words else ""
        return {"number": NUMBER, "tag": KEYWORD}.get(kind, "")


@lru_cache(maxsize=32)
def _compiled(grammar: Grammar) -> tuple[re.Pattern[str], dict[str, _Span]]:
    spans = {opener: _comment(close) for opener, close in grammar.comments}
    spans |= {opener: _string(opener, close) for opener, close in grammar.strings}
    openers = "|".join(map(re.escape, sorted(spans, key=len, reverse=True)))
    tag = rf"(?P<tag></?[A-Za-z][\w:.-]{{0,{LONGEST}}}|>)|" if grammar.tags else ""
    token = (
        rf"(?P<opens>{openers})|{tag}(?P<number>\d[\w.]{{0,{LONGEST}}})"
        rf"|(?P<word>\w{{1,{LONGEST}}})|\s+|[^\w\s]"
    )
    return re.compile(token), spans


def _comment(close: str) -> _Span:
    body = rf"(?:(?!{re.escape(close)}).)*" if close else ".*"
    return _Span(re.compile(body), close, COMMENT, bool(close))


def _string(opener: str, close: str) -> _Span:
    body = re.compile(rf"(?:\\.|(?!{re.escape(close)})[^\\])*")
    return _Span(body, close, STRING, len(close) > 1 or opener == "`")
