"""``--record DIR`` and ``--replay DIR``: a script that calls kit is tested with no network."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path

import pytest
from command import KEY, Kit
from loopback import Server, chat_stream, refusal


@pytest.fixture
def recording(kit: Kit, server: Server) -> Kit:
    """Three members, of which the first is the default; each reply is another one."""
    for name in "abc":
        kit.serve(server.url, name, retries=0)
    kit.configure('default_profile = "a"\n' + kit.toml)
    texts = itertools.cycle(["It is 42", "It is 41", "It is 42"])
    server.default = lambda _: chat_stream(next(texts))
    return kit


@pytest.fixture
def bare(tmp_path: Path) -> Kit:
    """Another machine: no configuration, no key."""
    return Kit(tmp_path / "bare")


COMMANDS = [
    ("ask", "q"),
    ("ask", "-p", "a/other", "q"),
    ("ask", "-p", "b", "-m", "third", "-s", "short", "q"),
    ("consensus", "-p", "a", "-p", "b", "-p", "c", "--answer", "number", "q"),
    ("consensus", "--speed", "max", "q"),
    ("consensus", "--answer", "text", "--judge", "b", "-n", "3", "q"),
    ("refine", "--check", "grep 41", "q"),
    ("refine", "-p", "a", "--rubric", "short", "--judge", "c", "q"),
    ("react", "-t", "calc", "q"),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_what_was_recorded_is_answered_elsewhere_with_no_network(
    command: tuple[str, ...], recording: Kit, bare: Kit, server: Server, tmp_path: Path
) -> None:
    tape = str(tmp_path / "tape")
    first = recording(*command, "--record", tape)
    assert first.out
    server.requests.clear()
    ran = bare(*command, "--replay", tape)
    assert (ran.code, ran.out) == (first.code, first.out), ran.err
    assert server.requests == []
    written = b"".join(path.read_bytes() for path in Path(tape).iterdir())
    assert KEY.encode() not in written


def test_errors_usage_and_events_are_the_recorded_ones(
    recording: Kit, bare: Kit, server: Server, tmp_path: Path
) -> None:
    tape = str(tmp_path / "tape")
    server.script(refusal(400, "bad luck"))
    first = recording("ask", "q", "--record", tape)
    again = bare("ask", "q", "--replay", tape)
    assert (again.code, again.err) == (first.code, first.err)
    first = recording("ask", "other", "--json", "--record", tape)
    again = bare("ask", "other", "--json", "--replay", tape)
    for name in ("answer", "usage", "models", "profiles", "detail"):
        assert again.object[name] == first.object[name]


NEVER = [
    ("ask", "Q"),
    ("ask", "--temperature", "0.1", "q"),
    ("ask", "-m", "other", "q"),
    ("ask", "-p", "zzz", "q"),
    ("consensus", "Q"),
    ("consensus", "--speed", "max", "Q"),
]


def test_what_was_never_recorded_is_one_sentence_and_exit_2(
    recording: Kit, bare: Kit, tmp_path: Path
) -> None:
    tape = str(tmp_path / "tape")
    recording("ask", "q", "--record", tape)
    recording("consensus", "q", "--record", tape)
    for command in NEVER:
        ran = bare(*command, "--replay", tape)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), command


def test_an_empty_place_and_both_flags_are_exit_2(
    bare: Kit, recording: Kit, tmp_path: Path
) -> None:
    ran = bare("ask", "q", "--replay", str(tmp_path / "none"))
    assert (ran.code, "there is no recording" in ran.err) == (2, True)
    assert bare("ask", "q", "--replay", "x", "--record", "y").code == 2
    (tmp_path / "file").touch()
    assert recording("ask", "q", "--record", str(tmp_path / "file")).code == 2


def test_a_broken_recording_is_named(recording: Kit, bare: Kit, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    recording("ask", "q", "--record", str(tape))
    (place,) = tape.glob("*.json")
    place.write_text("{")
    ran = bare("ask", "q", "--replay", str(tape))
    assert (ran.code, place.name in ran.err) == (2, True)


SCRIPT = """
set -e
first=$(kit ask "roll a die")
second=$(kit ask "roll a die")
kit consensus "How many?" > votes.txt
echo "$first/$second/$(cat votes.txt)"
"""


def test_a_shell_script_is_recorded_and_tested(
    recording: Kit, bare: Kit, server: Server, tmp_path: Path
) -> None:
    """KIT_RECORD and KIT_REPLAY; KIT_REPLAY_STATE counts equal requests across the commands."""
    tape = str(tmp_path / "tape")

    def script(kit: Kit, **environ: str) -> str:
        line = f'kit() {{ {" ".join(kit.argv())} "$@"; }}; {SCRIPT}'
        done = subprocess.run(
            ["sh", "-c", line], env={**kit.env(), **environ}, cwd=tmp_path,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=90, check=True,
        )  # fmt: skip
        return done.stdout.decode()

    first = script(recording, KIT_RECORD=tape)
    assert first == "It is 42/It is 41/42\n"
    server.requests.clear()
    for turn in range(2):
        state = str(tmp_path / f"state{turn}")
        assert script(bare, KIT_REPLAY=tape, KIT_REPLAY_STATE=state) == first
    assert script(bare, KIT_REPLAY=tape) == "It is 42/It is 42/42\n"
    assert server.requests == []


def test_a_recording_is_readable_json(recording: Kit, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    recording("ask", "q", "--record", str(tape))
    (place,) = tape.glob("*.json")
    kept = json.loads(place.read_text())
    assert kept["request"]["messages"] == [
        {"role": "user", "parts": [{"type": "text", "text": "q"}]}
    ]
    assert [each["kind"] for each in kept["events"]] == ["call.sent", "text", "call.replied"]
