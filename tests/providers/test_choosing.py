"""Which provider answers."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from kit.errors import AuthError, ConfigError, UsageError
from kit.providers.config.choosing import Chosen, choose
from kit.providers.config.profiles import Config, Profile

MINE = Profile(
    "mine", api="openai-chat", base_url="http://127.0.0.1:8080/v1", model="m", key="none"
)
WORK = Profile("work", provider="openai", model="gpt", key="env:WORK", headers={"X": "1"})
GROQ = Profile("groq", "groq", "openai-chat", "https://api.groq.com/openai/v1")


def config(*profiles: Profile, default: str = "") -> Config:
    return Config(Path("config.toml"), default, {profile.name: profile for profile in profiles})


def name(configured: Config, environ: Mapping[str, str] = {}, **asked: object) -> str:  # only read
    return choose(configured, environ=environ, **asked).profile.name  # type: ignore[arg-type]


def test_the_flag_comes_first_then_the_environment_then_the_default() -> None:
    both = config(MINE, WORK, default="work")
    environ = {"KIT_PROFILE": "mine", "OPENAI_API_KEY": "k"}
    assert name(both, environ, wanted="work") == "work"
    assert name(both, environ) == "mine"
    assert name(both) == "work"
    assert name(config(MINE)) == "mine"


def test_a_profile_of_one_s_own_is_chosen_in_silence() -> None:
    assert choose(config(MINE), environ={"OPENAI_API_KEY": "k"}) == Chosen(MINE)


def test_a_key_in_the_environment_chooses_its_host_and_says_so() -> None:
    environ = {"GROQ_API_KEY": "k", "MISTRAL_API_KEY": "k", "OPENAI_API_KEY": " "}
    chosen = choose(config(), environ=environ)
    assert (chosen.profile.name, chosen.profile.base_url) == ("groq", GROQ.base_url)
    assert chosen.note == "groq answers, because GROQ_API_KEY is set (-p chooses another)"


@pytest.mark.parametrize("variable", ["GITHUB_TOKEN", "HF_TOKEN", "AZURE_OPENAI_API_KEY"])
def test_a_variable_that_says_too_little_chooses_nothing(variable: str) -> None:
    with pytest.raises(AuthError):
        choose(config(), environ={variable: "k"})


def test_azure_is_chosen_when_its_address_is_there_too() -> None:
    environ = {"AZURE_OPENAI_API_KEY": "k", "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/"}
    profile = choose(config(), environ=environ).profile
    assert (profile.name, profile.base_url) == ("azure", "https://r.openai.azure.com/openai/v1")


def test_the_embedded_model_is_the_last_and_says_what_it_is() -> None:
    chosen = choose(config(), environ={}, local_installed=lambda: True)
    assert chosen.profile.api == "local"
    assert "often wrong" in chosen.note


def test_with_nothing_set_up_there_are_three_ways_to_get_going() -> None:
    with pytest.raises(AuthError) as caught:
        choose(config(), environ={})
    assert caught.value.exit == 3
    assert caught.value.hint.count("; or") == 2


def test_several_profiles_and_no_default_name_themselves() -> None:
    with pytest.raises(AuthError, match="several profiles") as caught:
        choose(config(MINE, WORK), environ={})
    assert "(mine, work)" in caught.value.hint


def test_a_preset_s_name_is_a_profile_of_its_own() -> None:
    assert choose(config(), environ={}, wanted="groq/llama/3").profile == Profile(
        "groq", "groq", "openai-chat", GROQ.base_url, "llama/3"
    )
    assert name(config(), wanted="fake") == "fake"
    assert name(config(), wanted="local") == "local"


def test_a_profile_hides_the_preset_of_its_name() -> None:
    own = Profile("groq", provider="groq", model="mine")
    assert choose(config(own), environ={}, wanted="groq").profile.model == "mine"


def test_the_model_flag_wins_over_the_name_and_the_profile() -> None:
    assert choose(config(WORK), environ={}, wanted="work/a").profile.model == "a"
    assert choose(config(WORK), environ={}, wanted="work/a", model="b").profile.model == "b"
    assert choose(config(WORK), environ={}).profile.model == "gpt"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("wrk", "no profile 'wrk'; did you mean 'work'?"), ("gorq", "did you mean 'groq'?")],
)
def test_an_unknown_profile_says_what_was_meant(wanted: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        choose(config(WORK), environ={}, wanted=wanted)
    assert said in caught.value.message
    assert caught.value.exit == 2


def test_an_address_alone_is_a_one_off_profile_whatever_is_configured() -> None:
    chosen = choose(
        config(MINE, default="mine"),
        environ={"KIT_PROFILE": "mine"},
        base_url="http://127.0.0.1:1/v1",
        model="x",
    )
    assert chosen == Chosen(
        Profile("one-off", api="openai-chat", base_url="http://127.0.0.1:1/v1", model="x")
    )


def test_a_known_address_brings_its_host_along() -> None:
    profile = choose(config(), environ={}, base_url="https://api.anthropic.com").profile
    assert (profile.provider, profile.api) == ("anthropic", "anthropic")


def test_s12_another_address_leaves_the_profile_s_keys_behind() -> None:
    moved = choose(config(WORK), environ={}, wanted="work", base_url="https://evil.example/v1")
    assert moved.profile == Profile(
        "one-off", "openai", "openai-chat", "https://evil.example/v1", "gpt"
    )


def test_another_path_of_the_same_origin_keeps_them() -> None:
    url = "https://api.openai.com/v2"
    profile = choose(config(WORK), environ={}, wanted="work", base_url=url).profile
    assert (profile.name, profile.key, profile.base_url) == ("work", "env:WORK", url)


def test_a_dialect_alone_changes_only_the_dialect() -> None:
    profile = choose(config(WORK), environ={}, api="openai-responses").profile
    assert (profile.name, profile.api) == ("work", "openai-responses")
    assert name(config(WORK), api="fake") == "one-off"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"base_url": "nonsense"}, "--base-url must be an address"),
        ({"base_url": "https://a:b@c"}, "--base-url must be an address"),
        ({"api": "openai"}, "--api must be"),
    ],
)
def test_flags_are_checked_like_the_file(asked: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choose(config(), environ={}, **asked)  # type: ignore[arg-type]


def test_a_retired_host_says_so() -> None:
    with pytest.raises(ConfigError, match="retired on 2026-07-30"):
        choose(config(), environ={}, wanted="github")


@pytest.mark.parametrize(
    ("host", "base_url"),
    [
        ("", "http://localhost:11434/v1"),
        ("0.0.0.0", "http://127.0.0.1:11434/v1"),
        ("box:1234", "http://box:1234/v1"),
        ("https://ollama.example/v1/", "https://ollama.example/v1"),
    ],
)
def test_ollama_s_own_variable_says_where_it_is(host: str, base_url: str) -> None:
    chosen = choose(config(), environ={"OLLAMA_HOST": host}, wanted="ollama/llama3")
    assert chosen.profile.base_url == base_url
