"""Completion: what TAB offers, in the shells that are here."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pexpect
import pytest
from command import Kit

from kit.cli.app import COMMANDS

ROOT = Path(__file__).resolve().parents[2]

TOML = '[profiles.fast]\napi = "fake"\nreplies = ["x"]\n[profiles.slow-one]\napi = "fake"\n'


@pytest.fixture
def named(kit: Kit) -> Kit:
    kit.configure(TOML)
    return kit


def offered(kit: Kit, *words: str) -> list[str]:
    ran = kit("complete", *words)
    assert (ran.code, ran.err) == (0, "")
    return ran.out.split("\n")[:-1]


def test_what_is_written_is_what_the_app_says(kit: Kit) -> None:
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import completions
    finally:
        sys.path.pop(0)
    for path, text in completions.files().items():
        assert path.read_text(encoding="utf-8") == text, f"run `make completions` for {path.name}"


def test_commands_flags_choices_and_names_are_offered(named: Kit) -> None:
    assert set(COMMANDS) <= set(offered(named, ""))
    assert offered(named, "cons") == ["consensus"]
    assert offered(named, "ask", "--dry") == ["--dry-run"]
    assert offered(named, "ask", "--color", "") == ["auto", "always", "never"]
    assert offered(named, "ask", "-p", "fa") == ["fast", "fake"]
    assert offered(named, "profile", "show", "slow") == ["slow-one"]
    assert offered(named, "ask", "-f", "") == [":files"]
    assert offered(named, "ask", "") == []


def test_runs_are_offered(named: Kit) -> None:
    named("ask", "-p", "fast", "hi")
    assert offered(named, "trace", "show", "") == ["last", named.runs()[0].stem]
    assert offered(named, "ask", "-c", "la") == ["last"]


def test_a_broken_configuration_offers_nothing_of_it(kit: Kit) -> None:
    kit.configure("[profiles\n")
    assert offered(kit, "ask", "-p", "fast") == []
    kit.configure('[profiles."$(touch pwned)"]\napi = "fake"\n')
    assert offered(kit, "ask", "-p", "$") == []
    assert not Path("pwned").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_works_in_the_real_shell(named: Kit, tmp_path: Path, shell: str) -> None:
    program = shutil.which(shell)
    if not program:
        pytest.skip(f"no {shell} here")
    folder = tmp_path / "bin"
    folder.mkdir()
    command = folder / "kit"
    asked = tmp_path / "asked"
    command.write_text(f'#!/bin/sh\necho "$1" >> {asked}\nexec {sys.executable} -m kit "$@"\n')
    command.chmod(0o755)
    env = {**named.env(), "PATH": f"{folder}:{named.env()['PATH']}", "TERM": "xterm", "PS1": "> "}
    flags = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[shell]
    setup = {
        "bash": 'bind "set bell-style none"; eval "$(kit completion bash)"; echo rea""dy',
        "zsh": 'autoload -Uz compinit; compinit -u; eval "$(kit completion zsh)"; echo rea""dy',
        "fish": 'kit completion fish | source; echo rea""dy',
    }[shell]
    child = pexpect.spawn(
        program, flags, env=env, encoding="utf-8", timeout=20, dimensions=(24, 100)
    )  # type: ignore[arg-type]  # env takes str
    try:
        child.sendline(setup)
        child.expect("ready")
        child.send("kit consen\t")
        child.expect("kit consensus")
        child.sendcontrol("u")
        child.send("kit profile pre\t")
        child.expect("presets")
        child.sendcontrol("u")
        child.send("kit ask --dry\t")
        child.expect("--dry-run")
        assert asked.read_text().split() == ["completion"], "commands and flags start no Python"
        child.sendcontrol("u")
        child.send("kit ask -p slo\t")
        child.expect("slow-one")
    finally:
        child.close(force=True)
