"""kill -9 at any moment: the run is listed, its text is there, and resuming pays for nothing twice.

F10. Twelve moments by default; KIT_ALL_TESTS takes fifty.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter

import pytest
from command import Kit
from kills import COMMANDS, ENDED, Bench, Record, missing
from loopback import Server

MOMENTS = 13 if os.environ.get("KIT_ALL_TESTS") else 3  # for each of the four patterns
WITHIN = 1.0
"""Twice what is promised: other tests want the same processors. benchmarks/killed.py measures."""


@pytest.mark.parametrize("pattern", COMMANDS)
def test_a_killed_run_goes_on_as_if_nothing_had_been(
    pattern: str, kit: Kit, server: Server
) -> None:
    bench, command = Bench(kit, server), COMMANDS[pattern]
    answer, whole, seconds = bench.undisturbed(command)
    checks = bench.checks()
    assert answer.strip()
    moments = random.Random(pattern)
    for _ in range(MOMENTS):
        path, moment = bench.kill(command, moments.uniform(0, 0.9 * seconds))
        before, checked = Record.of(path), bench.checks()
        listed = json.loads(kit("trace", "list", "-n", "1", "--json").out)[0]
        if listed["status"] in ENDED:
            continue
        assert (listed["run"], listed["status"]) == (path.stem, "interrupted")
        assert missing(bench, path, moment, WITHIN) == []

        bench.clear()
        ran = kit("trace", "resume", path.stem, "--json")
        result = ran.object
        again = bench.asked()
        assert result["answer"] == answer.rstrip("\n"), ran.err
        assert again == Counter(whole) - before.replies
        assert bench.checks() + checked - checks in (0, 1)  # the one that was killed at its work
        assert result["detail"]["resumed_from"] == path.stem
        assert result["detail"]["recorded"]["calls"] == before.replies.total()
        assert result["usage"]["calls"] == again.total()
