"""``kit doctor`` from the outside: what works, what does not, what to do, and no request."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
from command import KEY, Kit
from loopback import Server, refusal, response

ROOT = Path(__file__).parents[2]
RINGS = ROOT / "tests" / "providers" / "rings"


@pytest.fixture
def well(kit: Kit, server: Server) -> Kit:
    """A machine on which all is well."""
    kit.serve(server.base)
    with_ring(kit, "rings.Works")
    return kit


def with_ring(kit: Kit, name: str) -> None:
    kit.environ |= {
        "PYTHON_KEYRING_BACKEND": name,
        "RING": str(kit.home / "ring"),
        "PYTHONPATH": os.pathsep.join([str(RINGS), *sys.path]),
    }


def examined(kit: Kit, *words: str, code: int = 0, **environ: str) -> dict[str, dict[str, Any]]:
    """The rows by name; the last one where a name is there more than once."""
    ran = kit("doctor", "--json", *words, **environ)
    assert ran.code == code, ran.out
    assert ran.object["ok"] is (code == 0)
    assert KEY not in ran.out + ran.err
    return {row["name"]: row for row in ran.object["checks"]}


def test_where_all_is_well_every_row_is_ok_and_nothing_is_sent_or_made(
    well: Kit, server: Server
) -> None:
    before = sorted(well.home.rglob("*"))
    rows = examined(well)
    assert {row["status"] for row in rows.values()} == {"ok"}
    assert [*rows] == [
        "versions", "clock", "terminal", "config", "runs", "cache", "certificates",
        "keyring", "profile m", "default",
    ]  # fmt: skip
    assert rows["keyring"]["found"] == "rings.Works"
    assert rows["profile m"]["found"] == f"{server.base}, key from KIT_KEY_M …Vb8N"
    assert rows["default"]["found"] == "m answers"
    assert "Python 3." in rows["versions"]["found"]
    assert server.requests == []
    assert sorted(well.home.rglob("*")) == before


def test_as_text_each_row_has_its_state_and_its_next_step(well: Kit) -> None:
    ran = well("doctor", KIT_KEY_M="")
    assert (ran.code, ran.err) == (0, "")
    assert f"ok    config: {well.config}, profiles: 1" in ran.out.splitlines()
    well.configure('[profiles.g]\nprovider = "groq"\nkey = "env:MINE"\n')
    ran = well("doctor")
    assert ran.code == 3
    lines = ran.out.splitlines()
    (at,) = [n for n, line in enumerate(lines) if line.startswith("fail  profile g: ")]
    assert "takes its key from MINE, which is not set" in lines[at]
    assert lines[at + 1].startswith("      → set MINE")


def test_a_broken_configuration_is_2_with_every_place(well: Kit) -> None:
    well.configure("surplus = 1\n[profiles.a]\ntimeout = 'x'\nprovider = 'groq'\n")
    ran = well("doctor")
    assert ran.code == 2
    assert f"fail  config: {well.config}:3:1: timeout of profile 'a'" in ran.out
    assert f"warn  config: {well.config}:1:1: unknown key 'surplus'" in ran.out


def test_an_address_that_cannot_be_used_fails(well: Kit) -> None:
    well.configure('[profiles.a]\nprovider = "azure"\nmodel = "m"\n')
    rows = examined(well, code=2)
    assert "has no address" in rows["profile a"]["found"]


@pytest.mark.parametrize(
    ("ring", "found"),
    [
        ("rings.Hangs", "the keyring did not answer within 3 s"),
        ("rings.Locked", "the keyring is locked"),
        ("keyring.backends.fail.Keyring", "this system has no keyring"),
        ("no.such.Ring", "PYTHON_KEYRING_BACKEND names a keyring that cannot be loaded"),
    ],
)
def test_s07_s08_s09_a_keyring_in_trouble_fails_where_a_profile_wants_it(
    well: Kit, ring: str, found: str
) -> None:
    with_ring(well, ring)
    row = examined(well)["keyring"]
    assert (row["status"], row["found"], bool(row["todo"])) == ("warn", found, True)
    well.configure('[profiles.g]\nprovider = "groq"\nkey = "keyring"\n')
    rows = examined(well, code=3)
    assert rows["keyring"]["status"] == rows["profile g"]["status"] == "fail"


def test_a_command_for_a_key_is_looked_for_and_not_run(well: Kit) -> None:
    mark = well.home / "ran"
    well.configure(f'[profiles.g]\nprovider = "groq"\nkey_command = ["touch", "{mark}"]\n')
    assert "not run now" in examined(well)["profile g"]["found"]
    assert not mark.exists()
    well.configure('[profiles.g]\nprovider = "groq"\nkey_command = ["no-such-command"]\n')
    assert examined(well, code=3)["profile g"]["status"] == "fail"


def test_proxies_are_shown_without_their_password(well: Kit) -> None:
    proxy = "http://user:pass-word@proxy.example:3128"
    ran = well("doctor", HTTPS_PROXY=proxy, NO_PROXY="a.example")
    assert "ok    proxy: HTTPS_PROXY: http://proxy.example:3128" in ran.out
    assert "ok    proxy: NO_PROXY: a.example" in ran.out
    assert "pass-word" not in ran.out
    broken = examined(well, code=2, https_proxy="htp://user:pass-word@x:1")["proxy"]
    assert (broken["status"], "pass-word" in str(broken)) == ("fail", False)


def test_certificates_that_are_not_there_fail(well: Kit, tmp_path: Path) -> None:
    (tmp_path / "none.pem").write_text("not a certificate\n")
    for file in ("none.pem", "missing.pem"):
        rows = examined(well, code=5, SSL_CERT_FILE=str(tmp_path / file))
        assert rows["certificates"]["status"] == "fail"
    folder = str(tmp_path / "missing")
    assert examined(well, code=5, SSL_CERT_DIR=folder)["certificates"]["status"] == "fail"


def test_a_file_from_the_future_is_a_warning_about_the_clock(well: Kit) -> None:
    os.utime(well.config, (4e9, 4e9))
    row = examined(well)["clock"]
    assert (row["status"], str(well.config) in row["found"]) == ("warn", True)


def test_a_folder_that_is_open_to_others_or_none_is_told(well: Kit) -> None:
    runs = well.home / "state" / "kit" / "runs"
    runs.mkdir(parents=True)
    runs.chmod(0o755)
    row = examined(well)["runs"]
    assert (row["status"], row["todo"]) == ("warn", f"chmod 700 {runs}")
    runs.chmod(0o700)
    assert examined(well)["runs"]["status"] == "ok"
    runs.rmdir()
    runs.write_text("")
    assert examined(well, code=2)["runs"]["status"] == "fail"
    assert examined(well, KIT_TRACE="off")["runs"]["found"] == "not recorded: KIT_TRACE=off"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_f08_a_folder_that_cannot_be_written_is_a_warning(well: Kit) -> None:
    (well.home / "state").mkdir(mode=0o500)
    assert examined(well)["runs"]["status"] == "warn"


def test_a_locale_without_unicode_is_a_warning(well: Kit) -> None:
    assert examined(well, LC_ALL="C")["terminal"]["status"] == "warn"


def test_with_nothing_set_up_it_says_how_to_begin(kit: Kit) -> None:
    with_ring(kit, "rings.Works")
    kit.config.unlink()
    row = examined(kit)["default"]
    assert row["status"] in ("ok", "warn")  # the embedded model answers where it is installed
    assert examined(kit, GROQ_API_KEY=KEY)["default"]["found"].startswith("groq answers")


def test_online_asks_each_profile_for_its_models_once(well: Kit, server: Server) -> None:
    well.serve(server.base, "other")
    server.script(response({"data": [{"id": "a"}, {"id": "b"}]}), refusal(404, "no such path"))
    rows = examined(well, "--online")
    assert rows["online m"]["found"].startswith("2 models, ")
    assert rows["online other"]["found"] == "it answers, but lists no models"
    assert [each.path for each in server.requests] == ["/v1/models"] * 2


def test_online_a_refused_key_is_3(well: Kit, server: Server) -> None:
    server.script(refusal(401, f"Incorrect API key provided: {KEY}"))
    assert examined(well, "--online", code=3)["online m"]["status"] == "fail"


def test_doctor_says_when_each_command_compiles_kit_anew(well: Kit, tmp_path: Path) -> None:
    without = tmp_path / "kit"
    shutil.copytree(ROOT / "kit", without, ignore=shutil.ignore_patterns("__pycache__"))
    path = os.pathsep.join([str(tmp_path), str(RINGS), *sys.path])
    first = {"PYTHONPATH": path, "PYTHONSAFEPATH": "1"}
    told = examined(well, **first, PYTHONDONTWRITEBYTECODE="1")["bytecode"]
    assert told == {
        "status": "warn",
        "name": "bytecode",
        "found": f"kit is compiled anew for each command: there is no bytecode in {without}",
        "todo": "unset PYTHONDONTWRITEBYTECODE, or run:"
        f" {sys.executable} -m compileall -q {without}",
    }
    assert "bytecode" not in examined(well, **first)  # this one has written it
