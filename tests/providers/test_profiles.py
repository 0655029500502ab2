"""Reading the configuration: what is accepted, and where each fault is said to be."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from kit.errors import ConfigError
from kit.providers.config.profiles import Config, Profile, config_path, key_variable, load, resolved


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(0o600)
    return path


def fault(folder: Path, text: str | bytes) -> str:
    path = written(folder, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.message.startswith(f"{path}:")
    return caught.value.message.removeprefix(f"{path}:")


def warnings(folder: Path, text: str) -> list[str]:
    path = written(folder, text)
    return [warning.removeprefix(f"{path}:") for warning in load(path).warnings]


def test_a_missing_file_is_an_empty_configuration(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Config(tmp_path / "none.toml")


def test_every_key_reaches_the_profile(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        default_profile = "mine"
        [profiles.mine]
        provider = "vllm"
        api = "openai-chat"
        base_url = "http://127.0.0.1:8080/v1"
        model = "m"
        key = "env:MINE"
        key_command = ["op", "read"]
        temperature = 0.5
        max_tokens = 10
        top_p = 1
        seed = -3
        stop = "END"
        system = "be brief"
        reasoning_effort = "low"
        timeout = 5
        headers = { X-Title = "kit" }
        extra = { top_k = 4 }
        max_concurrency = 16
        rpm = 60
        retries = 0
        price = { input = 0.15, output = 0.6, cached = 0 }
        weight = 2
        model_path = "/m.gguf"
        api_version = "2024-10-21"
        insecure_http = true
        replies = ["a", { text = "b" }]
        """,
    )
    mine = Profile(
        name="mine",
        provider="vllm",
        api="openai-chat",
        base_url="http://127.0.0.1:8080/v1",
        model="m",
        key="env:MINE",
        key_command=("op", "read"),
        temperature=0.5,
        max_tokens=10,
        top_p=1,
        seed=-3,
        stop=("END",),
        system="be brief",
        reasoning_effort="low",
        timeout=5,
        headers={"X-Title": "kit"},
        extra={"top_k": 4},
        max_concurrency=16,
        rpm=60,
        retries=0,
        price={"input": 0.15, "output": 0.6, "cached": 0},
        weight=2,
        model_path="/m.gguf",
        api_version="2024-10-21",
        insecure_http=True,
        replies=("a", {"text": "b"}),
    )
    assert load(path) == Config(path, "mine", {"mine": mine})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'a = 1\nb = "x\xff"\n', "2:7: not valid UTF-8"),
        (b'a = "\xc3\xa9"\n"\xc3\xa9" = "\xff"', "2:8: not valid UTF-8"),
        (b'a = 1\nb = "x\0"\n', "2:7: a NUL character"),
        (b"\xff\xfea\0", "1:1: the file is UTF-16"),
        (b"a = 1\nb =\n", "2:4: invalid value"),
        (b'a = 1\nb = "x', "2:7: unterminated string"),
        (b"a = 1\r\nb = = 2\r\n", "2:5: invalid value"),
    ],
)
def test_f01_bad_bytes_and_bad_syntax_have_a_line_and_a_column(
    tmp_path: Path, data: bytes, said: str
) -> None:
    assert fault(tmp_path, data) == said


def test_f01_a_byte_order_mark_and_crlf_are_welcome(tmp_path: Path) -> None:
    path = written(tmp_path, b'\xef\xbb\xbf[profiles.a]\r\nmodel = "m"\r\n')
    assert load(path).profiles == {"a": Profile("a", model="m")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profiles.a]\ntemperature = true", "2:1: temperature of profile 'a' must be a number"),
        ('[profiles.a]\n# x\nmax_tokens = "9"', "3:1: max_tokens of profile 'a' must be a whole"),
        ("profiles.a.timeout = 0", "1:1: timeout of profile 'a' must be a number of seconds"),
        ('[profiles."a.b"]\n\n  seed = 1.5', "3:3: seed of profile 'a.b' must be a whole number"),
        ("[profiles.a]\nprice = { input = 1, output = -1 }", "2:1: price of profile 'a' must be"),
        ("[profiles]\na = { retries = -1 }", "2:7: retries of profile 'a' must be a whole number"),
        ("[profiles.a]\nstop = [1]", "2:1: stop of profile 'a' must be a text or a list of texts"),
        ("[profiles.a]\nheaders = { a = 'x\ty' }", "2:1: headers of profile 'a' must be a table"),
        ("[profiles.a]\nweight = inf", "2:1: weight of profile 'a' must be a number above 0"),
        ("[profiles.a]\nbase_url = 'ftp://x'", "2:1: base_url of profile 'a' must be an address"),
        ("default_profile = 3", "1:1: default_profile must be a text, not a whole number"),
        ("x = '''\n[profiles.a]\n'''\nprofiles = 1", "4:1: profiles must be a table, not a whole"),
        ("[profiles]\na = 1", "2:1: profiles.a must be a table, not a whole number"),
        ("[[profiles.a]]\nmodel = 'm'", "1:1: profiles.a must be a table, not a list"),
    ],
)
def test_f02_a_wrong_type_names_its_key_and_what_was_expected(
    tmp_path: Path, text: str, said: str
) -> None:
    assert fault(tmp_path, text).startswith(said)


def test_f02_unknown_keys_are_warnings_with_what_was_meant(tmp_path: Path) -> None:
    text = """
default_profil = "a"
[profiles.a]
temprature = 1
price = { inptu = 1 }
zzz = 2
"""
    assert warnings(tmp_path, text) == [
        "2:1: unknown key 'default_profil' in the configuration; did you mean 'default_profile'?",
        "4:1: unknown key 'temprature' in profile 'a'; did you mean 'temperature'?",
        "6:1: unknown key 'zzz' in profile 'a'",
        "5:11: unknown key 'inptu' in the price of 'a'; did you mean 'input'?",
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("provider = 'opnai'", "one of the presets, not 'opnai'; did you mean 'openai'?"),
        (
            "api = 'openai_chat'",
            "openai-chat, openai-responses, anthropic, fake, local or module:Class,"
            " not 'openai_chat'; did you mean 'openai-chat'?",
        ),
    ],
)
def test_an_unknown_preset_or_dialect_says_what_was_meant(
    tmp_path: Path, line: str, said: str
) -> None:
    key = line.split(" ", maxsplit=1)[0]
    message = fault(tmp_path, f"[profiles.a]\n{line}")
    assert message == f"2:1: {key} of profile 'a' must be {said}"


def test_a_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    message = fault(tmp_path, "[profiles.a]\nkey = 'sk-abcdefgh12345678'")
    assert message == (
        "2:1: key of profile 'a' must be keyring, env:NAME, file:PATH or none (never the key),"
        " not this text"
    )


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    message = fault(tmp_path, "[profiles.a]\nbase_url = 'https://me:pass-word@host/v1'")
    assert "pass-word" not in message
    assert message.startswith("2:1: base_url of profile 'a' must be")


def test_f03_more_than_one_mebibyte_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    with path.open("wb") as file:
        file.truncate(2**33)  # a hole: reading it all would be felt
    with pytest.raises(ConfigError, match="1:1: the configuration is larger than 1 MiB"):
        load(path)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100_000,
        "a = 1\nb = " + "{x=" * 100_000,
        "a = 1\n" + ".".join(["a"] * 100_000) + " = 1",  # a parser would need gigabytes for it
        "[" + " . ".join(['"a"'] * 50_000) + "]",
    ],
)
def test_f03_what_is_nested_too_deeply_is_an_error(tmp_path: Path, text: str) -> None:
    assert "deep" in (message := fault(tmp_path, text)) or "more than 32 parts" in message


def test_f03_an_endless_number_is_an_error(tmp_path: Path) -> None:
    assert fault(tmp_path, "a = " + "1" * 10_000).startswith("1:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[profiles.a]\nmodel='x'\n\n[profiles.a]\n", "4:1: profiles.a is there twice"),
        ("[profiles.a]\nmodel='x'\nmodel = '''\n'''", "3:1: profiles.a.model is there twice"),
        ("x=[{a=1},{a=2}]\n[t]\n[profiles.b]\n[t]\n", "4:1: t is there twice"),
        ("[[t]]\na=1\n[[t]]\na=2\na=3\n", "5:1: t.a is there twice"),
    ],
)
def test_f04_what_is_there_twice_is_named_with_its_second_line(
    tmp_path: Path, text: str, said: str
) -> None:
    assert fault(tmp_path, text) == said


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".a", "a b", "a\\u0000b", "x" * 65, "é"])
def test_f05_a_profile_name_that_is_no_name_is_refused(tmp_path: Path, name: str) -> None:
    message = fault(tmp_path, f'default_profile = "a"\n[profiles."{name}"]\nmodel = "m"')
    assert message.startswith("2:1: ")
    assert message.endswith("cannot be the name of a profile")


def test_s06_a_file_that_others_can_change_is_a_warning(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.write_text("[profiles.a]")
    path.chmod(0o644)
    assert load(path).warnings == ()
    path.chmod(0o666)
    assert load(path).warnings == (f"{path}: other users can change this file: chmod go-w {path}",)


def test_s06_a_header_that_may_hold_a_key_is_a_warning_without_it(tmp_path: Path) -> None:
    text = "[profiles.a.headers]\nX-Title = 'kit'\nAuthorization = 'Bearer abc123'"
    (warning,) = warnings(tmp_path, text)
    assert warning.startswith("3:1: the header 'Authorization' may hold a key")
    assert "abc123" not in warning


def test_two_profiles_that_share_a_key_variable_are_a_warning(tmp_path: Path) -> None:
    (warning,) = warnings(tmp_path, "[profiles.a-b]\n[profiles.'a.b']")
    assert warning == "2:1: profiles 'a-b' and 'a.b' both read KIT_KEY_A_B; rename one of them"


def test_a_folder_in_the_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="it is a folder"):
        load(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="the XDG folders")
@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"KIT_CONFIG": "/k.toml", "XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/k.toml"),
        ({"KIT_CONFIG": "~/k.toml", "HOME": "/h"}, "/h/k.toml"),
        ({"XDG_CONFIG_HOME": "/x", "HOME": "/h"}, "/x/kit/config.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/h"}, "/h/.config/kit/config.toml"),
        ({"HOME": "/h"}, "/h/.config/kit/config.toml"),
    ],
)
def test_where_the_configuration_lies(environ: dict[str, str], path: str) -> None:
    assert config_path(environ) == Path(path)


def test_f08_without_a_home_there_is_still_a_path_and_it_is_absolute() -> None:
    assert config_path({}).is_absolute()
    assert load(Path(os.devnull)).profiles == {}


def test_a_profile_is_filled_in_from_its_preset() -> None:
    assert resolved(Profile("g", provider="groq", model="m")) == Profile(
        "g", "groq", "openai-chat", "https://api.groq.com/openai/v1", "m"
    )


def test_another_dialect_of_a_host_has_its_own_address() -> None:
    profile = resolved(Profile("a", provider="anthropic", api="openai-chat"))
    assert profile.base_url == "https://api.anthropic.com/v1"


def test_a_host_is_known_by_its_address() -> None:
    profile = resolved(Profile("x", api="openai-chat", base_url="https://api.mistral.ai/v1/"))
    assert profile.provider == "mistral"


@pytest.mark.parametrize(
    ("profile", "said"),
    [
        (Profile("x"), "profile 'x' does not say who answers"),
        (Profile("x", api="openai-chat"), "profile 'x' has no address"),
        (Profile("x", provider="azure"), "profile 'x' has no address"),
        (Profile("x", base_url="https://h/v1"), "profile 'x' does not say who answers"),
        (
            Profile("x", provider="github"),
            "profile 'x' cannot be used: GitHub Models was retired on 2026-07-30",
        ),
    ],
)
def test_what_cannot_be_resolved_says_what_is_missing(profile: Profile, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        resolved(profile)
    assert caught.value.message == said
    assert caught.value.hint


@pytest.mark.parametrize(
    "base_url",
    [
        "https://models.github.ai/inference",
        "https://models.inference.ai.azure.com",
        "http://127.0.0.1:1/v1",
    ],
)
def test_a_retired_host_is_used_at_any_address_that_is_given(base_url: str) -> None:
    profile = Profile("x", provider="github", base_url=base_url)
    assert resolved(profile) == replace(profile, api="openai-chat")
    if "127" not in base_url:  # its own addresses are known as its own
        assert resolved(replace(profile, provider="")).provider == "github"


@pytest.mark.parametrize("api", ["fake", "local", "my.module:Class"])
def test_some_need_no_address(api: str) -> None:
    assert resolved(Profile("x", api=api)).api == api


def test_the_key_variable_of_a_profile() -> None:
    assert key_variable("my-own.one") == "KIT_KEY_MY_OWN_ONE"
