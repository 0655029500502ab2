"""The rows of the preset table, and how a key travels to each host."""

import pytest

from kit.providers.config.presets import APIS, PRESETS, auth_for, owns, preset_of, quirks_for
from kit.providers.config.profiles import Profile, resolved
from kit.providers.dialects.wire import Quirks
from kit.providers.transport.address import checked

PROMISED = {
    *("openai", "anthropic", "azure", "ollama", "vllm", "llama-cpp", "lm-studio", "together"),
    *("groq", "openrouter", "mistral", "deepseek", "gemini", "xai", "cerebras", "fireworks"),
    *("perplexity", "litellm", "github", "local", "fake"),
}


def test_every_promised_host_is_there() -> None:
    assert PRESETS.keys() >= PROMISED


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_a_row_is_whole(preset) -> None:
    addresses = [url for url in (preset.base_url, *preset.also.values()) if url]
    assert [checked(url, insecure=False) for url in addresses] == addresses
    assert {preset.api, *preset.also} <= set(APIS)
    assert not preset.needs_key or preset.key_env
    assert addresses or preset.notes  # who has no address says what to do


@pytest.mark.parametrize(
    ("name", "api", "base_url", "variables", "auth"),
    [
        ("openai", "openai-chat", "https://api.openai.com/v1", ("OPENAI_API_KEY",), "bearer"),
        (
            "anthropic",
            "anthropic",
            "https://api.anthropic.com",
            ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
            "x-api-key",
        ),
        ("azure", "openai-chat", "", ("AZURE_OPENAI_API_KEY",), "api-key"),
        ("ollama", "openai-chat", "http://localhost:11434/v1", (), "bearer"),
        ("groq", "openai-chat", "https://api.groq.com/openai/v1", ("GROQ_API_KEY",), "bearer"),
        ("fake", "fake", "", (), "none"),
        ("local", "local", "", (), "none"),
    ],
)
def test_the_facts_of_a_host(
    name: str, api: str, base_url: str, variables: tuple[str, ...], auth: str
) -> None:
    row = PRESETS[name]
    assert (row.api, row.base_url, row.key_env, row.auth) == (api, base_url, variables, auth)
    assert auth_for(row, Profile("x", provider=name)) == auth


@pytest.mark.parametrize(
    ("profile", "variable", "auth"),
    [
        (Profile("a", provider="anthropic", api_version="2023-06-01"), "", "x-api-key"),
        (Profile("a", provider="anthropic", api_version="2026-10-21"), "", "bearer"),
        (Profile("a", provider="anthropic"), "ANTHROPIC_AUTH_TOKEN", "bearer"),
        (Profile("a", provider="anthropic"), "ANTHROPIC_API_KEY", "x-api-key"),
        (Profile("a", provider="anthropic", api="openai-chat"), "", "bearer"),
        (Profile("a", provider="deepseek", api="anthropic"), "", "x-api-key"),
        (Profile("a", provider="azure", api="openai-responses"), "", "api-key"),
        (Profile("a", api="openai-chat", base_url="http://h/v1"), "", "bearer"),
        (Profile("a", api="anthropic", base_url="http://h"), "", "x-api-key"),
        (Profile("a", api="fake"), "", "none"),
    ],
)
def test_how_a_key_is_sent(profile: Profile, variable: str, auth: str) -> None:
    assert auth_for(PRESETS.get(profile.provider), profile, variable) == auth


@pytest.mark.parametrize(
    ("profile", "quirks"),
    [
        (
            Profile("a", provider="openai"),
            Quirks(max_tokens_field="max_completion_tokens", native_schema=True),
        ),
        (Profile("a", provider="openai", api="openai-responses"), Quirks(native_schema=True)),
        (Profile("a", provider="anthropic"), Quirks(version="2023-06-01")),
        (
            Profile("a", provider="anthropic", api_version="2026-10-21"),
            Quirks(version="2026-10-21", dropped=frozenset({"temperature"})),
        ),
        (Profile("a", provider="anthropic", api="openai-chat"), Quirks()),
        (Profile("a", provider="deepseek", api="anthropic"), Quirks(version="2023-06-01")),
        (Profile("a", api="openai-chat", base_url="http://127.0.0.1/v1"), Quirks()),
    ],
)
def test_the_quirks_belong_to_a_host_and_a_dialect(profile: Profile, quirks: Quirks) -> None:
    assert quirks_for(PRESETS.get(profile.provider), resolved(profile)) == quirks


@pytest.mark.parametrize(
    ("name", "base_url", "own"),
    [
        ("openai", "https://api.openai.com/v1", True),
        ("openai", "https://API.openai.com:443", True),
        ("openai", "https://eu.api.openai.com/v1", True),
        ("openai", "http://api.openai.com/v1", False),
        ("openai", "https://api.openai.com:8443/v1", False),
        ("openai", "https://api.openai.com.evil.org/v1", False),
        ("openai", "https://evil.org\\@api.openai.com/v1", False),
        ("openai", "https://api.openai.com@evil.org/v1", False),
        ("openai", "http://127.0.0.1:8080/v1", False),
        ("azure", "https://r.openai.azure.com/openai/v1", True),
        ("azure", "https://r.services.ai.azure.com/openai/v1", True),
        ("azure", "https://openai.azure.com.evil.org", False),
        ("azure", "https://eviluopenai.azure.com", False),
        ("vllm", "http://127.0.0.1:9000/v1", True),
        ("vllm", "http://gpu.example:8000/v1", False),
        ("fake", "", False),
        ("local", "http://localhost", False),
    ],
)
def test_which_addresses_are_a_host_s_own(name: str, base_url: str, own: bool) -> None:
    assert owns(PRESETS[name], base_url) is own


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://api.together.xyz/v1", "together"),
        ("https://r.openai.azure.com/openai/v1", "azure"),
        ("https://models.github.ai/inference", "github"),
        ("http://localhost:11434/v1", None),
        ("https://example.org/v1", None),
        ("", None),
    ],
)
def test_a_far_host_is_known_by_its_address(base_url: str, name: str | None) -> None:
    preset = preset_of(Profile("x", base_url=base_url))
    assert (preset.name if preset else None) == name
