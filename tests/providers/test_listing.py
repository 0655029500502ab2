"""The models that servers list, in the shapes in which servers list them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kit.errors import RateLimitError, UnusableError
from kit.providers.listing import Listed, Page, listed, page, paged, place


@pytest.mark.parametrize(
    ("url", "path", "models"),
    [
        ("https://h/v1/chat/completions", "/chat/completions", "https://h/v1/models"),
        ("https://h/v1/responses", "/responses", "https://h/v1/models"),
        ("https://h/v1/messages", "/v1/messages", "https://h/v1/models"),
        ("https://h/openai/v1/chat/completions?x=1", "/chat/completions",
         "https://h/openai/v1/models?x=1"),
        ("https://r.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21",
         "/chat/completions", "https://r.openai.azure.com/openai/models?api-version=2024-10-21"),
    ],
)  # fmt: skip
def test_models_are_listed_beside_the_prompts(url: str, path: str, models: str) -> None:
    assert place(url, path) == models


def test_pages_are_asked_for_by_the_last_id() -> None:
    assert paged("https://h/v1/models", "openai-chat", "") == "https://h/v1/models"
    assert paged("https://h/m?a=1", "openai-chat", "x y") == "https://h/m?a=1&after_id=x+y"
    assert paged("https://h/m", "anthropic", "b") == "https://h/m?limit=1000&after_id=b"


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"data": [{"id": "a"}, "noise", None]}, Page(({"id": "a"},))),
        ({"models": [{"name": "a"}]}, Page(({"name": "a"},))),
        ([{"id": "a"}], Page(({"id": "a"},))),
        ({"data": None}, Page(())),
        ({}, Page(())),
        ("words", Page(())),
        ({"data": [{"id": "a"}], "has_more": True, "last_id": "z"}, Page(({"id": "a"},), "z")),
        ({"data": [{"id": "a"}], "has_more": True}, Page(({"id": "a"},), "a")),
        ({"data": [], "has_more": True}, Page(())),
    ],
)
def test_a_page_in_any_shape(body: Any, found: Page) -> None:
    assert page(json.dumps(body).encode()) == found


def test_what_is_no_list_is_an_error() -> None:
    with pytest.raises(UnusableError, match="is not JSON"):
        page(b"<html>")
    with pytest.raises(RateLimitError, match="slow down"):
        page(json.dumps({"error": {"message": "slow down", "code": 429}}).encode())


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ({"id": "m"}, Listed("m")),
        ({"id": "m", "context_window": 8192, "owned_by": "Meta"}, Listed("m", 8192, "Meta")),
        ({"id": "m", "max_model_len": 4096, "context_length": None}, Listed("m", 4096)),
        ({"id": "m", "meta": {"n_ctx_train": 2048}}, Listed("m", 2048)),
        ({"id": "m", "max_input_tokens": 200000, "type": "model"}, Listed("m", 200000)),
        ({"id": "m", "context_length": "long"}, Listed("m")),
        ({"id": "m", "context_length": True}, Listed("m")),
        ({"id": "m", "organization": "Qwen"}, Listed("m", None, "Qwen")),
        ({"id": "m", "shutdown_date": "2026-12-11"}, Listed("m", shutdown_date="2026-12-11")),
        ({"id": "m", "shutdown_date": 1797033600}, Listed("m", shutdown_date="2026-12-12")),
        (
            {"id": "m", "deprecation": "2026-01-02T00:00:00Z"},
            Listed("m", shutdown_date="2026-01-02"),
        ),
        (
            {"id": "m", "deprecation": {"fine_tune": 1, "inference": 1797033600}},
            Listed("m", shutdown_date="2026-12-12"),
        ),
        ({"id": "m", "expiration_date": None, "deprecation": False}, Listed("m")),
        ({"name": "models/gemini", "inputTokenLimit": 1048576}, Listed("models/gemini", 1048576)),
    ],
)
def test_what_is_known_of_a_model(row: dict[str, Any], known: Listed) -> None:
    assert listed([row]) == [known]


def test_each_model_stands_there_once_in_order() -> None:
    rows = [{"id": "b"}, {"id": "a"}, {"id": "b", "owned_by": "x"}, {"object": "model"}]
    assert listed(rows) == [Listed("a"), Listed("b", None, "x")]
