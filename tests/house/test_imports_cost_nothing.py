"""What is imported when: nothing before it is used. How much each command may load stands in
test_startup_budget.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from loading import loaded


def test_what_only_some_runs_need_is_not_loaded_for_all(tmp_path: Path) -> None:
    unneeded = {"kit.trace.runs", "kit.cli.screen.closing", "kit.cli.vote.forecast",
                "kit.patterns.recall", "kit.providers.local", "kit.providers.weights"}  # fmt: skip
    assert loaded(tmp_path, "ask", "hi") & unneeded == set()


def test_what_reads_complaints_is_loaded_when_a_server_complains(tmp_path: Path) -> None:
    rows = 'api = "openai-chat"\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\nkey = "none"\n'
    (tmp_path / "kit.toml").write_text(f"[profiles.m]\n{rows}")
    modules = loaded(tmp_path, "ask", "--retries", "0", "hi")
    unneeded = {"complaints", "remedy"}
    assert modules & {f"kit.providers.dialects.{name}" for name in unneeded} == set()


def test_importing_the_package_is_silent_and_free() -> None:
    probe = "import sys, kit; print(sorted(m for m in sys.modules if m.startswith('kit')))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("['kit']\n", "")


def test_kits_own_modules_are_compiled_where_it_is_installed() -> None:
    """Without bytecode all of it is compiled again for each command (docs/speed.md)."""
    import kit.cli.app
    import kit.events

    if os.environ.get("PYTHONDONTWRITEBYTECODE"):
        pytest.skip("this Python may not write bytecode")
    for module in (kit.events, kit.cli.app):
        assert module.__cached__
        assert Path(module.__cached__).exists()
