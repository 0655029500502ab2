"""Tokens become money: by whose word, at which rate, and never by a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.events import Attachment, Message, Request, Text, Usage
from kit.providers.config.profiles import Profile
from kit.providers.cost import Worst, charged, likely, price, priced, worst
from kit.providers.dialects.told import told

PRICE = {"input": 1.0, "output": 2.0}
HI = Request((Message("user", (Text("hi"),)),), model="gpt-4o", max_tokens=100)
PICTURE = Request((Message("user", (Attachment("image/png", "aGk="),)),), max_tokens=10)
OPENAI = Profile("o", provider="openai", api="openai-chat", model="gpt-4o")
MINE = replace(OPENAI, price=PRICE)
LLAMA = Profile("l", provider="ollama", api="openai-chat", base_url="http://localhost:11434/v1")
ROUTER = Profile("r", provider="openrouter", api="openai-chat", model="openrouter/auto")
GATEWAY = Profile("g", api="openai-chat", base_url="https://gateway.test/v1")


@pytest.mark.parametrize(
    ("usage", "rates", "usd"),
    [
        (Usage(10, 5), PRICE, 20e-6),
        (Usage(10, 5, reasoning_tokens=4), PRICE, 20e-6),  # reasoning is part of the output
        (Usage(10, 5, cached_tokens=10), {**PRICE, "cached": 0.1}, 11e-6),
        (Usage(10, 5, cached_tokens=4, cache_write_tokens=5),
         {**PRICE, "cached": 0.1, "cache_write": 1.25}, (1 + 0.4 + 6.25 + 10) * 1e-6),
        (Usage(10, 5, cached_tokens=4, cache_write_tokens=5), PRICE, 20e-6),
        (Usage(10, 5, cached_tokens=99, cache_write_tokens=99), PRICE, 20e-6),
        (Usage(10, 5), {**PRICE, "request": 0.01}, 0.01002),
        (Usage(None, 5), PRICE, None),
        (Usage(10, None), PRICE, None),
        (Usage(10, 5), {"input": 1.0}, None),
        (Usage(10, 5), None, None),
        (Usage(), {"input": 0, "output": 0}, 0.0),
        (Usage(10, 5, cost_usd=7.0), PRICE, 7.0),
    ],
)  # fmt: skip
def test_tokens_are_priced_by_their_kind(usage, rates, usd):
    result = priced(usage, rates)
    assert result is not None
    assert result.cost_usd == (usd and pytest.approx(usd))


def test_the_profiles_own_price_wins():
    used = Usage(1_000_000, 0, cost_usd=9.0)
    assert charged(MINE, HI, used, "gpt-4o").cost_usd == 1.0
    assert charged(replace(ROUTER, price=PRICE), HI, used, "").cost_usd == 1.0


def test_what_the_host_charged_wins_over_the_snapshot():
    used = Usage(1_000_000, 0, cost_usd=9.0)
    request = replace(HI, model="openai/gpt-4o")
    assert charged(ROUTER, request, used, "openai/gpt-4o").cost_usd == 9.0
    assert charged(ROUTER, request, Usage(1_000_000, 0), "").cost_usd == 2.5
    assert charged(OPENAI, HI, used, "gpt-4o").cost_usd == 2.5  # there the field means nothing
    assert charged(GATEWAY, HI, used, "gpt-4o") == Usage(1_000_000, 0)


def test_the_model_that_answered_is_paid_for():
    azure = Profile("a", provider="azure", api="openai-chat", model="my-deployment")
    asked = replace(HI, model="my-deployment")
    used = Usage(1_000_000, 0)
    assert charged(azure, asked, used, "gpt-4o-mini-2024-07-18").cost_usd == 0.15
    assert charged(azure, asked, used, "").cost_usd is None
    assert charged(OPENAI, HI, used, "gpt-4o-2024-05-13").cost_usd == 5.0


@pytest.mark.parametrize("profile", [LLAMA, GATEWAY, Profile("x", api="my.module:Class")])
def test_elsewhere_nothing_is_known(profile):
    assert price(profile, HI) is None
    assert charged(profile, HI, Usage(1, 1), "gpt-4o") == Usage(1, 1)
    assert charged(profile, HI, None, "gpt-4o") is None


@pytest.mark.parametrize("api", ["fake", "local"])
def test_what_runs_inside_kit_costs_nothing(api):
    assert worst(Profile("f", api=api), replace(HI, model="m")).usd == 0.0
    assert worst(Profile("f", api=api), PICTURE).usd == 0.0
    assert charged(Profile("f", api=api), HI, None, "") == Usage(cost_usd=0.0)


@pytest.mark.parametrize(
    ("options", "known"),
    [
        ({"service_tier": "flex"}, False),
        ({"service_tier": "priority"}, False),
        ({"service_tier": "auto"}, True),
        ({"speed": "fast"}, False),
        ({"cache_control": {"type": "ephemeral", "ttl": "1h"}}, False),
        ({"cache_control": {"type": "ephemeral"}}, True),
        ({"top_k": 4}, True),
    ],
)
def test_a_request_at_another_rate_has_no_known_price(options, known):
    request = replace(HI, options=options)
    assert (price(OPENAI, request) is not None) is known
    assert price(MINE, request) == PRICE


def test_the_worst_case_is_every_byte_and_the_whole_limit():
    assert worst(MINE, HI) == Worst(10, 100, pytest.approx((10 + 200) * 1e-6))
    assert worst(MINE, HI, more=5).input == 15
    assert worst(OPENAI, HI).usd == pytest.approx((10 * 2.5 + 100 * 10) * 1e-6)
    assert worst(MINE, HI).tokens == 110


def test_the_worst_case_counts_every_answer_asked_for_and_a_raw_limit():
    assert worst(MINE, replace(HI, options={"n": 3})).output == 300
    raw = replace(HI, max_tokens=None, options={"max_completion_tokens": 50})
    assert worst(MINE, raw).output == 50
    assert worst(MINE, replace(HI, max_tokens=None)) == Worst(10, None, None)


def test_the_worst_case_writes_the_cache_and_reaches_the_higher_tier():
    claude = Profile("c", provider="anthropic", api="anthropic", model="claude-sonnet-4-5")
    small = replace(HI, model="claude-sonnet-4-5", max_tokens=0)
    large = replace(small, messages=(Message("user", (Text("x" * 199_993),)),))
    assert worst(claude, small).usd == pytest.approx(10 * 3.75e-6)
    assert worst(claude, large).usd == pytest.approx(200_001 * 7.5e-6)


def test_with_an_attachment_the_worst_case_is_all_that_the_model_can_read():
    assert worst(OPENAI, replace(PICTURE, model="gpt-4o")) == Worst(
        None, 10, pytest.approx((128_000 * 2.5 + 10 * 10) * 1e-6)
    )
    assert worst(MINE, PICTURE) == Worst(None, 10, None)


def test_a_likely_request_has_four_bytes_a_token_and_a_short_answer():
    text = Message("user", (Text("x" * 3992),))
    request = replace(HI, messages=(text,), max_tokens=4096)
    assert likely(MINE, request) == pytest.approx((1000 + 2 * 500) * 1e-6)
    assert likely(MINE, replace(request, max_tokens=10)) == pytest.approx(1020e-6)
    assert likely(LLAMA, request) is None
    assert likely(MINE, PICTURE) is None


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        ({"cost": 0.0005}, 0.0005),
        ({"cost": 0}, 0.0),
        ({"cost": 0.0001, "is_byok": True, "cost_details": {"upstream_inference_cost": 0.002}},
         0.0021),
        ({"cost": 0.002, "is_byok": False, "cost_details": {"upstream_inference_cost": 0.002}},
         0.002),
        ({"cost": {"input_tokens_cost": 0.1, "total_cost": 0.25}}, 0.25),
        ({"cost_in_usd_ticks": 2_087_200}, 0.00020872),
        ({"cost": "0.1"}, None),
        ({"cost": -1}, None),
        ({"cost": True}, None),
        ({"cost": float("nan")}, None),
        ({"cost": {}}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_what_a_host_says_that_it_charged_is_read(usage, usd):
    assert told(usage) == (usd and pytest.approx(usd))
