"""The price snapshot: exact names, the forms that hosts use, and nothing else."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from kit.providers import prices
from kit.providers.config.presets import PRESETS
from kit.providers.prices import price_of

NIGHT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
RAW = json.loads(Path(prices.__file__).with_name("prices.json").read_text())
GPT_4O = {"input": 2.5, "cached": 1.25, "output": 10, "context": 128000}
SONNET = {"input": 3, "cache_write": 3.75, "cached": 0.3, "output": 15, "context": 200000}


@pytest.mark.parametrize(
    ("host", "model", "known"),
    [
        ("openai", "gpt-4o", GPT_4O),
        ("openai", "gpt-4o-2024-08-06", GPT_4O),
        ("openai", "gpt-4o-2024-05-13", {"input": 5, "output": 15, "context": 128000}),
        ("azure", "gpt-4o", GPT_4O),
        ("azure", "GPT-4o", GPT_4O),
        ("anthropic", "claude-sonnet-4-5", SONNET),
        ("anthropic", "claude-sonnet-4-5-20250929", SONNET),
        ("anthropic", "claude-sonnet-4-5@20250929", SONNET),
        ("openrouter", "openai/gpt-4o", GPT_4O),
        ("groq", "llama-3.3-70b-versatile", {"input": 0.59, "output": 0.79}),
        ("gemini", "models/gemini-2.5-flash",
         {"input": 0.3, "cached": 0.03, "output": 2.5, "context": 1048576}),
    ],
)  # fmt: skip
def test_a_model_is_known_by_the_names_that_its_host_uses(host, model, known):
    assert price_of(host, model) == known


@pytest.mark.parametrize(
    ("host", "model"),
    [
        ("openai", "gpt-4o-2031-01-01"),  # nobody says what it will cost
        ("openai", "gpt-4o-custom"),
        ("openai", "gpt"),
        ("openai", "ft:gpt-4o-mini-2024-07-18:me::1"),
        ("openai", "text-embedding-3-small"),
        ("openai", "whisper-1"),
        ("anthropic", "claude-sonnet-4-5-20250929-fast"),
        ("openrouter", "openrouter/auto"),
        ("openrouter", "openai/gpt-4o:nitro"),
        ("openrouter", "gpt-4o"),
        ("azure", "my-deployment"),
        ("ollama", "gpt-4o"),
        ("vllm", "llama-3.3-70b-versatile"),
        ("litellm", "gpt-4o"),
        ("nobody", "gpt-4o"),
        ("", ""),
    ],
)
def test_what_is_not_sure_is_not_known(host, model):
    assert price_of(host, model) is None


def test_fireworks_models_have_their_whole_names():
    model = "accounts/fireworks/models/deepseek-v3p2"
    assert price_of("fireworks", model) == RAW["hosts"]["fireworks"][model]
    assert price_of("fireworks", "deepseek-v3p2") is None


def test_a_back_end_of_hugging_face_is_part_of_the_name():
    assert price_of("huggingface", "openai/gpt-oss-120b:groq") is not None
    assert price_of("huggingface", "openai/gpt-oss-120b") is None


def test_a_tier_holds_for_more_than_its_threshold():
    above = {"input": 6, "cache_write": 7.5, "cached": 0.6, "output": 22.5, "context": 200000}
    assert price_of("anthropic", "claude-sonnet-4-5", tokens=200_000) == SONNET
    assert price_of("anthropic", "claude-sonnet-4-5", tokens=200_001) == above


def test_a_price_of_certain_hours_holds_in_them():
    night, morning = (price_of("deepseek", "deepseek-flash", at=at) for at in (NIGHT, MORNING))
    assert night is not None
    assert morning is not None
    assert (night["input"], morning["input"]) == (0.15, 0.3)


def test_a_price_that_is_announced_holds_from_its_day_on():
    model, later = "gemini-3.8-flash", datetime(2027, 1, 1, tzinfo=UTC)
    now, then = (price_of("gemini", model, at=at) for at in (NIGHT, later))
    assert now is not None
    assert then is not None
    assert (now["input"], then["input"]) == (0.75, 1.5)


def test_every_row_can_be_priced_and_belongs_to_a_known_host():
    assert RAW["hosts"].keys() <= PRESETS.keys()
    for host, table in RAW["hosts"].items():
        for name, row in table.items():
            assert not isinstance(row, str) or not isinstance(table[row], str), name
            for rate in row if isinstance(row, list) else [] if isinstance(row, str) else [row]:
                assert rate["input"] >= 0, (host, name)
                assert rate["output"] >= 0, (host, name)
                assert rate.keys() <= {"input", "output", "cached", "cache_write", "request",
                                       "context", "above", "from", "hours"}  # fmt: skip


def test_no_later_tier_is_cheaper():
    """A reserve is made at the tier that the worst case reaches."""
    for table in RAW["hosts"].values():
        for row in table.values():
            tiers = row if isinstance(row, list) else []
            for low, high in pairwise(tiers):
                if "above" in high and low.keys() - {"above", "context"} == high.keys() - {"above"}:
                    assert high["input"] >= low["input"]
                    assert high["output"] >= low["output"]


def test_the_snapshot_says_its_day_and_is_small():
    assert datetime.strptime(prices.DATE, "%Y-%m-%d").year >= 2026
    assert Path(prices.__file__).with_name("prices.json").stat().st_size < 300_000
    with pytest.raises(AttributeError):
        _ = prices.NONE


def test_nothing_is_read_by_the_import():
    probe = "import kit.providers.prices as p; print(p._snapshot.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout == "0\n"
