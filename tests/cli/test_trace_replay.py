"""``kit trace replay`` and ``--with``, from the outside: seeds case 30."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Kit
from loopback import Server, chat_stream, refusal

from kit.trace.amounts import money

PRICE = {"input": 1.0, "output": 2.0}


@pytest.fixture
def panel(kit: Kit, server: Server) -> Kit:
    """Three members, of which c is wrong each time."""
    for name in "abc":
        kit.serve(server.url, name, retries=0)
    price = "price = { input = 1.0, output = 2.0 }"
    kit.configure(kit.toml.replace("model = ", f"{price}\nmodel = "))
    server.default = lambda seen: chat_stream(f"It is 4{'1' if seen.json['model'] == 'c' else '2'}")
    return kit


VOTE = ("consensus", "-p", "a", "-p", "b", "-p", "c", "--plan-seed", "1", "--answer", "number", "q")


@pytest.mark.parametrize(
    "command",
    [
        ("ask", "-p", "a", "q"),
        ("ask", "-p", "a", "--schema", '{"type":"object"}', "--repairs", "1", "q"),
        VOTE,
        (*VOTE, "--speed", "max"),
        (*VOTE, "--max-calls", "2"),
        ("consensus", "-p", "a", "-p", "c", "-n", "2", "--on-tie", "extend", "q"),
        (*VOTE, "--strategy", "judge", "--judge", "a"),
        ("consensus", "-p", "a", "--answer", "text", "--judge", "b", "q"),
        ("refine", "-p", "a", "--check", "grep 43", "q"),
        ("refine", "-p", "a", "--rubric", "short", "--judge", "b", "q"),
        ("react", "-p", "a", "-t", "calc", "q"),
    ],
)
def test_a_run_replays_to_its_own_answer_with_no_network(
    command: tuple[str, ...], panel: Kit, server: Server
) -> None:
    first = panel(*command)
    server.requests.clear()
    ran = panel("trace", "replay")
    assert (ran.code, ran.out) == (0, first.out), ran.err
    assert server.requests == []


def test_a_failed_run_replays_too(panel: Kit, server: Server) -> None:
    server.default = refusal(400, "bad luck")
    assert panel("ask", "-p", "a", "q").code == 4
    ran = panel("trace", "replay")
    assert (ran.code, ran.out) == (0, "")
    assert "it ended as rejected" in ran.err
    again = panel("trace", "replay", "last", "--json").object
    assert (again["same"], again["status"], again["answer"]) == (True, "rejected", "")


def edited(kit: Kit, old: str, new: str, kind: str) -> None:
    """Change the record of the latest run, in its lines of this kind."""
    path: Path = kit.runs()[-1]
    lines = path.read_text().splitlines()
    changed = [line.replace(old, new) if f'"kind":"{kind}"' in line else line for line in lines]
    assert changed != lines
    path.write_text("\n".join(changed) + "\n")


@pytest.mark.parametrize(
    ("kind", "old", "new", "named"),
    [
        ("call.started", '"text":"q"', '"text":"Q"', "prompt"),
        ("call.started", '"temperature":0.5', '"temperature":0.6', "parameter temperature"),
        ("text", "It is 42", "It is 40", "pattern: vote of vote.cast"),
        ("vote.cast", '"vote":"42"', '"vote":"40"', "pattern: vote of vote.cast"),
        ("run.started", '"rule":"risk:0.05"', '"rule":"none"', "pattern"),
    ],
)
def test_the_first_divergence_is_exit_7_in_one_sentence(
    kind: str, old: str, new: str, named: str, panel: Kit
) -> None:
    panel(*VOTE, "--temperature", "0.5")
    edited(panel, old, new, kind)
    ran = panel("trace", "replay")
    assert (ran.code, ran.out) == (7, "")
    assert "the replay goes another way" in ran.err
    assert named in ran.err
    assert ran.err.count("\n") == 1


def test_another_kit_is_named_as_a_reason(panel: Kit) -> None:
    panel(*VOTE)
    edited(panel, '"kit":"', '"kit":"0.0.', "run.started")
    assert panel("trace", "replay").code == 0
    edited(panel, '"vote":"42"', '"vote":"40"', "vote.cast")
    assert "the run is of kit 0.0." in panel("trace", "replay").err


def test_a_record_of_an_older_kit_is_one_sentence_and_exit_2(panel: Kit) -> None:
    panel("ask", "-p", "a", "q")
    edited(panel, '"form":1,', "", "run.started")
    for command in ("replay", "resume"):
        if command == "resume":
            edited(panel, '"status":"ok"', '"status":"cancelled"', "run.finished")
        ran = panel("trace", command)
        assert (ran.code, ran.out) == (2, "")
        assert "its record does not say enough" in ran.err
        assert ran.err.count("\n") == 1


@pytest.mark.parametrize("command", ["replay", "resume"])
@pytest.mark.parametrize("name", ["../../etc/passwd", "-9"])
def test_a_run_that_is_not_there_is_exit_2(name: str, command: str, kit: Kit) -> None:
    ran = kit("trace", command, name)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


# --- what if ------------------------------------------------------------------------------------
def what_if(kit: Kit, *wanted: str) -> dict[str, object]:
    flags = [each for one in wanted for each in ("--with", one)]
    ran = kit("trace", "replay", *flags, "--json")
    return {**json.loads(ran.out), "code": ran.code}


def test_other_terms_are_answered_for_nothing(panel: Kit, server: Server) -> None:
    whole = panel(*VOTE, "--stop", "none", "--json").object
    server.requests.clear()
    risk = what_if(panel, "risk=0.05")
    assert (risk["answer"], risk["missing"], risk["same_answer"]) == ("42", 0, True)
    asked = panel(*VOTE, "--json").object["detail"]["asked"]
    assert risk["calls"] == asked
    assert risk["cost_usd"] == pytest.approx(whole["usage"]["cost_usd"] * asked / 9)
    server.requests.clear()
    other = ("trace", "replay", "-2", "--json")
    heavy = panel(*other, "--with", "weights=c=9").object
    assert (heavy["answer"], heavy["same_answer"]) == ("41", False)
    short = panel(*other, "--with", "n=2", "--with", "stop=decided").object
    assert (short["calls"], short["detail"]["planned"]) == (2, 2)
    unmet = panel(*other, "--with", "min-agreement=0.9")
    assert (unmet.code, unmet.object["exit"]) == (7, 7)
    assert panel(*other, "--with", "strategy=unanimous").code == 7
    assert panel(*other, "--with", "stop=decided").object["detail"]["stopped"] == "decided"
    assert server.requests == []


def test_what_it_would_have_cost_reads_as_everywhere(panel: Kit) -> None:
    cost = money(panel(*VOTE, "--json").object["usage"]["cost_usd"])
    said = panel("trace", "replay", "--with", "risk=0.05").err
    assert f"; {cost}, recorded {cost}; stopped: " in said


def test_ballots_that_were_never_recorded_are_told(panel: Kit) -> None:
    asked = panel(*VOTE, "--json").object["detail"]["asked"]
    found = what_if(panel, "stop=none")
    assert (found["code"], found["missing"], found["answer"]) == (7, 9 - asked, "42")
    ran = panel("trace", "replay", "--with", "stop=none")
    assert f"at least {9 - asked} more answers would be needed" in ran.err
    assert what_if(panel, "n=40")["code"] == 7


def test_a_refinement_with_fewer_rounds_is_answered_too(panel: Kit) -> None:
    panel("refine", "-p", "a", "--check", "grep 43", "--rounds", "3", "q")
    found = what_if(panel, "rounds=0")
    assert (found["calls"], found["missing"]) == (1, 0)


def test_what_cannot_be_changed_is_exit_2(panel: Kit) -> None:
    panel("ask", "-p", "a", "q")
    panel(*VOTE)
    for wanted in ("risk", "risk=7", "n=0", "foo=1", "weights=x=1"):
        ran = panel("trace", "replay", "--with", wanted)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1), wanted
    assert panel("trace", "replay", "-2", "--with", "risk=0.1").code == 2
