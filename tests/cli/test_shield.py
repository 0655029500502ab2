"""A program that kit starts cannot read kit's environment behind its back."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

PROBE = """
import ctypes, os, subprocess, sys
from kit.cli.tooling import shield
if os.geteuid() == 0:  # root may read everything: be somebody else, as readable as a new process
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
    ctypes.CDLL(None).prctl(shield.PR_SET_DUMPABLE, 1, 0, 0, 0)
if sys.argv[1] == "raised":
    shield.raised()
line = "cat /proc/$PPID/environ; echo; cat /proc/self/environ"
done = subprocess.run(["/bin/sh", "-c", line], env={"MINE": "seen"}, capture_output=True, text=True)
print(done.stdout)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="by /proc")
@pytest.mark.parametrize(("how", "seen"), [("raised", False), ("not", True)])
def test_r05_the_environment_of_kit_is_closed_to_what_it_starts(how: str, seen: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, how],
        env={"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.environ["PATH"], "KEY": "sk-1"},
        capture_output=True, text=True, cwd="/", check=True,
    )  # fmt: skip
    assert ("KEY=sk-1" in done.stdout) is seen
    assert "MINE=seen" in done.stdout
