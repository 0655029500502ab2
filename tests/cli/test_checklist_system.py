"""The shell checklist, points 34 to 52: files, keys, networks, time, completion, other systems.

The numbers are those of the list that kit was held against; other files test the same in depth.
"""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from command import KEY, Kit
from loopback import Server, chat_stream, hang, refusal

from kit.cli.app import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    server.default = chat_stream("fine")
    return kit.serve(server.url, retries=0)


def test_34_files_lie_where_they_should_and_are_private(served: Kit) -> None:
    before = sorted(served.home.rglob("*"))
    served("--help")
    served("--version")
    assert sorted(served.home.rglob("*")) == before
    served("ask", "hi")
    (run,) = served.runs()
    assert run.is_relative_to(served.home / "state" / "kit" / "runs")
    assert stat.S_IMODE(run.stat().st_mode) == 0o600
    assert stat.S_IMODE(run.parent.stat().st_mode) == 0o700
    served("trace", "search", "hi")  # makes the index
    (index,) = (served.home / "cache").rglob("*.sqlite")
    assert stat.S_IMODE(index.stat().st_mode) == 0o600
    places = {"KIT_CONFIG": "", "XDG_CONFIG_HOME": "/some/where"}
    assert served("config", "path", **places).out == "/some/where/kit/config.toml\n"


def test_35_a_flag_wins_over_the_profile_over_the_preset(kit: Kit, server: Server) -> None:
    server.default = chat_stream("fine")
    kit.serve(server.url, model="from-profile", temperature=0.3)
    kit("ask", "-m", "from-flag", "hi")
    kit("ask", "hi")
    assert [each.json["model"] for each in server.requests] == ["from-flag", "from-profile"]
    kit.configure(f'default_profile = "other"\n{kit.toml}[profiles.other]\napi = "fake"\n')
    (kit.home / "config.toml").write_text("not even TOML")  # of a project: never read unless named
    assert kit("ask", "hi", KIT_PROFILE="m").out == "fine\n"
    assert kit("ask", "-p", "m", "hi", KIT_PROFILE="other").out == "fine\n"
    explained = kit("config", "explain", "m.temperature").out
    assert "0.3" in explained
    assert "kit.toml" in explained


def test_36_no_form_of_the_configuration_shows_a_key(served: Kit) -> None:
    forms = ("config path", "profile show m", "profile export", "config explain m.key")
    said = [served(*words.split()) for words in forms]
    assert all(ran.code == 0 and KEY not in ran.out + ran.err for ran in said)


def test_37_an_unknown_setting_has_its_place_and_bad_toml_too(kit: Kit) -> None:
    kit.configure('[profiles.m]\napi = "fake"\nreplies = ["x"]\ntemprature = 1\n')
    ran = kit("ask", "hi")
    assert ran.code == 0
    assert "kit.toml:4" in ran.err
    assert "temperature" in ran.err
    kit.configure("[profiles.m\n")
    ran = kit("ask", "hi")
    assert ran.code == 2
    assert "kit.toml:1:12" in ran.err


def test_38_a_key_is_in_nothing_that_is_written(served: Kit, server: Server) -> None:
    server.script(refusal(401, f"bad key {KEY}"), chat_stream(f"your key is {KEY}"))
    said = [served("ask", "-v", "hi", KIT_DEBUG="1") for _ in range(2)]
    assert all(KEY not in ran.out + ran.err for ran in said)
    assert KEY.encode() not in served.written()
    assert served("ask", f"--api-key={KEY}", "hi").code == 2


def test_40_without_a_keyring_the_environment_does(served: Kit) -> None:
    served.configure(served.toml.replace("[profiles.m]", "[profiles.m]\nkey = 'keyring'"))
    bare = {name: served.env()[name] for name in ("PATH", "PYTHONPATH", "HOME", "KIT_CONFIG")}
    probe = (
        "import os, sys\nfrom kit.cli.app import main\ncode = main(['ask', 'hi'])\n"
        "print('keyring' in sys.modules, code)"
    )
    for key, said in (({"KIT_KEY_M": KEY}, "fine\nFalse 0\n"), ({}, "True 3\n")):
        done = subprocess.run(
            [sys.executable, "-c", probe], env={**bare, **key},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert done.stdout == said
        assert ("kit key set" in done.stderr or "KIT_KEY_M" in done.stderr) is not bool(key)


def test_39_41_a_piped_key_needs_a_ring_and_its_source_is_named(served: Kit) -> None:
    ran = served("key", "which", "m")
    assert (ran.code, KEY in ran.out) == (0, False)
    assert "KIT_KEY_M" in ran.out
    ran = served(
        "key", "set", "m", stdin=KEY, PYTHON_KEYRING_BACKEND="keyring.backends.fail.Keyring"
    )
    assert ran.code == 3
    assert KEY not in ran.err


def test_42_nobody_is_asked_where_nobody_can_answer(kit: Kit) -> None:
    for words in (["profile", "add", "x", "--no-input"], ["profile", "add", "x"], ["ask"]):
        ran = kit(*words)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith("kit: ")
    kit.configure('[profiles.m]\napi = "fake"\nreplies = ["x"]\n')
    assert kit("ask", "hi").out == "x\n"
    assert kit("trace", "rm", "last").code == 2
    assert (kit("trace", "rm", "last", "--yes").code, kit.runs()) == (0, [])


def test_43_a_proxy_is_named_when_it_fails(kit: Kit) -> None:
    kit.serve("http://far.example/v1", retries=0)
    ran = kit("ask", "--insecure-http", "hi", ALL_PROXY="http://127.0.0.1:9")
    assert ran.code == 5
    assert "127.0.0.1:9" in ran.err


def test_44_a_refused_key_is_not_tried_again_and_a_wait_is_said(kit: Kit, server: Server) -> None:
    kit.serve(server.url)
    server.script(refusal(401, "no"))
    assert (kit("ask", "hi").code, len(server.requests)) == (3, 1)
    server.script(refusal(429, "slow down", headers={"Retry-After": "1"}), chat_stream("fine"))
    ran = kit("ask", "hi")
    assert (ran.out, len(server.requests)) == ("fine\n", 3)
    assert "trying again in" in ran.err


def test_45_a_silent_server_is_5(served: Kit, server: Server) -> None:
    server.script(hang())
    assert served("ask", "--timeout", "0.3", "hi").code == 5


def test_46_a_dry_run_sends_nothing_and_masks_the_key(served: Kit, server: Server) -> None:
    ran = served("ask", "--dry-run", "hi")
    assert (ran.code, server.requests) == (0, [])
    assert KEY not in ran.out
    assert "cost" in json.dumps(ran.object)


def test_47_tab_knows_commands_profiles_and_runs(served: Kit) -> None:
    served("ask", "hi")
    for script in ("bash", "zsh", "fish", "powershell"):
        assert set(COMMANDS) <= set(re.findall(r"\w+", served("completion", script).out))
    assert "m" in served("complete", "profiles", "").out.split()
    assert served.runs()[0].stem in served("complete", "runs", "").out.split()


def test_48_there_is_a_manual_page(kit: Kit) -> None:
    assert kit("help", "--man").out == (ROOT / "man" / "kit.1").read_text(encoding="utf-8")


def test_49_only_the_provider_is_called(served: Kit, tmp_path: Path) -> None:
    """Whatever a socket is opened to is told by an audit hook: the loopback server alone."""
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "def hook(event, args):\n"
        "    if event == 'socket.connect' and isinstance(args[1], tuple):\n"
        "        sys.stderr.write(f'CONNECT {args[1][0]}:{args[1][1]}\\n')\n"
        "sys.addaudithook(hook)\n"
    )
    paths = os.pathsep.join([str(tmp_path), served.env()["PYTHONPATH"]])
    ran = served("ask", "hi", PYTHONPATH=paths)
    assert ran.out == "fine\n"
    asked = {line for line in ran.err.splitlines() if line.startswith("CONNECT")}
    port = served.toml.split("127.0.0.1:")[1].split('"')[0].split("/")[0]
    assert asked <= {f"CONNECT 127.0.0.1:{port}"}


def test_50_two_at_once_do_not_disturb_each_other(served: Kit) -> None:
    running = [served.start("consensus", "-n", "3", "--no-marker", "hi") for _ in range(4)]
    assert [each.communicate(timeout=60) for each in running] == [(b"fine\n", b"")] * 4
    assert len(served.runs()) == 4
    assert served("trace", "list").err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_51_help_is_plain_and_narrow(kit: Kit, name: str) -> None:
    said = kit("help", name).out
    assert max(map(len, said.splitlines())) <= 80
    assert said.isascii() or not set(said) & set("╭╮╰╯│─")


def test_52_lines_of_windows_are_lines(served: Kit, server: Server) -> None:
    assert served("ask", stdin=b"two\r\nlines\r\n").out == "fine\n"
    assert server.requests[0].json["messages"][-1]["content"] in ("two\r\nlines", "two\nlines")
