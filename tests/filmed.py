"""The real command on a pseudo-terminal, and the screen that a person sees, the same each time."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pexpect
import pyte
from command import Kit
from loopback import Server
from pyte.screens import Char
from scenes import Scene
from terminals import Terminal, on_terminal

COLUMNS, ROWS = 80, 60
PATIENCE = 25  # seconds for a picture to come about
PROMPT = "\x1b[2m$\x1b[0m "

SECONDS = re.compile(r"(?P<member>(?P<number>\d+) \S+ +[a-z]+ +)?\b(?:\d+\.\d s|\d+ ms)\b")
"""How long something took is the machine's affair and not the command's: the only figure on a
screen that differs from one time to the next. The folder of a test is written as ~ besides."""


class Screen(pyte.Screen):
    """pyte knows no faint letters (SGR 2): they are kept as blinking, which kit never asks for."""

    def select_graphic_rendition(self, *codes: int, **more: Any) -> None:
        faint = {2: (5,), 22: (22, 25)}
        told = [each for code in codes for each in faint.get(code, (code,))]
        super().select_graphic_rendition(*told, **more)


def filmed(scene: Scene, kit: Kit, server: Server) -> list[list[Char]]:
    """The rows that are not empty, up to the last one."""
    (kit.home / "work").mkdir()
    scene.setting(kit, server)
    shown = ""
    for typed, code in zip(scene.typed, scene.codes, strict=True):
        shown += PROMPT + typed.replace("\n", "\r\n") + "\r\n" + _said(scene, kit, typed, code)
    return rows(screen(shown))


def _said(scene: Scene, kit: Kit, typed: str, code: int) -> str:
    line = f"cd {shlex.quote(str(kit.home / 'work'))} && exec $K{typed.removeprefix('kit')}"
    with on_terminal(kit, sh=line, columns=COLUMNS, rows=ROWS, TZ="UTC") as terminal:
        for question, answer in scene.answers:
            terminal.wait_for(question)
            terminal.type(answer)
        if scene.still:
            _stands(terminal, kit, scene)
        else:
            assert terminal.end() == code, terminal.text
        return masked(terminal.raw.decode(), kit, scene)


def _stands(terminal: Terminal, kit: Kit, scene: Scene) -> None:
    """Wait until the screen shows all that it should, one line after the other."""
    end = time.monotonic() + PATIENCE
    while True:
        lines = screen(masked(terminal.raw.decode(errors="ignore"), kit, scene)).display
        left = iter(lines)
        if all(any(re.search(each, line) for line in left) for each in scene.still):
            return
        assert time.monotonic() < end, "\n".join(lines).rstrip()
        with suppress(pexpect.TIMEOUT):
            terminal.child.read_nonblocking(1 << 16, timeout=1)  # whatever comes


def masked(text: str, kit: Kit, scene: Scene) -> str:
    """With the seconds of the scene: a member of a vote has its own, anything else the last."""
    if scene.took:
        text = SECONDS.sub(lambda found: _figure(found, scene.took), text)
    return text.replace(str(kit.home), "~")


def _figure(found: re.Match[str], took: Sequence[str]) -> str:
    at = int(found["number"]) if found["member"] else len(took)
    return (found["member"] or "") + took[at - 1]


def screen(text: str) -> Screen:
    there = Screen(COLUMNS, ROWS)
    pyte.Stream(there).feed(text)
    return there


def rows(there: Screen) -> list[list[Char]]:
    """Blank rows at the end left out."""
    lines = [[there.buffer[y][x] for x in range(there.columns)] for y in range(there.lines)]
    while lines and not "".join(char.data for char in lines[-1]).strip():
        lines.pop()
    return lines
