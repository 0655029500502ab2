"""The commands of docs/start.md and its kin, typed on a terminal by somebody new."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import embedded
import pytest
from command import KEY, Kit
from loopback import EVENTS, LAST, Answer, Seen, Server, chat_events, chunk, head, response
from terminals import on_terminal

from kit.providers.local import weights_path

ROOT = Path(__file__).parent.parent
SECTION = re.compile(r"^## (.+)\n((?:(?!^## ).*\n?)*)", re.MULTILINE)
BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)
VARYING = re.compile(r"\b01[0-9A-Z]{8,24}\b|\b\d{4}-\d\d-\d\d \d\d:\d\d|\b\d+(?:\.\d+)? m?s\b")

TOY = "With no account"
"""The section of the start page whose answers come from the embedded model."""

MODEL = "llama-3.3-70b-versatile"
ANSWERS = {
    "ENOSPC": (46, 24, "`ENOSPC` means **no space left on device**: the disk is full."),
    "Is this disk full?": (71, 10, "No: about half of it is free."),
    "what fills it": (96, 20, "Run `du -xh / | sort -h`: the largest folders come last."),
    "2027": (60, 19, "No prime up to 43 divides it.\n\nANSWER: yes"),
    "twice": (30, 3, "Bread."),
    "planet": (20, 3, "Jupiter."),
    "of the Earth": (40, 5, "About 1,300."),
    "after it?": (60, 7, "About 760 into Saturn."),
    "city of Japan": (90, 12, '{"city": "Tokyo", "people": 14000000}'),
}
"""What the provider says to a question with these words in it, after so many tokens in and out."""

CITY = """\
{"type": "object", "required": ["city", "people"],
 "properties": {"city": {"type": "string"}, "people": {"type": "integer"}}}
"""


def steps(page: str) -> Iterator[tuple[str, str, str]]:
    """Each command of a page: its section, the line, what the page says it shows."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    assert text.count("```console") == len(BLOCK.findall(text))
    for section, body in [("", text.partition("\n## ")[0]), *SECTION.findall(text)]:
        for block in BLOCK.findall(body):
            for command, told in COMMAND.findall(block):
                yield section, command, told


@pytest.fixture
def newcomer(kit: Kit, server: Server) -> Kit:
    """Nobody's settings, ``kit`` on the path, a keyring that works, a provider that answers."""
    program = kit.home / "bin" / "kit"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m kit "$@"\n')
    program.chmod(0o755)
    (kit.home / "city.json").write_text(CITY)
    rings = Path(__file__).parent / "providers" / "rings"
    kit.environ |= {
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "KIT_CONFIG": str(kit.home / "config.toml"),
        "PYTHON_KEYRING_BACKEND": "rings.Works",
        "RING": str(kit.home / "ring"),
        "PYTHONPATH": os.pathsep.join([str(rings), *sys.path]),
    }
    server.default = provider
    return kit


@pytest.fixture
def settled(newcomer: Kit, server: Server) -> Kit:
    """Who has been through the first page."""
    newcomer("profile", "add", "fast", "--provider", "groq", "--model", MODEL, "--default")
    moved(newcomer, server)
    return newcomer


def moved(kit: Kit, server: Server) -> None:
    """The provider of ``fast`` is on this machine."""
    assert kit("profile", "set", "fast", f"base_url={server.base}", "key=keyring").code == 0
    (kit.home / "ring").write_text(f'{{"kit/fast": "{KEY}"}}')


def typed(kit: Kit, line: str) -> str:
    """What stands on the terminal after this line."""
    with on_terminal(kit, sh=f"cd {kit.home}; {line}", columns=600, rows=40) as terminal:
        if line.startswith("kit profile add"):
            terminal.wait_for("its key")
            terminal.type(f"{KEY}\r")
        terminal.end()
        return "\n".join(terminal.lines)


def alike(shown: str, told: str) -> bool:
    """What the page tells, but for times, ids, widths and what it leaves out with an ellipsis."""
    parts = [re.escape(_even(part)) for part in told.strip().split("…")]
    return re.fullmatch(".*".join(parts), _even(shown.strip()), re.DOTALL) is not None


def _even(text: str) -> str:
    return re.sub(" +", " ", VARYING.sub("#", text))


def provider(seen: Seen) -> Answer:
    if seen.method == "GET":
        return response({"data": [{"id": MODEL}]})
    asked = str(seen.json["messages"][-1]["content"])
    read, wrote, text = next(row for words, row in ANSWERS.items() if words in asked)
    usage = {"prompt_tokens": read, "completion_tokens": wrote}
    events = [each.replace(b"m-1", MODEL.encode()) for each in chat_events(text, usage=usage)]
    return [head(200, {**EVENTS, "Transfer-Encoding": "chunked"}), *map(chunk, events), LAST]


def test_the_first_five_minutes_go_as_the_page_says(newcomer: Kit, server: Server) -> None:
    done = 0
    for section, command, told in steps("start.md"):
        if section != TOY:
            shown = typed(newcomer, command)
            assert alike(shown, told), f"$ {command}\n{shown}"
            done += 1
        if command.startswith("kit profile add"):
            moved(newcomer, server)
    assert done >= 9


@pytest.mark.model
def test_the_model_without_an_account_answers_as_the_page_says(newcomer: Kit) -> None:
    embedded.wanted()
    models = newcomer.home / "cache" / "kit" / "models"
    models.parent.mkdir(parents=True)
    models.symlink_to(weights_path(os.environ).parent)
    mine = [(command, told) for section, command, told in steps("start.md") if section == TOY]
    assert len(mine) == 2
    for command, told in mine:
        shown = typed(newcomer, command)
        assert alike(shown, told), f"$ {command}\n{shown}"


@pytest.mark.parametrize("page", ["ask.md", "exit-codes.md"])
def test_a_page_shows_what_is_seen(settled: Kit, page: str) -> None:
    for _, command, told in steps(page):
        shown = typed(settled, command)
        assert alike(shown, told), f"$ {command}\n{shown}"
