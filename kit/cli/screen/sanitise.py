"""Takes the teeth out of text that others wrote, before a terminal sees it.

Escape sequences (ECMA-48 §5, xterm's ctlseqs) are removed whole, however the text was cut; so are
all other control characters but newline and tab. Pure: no state outside the object, no I/O.
"""

from __future__ import annotations

import re

SWALLOW = 64 * 1024
"""An escape sequence that is longer than this many characters is over: what follows is shown."""

_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*")
_SEQUENCE = {  # what a state swallows, and the last character that it swallows
    "escape": (re.compile(r"[ -/]*"), re.compile(r"[0-~]")),
    "csi": (re.compile(r"[ -?]*"), re.compile(r"[@-~]")),
    "string": (re.compile(r"[^\n\x07\x18\x1a\x1b\x9c]*"), re.compile(r"[\x07\x18\x1a\x9c]")),
}
_OPENERS = {"\x1b": "escape", "\x9b": "csi"} | dict.fromkeys("\x90\x98\x9d\x9e\x9f", "string")
_AFTER_ESC = {"[": "csi"} | dict.fromkeys("]PX^_", "string")


class Sanitiser:
    """One stream of text. Nothing visible is held back: ``feed`` returns all there is.

    A carriage return becomes a newline (it would overwrite the line), CR LF is one newline. A
    string sequence (OSC, DCS, APC, PM, SOS) ends at its terminator, at a newline or at SWALLOW.
    """

    def __init__(self) -> None:
        self._state = ""  # "" is plain text, else a key of _SEQUENCE
        self._room = 0
        self._after_cr = False

    def feed(self, text: str) -> str:
        out: list[str] = []
        at = 0
        while at < len(text):
            at = self._sequence(text, at) if self._state else self._plain(text, at, out)
        return "".join(out)

    def close(self) -> str:
        """Forgets an unfinished sequence. There is never anything left to show."""
        self._enter("", 0)
        self._after_cr = False
        return ""

    def _plain(self, text: str, at: int, out: list[str]) -> int:
        if self._after_cr and text[at] == "\n":
            at += 1
        self._after_cr = False
        plain = _PLAIN.match(text, at)
        assert plain
        out.append(plain[0])
        if plain.end() == len(text):
            return plain.end()
        return self._control(text[plain.end()], plain.end() + 1, out)

    def _control(self, char: str, after: int, out: list[str]) -> int:
        if char == "\r":
            out.append("\n")
            self._after_cr = True
        self._enter(_OPENERS.get(char, ""), SWALLOW)
        return after

    def _enter(self, state: str, room: int) -> None:
        self._state, self._room = state, room

    def _sequence(self, text: str, at: int) -> int:
        """Swallows what belongs to the sequence; whatever ends it wrongly is read as plain text."""
        if self._state == "escape" and self._room == SWALLOW and text[at] in _AFTER_ESC:
            self._enter(_AFTER_ESC[text[at]], SWALLOW)
            return at + 1
        body, last = _SEQUENCE[self._state]
        swallowed = body.match(text, at, at + self._room)
        assert swallowed
        at, self._room = swallowed.end(), self._room - len(swallowed[0])
        if self._room <= 0:
            self._state = ""
        elif at < len(text):
            self._state = ""
            at += bool(last.match(text, at))
        return at


def clean(text: str) -> str:
    """One whole string, sanitised."""
    return Sanitiser().feed(text)


_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f"
    "\u2028-\u202f\u205f-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_TURNS = re.compile(  # or takes no room; but the joiners of scripts and emoji are letters' business
    "[\xad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]"
)
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str) -> str:
    """On one line, with nothing hidden: what cannot be seen, reorders or joins is shown as
    ``\\u{202e}``. For whatever a person is asked to approve: commands, arguments, file names."""
    return _HIDDEN.sub(_escaped, text)


def quoted(text: str) -> str:
    """Sanitised, as one line of kit's own words that names files and repeats what others said: what
    reorders or hides is shown as in ``visible``."""
    return _TURNS.sub(_escaped, " ".join(clean(text).split("\n")).strip())


def _escaped(hidden: re.Match[str]) -> str:
    return _SHORT.get(hidden[0]) or f"\\u{{{ord(hidden[0]):x}}}"
