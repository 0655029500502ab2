"""Every row of the preset table, in every dialect that it speaks: URL, headers and body."""

from __future__ import annotations

from typing import Any

import pytest

from kit.events import Message, Request, Text
from kit.providers import open_provider
from kit.providers.config.presets import PRESETS
from kit.providers.config.profiles import Profile, resolved
from kit.providers.credentials.secret import Secret

KEY = "sk-test-0123456789abcdef0123"
SCHEMA = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
REQUEST = Request(
    (Message("system", (Text("brief"),)), Message("user", (Text("hi"),))), model="m", schema=SCHEMA
)
AZURE = "https://r.openai.azure.com/openai"
CHAT, RESPONSES, MESSAGES = "/chat/completions", "/responses", "/v1/messages"

# preset, dialect, address where the row has none → URL, header of the key, quirks in the body
ROWS = [
    ("openai", "", "", f"https://api.openai.com/v1{CHAT}", "modern"),
    ("openai", "openai-responses", "", f"https://api.openai.com/v1{RESPONSES}", "responses"),
    ("anthropic", "", "", f"https://api.anthropic.com{MESSAGES}", "x-api-key"),
    ("anthropic", "openai-chat", "", f"https://api.anthropic.com/v1{CHAT}", ""),
    ("gemini", "", "",
     f"https://generativelanguage.googleapis.com/v1beta/openai{CHAT}", "schema"),
    ("groq", "", "", f"https://api.groq.com/openai/v1{CHAT}", ""),
    ("groq", "", "https://api.groq.com", f"https://api.groq.com/openai/v1{CHAT}", ""),
    ("openrouter", "", "", f"https://openrouter.ai/api/v1{CHAT}", "told"),
    ("mistral", "", "", f"https://api.mistral.ai/v1{CHAT}", "told schema"),
    ("deepseek", "", "", f"https://api.deepseek.com{CHAT}", "told"),
    ("deepseek", "anthropic", "", f"https://api.deepseek.com/anthropic{MESSAGES}", "x-api-key"),
    ("xai", "", "", f"https://api.x.ai/v1{CHAT}", "schema"),
    ("together", "", "", f"https://api.together.ai/v1{CHAT}", "told"),
    ("together", "", "https://api.together.xyz", f"https://api.together.xyz/v1{CHAT}", "told"),
    ("fireworks", "", "", f"https://api.fireworks.ai/inference/v1{CHAT}", "told schema"),
    ("fireworks", "anthropic", "", f"https://api.fireworks.ai/inference{MESSAGES}", "x-api-key"),
    ("cerebras", "", "", f"https://api.cerebras.ai/v1{CHAT}", "told schema"),
    ("perplexity", "", "", f"https://api.perplexity.ai{CHAT}", "told schema"),
    ("azure", "", f"{AZURE}/v1", f"{AZURE}/v1{CHAT}", "modern api-key"),
    ("azure", "", "https://r.openai.azure.com", f"{AZURE}/v1{CHAT}", "modern api-key"),
    ("azure", "openai-responses", f"{AZURE}/v1/", f"{AZURE}/v1{RESPONSES}", "responses api-key"),
    ("azure", "", f"{AZURE}/deployments/d",
     f"{AZURE}/deployments/d{CHAT}?api-version=2024-10-21", "modern api-key"),
    ("moonshot", "", "", f"https://api.moonshot.ai/v1{CHAT}", ""),
    ("zai", "", "", f"https://api.z.ai/api/paas/v4{CHAT}", "told"),
    ("sambanova", "", "", f"https://api.sambanova.ai/v1{CHAT}", ""),
    ("nvidia", "", "", f"https://integrate.api.nvidia.com/v1{CHAT}", ""),
    ("venice", "", "", f"https://api.venice.ai/api/v1{CHAT}", ""),
    ("ollama-cloud", "", "", f"https://ollama.com/v1{CHAT}", ""),
    ("huggingface", "", "", f"https://router.huggingface.co/v1{CHAT}", ""),
    ("vllm", "", "", f"http://localhost:8000/v1{CHAT}", "schema"),
    ("lm-studio", "", "", f"http://localhost:1234/v1{CHAT}", "schema"),
    ("lm-studio", "anthropic", "", f"http://localhost:1234{MESSAGES}", "x-api-key"),
    ("litellm", "", "", f"http://localhost:4000/v1{CHAT}", ""),
    ("ollama", "", "", f"http://localhost:11434/v1{CHAT}", "schema"),
    ("llama-cpp", "", "", f"http://127.0.0.1:8080/v1{CHAT}", "schema"),
    ("llama-cpp", "anthropic", "", f"http://127.0.0.1:8080{MESSAGES}", "x-api-key"),
    ("github", "", "https://models.github.ai/inference",
     f"https://models.github.ai/inference{CHAT}", ""),
    ("github", "", "https://models.github.ai", f"https://models.github.ai/inference{CHAT}", ""),
    ("github", "", "https://models.inference.ai.azure.com",
     f"https://models.inference.ai.azure.com{CHAT}", ""),
    ("github", "", "https://mine.example/v1", f"https://mine.example/v1{CHAT}", ""),
]  # fmt: skip
NO_NETWORK = {"local", "fake"}


def previewed(name: str, api: str = "", base_url: str = "", **more: Any) -> dict[str, Any]:
    profile = resolved(Profile("p", provider=name, api=api, base_url=base_url, model="m", **more))
    shown: dict[str, Any] = open_provider(profile, Secret(KEY)).preview(REQUEST)  # type: ignore[attr-defined]  # an Endpoint
    return shown


def test_no_row_and_no_dialect_of_a_row_is_forgotten() -> None:
    every = {(row.name, api) for row in PRESETS.values() for api in ("", *row.also)}
    shown = {(name, api) for name, api, *_ in ROWS}
    assert {pair for pair in every if pair[0] not in NO_NETWORK} <= shown


@pytest.mark.parametrize(("name", "api", "base_url", "url", "traits"), ROWS)
def test_a_row_builds_the_right_url_headers_and_body(
    name: str, api: str, base_url: str, url: str, traits: str
) -> None:
    shown = previewed(name, api, base_url)
    assert (shown["method"], shown["url"]) == ("POST", url)
    assert shown["headers"] == headers(traits)
    assert shown["body"] == body(url, traits.split())
    assert KEY not in repr(shown)


def headers(traits: str) -> dict[str, str]:
    plain = {
        "Accept": "text/event-stream, application/json",
        "Content-Type": "application/json",
        "User-Agent": "kit",
    }
    if "x-api-key" in traits:
        return {**plain, "anthropic-version": "2023-06-01", "x-api-key": "[redacted]"}
    if "api-key" in traits:
        return {**plain, "api-key": "[redacted]"}
    return {**plain, "Authorization": "Bearer [redacted]"}


def body(url: str, traits: list[str]) -> dict[str, Any]:
    if url.endswith(MESSAGES):
        text = [{"type": "text", "text": "hi"}]
        return {"model": "m", "max_tokens": 4096, "temperature": 0.7, "system": "brief",
                "messages": [{"role": "user", "content": text}], "stream": True}  # fmt: skip
    form = {"name": "answer", "schema": SCHEMA, "strict": True}
    if "responses" in traits:
        return {
            "model": "m", "instructions": "brief",
            "input": [{"type": "message", "role": "user", "content": "hi"}],
            "max_output_tokens": 4096, "temperature": 0.7,
            "text": {"format": {"type": "json_schema", **form}},
            "include": ["reasoning.encrypted_content"], "store": False, "stream": True,
        }  # fmt: skip
    modern = "modern" in traits
    said: dict[str, Any] = {
        "model": "m",
        "messages": [{"role": "system", "content": "brief"}, {"role": "user", "content": "hi"}],
        "max_completion_tokens" if modern else "max_tokens": 4096,
        "temperature": 0.7,
        "stream": True,
    }
    if modern or "schema" in traits:
        said["response_format"] = {"type": "json_schema", "json_schema": form}
    if "told" not in traits:
        said["stream_options"] = {"include_usage": True}
    return said


def test_the_version_of_an_address_is_the_profiles() -> None:
    shown = previewed("azure", base_url=f"{AZURE}/deployments/d", api_version="2025-01-01-preview")
    assert shown["url"] == f"{AZURE}/deployments/d{CHAT}?api-version=2025-01-01-preview"
    shown = previewed("anthropic", api_version="2026-10-21")
    assert shown["headers"]["anthropic-version"] == "2026-10-21"
    assert shown["headers"]["Authorization"] == "Bearer [redacted]"
    assert "temperature" not in shown["body"]
    shown = previewed("anthropic", api_version="2026-10-21", temperature=1.0)
    assert shown["body"]["temperature"] == 1.0


def test_a_token_of_azure_is_a_bearer() -> None:
    profile = resolved(Profile("p", provider="azure", base_url=f"{AZURE}/v1", model="m"))
    provider = open_provider(profile, Secret(KEY), source="AZURE_OPENAI_AD_TOKEN")
    assert provider.preview(REQUEST)["headers"] == headers("")  # type: ignore[attr-defined]  # an Endpoint
