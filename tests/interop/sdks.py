"""The vendors' own SDKs as a user calls them, and kit's endpoint, for the same address."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from functools import cache
from typing import Any

import needs
import pytest

from kit.events import Event, Request
from kit.providers import DIALECTS, named
from kit.providers.config.profiles import Profile, resolved
from kit.providers.credentials.secret import Secret
from kit.providers.endpoint import Endpoint

KEY = "sk-test-0123456789abcdef0123"
MODEL = "claude-opus-4-7"  # the name tells how Anthropic's thinks; to OpenAI it is any name
NEWEST = "2026-10-21"  # the anthropic-version that the SDK speaks
ASKED = {"model": MODEL, "temperature": 0.7}  # what kit says unasked, said aloud
SETTINGS = ("OPENAI_", "ANTHROPIC_", "AZURE_", "HTTP_", "HTTPS_", "ALL_")


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this machine's settings; the SDKs would ask a proxy even for this machine."""
    for name in list(os.environ):
        if name.upper().startswith(SETTINGS):
            monkeypatch.delenv(name)


# --- the SDKs -------------------------------------------------------------------------------------
def openai(base: str, **more: Any) -> Any:
    sdk = needs.module("openai")  # half a second to import
    more.setdefault("http_client", _sender(sdk))
    return sdk.OpenAI(base_url=base, api_key=KEY, max_retries=0, timeout=20, **more)


def azure(url: str, deployment: str, version: str) -> Any:
    sdk = needs.module("openai")
    place = {"azure_endpoint": url, "azure_deployment": deployment, "api_version": version}
    sender = _sender(sdk)
    return sdk.AzureOpenAI(**place, api_key=KEY, max_retries=0, timeout=20, http_client=sender)


def anthropic(url: str, **more: Any) -> Any:
    sdk = needs.module("anthropic")  # a second and a half to import
    more.setdefault("http_client", _sender(sdk))
    return sdk.Anthropic(base_url=url, api_key=KEY, max_retries=0, timeout=20, **more)


@cache
def _sender(sdk: Any) -> Any:
    """The SDK's own HTTP client, made once: it reads all certificates of the system."""
    return sdk.DefaultHttpxClient()


def ask_chat(client: Any, arguments: dict[str, Any]) -> list[Any]:
    usage = {"include_usage": True}
    asked = {**ASKED, "max_completion_tokens": 4096, "stream_options": usage, **arguments}
    return list(client.chat.completions.create(**asked, stream=True))


def ask_responses(client: Any, arguments: dict[str, Any]) -> list[Any]:
    kept = {"store": False, "include": ["reasoning.encrypted_content"]}  # nothing stays there
    asked = {**ASKED, "max_output_tokens": 4096, **kept, **arguments}
    return list(client.responses.create(**asked, stream=True))


def ask_messages(client: Any, arguments: dict[str, Any]) -> list[Any]:
    return list(client.messages.create(model=MODEL, max_tokens=4096, **arguments, stream=True))


# --- kit ------------------------------------------------------------------------------------------
def profile(api: str, base: str, **more: Any) -> Profile:
    """That of the vendor whose dialect it is."""
    vendor = "anthropic" if api == "anthropic" else "openai"
    given = {"provider": vendor, "api_version": NEWEST if api == "anthropic" else "", **more}
    return resolved(Profile(name="p", api=api, base_url=base, model=MODEL, timeout=20.0, **given))


def kit(request: Request, api: str, base: str, **more: Any) -> list[Event]:
    """The events of one call."""

    async def go() -> list[Event]:
        endpoint = Endpoint(profile(api, base, **more), named(DIALECTS[api])(), Secret(KEY))
        endpoint.quirks = replace(endpoint.quirks, native_schema=True)
        try:
            return [event async for event in endpoint.stream(request)]
        finally:
            await endpoint.aclose()

    return asyncio.run(go())
