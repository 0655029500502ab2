"""Programs that a model runs: what they see, what they may do, and that nothing outlives them."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path

import pytest
from tooled import fault, ports, shown, use, within

from kit.errors import UsageError
from kit.patterns.tools import sandbox
from kit.patterns.tools.ability import Ability
from kit.patterns.tools.shell import HEAD, TAIL, Shell

BARE = "/usr/bin:/bin"


def bare(tmp_path: Path, folder: Path | None = None, **more: object) -> Shell:
    """Without a sandbox: none is found in a PATH of its own, where only these programs are."""
    place = tmp_path / "bin"
    if not place.exists():
        place.mkdir()
        for name in ("sh", "sleep", "env", "cat", "setsid", "yes", "printf", "pwd", "true", "ls"):
            if found := shutil.which(name):
                os.symlink(found, place / name)
    given: dict[str, object] = {"environ": lambda: {"PATH": str(place), "LANG": "C.UTF-8"}}
    return Shell(ports(**{**given, **more}), folder)


def until(true) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether no such process runs; one that nobody has waited for yet does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


# --- what it does ---------------------------------------------------------------------------------
def test_words_are_words_and_no_shell_reads_them(tmp_path: Path) -> None:
    said = use(bare(tmp_path), argv=["printf", "%s\\n", "a b", "$HOME", "; ls", "*", "`id`"])
    assert said == "a b\n$HOME\n; ls\n*\n`id`"


def test_how_it_ended_is_said(tmp_path: Path) -> None:
    assert use(bare(tmp_path), argv=["true"]) == "[exit code 0, no output]"
    assert use(bare(tmp_path), argv=["sh", "-c", "echo no >&2; exit 3"]) == "no\n[exit code 3]"
    assert use(bare(tmp_path), argv=["sh", "-c", "kill -9 $$"]) == "[ended by signal 9]"
    missing = fault(bare(tmp_path), argv=["frobnicate"])
    assert missing.lower() == "cannot run frobnicate: no such file or directory"
    assert fault(bare(tmp_path), argv=["a\0b"]).startswith("cannot run a")


def test_it_runs_where_it_was_told_to(tmp_path: Path) -> None:
    assert use(bare(tmp_path, tmp_path / "bin" / ".."), argv=["pwd"]) == str(tmp_path)
    assert use(bare(tmp_path), argv=["pwd"]) == os.getcwd()
    with pytest.raises(UsageError, match="no such file or directory"):
        use(bare(tmp_path, tmp_path / "none"), argv=["pwd"])


def test_r01_what_is_approved_is_the_exact_argv_and_where(tmp_path: Path) -> None:
    said = shown(bare(tmp_path, tmp_path), argv=["rm", "-rf", "a b", "$(id)"])
    assert said == f"rm -rf 'a b' '$(id)'  (NO sandbox, in {tmp_path})"


# --- R03, R04, R05, R06, R07 ----------------------------------------------------------------------
def test_r03_a_slow_program_ends_with_all_that_it_started(tmp_path: Path) -> None:
    place = tmp_path / "pid"
    line = f"trap '' TERM; sleep 60 & echo $! > {place}; echo begun; wait"
    said = use(bare(tmp_path, seconds=0.6), argv=["sh", "-c", line])
    assert said == "begun\n[ended after 0.4 s: too slow]"
    until(lambda: gone(int(place.read_text())))


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="found by /proc")
@pytest.mark.parametrize("wait", ["", "; sleep 60"])
def test_r03_a_daemon_that_left_its_group_ends_too(tmp_path: Path, wait: str) -> None:
    if not shutil.which("setsid"):
        pytest.skip("no setsid")
    place = tmp_path / "pid"
    daemon = f"setsid sh -c 'echo $$ > {place}; sleep 60' & sleep 0.01"
    line = f"{daemon}; while ! [ -s {place} ]; do sleep 0.01; done; echo done{wait}"
    said = use(bare(tmp_path, seconds=20 if not wait else 1.5), argv=["sh", "-c", line])
    assert said.startswith("done")
    until(lambda: gone(int(place.read_text())))


def test_r03_cancelling_ends_it(tmp_path: Path) -> None:
    place = tmp_path / "pid"

    async def cancelled(abilities: list[Ability]) -> None:
        argv = ["sh", "-c", f"echo $$ > {place}; sleep 60"]
        task = asyncio.ensure_future(abilities[0].run({"argv": argv}))
        while not (place.exists() and place.read_text().strip()):
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    within(bare(tmp_path), cancelled)
    until(lambda: gone(int(place.read_text())))


def test_r04_a_flood_is_ended_and_its_beginning_and_end_are_kept(tmp_path: Path) -> None:
    said = use(bare(tmp_path, seconds=60), argv=["sh", "-c", "echo start; yes 0123456789"])
    assert said.startswith("start\n0123456789\n")
    assert "bytes left out …]" in said
    assert said.splitlines()[-1].endswith("KiB: too much output]")
    assert len(said) < HEAD + TAIL + 200


def test_r05_no_provider_key_is_in_its_environment(tmp_path: Path) -> None:
    """It sees what it was given, which is the environment without keys (kit.cli.checking), and a
    few words that make programs quiet."""
    said = use(bare(tmp_path), argv=["env"])
    names = {line.partition("=")[0] for line in said.splitlines()}
    assert names - {"PWD", "_", "SHLVL", "OLDPWD", "LC_CTYPE"} == {
        "PATH", "LANG", "TERM", "NO_COLOR", "PAGER", "GIT_TERMINAL_PROMPT", "KIT_STARTED",
    }  # fmt: skip


def test_r06_its_input_is_empty_and_it_has_no_terminal(tmp_path: Path) -> None:
    assert use(bare(tmp_path), argv=["cat"]) == "[exit code 0, no output]"
    said = use(bare(tmp_path), argv=["sh", "-c", "test -t 0 || test -t 1 || : </dev/tty"])
    assert said.endswith(("[exit code 1]", "[exit code 2]"))


def test_r07_bytes_that_are_no_text_are_replaced_and_escapes_taken_out(tmp_path: Path) -> None:
    line = r"printf 'a\000b\377 \033[31mred\033[0m \033]0;title\007end\r\n'"
    assert use(bare(tmp_path), argv=["sh", "-c", line]) == "a\ufffdb\ufffd red end"


# --- the sandbox ----------------------------------------------------------------------------------
def test_where_there_is_no_sandbox_it_is_said_once(tmp_path: Path) -> None:
    said: list[str] = []
    shell = bare(tmp_path, say=said.append)

    async def twice(abilities: list[Ability]) -> None:
        await abilities[0].run({"argv": ["true"]})
        await abilities[0].run({"argv": ["true"]})

    within(shell, twice)
    assert said == ["shell runs programs without a sandbox: bwrap is not installed"]


def test_a_bwrap_that_may_not_be_used_is_not_used(tmp_path: Path) -> None:
    said: list[str] = []
    shell = bare(tmp_path, say=said.append)
    refuses = tmp_path / "bin" / "bwrap"
    refuses.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n"
    )
    refuses.chmod(0o755)
    assert use(shell, argv=["printf", "hi"]) == "hi"
    assert said == ["shell runs programs without a sandbox: bwrap may not be used here"]


@pytest.fixture(scope="session")
def walls() -> None:
    found, why = asyncio.run(sandbox.found({"PATH": os.environ["PATH"]}, network=False))
    if found is None:
        pytest.skip(why)


def boxed(folder: Path | None = None, **more: object) -> Shell:
    return Shell(ports(**more), folder)


@pytest.mark.usefixtures("walls")
def test_behind_the_walls_nothing_is_written_but_in_the_folder_that_was_given(
    tmp_path: Path,
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "other").mkdir()
    line = f"echo 1 > {tmp_path}/mine/a; echo 2 > {tmp_path}/other/b; echo 3 > /tmp/c; cat /tmp/c"
    said = use(boxed(tmp_path / "mine"), argv=["sh", "-c", line])
    assert said.splitlines()[-1] == "3"
    assert (tmp_path / "mine" / "a").read_text() == "1\n"
    assert not (tmp_path / "other" / "b").exists()
    assert not Path("/tmp/c").exists()


@pytest.mark.usefixtures("walls")
def test_behind_the_walls_kit_s_own_folder_is_read_only(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "read.me").write_text("text")
    said = use(boxed(), argv=["sh", "-c", "cat read.me; echo x > new || echo no"])
    assert said.startswith("text")
    assert said.endswith("no")
    assert not (tmp_path / "new").exists()


@pytest.mark.usefixtures("walls")
def test_behind_the_walls_there_is_no_network_no_keyring_and_nobody_else(tmp_path: Path) -> None:
    said = use(
        boxed(), argv=["sh", "-c", "ls /run; ls /proc | grep -c '^[0-9]'; cat /proc/net/dev"]
    )
    assert [line.split(":")[0].strip() for line in said.splitlines() if ":" in line] == ["lo"]
    assert int(said.splitlines()[0]) < 10  # nothing in /run, and only its own processes


@pytest.mark.usefixtures("walls")
def test_r03_behind_the_walls_a_daemon_ends_too(tmp_path: Path) -> None:
    if not shutil.which("setsid"):
        pytest.skip("no setsid")
    place = tmp_path / "alive"
    daemon = f"setsid sh -c 'while :; do echo x >> {place}; sleep 0.01; done' & "
    line = f"{daemon} while ! [ -s {place} ]; do sleep 0.01; done; echo done"
    assert use(boxed(tmp_path), argv=["sh", "-c", line]) == "done"
    time.sleep(0.05)
    size = place.stat().st_size
    time.sleep(0.1)
    assert place.stat().st_size == size


@pytest.mark.usefixtures("walls")
def test_the_walls_are_told_to_the_model_and_to_who_approves(tmp_path: Path) -> None:
    async def face(abilities: list[Ability]) -> str:
        return abilities[0].face.description

    assert within(boxed(), face).endswith(
        "It changes no file but in an empty /tmp, and reaches no network."
    )
    assert within(boxed(tmp_path, network=True), face).endswith(
        "It changes nothing outside of that folder but in an empty /tmp, and reaches the network."
    )
    assert shown(boxed(tmp_path), argv=["ls"]) == f"ls  (in a sandbox, in {tmp_path})"
