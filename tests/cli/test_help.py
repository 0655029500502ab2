"""Help: every command's, the topics, the manual page; what is said to who mistypes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import Kit
from loopback import Server, error

from kit.cli.app import COMMANDS, TOPICS, main

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "man" / "kit.1"

sys.path.insert(0, str(ROOT / "scripts"))
try:
    import commands
finally:
    sys.path.pop(0)

PLACES = {place.path: place for place in commands.places() if not place.path.startswith("kit help")}


@pytest.mark.parametrize("path", PLACES)
def test_every_help_begins_with_examples_and_fits_80_columns(
    path: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([*path.split()[1:], "--help"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert (said.err, "\x1b" in said.out, max(map(len, lines)) <= 80) == ("", False, True)
    if path != "kit":
        assert lines[0].startswith(f"Usage: {path} ")
        assert re.search(r"[{}]", lines[0]) is None
    assert lines[2].strip() == "Examples:"
    called = [each for line in _examples(lines) for each in re.findall(CALL, line)]
    assert called
    for example in called:
        _is_right(example)


CALL = r"(?:^|[|(] ?|\bif )(kit (?:(?!\$\()[^|)])*)"


def _examples(lines: list[str]) -> list[str]:
    """The lines below Examples:, what was continued on another line put together."""
    block = "\n".join(line.strip() for line in lines[3 : lines.index("", 3)])
    return re.sub(QUOTED, "TEXT", re.sub(r"\\\n *", "", block)).split("\n")


QUOTED = r"\"(?!\$)[^\"\n]*\"|'[^'\n]*'"


def _is_right(example: str) -> None:
    """The command and each of its flags exist."""
    words = example.partition("   ")[0].split()
    at = "kit"
    while len(words) > 1 and f"{at} {words[1]}" in PLACES:
        at = f"{at} {words.pop(1)}"
    assert at != "kit", example
    place = PLACES["kit trace list" if at == "kit trace" else at]
    mine = words[1 : words.index("--")] if "--" in words else words[1:]
    flags = {name for flag in place.flags for name in flag.names}
    used = {word.partition("=")[0] for word in mine if re.match(r"--?[a-zA-Z]", word)}
    assert used <= flags, example


def test_a_flag_says_the_same_wherever_it_is_shared() -> None:
    """The flags that everything that asks a model has, and what they take, are the same ones."""
    shared = {flag.names: flag for flag in commands.shared([*PLACES.values()])}
    assert len(shared) > 30
    for path in ("kit models", "kit trace resume", "kit profile list"):
        for flag in PLACES[path].flags:
            common = shared.get(flag.names)
            assert common is None or common.takes == flag.takes, (path, flag.names)


def test_every_flag_and_every_argument_says_what_it_is() -> None:
    silent = [(p.path, *f.names) for p in PLACES.values() for f in p.flags if not f.about]
    assert silent == []


MISTYPED = {
    "asck hi": "there is no command 'asck'; did you mean `kit ask`?",
    "trace shwo": "no such command 'shwo'; did you mean 'show'?",
    "ask --modle x": "no such option: --modle; did you mean '--model'?",
    "ask --max-tokns=3 x": "no such option: --max-tokns; did you mean '--max-tokens'?",
    "ask --xyzzy": "no such option: --xyzzy; see `kit ask --help`",
    "ask --color alwys x": "'auto', 'always', 'never'; did you mean 'always'?",
    "trace show --format tabel": "did you mean 'table'?",
    "completion basch": "did you mean 'bash'?",
    "ask -p grok x": "there is no profile 'grok'; did you mean 'groq'?",
    "ask -p fats x": "there is no profile 'fats'; did you mean 'fast'?",
    "key which fats": "there is no profile 'fats'; did you mean 'fast'?",
    "profile add x --provider grok": "not 'grok'; did you mean 'groq'?",
    "help exit-code": "there is no page on 'exit-code'; did you mean `kit help exit-codes`?",
    "help trace shwo": "no such command 'shwo'; did you mean 'show'?",
    "help xx": "there is no page on 'xx'; see `kit --help`",
}


@pytest.mark.parametrize("line", MISTYPED)
def test_what_was_mistyped_is_answered_with_what_was_meant(kit: Kit, line: str) -> None:
    kit.configure('[profiles.fast]\napi = "fake"\n')
    ran = kit(*line.split())
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert MISTYPED[line] in ran.err


def test_a_model_that_is_not_there_is_answered_with_one_that_was_listed(
    kit: Kit, server: Server
) -> None:
    said = {"message": "The model `lama-3` does not exist", "code": "model_not_found"}
    server.script(error(404, {"error": said}))
    kit.serve(server.base, model="lama-3")
    cache = kit.home / "cache" / "kit"
    cache.mkdir(parents=True)
    (cache / "models.json").write_text(json.dumps({"m": ["gpt", "llama-3"], "x": ["lama-3x"]}))
    ran = kit("ask", "-p", "m", "hi")
    assert (ran.code, ran.out) == (4, "")
    assert "; did you mean 'llama-3'? `kit models` lists" in ran.err


# --- topics and the manual page ------------------------------------------------------------------
@pytest.mark.parametrize("topic", TOPICS)
def test_each_topic_is_a_page_that_fits_a_screen(kit: Kit, topic: str) -> None:
    ran = kit("help", topic)
    assert (ran.code, ran.err) == (0, "")
    page = ran.out.partition("\nUsage:")[0].splitlines()
    assert 5 < len(page) <= 30
    assert max(map(len, page)) <= 80
    assert topic in kit("help").out


def test_a_topic_that_is_a_command_too_shows_both(kit: Kit) -> None:
    said = kit("help", "config").out
    assert "default_profile" in said
    assert "Usage: kit config" in said
    assert "default_profile" not in kit("config", "--help").out


def test_a_topic_is_no_command(kit: Kit) -> None:
    ran = kit("keys")
    assert (ran.code, ran.out) == (2, "")
    assert "did you mean `kit key`?" in ran.err


def test_the_manual_page_is_what_the_app_says() -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import manual
    finally:
        sys.path.pop(0)
    assert PAGE.read_text(encoding="utf-8") == manual.page(), "run `make completions`"


def test_the_manual_page_has_its_sections_and_fits_80_columns() -> None:
    man = shutil.which("man")
    if not man:
        pytest.skip("no man here")
    done = subprocess.run(
        [man, "-l", str(PAGE)],
        capture_output=True, text=True, timeout=60, check=True,
        env={**os.environ, "MANWIDTH": "80", "LC_ALL": "C.UTF-8", "GROFF_NO_SGR": "1"},
    )  # fmt: skip
    lines = re.sub("(.\b|\x1b\\[[0-9;]*m)", "", done.stdout).splitlines()
    assert max(map(len, lines)) <= 80
    titles = [line for line in lines[1:-1] if re.match("[A-Z]", line)]
    assert titles == ["NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "COMMON OPTIONS",
                      "CONFIGURATION", "KEYS", "VOTES", "TOOLS", "EXIT STATUS", "ENVIRONMENT",
                      "FILES", "EXAMPLES", "SEE ALSO"]  # fmt: skip


def test_the_manual_page_is_printed(kit: Kit) -> None:
    assert kit("help", "--man").out == PAGE.read_text(encoding="utf-8")


def test_the_manual_page_is_typeset_without_a_complaint() -> None:
    groff = shutil.which("groff")
    if not groff:
        pytest.skip("no groff here (.ci/run installs groff-base)")
    done = subprocess.run(
        [groff, "-man", "-Tutf8", "-ww", "-Kutf8", "-P-cbou", str(PAGE)],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert all(f"kit {name}" in done.stdout for name in COMMANDS)
