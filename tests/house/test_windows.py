"""Windows is kept possible: nothing that only POSIX has is needed where kit does without it."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from kit import __version__
from kit.cli.app import COMMANDS

PROBE = Path(__file__).parent / "windows.py"

CONFIG = '[profiles.f]\r\napi = "fake"\r\nreplies = ["42"]\r\n[profiles.g]\r\nprovider = "groq"\r\n'

Ran = tuple[int, str, str]


def on_windows(home: Path, *lines: Sequence[str], stdin: str = "") -> list[Ran]:
    config = home / "kit.toml"
    if not config.exists():
        config.write_bytes(CONFIG.encode())
    environ = {"KIT_CONFIG": str(config), "HOME": str(home), "KIT_KEY_G": "gsk-0123456789abcdef",
               "APPDATA": str(home / "roaming"), "LOCALAPPDATA": str(home / "local"),
               "PATH": f"{home}{os.pathsep}{os.environ['PATH']}", "LANG": "C.UTF-8",
               "PATHEXT": ".exe",
               "PYTHONPATH": os.pathsep.join(sys.path), "KIT_DEBUG": "1"}  # fmt: skip
    given = json.dumps([[line, stdin] for line in lines])
    done = subprocess.run(
        [sys.executable, str(PROBE), given], env=environ, capture_output=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return [(code, out, err) for code, out, err in json.loads(done.stdout)]


@pytest.mark.skipif(os.name != "posix", reason="it takes from POSIX what Windows lacks")
class TestWithoutPosix:
    def test_help_and_version_start(self, tmp_path: Path) -> None:
        lines = [["--version"], ["--help"], *([name, "--help"] for name in COMMANDS)]
        version, *helps = on_windows(tmp_path, *lines)
        assert version == (0, f"kit {__version__}\n", "")
        assert [(code, err) for code, _, err in helps] == [(0, "")] * len(helps)
        assert all("Examples:" in out for _, out, _ in helps)

    def test_questions_are_asked_and_recorded(self, tmp_path: Path) -> None:
        ask, vote, react, listed, shown, replayed = on_windows(
            tmp_path,
            ["ask", "-p", "f"],
            ["consensus", "-p", "f", "-n", "1", "--no-stdin", "how many?"],
            ["react", "-p", "f", "-t", "calc", "--no-stdin", "6*7?"],
            ["trace", "list"],
            ["trace", "show", "-3"],
            ["trace", "replay"],
            stdin="one\r\ntwo\r\n",
        )
        assert (ask, vote[:2], react) == ((0, "42\n", ""), (0, "42\n"), (0, "42\n", ""))
        assert (listed[0], listed[1].count("\tok\t"), listed[2]) == (0, 3, "")
        assert (shown[0], "one\r\ntwo" in shown[1] or "one two" in shown[1]) == (0, True)
        assert replayed[:2] == (0, "42\n")

    def test_profiles_and_keys_are_managed(self, tmp_path: Path) -> None:
        names, added, changed, key, keys, checked = on_windows(
            tmp_path,
            ["profile", "list"],
            ["profile", "add", "new", "--provider", "openai", "--no-input"],
            ["profile", "set", "f", "temperature=0.3"],
            ["key", "which", "g"],
            ["key", "list"],
            ["config", "check"],
        )
        assert (names[0], names[2]) == (0, "")
        assert [line.split()[0] for line in names[1].splitlines()] == ["f", "g"]
        assert (added[:2], changed) == ((0, ""), (0, "", ""))
        assert key == (0, "KIT_KEY_G  …cdef\n", "")
        assert (keys[0], checked[0]) == (0, 0)
        text = (tmp_path / "kit.toml").read_bytes().decode()
        assert "temperature = 0.3" in text
        assert "[profiles.new]" in text

    def test_a_command_that_takes_too_long_is_ended(self, tmp_path: Path) -> None:
        for name, script in {"passes": "exit 0", "hangs": "exec sleep 60"}.items():
            (tmp_path / f"{name}.exe").write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / f"{name}.exe").chmod(0o755)
        fine, late = on_windows(
            tmp_path,
            ["refine", "-p", "f", "--check", "passes.exe", "a"],
            ["refine", "-p", "f", "--check", "hangs.exe", "--check-timeout", "0.2", "--rounds",
             "0", "a"],
        )  # fmt: skip
        assert fine[:2] == (0, "42\n")
        assert late[:2] == (7, "42\n")
