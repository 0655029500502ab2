"""Commands that judge a text, run for real; and how run() and play() hand their word over."""

from __future__ import annotations

import asyncio
import os
import shlex
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kit.errors import StoppedError, UsageError
from kit.events import Checked, Event, Request
from kit.patterns.checks import HEAD, TAIL, checker, words
from kit.patterns.play import play
from kit.patterns.run import Brake, run
from kit.patterns.steps import Check, Steps

TEXT = "it is 42"


def ran(command: str, text: str = TEXT, seconds: float = 30.0, **environ: str) -> Checked:
    given = {"PATH": os.environ["PATH"], **environ}
    return asyncio.run(checker(lambda: given, seconds)(Check(command, text, "7")))


def python(code: str) -> str:
    return f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"


def gone(pid: int) -> bool:
    """Whether no such process runs; one that nobody has waited for yet does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


def until(true) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


# --- what it says ---------------------------------------------------------------------------------
def test_exit_0_passes_and_the_text_is_on_stdin():
    assert ran("grep 42") == Checked("7", "grep 42", True, 0, "it is 42")
    assert ran("grep 43") == Checked("7", "grep 43", False, 1, "")


def test_the_text_is_in_the_file_that_braces_name_too():
    assert ran("cat {} {}").output == "it is 42\nit is 42"
    assert ran("sh: wc -l < {}").output == "1"
    assert ran("cat {}", "two\nlines\n").output == "two\nlines"


def test_what_it_writes_on_either_stream_is_its_output():
    assert ran("sh: echo one; echo two >&2; exit 3").output == "one\ntwo"
    assert ran("sh: exit 3").code == 3


def test_no_shell_takes_part_unless_it_is_asked_for():
    assert ran("echo $HOME ; `id` > x | y").output == "$HOME ; `id` > x | y"
    assert ran("sh: echo $A | tr a b", A="aa").output == "bb"
    assert words("grep -q 'a b'") == ["grep", "-q", "a b"]


@pytest.mark.parametrize("command", ["", "  ", "sh:", "sh: ", "grep 'open"])
def test_a_command_that_is_none_is_the_users_fault(command):
    with pytest.raises(UsageError):
        words(command)


def test_a_command_that_cannot_be_run_does_not_pass():
    found = ran("no-such-command-here --at all")
    assert (found.passed, found.code) == (False, None)
    assert found.output == "cannot run no-such-command-here: No such file or directory"


def test_long_output_keeps_its_head_and_its_tail():
    found = ran(python("print('start'); print('x' * 100_000); print('end')"))
    assert found.output.startswith("start\nxxx")
    assert found.output.endswith("xxx\nend")
    assert "bytes left out" in found.output
    assert len(found.output) < HEAD + TAIL + 100


def test_a_command_that_reads_nothing_of_a_long_text_breaks_no_pipe():
    assert ran("true", "x" * 1_000_000).passed


def test_text_of_any_kind_reaches_it():
    assert ran("cat", "é 漢 \ud800 \x00").output == "é 漢 ? \x00"


def test_its_environment_is_the_one_it_was_given():
    assert "SECRET" not in ran("env", A="1").output
    assert "A=1" in ran("env", A="1").output


# --- how it ends ----------------------------------------------------------------------------------
def test_a_slow_command_ends_with_all_that_it_started(tmp_path):
    place = tmp_path / "pid"
    found = ran(f"sh: trap '' TERM; sleep 60 & echo $! > {place}; echo begun; wait", seconds=0.5)
    assert (found.passed, found.code) == (False, None)
    assert found.output == "begun\n[ended after 0.5 s: too slow]"
    until(lambda: gone(int(place.read_text())))


def test_what_a_command_leaves_behind_ends_with_it(tmp_path):
    place = tmp_path / "pid"
    found = ran(f"sh: sleep 60 & echo $! > {place}; echo done")
    assert (found.passed, found.output) == (True, "done")
    until(lambda: gone(int(place.read_text())))


# --- in a run -------------------------------------------------------------------------------------
def twice() -> Steps[list[Checked]]:
    first = yield Check("grep 1", "1")
    second = yield Check("grep 2", "1")
    return [first, second]


async def nobody(request: Request) -> AsyncIterator[Event]:
    raise AssertionError("nobody is asked")
    yield


def test_a_run_shows_what_checks_found():
    events: list[Event] = []
    check = checker(lambda: {"PATH": os.environ["PATH"]})
    found = asyncio.run(run(twice(), nobody, tap=events.append, check=check))
    assert [each.passed for each in found] == [True, False]
    assert events == found


def test_play_feeds_given_results():
    known = Checked("", "grep 2", False, 2, "bad file")
    found, calls, events = play(twice(), checks=[True, known])
    assert found == [Checked("", "grep 1", True, 0), known]
    assert (calls, events) == ([], found)
    with pytest.raises(LookupError):
        play(twice(), checks=[True])


def test_a_run_that_may_not_run_commands_says_so():
    with pytest.raises(UsageError, match="grep 1"):
        asyncio.run(run(twice(), nobody))


def test_stopping_the_run_ends_the_check_and_runs_no_other(tmp_path):
    place = tmp_path / "pid"

    def slow() -> Steps[list[Checked]]:
        first = yield Check(f"sh: echo $$ > {place}; sleep 60", "")
        second = yield Check("true", "")
        return [first, second]

    async def stopped() -> list[Checked]:
        brake = Brake()
        check = checker(lambda: {"PATH": os.environ["PATH"]})
        task = asyncio.ensure_future(run(slow(), nobody, brake=brake, check=check))
        while not (place.exists() and place.read_text().strip()):
            await asyncio.sleep(0.01)
        brake.pull(StoppedError("interrupted", signal=2))
        return await task

    found = asyncio.run(stopped())
    assert [(each.passed, each.output) for each in found] == [(False, "not run: interrupted")] * 2
    until(lambda: gone(int(place.read_text())))
