"""Help: topics, and the manual page that says the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import Kit

from kit.cli.app import COMMANDS, TOPICS

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "man" / "kit.1"


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
