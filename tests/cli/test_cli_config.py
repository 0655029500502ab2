"""``kit config`` from the outside: everything that is wrong, and where each value comes from."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import KEY, Kit

WRONG = """\
default_profile = "nobody"
surplus = 1

[profiles.a]
provider = "gorq"
timeout = "long"
tempratur = 1

[profiles.b]
max_tokens = 0

["x y"]
"""


def test_path_says_where_it_is_or_would_be(kit: Kit) -> None:
    assert kit("config", "path").out == f"{kit.config}\n"
    assert kit("config", "path", "--config", "there.toml").out == "there.toml\n"
    assert kit("config", "path", KIT_CONFIG="").out == f"{kit.home}/.config/kit/config.toml\n"
    assert not (kit.home / ".config").exists()


def test_check_finds_every_error_and_every_warning_with_its_place(kit: Kit) -> None:
    kit.configure(WRONG)
    ran = kit("config", "check")
    assert ran.code == 2
    file = kit.config
    assert ran.out.splitlines() == [
        f"{file}:5:1: error: provider of profile 'a' must be one of the presets, not 'gorq'; did"
        " you mean 'groq'?",
        f"{file}:6:1: error: timeout of profile 'a' must be a number of seconds above 0, not"
        " this text",
        f"{file}:10:1: error: max_tokens of profile 'b' must be a whole number of at least 1, not"
        " a whole number",
        f"{file}:2:1: warning: unknown key 'surplus' in the configuration",
        f"{file}:12:1: warning: unknown key 'x y' in the configuration",
        f"{file}:7:1: warning: unknown key 'tempratur' in profile 'a'; did you mean 'temperature'?",
    ]
    rows = kit("config", "check", "--json").object
    assert [row["kind"] for row in rows] == ["error"] * 3 + ["warning"] * 3


def test_what_can_be_read_and_not_used_is_found_too(kit: Kit) -> None:
    kit.configure(
        'default_profile = "c"\n[profiles.a]\nmodel = "m"\n[profiles.b]\nprovider = "github"\n'
        '[profiles.far]\napi = "openai-chat"\nbase_url = "http://far.example/v1"\n'
        'key = "none"\nkey_command = ["op"]\n'
    )
    ran = kit("config", "check")
    file = kit.config
    assert ran.code == 2
    lines = [line.split("; ")[0] for line in ran.out.splitlines()]
    assert lines == [
        f"{file}:1:1: error: there is no profile 'c'",
        f"{file}:2:1: error: profile 'a' does not say who answers",
        f"{file}:4:1: error: profile 'b' cannot be used: GitHub Models was retired on 2026-07-30",
        f"{file}:6:1: warning: profile 'far': base_url sends prompts to far.example over plain"
        " http",
        f"{file}:10:1: warning: key_command of 'far' is not used, because key is set",
    ]


def test_warnings_alone_and_a_right_file_are_0(kit: Kit) -> None:
    kit.configure("surplus = 1\n[profiles.a]\nprovider = 'groq'\n")
    ran = kit("config", "check")
    assert (ran.code, ran.out.count("\n")) == (0, 1)
    kit.configure("\ufeff[profiles.a]\r\nprovider = 'groq'\r\n")
    ran = kit("config", "check")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing is wrong (profiles: 1)" in ran.err
    kit.config.unlink()
    assert kit("config", "check").code == 0


def deep() -> bytes:
    return b"a = " + b"[" * 100_000


@pytest.mark.parametrize(
    ("data", "place", "said"),
    [
        (b"a = 1\nb = '\xff'\n", "2:6", "not valid UTF-8"),  # F01
        (b"a = 1\nb = \0", "2:5", "a NUL character"),
        (b"a = 1\nb = \n", "2:5", ""),
        (b"profiles = 3\n", "1:1", "profiles must be a table"),  # F02
        (b"#" * (2**20 + 1), "1:1", "larger than 1 MiB"),  # F03
        (deep(), "1:5", "nested too deeply"),
        (b"[profiles.a]\napi='fake'\n[profiles.a]\n", "3:1", "is there twice"),  # F04
        (b"[profiles.'../a']\napi='fake'\n", "1:1", "cannot be the name of a profile"),  # F05
        (b"[profiles.a]\nkey = '" + KEY.encode() + b"'\n", "2:1", "never the key"),
    ],
)
def test_f01_to_f05_every_command_says_the_place_and_check_does_too(
    kit: Kit, data: bytes, place: str, said: str
) -> None:
    kit.config.write_bytes(data)
    ran = kit("config", "check")
    assert ran.code == 2
    assert ran.out.startswith(f"{kit.config}:{place}: error: ")
    assert said in ran.out
    other = kit("profile", "list")
    assert (other.code, other.out) == (2, "")
    assert f"{kit.config}:{place}:" in other.err
    for text in (ran.out, ran.err, other.err):
        assert "Traceback" not in text
        assert KEY not in text


TOML = """\
# top
[profiles.fast]
provider = "groq"
temperature = 0.2
headers = { X-Team = "x", Authorization = "opaque-secret-value" }

[profiles."a.b"]
api = "openai-chat"
base_url = "http://127.0.0.1:9/v1"
model = "m"
"""


def explained(kit: Kit, setting: str, **environ: str) -> list[list[str]]:
    ran = kit("config", "explain", setting, **environ)
    assert (ran.code, ran.err) == (0, ""), ran.err
    parted = (line.partition("  ") for line in ran.out.splitlines())
    return [[name, value.strip()] for name, _, value in parted]


def test_a_value_is_explained_with_its_place_and_what_it_overrides(kit: Kit) -> None:
    kit.configure(TOML)
    assert explained(kit, "fast.temperature") == [
        ["fast.temperature", "0.2"],
        ["from", f"{kit.config}:4:1"],
        ["overrides", "0.7, from the built-in default"],
        ["overridden by", "--temperature, for one run"],
    ]
    assert explained(kit, "fast.base_url") == [
        ["fast.base_url", "https://api.groq.com/openai/v1"],
        ["from", "preset groq"],
        ["overridden by", "--base-url, for one run"],
    ]
    assert explained(kit, "a.b.model")[:2] == [["a.b.model", "m"], ["from", f"{kit.config}:10:1"]]
    assert explained(kit, "fast.retries")[:2] == [
        ["fast.retries", "3"],
        ["from", "the built-in default"],
    ]
    assert explained(kit, "fast.system") == [
        ["fast.system", "is not set"],
        ["overridden by", "--system, for one run"],
    ]
    assert explained(kit, "fast.headers.X-Team") == [
        ["fast.headers.X-Team", "x"],
        ["from", f"{kit.config}:5:13"],
    ]


def test_a_preset_needs_no_profile_to_be_explained(kit: Kit) -> None:
    assert explained(kit, "openrouter.model")[:2] == [
        ["openrouter.model", "openrouter/auto"],
        ["from", "preset openrouter"],
    ]


def test_the_environment_is_part_of_the_explanation_but_no_key_is(kit: Kit) -> None:
    kit.configure(TOML)
    assert explained(kit, "fast.key", KIT_KEY_FAST=KEY, GROQ_API_KEY=KEY)[:4] == [
        ["fast.key", "env:KIT_KEY_FAST"],
        ["from", "the environment"],
        ["overrides", "env:GROQ_API_KEY, from preset groq"],
        ["overrides", "keyring, from the built-in default"],
    ]
    ollama = explained(kit, "ollama.base_url", OLLAMA_HOST="0.0.0.0")
    assert ollama[:3] == [
        ["ollama.base_url", "http://127.0.0.1:11434/v1"],
        ["from", "OLLAMA_HOST"],
        ["overrides", "http://localhost:11434/v1, from preset ollama"],
    ]
    assert explained(kit, "fast.headers.Authorization")[0][1] == "[redacted]"
    assert "opaque" not in kit("config", "explain", "fast.headers", "--json").out


def test_as_json_it_has_the_place_in_numbers(kit: Kit) -> None:
    kit.configure(TOML)
    assert kit("config", "explain", "fast.temperature", "--json").object == {
        "profile": "fast",
        "key": "temperature",
        "value": 0.2,
        "from": f"{kit.config}:4:1",
        "line": 4,
        "column": 1,
        "overrides": [{"value": 0.7, "from": "the built-in default"}],
        "flag": "--temperature",
    }
    told = kit("config", "explain", "default_profile", "--json", KIT_PROFILE="fast").object
    assert (told["value"], told["from"]) == ("fast", "KIT_PROFILE")


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("fast.tempratur", "did you mean 'temperature'?"),
        ("fats.model", "did you mean 'fast'?"),
        ("fast", "is no NAME.KEY"),
    ],
)
def test_what_is_not_there_is_2_with_a_guess(kit: Kit, setting: str, said: str) -> None:
    kit.configure(TOML)
    ran = kit("config", "explain", setting)
    assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err


def test_a_config_in_the_current_folder_is_not_read(kit: Kit, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("broken [")
    process = kit.start("config", "check", cwd=tmp_path)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, b"nothing is wrong" in err) == (0, True)
