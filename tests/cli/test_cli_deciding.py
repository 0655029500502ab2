"""``kit consensus`` with a judge, a check, a stronger model, and what a calibration taught it."""

from __future__ import annotations

import itertools
import json
import re
import threading
from math import log
from pathlib import Path

import pytest
from command import KEY, Kit
from loopback import Script, Seen, Server, chat_stream, refusal


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    for name in ("m", "boss", "judge"):
        kit.serve(server.url, name, model=f"m-{name}", retries=0)
    return kit


def who(seen: Seen) -> str:
    return str(seen.json["model"]).removeprefix("m-")


def prompt(seen: Seen) -> str:
    return str(seen.json["messages"][-1]["content"])


def saying(**voices: object):
    """Answers by model: one text for all, or several in order."""
    lock = threading.Lock()
    lines = {
        name: itertools.repeat(said) if isinstance(said, str) else iter(said)
        for name, said in voices.items()
    }

    def answer(seen: Seen) -> Script:
        with lock:
            return chat_stream(next(lines[who(seen)]))

    return answer


def asked(server: Server) -> list[str]:
    return [who(seen) for seen in server.requests]


# --- judges ---------------------------------------------------------------------------------------
def test_a_judge_groups_replies_that_mean_the_same(served: Kit, server: Server) -> None:
    server.default = saying(m=["Marlowe did it", "It was Marlowe", "Kit Marlowe"], judge="yes")
    args = ("-p", "m", "-n", "3", "-j", "1", "--answer", "text", "--judge", "judge")
    result = served("consensus", *args, "--stop", "none", "--json", "Who <b>did</b> it?").object
    detail = result["detail"]
    assert (result["answer"], detail["agreement"], detail["asked"]) == ("Marlowe did it", 1.0, 3)
    assert sorted(asked(server)) == ["judge"] * 4 + ["m"] * 3
    assert result["usage"]["calls"] == 7
    assert result["profiles"] == ["m", "judge"]
    judged = [prompt(seen) for seen in server.requests if who(seen) == "judge"]
    assert all("Who &lt;b&gt;did&lt;/b&gt; it?" in each for each in judged)
    kinds = [record["kind"] for record in served.records()]
    assert (kinds.count("call.started"), kinds.count("vote.cast")) == (7, 3)
    assert served.records()[0]["settings"]["judge"]["request"]["profile"] == "judge"


def test_free_text_that_never_repeats_names_flags_that_there_are(
    served: Kit, server: Server
) -> None:
    server.default = saying(m=[f"number {word} it is" for word in "abcdefghi"])
    ran = served("consensus", "-p", "m", "--answer", "text", "q")
    (note,) = [line for line in ran.err.splitlines() if "three different" in line]
    known = served("consensus", "--help").out
    for flag in re.findall(r"--[\w-]+", note):
        assert flag in known
    assert served("consensus", "--strategy", "judge", "--dry-run", "-p", "m", "q").code == 0


def test_the_members_own_model_picks_when_no_judge_is_named(served: Kit, server: Server) -> None:
    server.default = saying(m=["one way", "another way", "a third way", "ANSWER: B"])
    args = ("-p", "m", "-n", "3", "--answer", "text", "--strategy", "judge", "--plan-seed", "3")
    ran = served("consensus", *args, "--json", "-v", "q")
    detail = ran.object["detail"]
    assert (ran.code, detail["chosen_by"], detail["escalated"]) == (0, "judge", False)
    block = re.search(r"<answer_B>\n(.*?)\n</answer_B>", prompt(server.requests[-1]))
    assert block
    assert ran.object["answer"] == block[1]
    assert "chosen by the judge" in ran.err.splitlines()[-1]


def test_model_and_address_flags_are_for_the_members_alone(served: Kit, server: Server) -> None:
    server.default = saying(other=["one way", "another way"], judge="no")
    args = ("-p", "m", "-m", "m-other", "--judge", "judge", "--answer", "text", "-n", "2")
    served("consensus", *args, "--stop", "none", "--temperature", "0.3", "q")
    assert set(asked(server)) == {"other", "judge"}


# --- checks ---------------------------------------------------------------------------------------
def test_the_first_reply_that_passes_the_check_wins(served: Kit, server: Server) -> None:
    server.default = saying(m=["one", "two", "three", "four"])
    ran = served("consensus", "-p", "m", "--check", "grep -q two", "--json", "-v", "q")
    detail = ran.object["detail"]
    assert (ran.code, ran.object["answer"], len(server.requests)) == (0, "two", 2)
    assert (detail["stopped"], detail["chosen_by"]) == ("check", "check")
    assert "stopped at 2 of 9: it passes the check" in ran.err
    checks = [record for record in served.records() if record["kind"] == "checked"]
    assert [each.get("passed", False) for each in checks] == [False, True]
    assert [each["call"] for each in checks] == ["1", "2"]


def test_when_none_passes_it_is_7_with_the_best_so_far(served: Kit, server: Server) -> None:
    server.default = saying(m="never")
    ran = served("consensus", "-p", "m", "-n", "3", "--strategy", "best", "--check", "false", "q")
    assert (ran.code, ran.out, len(server.requests)) == (7, "never\n", 3)
    assert "no reply passes the check" in ran.err


def test_a_check_has_the_reply_in_a_file_and_no_key(served: Kit, server: Server) -> None:
    server.default = saying(m="it is é")
    seen = served.home / "seen"
    check = f"sh:env > {seen}; cat {{}} >> {seen}"
    served.environ |= {"OPENAI_API_KEY": KEY + "2", "COPY_OF_IT": KEY, "HARMLESS": "1"}
    ran = served("consensus", "-p", "m", "--check", check, "q")
    assert ran.code == 0
    written = seen.read_text(encoding="utf-8")
    assert KEY not in written
    assert "HARMLESS=1" in written
    assert written.endswith("it is é\n")


def test_no_shell_reads_a_check_or_a_reply(served: Kit, server: Server, tmp_path: Path) -> None:
    server.default = saying(m="$(touch no); `touch no`")
    ran = served("consensus", "-p", "m", "-n", "1", "--check", f"test -e {{}} -a ! -e {tmp_path}/x")
    assert ran.code == 2  # an empty prompt, to see that nothing was run
    ran = served("consensus", "-p", "m", "-n", "1", "--check", "echo $HOME; touch no", "q")
    assert ran.code == 0
    assert not Path("no").exists()


def test_a_slow_check_ends_and_does_not_pass(served: Kit, server: Server) -> None:
    server.default = saying(m="x")
    args = ("-p", "m", "-n", "1", "--check", "sleep 60", "--check-timeout", "0.3")
    assert served("consensus", *args, "q").code == 7
    (check,) = [record for record in served.records() if record["kind"] == "checked"]
    assert "too slow" in check["output"]


def test_an_interrupt_ends_a_check_that_runs(served: Kit, server: Server) -> None:
    server.default = saying(m="the reply")
    begun = served.home / "begun"
    check = f"sh:echo $$ > {begun}; sleep 60"
    ran = served.interrupted(
        "consensus", "-p", "m", "--check", check, "q",
        when=lambda: begun.exists() and begun.read_text().strip() != "",
    )  # fmt: skip
    assert (ran.code, ran.out) == (130, "the reply\n")
    pid = int(begun.read_text())
    state = Path(f"/proc/{pid}/stat")
    assert not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


@pytest.mark.parametrize(
    "args",
    [("--strategy", "best"), ("--check", "true", "--strategy", "majority"),
     ("--check", "no-such-command-here"), ("--check", ""), ("--check", "true", "--judge", "judge"),
     ("--judge", "nobody-of-that-name"), ("--escalate", "nobody-of-that-name"),
     ("--strategy", "weighted"), ("--strategy", "loudest"), ("--calibration", "not-there.json")],
)  # fmt: skip
def test_what_makes_no_sense_is_2_before_anything_is_sent(
    served: Kit, server: Server, args: tuple[str, ...]
) -> None:
    ran = served("consensus", "-p", "m", *args, "q")
    assert (ran.code, server.requests) == (2, [])
    assert ran.err.startswith("kit: ")


# --- a stronger model -----------------------------------------------------------------------------
def test_a_split_vote_is_answered_by_the_stronger_model(served: Kit, server: Server) -> None:
    server.default = saying(m=["ANSWER: 1", "ANSWER: 2", "ANSWER: 3"], boss="ANSWER: 42")
    args = ("-p", "m", "-n", "3", "-j", "1", "--escalate", "boss", "--json", "-v")
    ran = served("consensus", *args, "--system", "Be brief.", "6 times 7?")
    result = ran.object
    assert (ran.code, result["answer"], result["detail"]["escalated"]) == (0, "42", True)
    assert [vote["answer"] for vote in result["detail"]["votes"]] == ["1", "2", "3"]
    assert asked(server) == ["m", "m", "m", "boss"]
    last = server.requests[-1].json["messages"]
    assert last == server.requests[0].json["messages"]
    assert ran.err.splitlines()[-1].startswith("42 · 1/3 agree")
    assert "answered by a stronger model" in ran.err


def test_a_vote_that_agrees_needs_no_stronger_model(served: Kit, server: Server) -> None:
    server.default = saying(m="ANSWER: 42")
    result = served("consensus", "-p", "m", "--escalate", "boss", "--json", "q").object
    assert (result["answer"], result["detail"]["escalated"]) == ("42", False)
    assert "boss" not in asked(server)


def test_what_is_shown_before_sending_holds_the_escalation(served: Kit, server: Server) -> None:
    ran = served("consensus", "-p", "m", "-n", "3", "--escalate", "boss", "--dry-run", "q")
    assert (ran.code, len(ran.object["requests"]), server.requests) == (0, 4, [])


@pytest.mark.parametrize(
    ("flags", "most"), [(["--judge", "boss"], 3 + 3 * 2), (["--strategy", "judge"], 3 + 1)]
)
def test_what_is_shown_before_sending_counts_the_judge(
    served: Kit, server: Server, flags: list[str], most: int
) -> None:
    ran = served("consensus", "-p", "m", "-n", "3", *flags, "--dry-run", "q")
    assert (ran.code, len(ran.object["requests"]), server.requests) == (0, 4, [])
    assert ran.object["cost"]["worst_calls"] == most


# --- members --------------------------------------------------------------------------------------
def test_a_member_that_is_down_is_asked_twice(served: Kit, server: Server) -> None:
    server.default = lambda seen: (
        refusal(401, "bad key") if who(seen) == "boss" else chat_stream("ANSWER: 7")
    )
    args = ("-p", "m:8", "-p", "boss:8", "-j", "1", "--stop", "none", "--json", "-v")
    ran = served("consensus", *args, "q")
    detail = ran.object["detail"]
    assert (ran.code, ran.object["answer"]) == (0, "7")
    assert asked(server).count("boss") == 2
    assert (detail["planned"], detail["asked"], detail["abstained"]) == (16, 10, 8)
    assert "boss is asked no more" in ran.err
    assert "10 of 16 asked" in ran.err.splitlines()[-1]


def test_one_that_is_out_of_line_is_named(served: Kit, server: Server) -> None:
    server.default = saying(m="ANSWER: 7", boss=[f"ANSWER: {n}" for n in range(20, 30)])
    ran = served("consensus", "-p", "m:5", "-p", "boss:4", "--stop", "none", "q")
    assert (ran.code, ran.out) == (0, "7\n")
    assert "boss is out of line: 4 of its 4 answers" in ran.err


@pytest.mark.parametrize(("at_once", "most"), [("2", 2), ("5", 5)])
def test_never_more_calls_than_j_are_in_flight(
    served: Kit, server: Server, at_once: str, most: int
) -> None:
    server.default = chat_stream("A", delay=0.05)
    served("consensus", "-p", "m", "-j", at_once, "--speed", "max", "--stop", "none", "q")
    steps = {"call.started": 1, "call.replied": -1}
    flights = itertools.accumulate(steps.get(each["kind"], 0) for each in served.records())
    assert (len(server.requests), max(flights)) == (9, most)


# --- weights and calibration ----------------------------------------------------------------------
def calibrated(place: Path, **weights: float) -> Path:
    members = {name: {"weight": weight} for name, weight in weights.items()}
    curve = [{"agreement": 0.3, "correct": 0.4}, {"agreement": 0.9, "correct": 0.93}]
    place.write_text(json.dumps({"calibration": 1, "members": members, "curve": curve}))
    return place


def test_a_calibration_gives_weights_and_a_chance_of_being_right(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = saying(m="ANSWER: 1", judge="ANSWER: 1", boss="ANSWER: 2")
    file = calibrated(tmp_path / "c.json", m=0.5, judge=0.5, boss=3.0)
    members = ("-p", "m:1", "-p", "judge:1", "-p", "boss:1", "-n", "3", "--stop", "none", "--json")
    result = served("consensus", *members, "--calibration", str(file), "-v", "q")
    assert (result.object["answer"], result.object["detail"]["agreement"]) == ("2", 0.75)
    assert result.object["detail"]["p_correct"] == 0.4
    assert "40% likely right, as calibrated" in result.err
    plain = served("consensus", *members, "q").object
    assert (plain["answer"], plain["detail"]["p_correct"]) == ("1", None)


def test_weights_on_the_command_line_weigh(served: Kit, server: Server) -> None:
    server.default = saying(m="ANSWER: 1", judge="ANSWER: 1", boss="ANSWER: 2")
    args = ("-p", "m:1", "-p", "judge:1", "-p", "boss:1=2.5", "--stop", "none")
    ran = served("consensus", *args, "-n", "3", "--strategy", "weighted", "q")
    assert (ran.code, ran.out) == (0, "2\n")


def test_a_member_that_a_calibration_does_not_know_has_the_mean_weight(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = saying(m="ANSWER: 1", boss="ANSWER: 1")
    file = calibrated(tmp_path / "c.json", m=3.0, judge=1.0)
    args = ("-p", "m:1", "-p", "boss:1", "-n", "2", "--stop", "none", "--calibration", str(file))
    ran = served("consensus", *args, "--json", "q")
    assert ran.object["detail"]["votes"][0]["weight"] == 6.0
    assert "does not know boss" in ran.err
    ran = served("consensus", "-p", "boss", "--calibration", str(file), "q")
    assert ran.code == 2
    assert "knows none of these: boss" in ran.err


def labelled(place: Path, *items: tuple[str, object]) -> Path:
    lines = (json.dumps({"prompt": prompt, "answer": answer}) for prompt, answer in items)
    place.write_text("\n".join(lines) + "\n\n")
    return place


def sums(seen: Seen) -> Script:
    """The one model adds, the other never carries."""
    a, b = map(int, re.findall(r"\d+", prompt(seen))[:2])
    right = a + b if who(seen) == "boss" or a + b < 10 else a + b - 10
    return chat_stream(f"Well.\nANSWER: {right}")


def test_calibrate_asks_all_and_writes_what_consensus_reads(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    items = [(f"{a} plus {b}?", a + b) for a in range(2, 6) for b in range(3, 8)]
    file = labelled(tmp_path / "items.jsonl", *items)
    out = tmp_path / "c.json"
    server.default = sums
    ran = served("consensus", "calibrate", str(file), "-p", "m", "-p", "boss", "-o", str(out))
    assert (ran.code, ran.out, len(server.requests)) == (0, "", 40)
    assert "boss: 20 of 20 right" in ran.err
    report = json.loads(out.read_text())
    assert report["members"]["boss"]["accuracy"] == round(21 / 22, 4)
    assert report["members"]["m"]["right"] == sum(answer < 10 for _, answer in items)
    assert report["members"]["boss"]["weight"] > report["members"]["m"]["weight"]
    args = ("-p", "m:1", "-p", "boss:1", "--stop", "none", "--calibration", str(out), "--json")
    result = served("consensus", *args, "-n", "2", "8 plus 7?").object
    assert result["answer"] == "15"
    assert 0 < result["detail"]["p_correct"] < 1
    assert served.runs()  # and the calibration is in the trace, as every run


def test_a_calibration_goes_to_stdout_without_o(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = sums
    file = labelled(tmp_path / "items.jsonl", ("1 plus 1?", 2))
    ran = served("consensus", "calibrate", "-q", "-p", "m:3", str(file))
    assert (ran.code, ran.err, len(server.requests)) == (0, "", 3)
    assert ran.object["members"]["m"] == {
        "valid": 3, "right": 3, "accuracy": 0.8, "weight": round(log(4), 4),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "said"),
    [("{", "no JSON"), ('{"prompt": "q"}', 'no "answer"'), ('{"answer": "x"}', 'no "prompt"'),
     ('["q", "a"]', 'no "answer"'), ("", "no labelled question")],
)  # fmt: skip
def test_a_line_that_is_no_item_is_2_with_its_number(
    served: Kit, server: Server, tmp_path: Path, line: str, said: str
) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text(line)
    ran = served("consensus", "calibrate", str(file), "-p", "m")
    assert (ran.code, server.requests) == (2, [])
    assert said in ran.err
    assert f"{file}:1:" in ran.err or not line


def test_a_prompt_may_begin_with_the_word(served: Kit, server: Server, tmp_path: Path) -> None:
    server.default = saying(m="ANSWER: A")
    for words in (["calibrate"], ["calibrate", "my", "scale"], ["calibrate my scale"]):
        ran = served("consensus", "-p", "m", *words)
        assert (ran.code, ran.out) == (0, "A\n")
        assert prompt(server.requests[-1]).startswith(" ".join(words))
    note = tmp_path / "note.txt"
    note.write_text("the scale is old")
    ran = served("consensus", "calibrate", "it", "-p", "m", "-f", str(note))
    assert (ran.code, ran.out) == (0, "A\n")
    assert "the scale is old" in prompt(server.requests[-1])
    ran = served("consensus", "calibrate", "--help")
    assert (ran.code, "labelled questions" in ran.out) == (0, True)
