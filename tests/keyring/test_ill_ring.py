"""Keyrings that are locked, silent or not there: each is named, none is waited for without end."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from command import Kit
from loopback import Server, chat_stream
from secret_service import Session

pytestmark = pytest.mark.secret_service

KEY = "sk-ring-9dTq3mVx8Kp1Zs6W"
Profiled = Callable[..., Kit]
Starts = Callable[[str], Session]
TROUBLES = {
    "silent": "the keyring did not answer within 3 s",
    "uninitialised": "the keyring could not be opened (nobody could be asked for its password)",
    "locked": "the keyring is locked",
    "bare": "this system has no keyring",
    "deaf": "this system has no keyring",  # the D-Bus client gives up by itself, after a second
    "none": "this system has no keyring",
}


@pytest.fixture(params=TROUBLES)
def trouble(request: pytest.FixtureRequest, kit: Kit, tmp_path: Path) -> Iterator[str]:
    """What ails the keyring that ``kit`` finds; its name in TROUBLES."""
    kind: str = request.param
    if kind == "deaf":  # a bus that takes the connection and says nothing
        path = tmp_path / "bus"
        with socket.socket(socket.AF_UNIX) as deaf:
            deaf.bind(str(path))
            deaf.listen()
            kit.environ["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={path}"
            yield kind
        return
    if kind != "none":
        starts: Starts = request.getfixturevalue("starts")
        session = starts("open" if kind == "locked" else kind)
        kit.environ |= session.environ
        if kind == "locked":
            kit.configure('[profiles.m]\napi = "openai-chat"\nbase_url = "http://127.0.0.1:1"\n')
            assert kit("key", "set", "m", stdin=KEY).code == 0
            session.lock()
    yield kind


def test_s07_s08_s09_ask_names_the_trouble_and_sends_nothing(
    trouble: str, profiled: Profiled, server: Server
) -> None:
    ran = profiled("m")("ask", "hi")
    assert (ran.code, ran.out, server.requests) == (3, "", [])
    assert f"kit: no key was found for profile 'm': {TROUBLES[trouble]}; " in ran.err
    assert "set KIT_KEY_M" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_s07_s08_s09_the_usual_variable_stands_in_with_a_warning(
    trouble: str, profiled: Profiled, server: Server
) -> None:
    kit = profiled("m", provider="vllm")
    server.script(chat_stream("hello"))
    ran = kit("ask", "hi", VLLM_API_KEY=KEY)
    assert (ran.code, ran.out) == (0, "hello\n")
    assert ran.err == f"kit: {TROUBLES[trouble]}: VLLM_API_KEY is used\n"
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_s07_s08_s09_a_key_is_not_kept_and_nothing_else_takes_it(
    trouble: str, profiled: Profiled
) -> None:
    kit = profiled("m")
    ran = kit("key", "set", "m", stdin=KEY)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"kit: {TROUBLES[trouble]}; ")
    assert KEY.encode() not in kit.written()


def test_s08_many_profiles_wait_once(starts: Starts, kit: Kit, profiled: Profiled) -> None:
    kit.environ |= starts("silent").environ
    rows = profiled("a", "b", "c")("key", "list", "--json").object
    said = [row["problem"].partition(": ")[2] for row in rows]
    assert said == [TROUBLES["silent"]] * 3


def test_s07_with_no_environment_at_all(profiled: Profiled, server: Server) -> None:
    """``env -i``: no HOME, no bus, no language."""
    kit = profiled("m")
    server.script(chat_stream("hello"))
    bare = {"KIT_CONFIG": str(kit.config), "PYTHONPATH": os.pathsep.join(sys.path)}
    bare["KIT_TRACE"] = "off"  # without a HOME it would go to the password file's one

    def run(**more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            kit.argv("ask", "hi"),
            env=bare | more,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )

    refused, answered = run(), run(KIT_KEY_M=KEY)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "this system has no keyring; " in refused.stderr
    assert (answered.returncode, answered.stdout, answered.stderr) == (0, "hello\n", "")


def test_the_docs_have_a_next_step_for_each_trouble() -> None:
    page = (Path(__file__).parents[2] / "docs" / "keys.md").read_text(encoding="utf-8")
    assert [each for each in TROUBLES.values() if f"| {each} | " not in page] == []
