"""``kit key`` from the outside: no key is ever shown, and the keyring cannot hold anybody up."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from pathlib import Path

import pytest
from command import KEY, Kit, until
from loopback import Server, chat_stream, hang, refusal, response

RINGS = Path(__file__).parents[1] / "providers" / "rings"
TOML = """\
[profiles.fast]
provider = "groq"
[profiles.near]
api = "openai-chat"
base_url = "http://127.0.0.1:9/v1"
model = "m"
"""


def with_ring(kit: Kit, name: str, folder: Path = RINGS) -> Path:
    """This keyring instead of the system's; the file in which it may keep its entries."""
    file = kit.home / "ring"
    kit.environ |= {
        "PYTHON_KEYRING_BACKEND": name,
        "RING": str(file),
        "PYTHONPATH": os.pathsep.join([str(folder), *sys.path]),
    }
    return file


@pytest.fixture
def ring(kit: Kit) -> Path:
    kit.configure(TOML)
    return with_ring(kit, "rings.Works")


# --- set, list, which, remove ---------------------------------------------------------------------
def test_a_key_is_set_listed_found_and_removed_and_never_shown(kit: Kit, ring: Path) -> None:
    ran = kit("key", "set", "fast", stdin=f"  {KEY}\n")
    assert (ran.code, ran.out) == (0, "")
    assert json.loads(ring.read_text()) == {"kit/fast": KEY}
    assert kit("key", "which", "fast").out == "keyring  …Vb8N\n"
    assert kit("key", "which", "fast", "--json").object == {
        "name": "fast", "source": "keyring", "tail": "…Vb8N", "problem": "",
    }  # fmt: skip
    assert kit("key", "list").out == "fast  keyring  …Vb8N\nnear  none\n"
    assert kit("key", "remove", "fast").code == 0
    assert json.loads(ring.read_text()) == {}
    again = kit("key", "remove", "fast")
    assert (again.code, "no key for 'fast'" in again.err) == (2, True)
    none = kit("key", "which", "fast")
    assert (none.code, none.out) == (3, "")
    assert "no key was found for profile 'fast'" in none.err
    assert KEY.encode() not in kit.written()


def test_the_prompt_does_not_echo(kit: Kit, ring: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    argv = kit.argv("key", "set", "fast")
    child = pexpect.spawn(argv[0], argv[1:], env=kit.env(), encoding="utf-8", timeout=60)
    child.expect_exact("key of fast (not shown): ")
    child.waitnoecho(5)
    assert KEY not in Path(f"/proc/{child.pid}/cmdline").read_text()
    child.sendline(KEY)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert KEY not in child.before
    assert json.loads(ring.read_text()) == {"kit/fast": KEY}


@pytest.mark.parametrize(
    ("typed", "said"),
    [("", "the key is empty"), ("two\nlines", "a line break"), ("schlüssel", "printable ASCII")],
)
def test_s10_what_is_no_key_is_not_stored(kit: Kit, ring: Path, typed: str, said: str) -> None:
    ran = kit("key", "set", "fast", stdin=typed)
    assert (ran.code, said in ran.err) == (3, True), ran.err
    assert not ring.exists()
    assert not typed or typed not in ran.err


def test_setting_a_key_that_will_not_be_used_says_so(kit: Kit, ring: Path) -> None:
    said = kit("key", "set", "fast", stdin=KEY, GROQ_API_KEY="gsk-other-0123456789").err
    assert "but fast takes its key from GROQ_API_KEY first" in said
    kit.configure('[profiles.fast]\nprovider = "groq"\nkey = "none"\n')
    assert 'has key = "none"' in kit("key", "set", "fast", stdin=KEY).err
    kit.configure('[profiles.fast]\nprovider = "groq"\nkey_command = ["false"]\n')
    assert "from key_command first" in kit("key", "set", "fast", stdin=KEY).err
    kit.configure('[profiles.fast]\nprovider = "groq"\n')
    assert "first" not in kit("key", "set", "fast", stdin=KEY).err


def test_a_name_that_nobody_asks_for_is_refused(kit: Kit, ring: Path) -> None:
    ran = kit("key", "set", "fats", stdin=KEY)
    assert (ran.code, "did you mean 'fast'?" in ran.err, ring.exists()) == (2, True, False)


def test_each_source_is_named_with_its_tail_alone(kit: Kit, ring: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{KEY}\n")
    secret.chmod(0o600)
    kit.configure(
        f'[profiles.a]\nprovider = "groq"\n[profiles.b]\nprovider = "groq"\nkey = "env:MINE"\n'
        f'[profiles.c]\nprovider = "groq"\nkey = "file:{secret}"\n'
        f'[profiles.d]\nprovider = "groq"\nkey_command = ["cat", "{secret}"]\n'
        '[profiles.e]\nprovider = "xai"\n[profiles.f]\nprovider = "openai"\nkey = "env:NOT_SET"\n'
        '[profiles.g]\nprovider = "github"\n'
    )
    ran = kit("key", "list", "--json", GROQ_API_KEY=KEY, MINE=KEY, KIT_KEY_E="short")
    assert ran.code == 0
    rows = {row["name"]: (row["source"], row["tail"]) for row in ran.object}
    assert rows == {
        "a": ("GROQ_API_KEY", "…Vb8N"),
        "b": ("MINE", "…Vb8N"),
        "c": (f"file:{secret}", "…Vb8N"),
        "d": ("key_command", "…Vb8N"),
        "e": ("KIT_KEY_E", ""),
        "f": ("", ""),
        "g": ("", ""),
    }
    assert "NOT_SET" in ran.object[5]["problem"]
    assert KEY not in ran.out + ran.err
    assert "short" not in ran.out


def test_s08_all_profiles_together_wait_for_the_keyring_no_longer_than_one(
    kit: Kit, tmp_path: Path
) -> None:
    """It answers, but each time after two seconds: the second profile has one second left."""
    (tmp_path / "slow.py").write_text(
        "import time, keyring.backend\n"
        "class Ring(keyring.backend.KeyringBackend):\n"
        "    priority = 0\n"
        "    def get_password(self, service, username):\n"
        "        time.sleep(2)\n"
        f"        return {KEY!r}\n"
        "    set_password = delete_password = None\n"
    )
    names = ["a", "b", "c", "d"]
    kit.configure("".join(f'[profiles.{name}]\nprovider = "groq"\n' for name in names))
    with_ring(kit, "slow.Ring", tmp_path)
    rows = kit("key", "list", "--json").object
    assert [row["source"] for row in rows] == ["keyring", "", "", ""]
    assert all("did not answer within 3 s" in row["problem"] for row in rows[1:])


# --- test -----------------------------------------------------------------------------------------
def test_a_key_is_tested_with_one_list_of_models(kit: Kit, server: Server) -> None:
    kit.serve(server.base)
    server.script(response({"data": [{"id": "m-1"}]}))
    ran = kit("key", "test", "m")
    assert (ran.code, ran.out, ran.err) == (0, "m  accepted  KIT_KEY_M  …Vb8N\n", "")
    assert [(each.method, each.path) for each in server.requests] == [("GET", "/v1/models")]
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_3(kit: Kit, server: Server, status: int) -> None:
    kit.serve(server.base)
    server.default = refusal(status, f"Incorrect API key provided: {KEY}")
    ran = kit("key", "test", "m", "--json")
    assert (ran.code, ran.object["accepted"], ran.object["exit"]) == (3, False, 3)
    assert KEY not in ran.out + ran.err
    assert len(server.requests) == 1


def test_where_no_models_are_listed_one_tiny_call_decides(kit: Kit, server: Server) -> None:
    kit.serve(server.base)
    server.script(refusal(404, "no such path"), chat_stream("ok"))
    assert kit("key", "test", "m").code == 0
    assert server.requests[1].json["max_tokens"] <= 64
    server.script(refusal(404, "no such path"), refusal(401, "who are you?"))
    assert kit("key", "test", "m").code == 3


def test_an_open_list_proves_no_key(kit: Kit, server: Server) -> None:
    kit.serve(server.base, provider="openrouter")
    server.script(refusal(401, "no"))
    assert kit("key", "test", "m").code == 3
    assert [each.method for each in server.requests] == ["POST"]


def test_without_a_key_or_a_server_the_test_says_which(kit: Kit, server: Server) -> None:
    with_ring(kit, "keyring.backends.fail.Keyring")
    none = kit("key", "test", "groq")
    assert (none.code, "no key was found" in none.err) == (3, True)
    kit.serve(server.base)
    server.default = hang()
    assert kit("key", "test", "m", "--timeout", "0.5").code == 5
    assert kit("key", "test", "nobody").code == 2


# --- exec -----------------------------------------------------------------------------------------
DUMP = "import json, os; print(json.dumps(dict(os.environ)))"


def test_the_command_gets_the_key_under_the_usual_variable_and_nothing_else_of_kit_s(
    kit: Kit,
) -> None:
    kit.configure(TOML)
    kit.environ |= {"KIT_KEY_FAST": KEY, "KIT_KEY_OTHER": "other-key-0123456789", "MINE": "1"}
    ran = kit("key", "exec", "fast", "--", sys.executable, "-c", DUMP)
    assert (ran.code, ran.err) == (0, "")
    kept = {name: value for name, value in kit.env().items() if not name.startswith("KIT_KEY_")}
    expected = {**kept, "GROQ_API_KEY": KEY}
    got = {name: value for name, value in ran.object.items() if name not in ("LC_CTYPE", "_")}
    assert got == expected


def test_another_host_s_variable_is_said_or_chosen(kit: Kit) -> None:
    kit.serve("http://127.0.0.1:9/v1")
    show = ["--", "sh", "-c", 'echo "$OPENAI_API_KEY-$MINE"']
    ran = kit("key", "exec", "m", *show)
    assert (ran.out, "OPENAI_API_KEY" in ran.err) == (f"{KEY}-\n", True)
    ran = kit("key", "exec", "m", "--as", "MINE", *show)
    assert (ran.out, ran.err) == (f"-{KEY}\n", "")


def test_a_token_keeps_its_own_variable(kit: Kit) -> None:
    show = ["--", "sh", "-c", 'echo "$ANTHROPIC_API_KEY-$ANTHROPIC_AUTH_TOKEN"']
    ran = kit("key", "exec", "anthropic", *show, ANTHROPIC_AUTH_TOKEN=KEY)
    assert ran.out == f"-{KEY}\n"


def test_the_exit_code_is_the_command_s(kit: Kit) -> None:
    kit.serve("http://127.0.0.1:9/v1")
    run = ("key", "exec", "m", "--as", "X", "--")
    assert kit(*run, "sh", "-c", "exit 42").code == 42
    assert kit(*run, "sh", "-c", "kill -TERM $$").code == -signal.SIGTERM
    missing = kit(*run, "no-such-command", "--help")
    assert (missing.code, missing.out) == (127, "")
    assert missing.err == "kit: there is no command no-such-command\n"
    plain = kit.home / "plain"
    plain.write_text("")
    assert kit(*run, str(plain)).code == 126
    assert kit("key", "exec", "m").code == 2
    assert kit("key", "exec", "fake", "--", "true").code == 2


def test_what_the_command_reads_and_writes_is_its_own(kit: Kit) -> None:
    kit.serve("http://127.0.0.1:9/v1")
    ran = kit("key", "exec", "m", "--as", "X", "--", "cat", stdin=b"\x00 a\r\n")
    assert (ran.code, ran.out, ran.err) == (0, "\x00 a\r\n", "")
    pipe = kit("key", "exec", "m", "--as", "X", "--", "sh", "-c", "yes | head -n 1")
    assert (pipe.out, pipe.err) == ("y\n", "")  # "Broken pipe" if SIGPIPE were still ignored


def test_signals_reach_the_command_and_the_key_is_not_in_the_process_list(kit: Kit) -> None:
    kit.serve("http://127.0.0.1:9/v1")
    mark = kit.home / "ready"
    loop = f'trap "echo heard; exit 5" TERM; touch {mark}; while :; do sleep 0.05; done'
    process = kit.start("key", "exec", "m", "--as", "X", "--", "sh", "-c", loop)
    until(mark.exists)
    assert KEY.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (5, b"heard\n")


def test_no_key_is_no_command(kit: Kit) -> None:
    with_ring(kit, "keyring.backends.fail.Keyring")
    mark = kit.home / "ran"
    assert kit("key", "exec", "groq", "--", "touch", str(mark)).code == 3
    assert not mark.exists()


def test_s06_the_configuration_that_kit_makes_is_private(kit: Kit) -> None:
    kit.config.unlink()
    assert kit("profile", "add", "groq").code == 0
    assert stat.S_IMODE(kit.config.stat().st_mode) == 0o600
