"""``kit consensus`` from the outside."""

from __future__ import annotations

import itertools
import json
import time

import pytest
from command import KEY, Kit, until
from loopback import Script, Server, chat_stream, hang, refusal


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=0)


def voices(*texts: str) -> list[Script]:
    return [chat_stream(text) for text in texts]


def test_the_winner_is_on_stdout_and_nothing_else(served: Kit, server: Server) -> None:
    """Case 1 of the seeds."""
    server.script(*voices("A", "B", "A", "C", "A"))
    ran = served("consensus", "-n", "5", "-j", "1", "--json", "pick a letter")
    result = ran.object
    assert (ran.code, ran.err, len(server.requests)) == (0, "", 5)
    assert (result["answer"], result["detail"]["agreement"]) == ("A", 0.6)
    assert len(result["detail"]["votes"]) == 3
    assert result["usage"]["calls"] == 5
    server.default = chat_stream("A")
    ran = served("consensus", "pick a letter")
    assert (ran.code, ran.out, ran.err) == (0, "A\n", "")


def test_the_detail_has_the_contracts_keys(served: Kit, server: Server) -> None:
    server.default = chat_stream("A")
    detail = served("consensus", "--json", "q").object["detail"]
    assert {
        "agreement", "votes", "planned", "asked", "answered", "failed", "abstained", "cancelled",
        "tie", "risk", "stopped", "kind", "samples",
    } <= set(detail)  # fmt: skip
    assert set(detail["risk"]) == {"alpha", "bound"}
    assert {"profile", "model", "reply", "vote", "error", "usage"} <= set(detail["samples"][0])


def test_it_stops_when_the_rest_could_hardly_change_it(served: Kit, server: Server) -> None:
    """Case 8."""
    server.default = chat_stream("yes")
    result = served("consensus", "-n", "9", "--json", "q").object
    assert len(server.requests) == 3
    assert (result["detail"]["stopped"], result["detail"]["asked"]) == ("risk", 3)
    server.requests.clear()
    served("consensus", "-n", "9", "--stop", "none", "q")
    assert len(server.requests) == 9


def test_replies_that_differ_in_form_alone_are_one_vote(served: Kit, server: Server) -> None:
    """Case 2: the printed answer is the first raw text."""
    server.script(*voices("Paris", " paris.", "PARIS\n"))
    ran = served("consensus", "-n", "3", "-j", "1", "--answer", "text", "--stop", "none", "q")
    assert ran.out == "Paris\n"


def test_one_failed_member_is_told_and_the_vote_stands(served: Kit, server: Server) -> None:
    """Case 5."""
    server.script(refusal(400, "bad luck"), *voices("A", "A", "A", "A"))
    ran = served("consensus", "-n", "5", "-j", "1", "--stop", "none", "--json", "-v", "q")
    assert (ran.code, ran.object["answer"], ran.object["detail"]["failed"]) == (0, "A", 1)
    assert "bad luck" in ran.err


def test_unanimous_with_a_dissent_is_7_with_samples_and_cost(served: Kit, server: Server) -> None:
    """Case 4."""
    server.script(*voices("A", "A", "B", "A", "A"))
    ran = served("consensus", "-n", "5", "--strategy", "unanimous", "--json", "q")
    assert ran.code == 7
    assert "2 distinct answers" in ran.err
    assert ran.object["detail"]["samples"]
    assert ran.object["usage"]["calls"] >= 3


@pytest.mark.parametrize(
    "args",
    [("--min-agreement", "0.9"), ("--strategy", "unanimous"), ("--on-tie", "error")],
)
def test_what_is_not_reached_is_7_with_the_answer_all_the_same(
    served: Kit, server: Server, args: tuple[str, ...]
) -> None:
    server.script(*voices("A", "B", "A", "B"))
    ran = served("consensus", "-n", "4", "-j", "1", *args, "q")
    assert (ran.code, ran.out) == (7, "A\n")


def test_no_votes_is_never_success(served: Kit, server: Server) -> None:
    server.default = refusal(500, "down")
    ran = served("consensus", "-n", "3", "q")
    assert (ran.code, ran.out) == (7, "")
    assert "no quorum" in ran.err
    server.default = refusal(401, f"bad key {KEY}")
    ran = served("consensus", "-n", "3", "q")
    assert ran.code == 3
    assert KEY not in ran.err
    server.default = chat_stream("maybe")
    assert served("consensus", "--choices", "yes,no", "-n", "3", "q").code == 7


def test_a_panel_is_asked_as_it_was_planned(kit: Kit, server: Server) -> None:
    kit.serve(server.url, "one", model="m-one").serve(server.url, "two", model="m-two")
    server.default = chat_stream("ANSWER: 7")
    args = ("consensus", "-p", "one:2", "-p", "two", "-n", "6", "--stop", "none", "--json", "q")
    result = kit(*args, "--plan-seed", "5").object
    asked = [seen.json["model"] for seen in server.requests]
    assert sorted(asked) == ["m-one"] * 2 + ["m-two"] * 4
    assert (result["answer"], sorted(result["profiles"])) == ("7", ["one", "two"])
    order = [sample["profile"] for sample in result["detail"]["samples"]]
    again = kit(*args, "--plan-seed", "5").object
    assert [sample["profile"] for sample in again["detail"]["samples"]] == order


def test_the_instruction_is_added_unless_it_is_not_wanted(served: Kit, server: Server) -> None:
    server.default = chat_stream("ANSWER: 4")
    served("consensus", "2+2?")
    assert "ANSWER:" in server.requests[-1].json["messages"][-1]["content"]
    served("consensus", "--no-marker", "2+2?")
    assert server.requests[-1].json["messages"][-1]["content"] == "2+2?"
    served("consensus", "--answer", "text", "2+2?")
    assert server.requests[-1].json["messages"][-1]["content"] == "2+2?"


def test_64_members_are_in_flight_at_once(served: Kit, server: Server) -> None:
    """Case 7, without a clock: all have asked before the first is answered."""
    server.default = chat_stream("A", delay=1.0)
    ran = served("consensus", "-n", "64", "-j", "64", "--stop", "none", "--json", "q")
    assert (ran.code, ran.object["detail"]["answered"]) == (0, 64)
    kinds = [each["kind"] for each in served.records()]
    assert kinds.index("call.replied") > len(kinds) - 1 - kinds[::-1].index("call.sent")


def test_max_calls_is_8_with_the_tally(served: Kit, server: Server) -> None:
    """Case 24."""
    server.default = chat_stream("A")
    ran = served("consensus", "-n", "9", "--stop", "none", "--max-calls", "3", "--json", "q")
    assert (ran.code, len(server.requests)) == (8, 3)
    assert (ran.object["answer"], ran.object["detail"]["stopped"]) == ("A", "budget")


def test_an_interrupt_prints_the_tally_so_far(served: Kit, server: Server) -> None:
    numbers = itertools.count()
    server.default = lambda seen: chat_stream("A") if next(numbers) < 2 else hang()

    def two_are_in_and_the_rest_asked() -> bool:
        votes = [each for each in served.runs() and served.records() if each["kind"] == "vote.cast"]
        return len(votes) == 2 and len(server.requests) == 9

    ran = served.interrupted(
        "consensus", "--stop", "none", "--json", "q", when=two_are_in_and_the_rest_asked
    )
    assert (ran.code, ran.object["status"]) == (130, "cancelled")
    assert ran.object["answer"] == "A"
    assert all(seen.closed.wait(5) for seen in server.requests[2:])


def test_the_closing_line_says_what_happened(served: Kit, server: Server) -> None:
    server.default = chat_stream("ANSWER: 42")
    ran = served("consensus", "-v", "q")
    assert ran.out == "42\n"
    last = ran.err.splitlines()[-1]
    assert last.startswith("42 · 3/3 agree · stopped at 3 of 9, at most ")
    assert "\x1b" not in ran.err
    assert served("consensus", "-q", "-v", "q").err == ""


def test_the_closing_line_rounds_no_cost_to_nothing(kit: Kit, server: Server) -> None:
    server.default = chat_stream("ANSWER: 42")
    kit.serve(server.url)
    kit.configure(f"{kit.toml}price = {{input = 1.0, output = 1.0}}\n")
    assert kit("consensus", "-v", "q").err.endswith(" · $0.000045, 67% saved\n")


def test_every_ballot_is_in_the_trace(served: Kit, server: Server) -> None:
    server.default = chat_stream("A")
    served("consensus", "-n", "3", "--stop", "none", "--plan-seed", "9", "q")
    kinds = [each["kind"] for each in served.records()]
    assert kinds.count("vote.cast") == 3
    assert kinds.count("vote.closed") == 1
    settings = served.records()[0]["settings"]
    assert (settings["plan_seed"], settings["plan"]) == (9, ["m", "m", "m"])


@pytest.mark.parametrize(
    "args",
    [("--stop", "nonsense"), ("--answer", "choice"), ("--answer", "colour"), ("-p", "m:0"),
     ("-p", "m", "-p", "m"), ("--need", "10"), ("--risk", "2"), ("-n", "0"), ("--speed", "warp")],
)  # fmt: skip
def test_a_term_that_makes_no_sense_is_2_before_anything_is_sent(
    served: Kit, server: Server, args: tuple[str, ...]
) -> None:
    ran = served("consensus", *args, "q")
    assert (ran.code, server.requests) == (2, [])
    assert ran.err.startswith("kit: ")


def test_speed_max_asks_all_and_closes_the_losers(served: Kit, server: Server) -> None:
    numbers = itertools.count()
    server.default = lambda seen: chat_stream("A") if next(numbers) < 5 else hang()
    ran = served("consensus", "--speed", "max", "--stop", "decided", "--json", "q")
    detail = ran.object["detail"]
    assert (ran.code, detail["asked"]) == (0, 9)
    if detail["cancelled"]:
        until(lambda: any(seen.closed.is_set() for seen in server.requests[5:]))
    assert sum(vote["count"] for vote in detail["votes"]) + detail["cancelled"] <= 9


def test_events_are_json_lines(served: Kit, server: Server) -> None:
    server.default = chat_stream("A")
    ran = served("consensus", "--events", "-n", "3", "q")
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert (lines[0]["kind"], lines[-1]["kind"]) == ("run.started", "run.finished")
    assert {line["call"] for line in lines if line["kind"] == "text"} <= {"1", "2", "3"}


def test_a_slow_member_holds_nobody_up_at_the_end(served: Kit, server: Server) -> None:
    """Under --speed max the vote ends when it is decided, not when the last one answers."""
    numbers = itertools.count()
    server.default = lambda seen: chat_stream("A") if next(numbers) != 8 else [25.0]
    began = time.monotonic()
    ran = served("consensus", "--speed", "max", "--stop", "decided", "q")
    assert ran.code == 0
    assert time.monotonic() - began < 20
