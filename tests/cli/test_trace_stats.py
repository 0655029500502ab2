"""``kit trace stats`` counts what the server has counted."""

from __future__ import annotations

import json
import time

import pytest
import shelves
from command import Kit
from loopback import Seen, Server, chat_stream, cut, error, refusal

from kit.cli.traces.since import moment
from kit.errors import UsageError

QUESTION = ("consensus", "-n", "9", "--stop", "none", "--choices", "4,5", "-q")


def test_stats_are_what_the_server_has_counted(kit: Kit, server: Server) -> None:
    """Refusals, repeats, a cut stream, an unknown usage: nothing is counted twice or left out."""
    told = {"in": 0, "out": 0, "replies": 0}

    def counts(tokens_in: int, tokens_out: int) -> dict[str, int]:
        told["in"] += tokens_in
        told["out"] += tokens_out
        told["replies"] += 1
        return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out,
                "total_tokens": tokens_in + tokens_out}  # fmt: skip

    def answer(seen: Seen) -> list[object]:
        number = len(server.requests)
        if number % 4 == 1:
            return error(503, {"error": {"message": "busy"}}, {"retry-after": "0.01"})
        if number % 7 == 3:
            return refusal(400, "no")
        return chat_stream("ANSWER: ", "4", usage=counts(number, 2 * number))

    server.default = answer  # type: ignore[assignment]  # a script of steps
    kit.serve(server.base, "m")
    for _ in range(3):
        assert kit(*QUESTION, "what is 2 + 2?").out == "4\n"
    kit("ask", "-q", "and 3?")
    stats = kit("trace", "stats", "--json").object
    assert stats["runs"] == 4
    assert stats["calls"] == len(server.requests)
    assert stats["replies"] == told["replies"]
    assert (stats["input_tokens"], stats["output_tokens"]) == (told["in"], told["out"])
    refused = sum(number % 4 != 1 and number % 7 == 3 for number in range(1, stats["calls"] + 1))
    busy = sum(number % 4 == 1 for number in range(1, stats["calls"] + 1))
    assert (stats["failed"], stats["retries"]) == ({"rejected": refused}, busy)
    assert stats["calls"] == stats["replies"] + stats["failures"] + stats["retries"]
    assert stats["cost_usd"] is None
    assert stats["latency_p50_s"] <= stats["latency_p95_s"]
    [row] = kit("trace", "stats", "--json", "--by", "model", "--since", "1h").object
    assert row == {"model": "m", **stats}
    each = [kit("trace", "stats", f"-{n}", "--json").object for n in range(1, 5)]
    assert [sum(one[key] or 0 for one in each) for key in ("calls", "input_tokens", "retries")] == [
        stats["calls"], stats["input_tokens"], stats["retries"],
    ]  # fmt: skip


def test_what_was_not_told_is_never_0(kit: Kit, server: Server) -> None:
    server.script(chat_stream("a"), chat_stream("b", usage=None))
    kit.serve(server.base, "m")
    kit.configure(f"{kit.toml}price = {{ input = 1, output = 1 }}\n")
    kit("ask", "-q", "one")
    kit("ask", "-q", "two")
    stats = kit("trace", "stats", "--json").object
    names = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "cost_usd",
             "agreement")  # fmt: skip
    assert [stats[name] for name in names] == [None] * 6
    assert stats["at_least"] == {"input_tokens": 10, "output_tokens": 5, "cost_usd": 0.000015}
    shown = dict(line.split("  ", 1) for line in kit("trace", "stats").out.splitlines())
    assert {name: value.strip() for name, value in shown.items()} == {
        "runs": "2 (2 ok)", "calls": "2", "replies": "2", "failures": "0", "cancelled": "0",
        "tokens in": "≥ 10", "tokens out": "≥ 5", "reasoning": "—", "cached": "—",
        "cost": "≥ $0.000015", "latency": shown["latency"].strip(),
        "first token": shown["first token"].strip(), "agreement": "—",
    }  # fmt: skip
    assert kit("trace", "stats", "last", "--json").object["at_least"]["input_tokens"] is None


def test_a_pipe_gets_plain_numbers_at_any_width(kit: Kit) -> None:
    folder = kit.home / "state" / "kit" / "runs"
    shelves.vote(folder)
    wide = kit("trace", "stats", "--by", "profile")
    assert wide.out == (
        "a\t1\t2\t1\t0\t10\t5\t0.001\t0.4\t0.4\t0.3\t0.3\t1\n"
        "b\t1\t2\t0\t1\t20\t6\t\t0.2\t0.2\t0.1\t0.1\t0\n"
    )
    assert kit("trace", "stats", "--by", "profile", COLUMNS="20") == wide
    assert wide.err == ""


def test_a_cut_stream_is_a_failure_that_was_paid_for(kit: Kit, server: Server) -> None:
    server.script(cut("half"))
    kit.serve(server.base, "m")
    assert kit("ask", "-q", "one").code == 6
    stats = kit("trace", "stats", "--json").object
    assert (stats["calls"], stats["replies"], stats["failed"]) == (1, 0, {"incomplete": 1})
    assert stats["statuses"] == {"incomplete": 1}


def test_without_runs_everything_is_unknown(kit: Kit) -> None:
    ran = kit("trace", "stats", "--json")
    assert (ran.code, ran.object["calls"], ran.object["cost_usd"]) == (0, 0, None)
    assert json.loads(kit("trace", "stats", "--by", "day", "--json").out) == []
    assert "no runs" in kit("trace", "stats", "--since", "1h").err
    assert list((kit.home / "cache").glob("**/*")) == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30m", 1800), ("12h", 43200), ("7d", 604800), ("2w", 1209600), ("1.5h", 5400), ("9s", 9)],
)
def test_an_age_is_counted_back_from_now(text: str, seconds: float) -> None:
    assert moment(text, 2_000_000_000) == 2_000_000_000 - seconds


def test_a_date_is_one_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    assert moment("2026-11-22", 0) == 1_795_273_200
    assert moment("2026-11-22T00:00Z", 0) == 1_795_305_600
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "text", ["", "7", "d", "-1d", "yesterday", "7 years", "9999-99-99", "1e9d"]
)
def test_what_is_no_moment_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="neither an age nor a date"):
        moment(text, 0)


def test_one_run_and_a_time_do_not_go_together(kit: Kit) -> None:
    assert kit("trace", "stats", "last", "--since", "1d").code == 2
