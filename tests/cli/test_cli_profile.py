"""``kit profile`` from the outside: files that keep their comments, questions, tiny calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from command import KEY, Kit
from loopback import (
    EVENTS,
    LAST,
    Script,
    Server,
    chat_stream,
    chunk,
    event,
    hang,
    head,
    refusal,
    response,
)

RINGS = Path(__file__).parents[1] / "providers" / "rings"


def profiles(kit: Kit) -> dict[str, Any]:
    return tomllib.loads(kit.config.read_text()).get("profiles", {})


@pytest.fixture
def ring(kit: Kit) -> Path:
    """A keyring that works: it keeps its entries in this file."""
    file = kit.home / "ring"
    kit.environ |= {
        "PYTHON_KEYRING_BACKEND": "rings.Works",
        "RING": str(file),
        "PYTHONPATH": os.pathsep.join([str(RINGS), *sys.path]),
    }
    return file


def talked(kit: Kit, *words: str, answers: list[tuple[str, str]]) -> tuple[str, int]:
    """The command on a terminal: each question waited for, then answered. All that was shown."""
    pexpect = pytest.importorskip("pexpect")
    argv = kit.argv(*words)
    child = pexpect.spawn(argv[0], argv[1:], env=kit.env(), encoding="utf-8", timeout=60)
    shown = ""
    for question, answer in answers:
        child.expect_exact(question)
        shown += child.before + question
        child.waitnoecho(1) if answer == KEY else None
        child.sendline(answer)
    child.expect(pexpect.EOF)
    shown += child.before
    child.close()
    return shown, child.exitstatus


# --- add ------------------------------------------------------------------------------------------
def test_a_known_host_needs_no_more_than_its_name(kit: Kit) -> None:
    ran = kit("profile", "add", "groq", GROQ_API_KEY=KEY)
    assert (ran.code, ran.out) == (0, "")
    assert "its key comes from GROQ_API_KEY" in ran.err
    assert profiles(kit) == {"groq": {"provider": "groq"}}


def test_flags_and_settings_become_one_table(kit: Kit) -> None:
    ran = kit(
        "profile", "add", "mine", "--base-url", "http://127.0.0.1:9/v1", "-m", "any",
        "--key", "none", "--default", "temperature=0.5", "price.input=0.1", "headers.X-Team=a",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert tomllib.loads(kit.config.read_text()) == {
        "default_profile": "mine",
        "profiles": {
            "mine": {
                "base_url": "http://127.0.0.1:9/v1",
                "model": "any",
                "key": "none",
                "temperature": 0.5,
                "price": {"input": 0.1},
                "headers": {"X-Team": "a"},
                "api": "openai-chat",
            }
        },
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mine"], "does not say who answers"),
        (["mine", "--no-input"], "does not say who answers"),
        (["mine", "--provider", "gorq"], "did you mean 'groq'?"),
        (["mine", "--provider", "azure"], "has no address"),
        (["mine", "--provider", "github"], "was retired"),
        (["mine", "--provider", "groq", "temperatur=1"], "did you mean 'temperature'?"),
        (["mine", "--provider", "groq", "temperature=hot"], "must be a number"),
        (["../mine", "--provider", "groq"], "cannot be the name of a profile"),
        (["there", "--provider", "groq"], "there is a profile 'there' already"),
    ],
)
def test_a_refused_profile_leaves_the_file_as_it_was(kit: Kit, words: list[str], said: str) -> None:
    kit.configure("# mine\n[profiles.there]\nprovider = 'fake'\n")
    before = kit.config.read_bytes()
    ran = kit("profile", "add", *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err
    assert kit.config.read_bytes() == before


@pytest.mark.parametrize(
    "words",
    [
        ["profile", "add", "m", "--provider", "groq", "--key", KEY],
        ["profile", "add", "m", "--provider", "groq", f"api_key={KEY}"],
        ["profile", "add", "m", "--provider", "groq", f"headers.Authorization=Bearer {KEY}"],
        ["profile", "add", "m", "--base-url", f"https://h.example/v1?api_key={KEY}"],
        ["profile", "set", "there", f"key={KEY}"],
        ["profile", "set", "there", f"headers.X-Api-Key={KEY}"],
        ["profile", "set", "there", f"extra.api_key={KEY}"],
        ["profile", "set", "there", f'key_command=["echo", "{KEY}"]'],
        ["key", "set", "there", KEY],
        ["key", "test", "there", KEY],
        ["key", "which", "there", "opaque-without-a-shape"],
        ["ask", "--api-key", KEY, "hi"],
        ["ask", f"--key={KEY}", "hi"],
    ],
)
def test_s01_a_key_on_the_command_line_is_refused_with_a_hint_and_not_repeated(
    kit: Kit, words: list[str]
) -> None:
    kit.configure("[profiles.there]\nprovider = 'groq'\n")
    before = kit.written()
    ran = kit(*words)
    assert (ran.code, ran.out) == (2, "")
    assert "kit key set" in ran.err
    assert KEY not in ran.err
    assert "opaque" not in ran.err
    assert kit.written() == before


def test_without_a_keyring_the_variable_is_the_way_to_give_the_key(kit: Kit) -> None:
    kit.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    ran = kit("profile", "add", "fast", "--provider", "groq", "--model", "m")
    assert ran.err.endswith("kit: its key: set GROQ_API_KEY (this system has no keyring)\n")
    assert kit("ask", "-p", "fast", "hello").err == (
        "kit: no key was found for profile 'fast': this system has no keyring; set GROQ_API_KEY; "
        'or set KIT_KEY_FAST, or give the profile key = "file:PATH" or a key_command\n'
    )


def test_on_a_terminal_it_asks_for_what_is_missing_and_the_key_is_not_echoed(
    kit: Kit, ring: Path
) -> None:
    shown, code = talked(
        kit, "profile", "add", "fast",
        answers=[
            ("host, or the address of another one", "gorq"),
            ("host, or the address of another one", "groq"),
            ("model", ""),
            ("its key (not shown", KEY),
        ],
    )  # fmt: skip
    assert code == 0, shown
    assert "did you mean 'groq'?" in shown
    assert KEY not in shown
    assert profiles(kit) == {"fast": {"provider": "groq", "model": "llama-3.3-70b-versatile"}}
    assert json.loads(ring.read_text()) == {"kit/fast": KEY}


def test_an_address_is_an_answer_too_and_a_given_flag_is_not_asked_for(kit: Kit) -> None:
    shown, code = talked(
        kit, "profile", "add", "mine", "-m", "any",
        answers=[("host, or the address of another one", "http://127.0.0.1:9/v1")],
    )  # fmt: skip
    assert code == 0, shown
    assert "model" not in shown.splitlines()[-1]
    assert profiles(kit) == {
        "mine": {"model": "any", "base_url": "http://127.0.0.1:9/v1", "api": "openai-chat"}
    }


def test_no_input_is_obeyed_on_a_terminal(kit: Kit) -> None:
    shown, code = talked(kit, "profile", "add", "mine", "--no-input", answers=[])
    assert code == 2
    assert "does not say who answers" in shown


def test_ctrl_c_at_a_question_is_130_and_writes_nothing(kit: Kit) -> None:
    shown, code = talked(kit, "profile", "add", "mine", answers=[("another one", "\x03")])
    assert (code, profiles(kit)) == (130, {}), shown


# --- list, show, set, remove, default -------------------------------------------------------------
TOML = """\
# my hosts
default_profile = "b"

[profiles.a]  # the first
provider = "groq"
unknown = 1

[profiles.b]
api = "openai-chat"
base_url = "http://127.0.0.1:9/v1"
model = "m"
headers = { X-Team = "x", Authorization = "Bearer opaque-secret-value" }
"""


def test_list_marks_the_default_and_fills_in_presets(kit: Kit) -> None:
    kit.configure(TOML)
    assert kit("profile", "list").out == (
        "   a  groq         llama-3.3-70b-versatile  https://api.groq.com/openai/v1\n"
        "*  b  openai-chat  m                        http://127.0.0.1:9/v1\n"
    )
    rows = kit("profile", "list", "--json").object
    assert [(row["name"], row["default"]) for row in rows] == [("a", False), ("b", True)]


def test_show_says_everything_but_a_key(kit: Kit) -> None:
    kit.configure(TOML)
    ran = kit("profile", "show", "b", "--json")
    assert ran.object["headers"] == {"X-Team": "x", "Authorization": "[redacted]"}
    assert "opaque" not in ran.out + ran.err
    assert "opaque" not in kit("profile", "show", "b").out
    missing = kit("profile", "show", "bb")
    assert (missing.code, "did you mean 'b'?" in missing.err) == (2, True)


def test_edits_keep_comments_order_and_unknown_keys(kit: Kit) -> None:
    kit.configure(TOML)
    assert kit("profile", "set", "a", "temperature=0.2", "stop=END").code == 0
    assert kit("profile", "set", "a", "stop=").code == 0
    assert kit.config.read_text() == TOML.replace(
        "unknown = 1\n", "unknown = 1\ntemperature = 0.2\n"
    )
    assert kit("profile", "default").out == "b\n"
    assert kit("profile", "default", "a").code == 0
    assert kit("profile", "remove", "b").code == 0
    assert kit.config.read_text() == (
        '# my hosts\ndefault_profile = "a"\n\n[profiles.a]  # the first\n'
        'provider = "groq"\nunknown = 1\ntemperature = 0.2\n\n'
    )
    assert kit.config.stat().st_mode & 0o777 == 0o600


def test_presets_are_listed(kit: Kit) -> None:
    rows = {row["name"]: row for row in kit("profile", "presets", "--json").object}
    assert rows["groq"]["key"] == ["GROQ_API_KEY"]
    assert "retired" in rows["github"]["notes"]
    assert len(kit("profile", "presets").out.splitlines()) == len(rows)


# --- test -----------------------------------------------------------------------------------------
def tool_call() -> Script:
    call = {"index": 0, "id": "c1", "function": {"name": "weather", "arguments": '{"city":"P"}'}}
    choice = {"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": "tool_calls"}
    named = EVENTS | {"Transfer-Encoding": "chunked"}
    return [head(200, named), chunk(event({"model": "m-1", "choices": [choice]})),
            chunk(event(b"[DONE]")), LAST]  # fmt: skip


def whole(text: str) -> Script:
    message = {"role": "assistant", "content": text}
    return response({"model": "m-9", "choices": [{"message": message, "finish_reason": "stop"}]})


def test_a_profile_is_tried_with_three_tiny_calls(kit: Kit, server: Server) -> None:
    kit.serve(server.url)
    server.script(chat_stream("1 2 ", "3 4 5"), tool_call(), chat_stream('{"capital": "Paris"}'))
    ran = kit("profile", "test", "m", "--json")
    assert (ran.code, ran.err) == (0, "")
    told = ran.object
    assert told["latency_s"] >= told["first_token_s"] >= 0
    assert {key: told[key] for key in ("profile", "status", "exit", "model", "error")} == {
        "profile": "m", "status": "ok", "exit": 0, "model": "m-1", "error": None,
    }  # fmt: skip
    assert {key: told[key] for key in ("streaming", "tools", "schema", "why")} == {
        "streaming": True, "tools": True, "schema": True, "why": {},
    }  # fmt: skip
    assert told["usage"]["calls"] == 3
    bodies = [each.json for each in server.requests]
    assert len(bodies) == 3
    assert all(body["max_tokens"] <= 256 for body in bodies)
    assert [body.get("tools") is not None for body in bodies] == [False, True, False]


def test_what_a_profile_cannot_do_is_a_no_with_its_reason(kit: Kit, server: Server) -> None:
    kit.serve(server.url)
    server.script(whole("1 2 3 4 5"), refusal(400, "tools are not supported"), whole("Paris"))
    ran = kit("profile", "test", "m")
    assert (ran.code, ran.err) == (0, "")
    rows = dict(line.split("  ", 1) for line in ran.out.splitlines())
    rows = {key: value.strip() for key, value in rows.items()}
    assert rows["model"] == "m-9"
    assert rows["streaming"] == "no: the answer came in one piece"
    assert rows["tools"].startswith("no: ")
    assert "tools are not supported" in rows["tools"]
    assert rows["schema"] == "no: the reply holds no JSON"


@pytest.mark.parametrize(
    ("script", "code", "status"),
    [
        (refusal(401, f"Incorrect API key: {KEY}"), 3, "auth"),
        (refusal(404, "no such model"), 4, "rejected"),
        (refusal(503, "busy"), 5, "unavailable"),
        (hang(), 5, "unavailable"),
    ],
)
def test_a_failing_first_call_ends_the_test_with_its_code(
    kit: Kit, server: Server, script: Script, code: int, status: str
) -> None:
    kit.serve(server.url)
    server.default = script
    ran = kit("profile", "test", "m", "--json", "--timeout", "2")
    assert (ran.code, ran.object["exit"], ran.object["status"]) == (code, code, status)
    assert ran.object["error"]["message"] in ran.err
    assert (ran.object["tools"], len(server.requests)) == (None, 1)
    assert KEY not in ran.out + ran.err


def test_a_profile_without_a_key_is_3_and_sends_nothing(kit: Kit) -> None:
    kit.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    ran = kit("profile", "test", "groq", "--json")
    assert (ran.code, ran.object["status"], ran.object["usage"]["calls"]) == (3, "auth", 0)
    assert kit("profile", "test", "nobody").code == 2


# --- export, import -------------------------------------------------------------------------------
def test_an_export_holds_no_key_and_can_be_imported(kit: Kit, tmp_path: Path) -> None:
    kit.configure(TOML)
    out = kit("profile", "export")
    assert out.code == 0
    assert "headers.Authorization is left out" in out.err
    assert "opaque" not in out.out + out.err
    exported = tomllib.loads(out.out)["profiles"]
    assert exported == {
        "a": {"provider": "groq"},
        "b": {"api": "openai-chat", "base_url": "http://127.0.0.1:9/v1", "model": "m",
              "headers": {"X-Team": "x"}},
    }  # fmt: skip
    other = Kit(tmp_path / "other")
    assert other("profile", "import", "-", stdin=out.out).code == 0
    assert profiles(other) == exported
    assert tomllib.loads(kit("profile", "export", "a").out)["profiles"] == {"a": exported["a"]}


def test_an_export_runs_no_command_and_drops_what_has_the_shape_of_a_key(kit: Kit) -> None:
    mark = kit.home / "ran"
    kit.configure(
        f'[profiles.a]\nprovider = "groq"\nkey_command = ["touch", "{mark}"]\n'
        f'system = "say {KEY}"\nextra = {{ user = "u", api_key = "opaque" }}\n'
    )
    ran = kit("profile", "export")
    assert tomllib.loads(ran.out)["profiles"]["a"] == {
        "provider": "groq", "key_command": ["touch", str(mark)], "extra": {"user": "u"},
    }  # fmt: skip
    assert "system is left out" in ran.err
    assert "extra.api_key is left out" in ran.err
    assert KEY not in ran.out + ran.err
    assert not mark.exists()


def test_an_import_overwrites_nothing_unless_forced(kit: Kit, tmp_path: Path) -> None:
    kit.configure(
        "# top\n[profiles.a]\nprovider = 'groq'\nseed = 1\n\n# next\n[profiles.z]\napi = 'fake'\n"
    )
    before = kit.config.read_bytes()
    file = tmp_path / "new.toml"
    file.write_text("[profiles.n]\nprovider = 'openai'\n[profiles.a]\nprovider = 'xai'\n")
    refused = kit("profile", "import", str(file))
    assert refused.code == 2
    assert "'a' already" in refused.err
    assert kit.config.read_bytes() == before
    assert kit("profile", "import", "--force", str(file)).code == 0
    assert profiles(kit) == {
        "a": {"provider": "xai"}, "n": {"provider": "openai"}, "z": {"api": "fake"},
    }  # fmt: skip
    assert {"# top", "# next"} <= set(kit.config.read_text().splitlines())


@pytest.mark.parametrize(
    ("toml", "said"),
    [
        ("[profiles.n]\nprovider = 'openai'\n[profiles.w]\ntimeout = 'x'\n", "stdin:4:1:"),
        ("[profiles.n]\nprovider = 'openai'\n[profiles.n]\n", "is there twice"),
        ("[profiles.'../n']\nprovider = 'openai'\n", "cannot be the name"),
        ("x = 1\n", "holds no profiles"),
        (f"[profiles.n]\nkey = '{KEY}'\n", "never the key"),
        ("#" * (2**20 + 1), "more than 1 MiB"),
    ],
)
def test_an_import_is_all_or_nothing(kit: Kit, toml: str, said: str) -> None:
    ran = kit("profile", "import", "-", stdin=toml)
    assert (ran.code, said in ran.err, KEY in ran.err) == (2, True, False), ran.err
    assert kit.config.read_text() == ""


def test_an_import_says_what_it_will_run(kit: Kit) -> None:
    toml = "[profiles.n]\napi = 'evil:Class'\nkey_command = ['sh', '-c', 'x']\n"
    ran = kit("profile", "import", "-", stdin=toml)
    assert "runs a command for its key (sh -c x)" in ran.err
    assert "runs code (evil:Class)" in ran.err


# --- two at once ----------------------------------------------------------------------------------
def test_two_kit_at_once_lose_no_edit_in_200(kit: Kit) -> None:
    """The command's own code, without 200 starts of Python."""
    work = (
        "import sys; from kit.cli.app import main\n"
        "for n in range(100):\n"
        "    name = f'{sys.argv[1]}{n}'\n"
        "    assert main(['profile', 'add', name, '--provider', 'fake']) == 0\n"
        "    assert n % 10 or main(['profile', 'set', name, f'seed={n}']) == 0\n"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", work, who], env=kit.env(), stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for who in "ab"
    ]  # fmt: skip
    assert [each.wait(timeout=240) for each in both] == [0, 0]
    assert profiles(kit) == {
        f"{who}{n}": {"provider": "fake"} | ({} if n % 10 else {"seed": n})
        for who in "ab"
        for n in range(100)
    }
