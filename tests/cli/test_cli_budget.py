"""What a run costs and may cost: told before, bounded meanwhile, added up after."""

from __future__ import annotations

from typing import Any

import pytest
from command import KEY, Kit, Ran
from loopback import Server, chat_stream, cut, delta, refusal, reset, until_close

from kit.providers import prices

PRICE: Any = {"price.input": 1.0, "price.output": 100.0}
LIMIT = 1000  # tokens of output
WORST = (10 + LIMIT * 100) / 1e6  # USD for the prompt "hi"
ASK = ("ask", "--max-tokens", str(LIMIT), "--json", "hi")
VOTE = ("consensus", "--no-marker", "--answer", "text", "--max-tokens", str(LIMIT), "--json", "hi")
SMALL = {"prompt_tokens": 10, "completion_tokens": 5}
SMALL_USD = (10 + 5 * 100) / 1e6


@pytest.fixture
def priced(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=3, **PRICE)


def usd(ran: Ran) -> Any:
    return ran.object["usage"]["cost_usd"]


# --- what it cost ---------------------------------------------------------------------------------
def test_the_profiles_price_is_what_a_run_costs(priced: Kit, server: Server) -> None:
    server.script(chat_stream("x", usage=SMALL))
    assert usd(priced(*ASK)) == pytest.approx(SMALL_USD)


def test_a_known_model_of_a_known_host_has_its_price(kit: Kit, server: Server) -> None:
    kit.serve(server.url, provider="openai", model="gpt-4o")
    server.script(chat_stream("x", usage={"prompt_tokens": 1000, "completion_tokens": 100}))
    assert usd(kit(*ASK)) == pytest.approx(0.0035)


def test_the_model_that_a_deployment_turned_out_to_be_is_paid_for(kit: Kit, server: Server) -> None:
    kit.serve(f"{server.url}/openai/deployments/mine", provider="azure", model="mine")
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    server.script(until_close(delta("x", "stop", model="gpt-4o-2024-08-06", usage=usage)))
    assert usd(kit(*ASK)) == pytest.approx(0.0035)


def test_openrouter_says_itself_what_it_charged(kit: Kit, server: Server) -> None:
    kit.serve(server.url, provider="openrouter", model="openrouter/auto")
    server.script(chat_stream("x", usage={**SMALL, "cost": 0.0123}))
    assert usd(kit(*ASK)) == 0.0123


@pytest.mark.parametrize("more", [{}, {"provider": "ollama"}, {"provider": "vllm"}])
def test_what_nobody_knows_is_null(kit: Kit, server: Server, more: dict[str, str]) -> None:
    kit.serve(server.url, model="gpt-4o", **more)
    server.script(chat_stream("x", usage={**SMALL, "cost": 0.0123}))
    assert usd(kit(*ASK)) is None


def test_the_fake_provider_costs_nothing_but_what_its_script_says(kit: Kit) -> None:
    kit.configure(
        '[profiles.f]\napi = "fake"\nreplies = ["x", {text = "y", usage = {cost_usd = 0.5}}]\n'
    )
    vote = kit(*VOTE, "-n", "2", "--max-cost", "1")
    assert usd(vote) == 0.5
    assert vote.object["usage"]["input_tokens"] is None


# --- what it may cost -----------------------------------------------------------------------------
def test_a_limit_below_the_worst_case_sends_nothing(priced: Kit, server: Server) -> None:
    ran = priced(*ASK, "--max-cost", "0.1")
    assert (ran.code, server.requests) == (8, [])
    assert "--max-cost 0.1 is reached" in ran.err
    assert "may use up to 0.10001, 0.1 is left" in ran.err


def test_a_limit_at_the_worst_case_is_enough(priced: Kit, server: Server) -> None:
    server.script(chat_stream("x"))
    assert priced(*ASK, "--max-cost", str(WORST)).code == 0


@pytest.mark.parametrize("command", [ASK, VOTE])
def test_a_limit_and_an_unknown_price_are_a_usage_error_before_anything_is_sent(
    kit: Kit, server: Server, command: tuple[str, ...]
) -> None:
    kit.serve(server.url, model="mystery").serve(server.url, "known", **PRICE)
    names = ("-p", "known", "-p", "m") if command is VOTE else ("-p", "m")
    ran = kit(*command, *names, "--max-cost", "5")
    assert (ran.code, ran.out, server.requests) == (2, "", [])
    assert ran.err == (
        "kit: --max-cost cannot be kept: what mystery costs is not known; add its price to the"
        " profile: price = { input = 0.15, output = 0.60 }, in USD per million tokens\n"
    )


def test_refused_attempts_use_nothing_of_the_limit(priced: Kit, server: Server) -> None:
    server.script(refusal(500, "oops"), refusal(429, "wait"), chat_stream("x", usage=SMALL))
    ran = priced(*ASK, "--max-cost", str(WORST))
    assert (ran.code, ran.object["usage"]["calls"]) == (0, 3)
    assert usd(ran) == pytest.approx(SMALL_USD)


def test_a_lost_attempt_may_have_been_paid_for(priced: Kit, server: Server) -> None:
    server.default = reset()
    ran = priced(*ASK, "--max-cost", str(WORST * 2.5))
    assert (ran.code, len(server.requests)) == (8, 2)


def test_a_server_that_is_not_there_uses_nothing_of_the_limit(kit: Kit) -> None:
    kit.serve("http://127.0.0.1:9/v1", retries=1, **PRICE)
    assert kit(*ASK, "--max-cost", str(WORST)).code == 5


def test_parallel_calls_cannot_overshoot(priced: Kit, server: Server) -> None:
    server.default = chat_stream("x", usage=SMALL, delay=0.1)
    vote = (*VOTE, "-n", "9", "--speed", "max", "--stop", "none")
    ran = priced(*vote, "--max-cost", str(WORST * 3.5))
    assert (ran.code, len(server.requests)) == (8, 3)
    assert usd(ran) == pytest.approx(SMALL_USD * 3)
    assert (ran.object["status"], ran.object["detail"]["answered"]) == ("budget", 3)


def test_one_after_the_other_use_what_those_before_left(priced: Kit, server: Server) -> None:
    server.default = chat_stream("x", usage=SMALL)
    ran = priced(*VOTE, "-n", "9", "-j", "1", "--stop", "none", "--max-cost", str(WORST * 1.5))
    assert (ran.code, len(server.requests)) == (0, 9)


def test_a_cut_call_is_paid_for_in_full(priced: Kit, server: Server) -> None:
    server.script(cut("half")).default = chat_stream("x", usage=SMALL)
    ran = priced(*VOTE, "-n", "3", "-j", "1", "--stop", "none", "--max-cost", str(WORST * 1.5))
    assert (ran.code, len(server.requests)) == (8, 1)


def test_parallel_calls_cannot_overshoot_the_tokens(priced: Kit, server: Server) -> None:
    server.default = chat_stream("x", usage=SMALL, delay=0.1)
    vote = (*VOTE, "-n", "9", "--speed", "max", "--stop", "none")
    ran = priced(*vote, "--max-tokens-total", "2500")
    assert (ran.code, len(server.requests)) == (8, 2)


# --- what it would cost ---------------------------------------------------------------------------
def test_a_dry_run_tells_the_expected_and_the_worst_cost(priced: Kit, server: Server) -> None:
    shown = priced(*ASK, "--dry-run").object
    assert list(shown) == ["requests", "cost"]
    assert [each["body"]["max_tokens"] for each in shown["requests"]] == [LIMIT]
    assert shown["cost"] == {
        "expected_usd": pytest.approx((2 + 500 * 100) / 1e6),
        "worst_usd": pytest.approx(WORST),
        "price_date": None,
        "expected_calls": 1,
        "worst_calls": 1,
        "assumed": {"output_tokens": 500},
    }
    assert server.requests == []


def test_a_dry_run_of_a_vote_expects_it_to_stop_early(kit: Kit, server: Server) -> None:
    kit.serve(server.url, provider="openai", model="gpt-4o")
    ran = kit(*VOTE, "-n", "9", "--dry-run")
    cost = ran.object["cost"]
    assert len(ran.object["requests"]) == cost["worst_calls"] == 9
    assert 4 <= cost["expected_calls"] < 6
    one = (2 * 2.5 + 500 * 10) / 1e6
    assert cost["expected_usd"] == pytest.approx(one * cost["expected_calls"])
    assert cost["worst_usd"] == pytest.approx(9 * (10 * 2.5 + LIMIT * 10) / 1e6)
    assert (cost["price_date"], cost["assumed"]["agreement"]) == (prices.DATE, 0.8)
    assert KEY not in ran.out


@pytest.mark.parametrize(
    ("flags", "expected", "worst"),
    [
        (("--stop", "none"), 9, 9),
        (("--stop", "none", "--on-tie", "extend"), 9, 12),
    ],
)
def test_a_dry_run_counts_the_calls_of_its_plan(
    priced: Kit, flags: tuple[str, ...], expected: float, worst: int
) -> None:
    cost = priced(*VOTE, "-n", "9", "--dry-run", *flags).object["cost"]
    assert (cost["expected_calls"], cost["worst_calls"]) == (expected, worst)


def test_a_dry_run_says_null_for_what_is_not_known(kit: Kit, server: Server) -> None:
    kit.serve(server.url)
    cost = kit(*ASK, "--dry-run", "--max-cost", "1").object["cost"]
    assert [cost[key] for key in ("expected_usd", "worst_usd", "price_date")] == [None] * 3


def test_a_dry_run_counts_repairs_and_fallbacks(priced: Kit, server: Server) -> None:
    priced.serve(server.url, "other", **PRICE)
    schema = ("--schema", '{"type": "object"}', "--repairs", "1")
    cost = priced(*ASK, "-p", "m", "--fallback", "other", *schema, "--dry-run").object["cost"]
    assert (cost["expected_calls"], cost["worst_calls"]) == (1, 4)
    assert cost["worst_usd"] > 4 * WORST


# --- the closing line -----------------------------------------------------------------------------
def test_verbose_closes_with_one_line_of_figures(priced: Kit, server: Server) -> None:
    server.script(chat_stream("Hello", usage=SMALL))
    ran = priced("ask", "-v", "hi")
    assert ran.out == "Hello\n"
    model, took, used, cost = ran.err.removesuffix("\n").split(" · ")
    assert (model, used, cost) == ("m-1", "10 → 5 tokens", "$0.00051")
    assert took.endswith("s")


def test_the_closing_line_invents_nothing(kit: Kit, server: Server) -> None:
    kit.serve(server.url)
    server.script(chat_stream("Hello", usage=None))
    ran = kit("ask", "-v", "hi")
    assert ran.err.endswith(" · ? → ? tokens · cost unknown\n")
    server.script(refusal(500, "no"), chat_stream("Hello"))
    assert " · 2 calls · 10 → 5 tokens · " in kit("ask", "-v", "hi").err


def test_without_verbose_there_is_no_closing_line(priced: Kit, server: Server) -> None:
    server.default = chat_stream("Hello", usage=SMALL)
    assert priced("ask", "hi").err == ""
    assert priced("ask", "-q", "-v", "hi").err == ""
