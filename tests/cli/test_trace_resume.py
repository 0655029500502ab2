"""``kit trace resume``: what was stopped goes on, and nothing recorded is paid for again."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pexpect
import pytest
from command import KEY, Kit, until
from loopback import EVENTS, LAST, Script, Seen, Server, chat_stream, chunk, event, head, refusal

VOTE = ("consensus", "-p", "a", "-p", "b", "-p", "c", "--plan-seed", "1", "--answer", "number", "q")


@pytest.fixture
def panel(kit: Kit, server: Server) -> Kit:
    for name in "abc":
        kit.serve(server.url, name, retries=0)
    server.default = lambda seen: chat_stream(f"It is 4{'1' if seen.json['model'] == 'c' else '2'}")
    return kit


def test_a_vote_stopped_by_a_limit_goes_on_with_another_one(panel: Kit, server: Server) -> None:
    whole = panel(*VOTE, "--json").object
    server.requests.clear()
    stopped = panel(*VOTE, "--max-calls", "3", "--json")
    assert (stopped.code, len(server.requests)) == (8, 3)
    further = panel("trace", "resume", "--max-calls", "2", "--json")
    assert (further.code, len(server.requests)) == (8, 5)
    ran = panel("trace", "resume", "--json")
    result, rest = ran.object, whole["usage"]["calls"] - 5
    assert (ran.code, len(server.requests)) == (0, 5 + rest)
    assert result["answer"] == whole["answer"]
    assert result["detail"]["votes"] == whole["detail"]["votes"]
    assert result["usage"]["calls"] == rest
    assert result["usage"]["input_tokens"] == 10 * rest
    assert result["detail"]["resumed_from"] == further.object["run"]
    assert result["detail"]["recorded"]["calls"] == 5
    assert result["detail"]["recorded"]["input_tokens"] == 50
    began = panel.records()[0]
    assert began["resumed_from"] == further.object["run"]
    assert panel("trace", "replay").code == 0


def test_an_interrupted_answer_is_asked_again_and_streams(panel: Kit, server: Server) -> None:
    server.script(chat_stream("once ", "upon ", "a ", "time", delay=0.3))
    ran = panel.interrupted("ask", "-p", "a", "q", when=lambda: bool(server.requests))
    assert ran.code == 130
    server.default = chat_stream("once ", "upon ", "a ", "time")
    ran = panel("trace", "resume")
    assert (ran.code, ran.out, len(server.requests)) == (0, "once upon a time\n", 2)


def test_a_failed_answer_is_asked_again(panel: Kit, server: Server) -> None:
    server.script(refusal(503, "busy"))
    assert panel("ask", "-p", "a", "q").code == 5
    ran = panel("trace", "resume", "last", "--json")
    assert (ran.code, ran.object["answer"], ran.object["usage"]["calls"]) == (0, "It is 42", 1)


def test_a_vote_that_failed_in_part_asks_only_those_again(panel: Kit, server: Server) -> None:
    server.default = lambda seen: (
        chat_stream("It is 42") if seen.json["model"] == "a" else refusal(503, "busy")
    )
    assert panel(*VOTE, "--need", "5").code == 7
    answered = [seen for seen in server.requests if seen.json["model"] == "a"]
    server.requests.clear()
    server.default = chat_stream("It is 42")
    ran = panel("trace", "resume", "--json")
    assert (ran.code, ran.object["answer"]) == (0, "42")
    assert ran.object["detail"]["recorded"]["calls"] in range(1, len(answered) + 1)
    assert {seen.json["model"] for seen in server.requests} == {"b", "c"}


def test_a_run_that_came_to_its_end_is_printed_and_sends_nothing(
    panel: Kit, server: Server
) -> None:
    panel("ask", "-p", "a", "q")
    ran = panel("trace", "resume")
    assert (ran.code, ran.out, len(server.requests)) == (0, "It is 42\n", 1)
    assert "had come to its end" in ran.err
    assert panel("trace", "resume", "-q", "--field", "detail.finish").out == "stop\n"


def test_a_running_run_is_left_alone(panel: Kit, server: Server) -> None:
    server.script(chat_stream("a", "b", "c", delay=2))
    process = panel.start("ask", "-p", "a", "q")
    until(lambda: bool(server.requests))
    ran = panel("trace", "resume")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert (ran.code, len(server.requests)) == (2, 1)
    assert "is still running" in ran.err


def test_a_masked_prompt_is_not_asked_in_another_form(panel: Kit, server: Server) -> None:
    server.script(refusal(503, "busy"))
    panel("ask", "-p", "a", f"is {KEY} a good key?")
    ran = panel("trace", "resume")
    assert (ran.code, ran.out, len(server.requests)) == (2, "", 1)
    assert "masks what looks like a key" in ran.err
    assert KEY.encode() not in panel.written().replace(panel.config.read_bytes(), b"")


def test_the_model_of_the_run_is_kept_and_a_profile_that_moved_is_told(
    panel: Kit, server: Server
) -> None:
    server.script(refusal(503, "busy"))
    panel("ask", "-p", "a", "q")
    old = panel.toml
    panel.configure(
        old.replace('model = "a"' if 'model = "a"' in old else "model = 'a'", "model = 'z'")
    )
    assert panel("trace", "resume").code == 0
    assert server.requests[-1].json["model"] == "a"
    server.script(refusal(503, "busy"))
    panel("ask", "-p", "a", "q")
    panel.configure(old.replace(server.url, f"{server.url}/v1"))
    ran = panel("trace", "resume")
    assert "the run asked" in ran.err


def test_a_one_off_profile_is_found_again(panel: Kit, server: Server) -> None:
    server.script(refusal(503, "busy"))
    flags = ("--base-url", server.url, "--api", "openai-chat", "-m", "x")
    panel("ask", *flags, "q", KIT_KEY_ONE_OFF=KEY)
    ran = panel("trace", "resume", KIT_KEY_ONE_OFF=KEY)
    assert (ran.code, ran.out) == (0, "It is 42\n")
    assert server.requests[-1].json["model"] == "x"


def test_a_profile_that_is_gone_is_one_sentence(panel: Kit, server: Server) -> None:
    server.script(refusal(503, "busy"))
    panel("ask", "-p", "a", "q")
    panel.configure("")
    ran = panel("trace", "resume")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "there is no profile 'a'" in ran.err


def test_checks_that_were_run_are_not_run_again(panel: Kit, server: Server, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    panel.environ["RAN"] = str(ran)
    command = ("refine", "-p", "a", "--check", 'sh:echo x >> "$RAN"; grep 43', "--rounds", "2", "q")
    assert panel(*command, "--max-calls", "1").code == 8
    assert ran.read_text() == "x\n"
    server.default = chat_stream("It is 43")
    assert panel("trace", "resume").out == "It is 43\n"
    assert ran.read_text() == "x\nx\n"


# --- tools --------------------------------------------------------------------------------------
TOOL = '''
import os, time

def pay(amount: int) -> str:
    """Pay so much."""
    with open(os.environ["PAID"], "a") as file:
        file.write(f"{amount}\\n")
    time.sleep(float(os.environ.get("SLOW", "0")))
    return f"paid {amount}"
'''


def using(seen: Seen) -> Script:
    """A model that pays once and then says so."""
    last = seen.json["messages"][-1]
    if last["role"] == "tool":
        return chat_stream(f"Done: {last['content']}")
    call = {"index": 0, "id": "c1", "type": "function",
            "function": {"name": "pay", "arguments": '{"amount": 5}'}}  # fmt: skip
    asked = {"id": "c", "choices": [{"index": 0, "delta": {"tool_calls": [call]}}]}
    ended = {"id": "c", "choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}
    pieces = [chunk(event(each)) for each in (asked, ended, b"[DONE]")]
    return [head(200, EVENTS | {"Transfer-Encoding": "chunked"}), *pieces, LAST]


@pytest.fixture
def paying(panel: Kit, server: Server, tmp_path: Path) -> tuple[Kit, Path]:
    paid, tool = tmp_path / "paid", tmp_path / "pay.py"
    paid.touch()
    tool.write_text(TOOL)
    server.default = using
    panel.environ |= {"PAID": str(paid), "TOOL": str(tool)}
    return panel, paid


def react(kit: Kit) -> tuple[str, ...]:
    return ("react", "-p", "a", "-t", kit.environ["TOOL"], "--allow", "pay", "Pay 5")


def test_a_tool_whose_result_is_recorded_is_not_used_again(paying: tuple[Kit, Path]) -> None:
    kit, paid = paying
    assert kit(*react(kit), "--max-calls", "1").code == 8
    assert paid.read_text() == "5\n"
    ran = kit("trace", "resume")
    assert (ran.code, "paid 5" in ran.out) == (0, True), ran.err
    assert paid.read_text() == "5\n"


def killed_at_work(kit: Kit, paid: Path) -> None:
    kit.environ["SLOW"] = "30"
    process = kit.start(*react(kit), start_new_session=True)
    until(lambda: paid.read_text() == "5\n")
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    kit.environ["SLOW"] = "0"


def test_a_tool_that_was_killed_at_its_work_is_not_used_again_unasked(
    paying: tuple[Kit, Path], server: Server
) -> None:
    kit, paid = paying
    killed_at_work(kit, paid)
    sent = len(server.requests)
    for flags in ((), ("--no-input",)):
        ran = kit("trace", "resume", *flags)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert "pay" in ran.err
        assert "--yes" in ran.err
    assert (paid.read_text(), len(server.requests)) == ("5\n", sent)
    ran = kit("trace", "resume", "--yes")
    assert (ran.code, "paid 5" in ran.out) == (0, True), ran.err
    assert (paid.read_text(), len(server.requests)) == ("5\n5\n", sent + 1)


@pytest.mark.parametrize(("answer", "times"), [("n", 1), ("y", 2)])
def test_on_a_terminal_it_is_asked_for(answer: str, times: int, paying: tuple[Kit, Path]) -> None:
    kit, paid = paying
    killed_at_work(kit, paid)
    program, *rest = kit.argv("trace", "resume")
    env: Any = kit.env() | {"TERM": "xterm-256color"}
    child = pexpect.spawn(program, rest, env=env, timeout=60, dimensions=(40, 200))
    child.expect("May it run once more")
    child.sendline(answer)
    child.expect(pexpect.EOF)
    child.close()
    assert (child.exitstatus == 0, paid.read_text()) == (times == 2, "5\n" * times)
