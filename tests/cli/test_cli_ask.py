"""``kit ask`` from the outside: real processes, real bytes, exit codes that never lie."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from command import KEY, Kit, until
from loopback import (
    Server,
    chat_stream,
    chunk,
    cut,
    error,
    hang,
    head,
    refusal,
    response,
)


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=3)


def test_the_answer_alone_is_on_stdout_with_one_newline(served: Kit, server: Server) -> None:
    server.script(chat_stream("Hel", "lo **you**\n\n"))
    ran = served("ask", "hi")
    assert (ran.code, ran.out, ran.err) == (0, "Hello **you**\n", "")
    assert server.requests[0].json["messages"] == [{"role": "user", "content": "hi"}]
    assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"


def test_text_arrives_while_it_streams(served: Kit, server: Server) -> None:
    server.script([*cut("first ", "words")[:3], 30.0])
    process = served.start("ask", "hi")
    assert process.stdout is not None
    assert process.stdout.read(11) == b"first words"  # while the server still holds the rest
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 143


def test_a_cut_stream_is_6_with_the_partial_text_and_its_trace(served: Kit, server: Server) -> None:
    """T01, T02."""
    server.script(cut("half an "))
    ran = served("ask", "hi")
    assert (ran.code, ran.out) == (6, "half an \n")
    assert "broke off" in ran.err
    assert len(server.requests) == 1
    last = served.records()[-1]
    assert (last["kind"], last["result"]["status"]) == ("run.finished", "incomplete")
    assert last["result"]["answer"] == "half an "


def test_401_is_3_after_one_request_and_never_shows_the_key(served: Kit, server: Server) -> None:
    """P08: the server quotes the key back."""
    server.script(refusal(401, f"Incorrect API key provided: {KEY}."))
    ran = served("ask", "-v", "hi")
    assert (ran.code, ran.out, len(server.requests)) == (3, "", 1)
    assert "401" in ran.err
    assert KEY not in ran.err
    assert KEY.encode() not in served.written()


def test_500_500_ok_is_success_after_three_requests(served: Kit, server: Server) -> None:
    server.script(refusal(500, "oops"), refusal(500, "oops"), chat_stream("fine"))
    ran = served("ask", "--json", "hi")
    assert (ran.code, ran.object["answer"], ran.object["usage"]["calls"]) == (0, "fine", 3)
    assert len(server.requests) == 3
    retries = [each for each in served.records() if each["kind"] == "call.retried"]
    assert len(retries) == 2


def test_without_retries_500_is_5_after_one_request(served: Kit, server: Server) -> None:
    server.script(refusal(500, "oops"))
    ran = served("ask", "--retries", "0", "hi")
    assert (ran.code, len(server.requests)) == (5, 1)


def test_400_is_4_after_one_request_and_says_why(served: Kit, server: Server) -> None:
    """P07."""
    server.script(refusal(400, "messages: too short"))
    ran = served("ask", "hi")
    assert (ran.code, len(server.requests)) == (4, 1)
    assert ran.err.count("messages: too short") == 1
    assert ran.err.count("\n") == 1


def test_a_used_up_quota_is_4_and_not_retried(served: Kit, server: Server) -> None:
    """P04."""
    server.script(refusal(429, "You exceeded your current quota", code="insufficient_quota"))
    ran = served("ask", "hi")
    assert (ran.code, len(server.requests)) == (4, 1)


def test_429_waits_as_long_as_it_was_asked_and_says_so(served: Kit, server: Server) -> None:
    """P01."""
    server.script(refusal(429, "slow down", {"Retry-After": "0.2"}), chat_stream("ok"))
    ran = served("ask", "hi")
    assert (ran.code, ran.out, len(server.requests)) == (0, "ok\n", 2)
    assert "trying again in 0.2 s" in ran.err


def test_a_length_limit_is_6_with_the_text(served: Kit, server: Server) -> None:
    """P16."""
    server.script(chat_stream("one two", finish="length"))
    ran = served("ask", "hi")
    assert (ran.code, ran.out) == (6, "one two\n")
    assert "--max-tokens" in ran.err


def test_a_refusal_is_4_and_nothing_on_stdout(served: Kit, server: Server) -> None:
    """P17."""
    refused = json.dumps(
        {"choices": [{"index": 0, "delta": {"refusal": "I cannot"}, "finish_reason": "stop"}]}
    )
    event = b"data: " + refused.encode() + b"\n\ndata: [DONE]\n\n"
    server.script(
        [head(200, {"Content-Type": "text/event-stream", "Content-Length": str(len(event))}), event]
    )
    ran = served("ask", "hi")
    assert (ran.code, ran.out) == (4, "")
    assert "I cannot" in ran.err


def test_a_full_disk_behind_stdout_is_an_error(served: Kit, server: Server) -> None:
    server.script(chat_stream("text"))
    with open("/dev/full", "wb") as full:
        process = served.start("ask", "hi", stdout=full)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert b"No space left" in err


# --- what is asked --------------------------------------------------------------------------------
def asked(server: Server) -> str:
    content = server.requests[-1].json["messages"][-1]["content"]
    assert isinstance(content, str)
    return content


def test_words_and_piped_stdin_are_joined_by_a_blank_line(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    served("ask", "explain", "this", stdin="line one\nline two\n")
    assert asked(server) == "explain this\n\nline one\nline two"


def test_stdin_alone_and_a_dash_are_the_prompt(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    served("ask", stdin="from stdin\n")
    assert asked(server) == "from stdin"
    served("ask", "-", stdin="dashed\n")
    assert asked(server) == "dashed"


def test_an_at_sign_names_a_file_and_f_adds_one(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = chat_stream("ok")
    note = tmp_path / "note.txt"
    note.write_text("written down\n", encoding="utf-8-sig")
    served("ask", f"@{note}")
    assert asked(server) == "written down\n"
    served("ask", "-f", str(note), "read this")
    assert asked(server) == 'read this\n\n<file name="note.txt">\nwritten down\n</file>'


def test_two_dashes_end_the_flags(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    served("ask", "--", "--not-a-flag")
    assert asked(server) == "--not-a-flag"


def test_a_loop_over_a_file_keeps_its_lines(served: Kit, server: Server, tmp_path: Path) -> None:
    """The offset of a loop's stdin is past 0: it is not ours."""
    server.default = chat_stream("ok")
    lines = tmp_path / "lines"
    lines.write_text("one\ntwo\nthree\n")
    command = subprocess.list2cmdline(served.argv("ask"))
    subprocess.run(
        ["bash", "-c", f'while read l; do {command} "$l"; done < {lines}'],
        env=served.env(), check=True, capture_output=True, timeout=90,
    )  # fmt: skip
    assert [seen.json["messages"][-1]["content"] for seen in server.requests] == [
        "one", "two", "three",
    ]  # fmt: skip


def test_a_file_as_stdin_is_read_from_its_start(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = chat_stream("ok")
    context = tmp_path / "context"
    context.write_text("the context")
    with context.open("rb") as file:
        process = served.start("ask", "question", stdin=file)
        process.communicate(timeout=30)
    assert asked(server) == "question\n\nthe context"


def test_an_open_silent_pipe_does_not_hang_it(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    reading, writing = os.pipe()
    try:
        process = served.start("ask", "hi", stdin=reading)
        out, err = process.communicate(timeout=30)
    finally:
        os.close(reading)
        os.close(writing)
    assert (process.returncode, out) == (0, b"ok\n")
    assert b"stdin" in err
    assert asked(server) == "hi"


@pytest.mark.parametrize("args", [(), ("",), ("  ",), ("-",)])
def test_an_empty_prompt_is_2_and_sends_nothing(
    served: Kit, server: Server, args: tuple[str, ...]
) -> None:
    """F16."""
    ran = served("ask", *args)
    assert (ran.code, ran.out) == (2, "")
    assert "empty" in ran.err
    assert server.requests == []


def test_a_binary_prompt_is_2(served: Kit, server: Server) -> None:
    ran = served("ask", stdin=b"\x7fELF\0\0\1")
    assert (ran.code, server.requests) == (2, [])
    assert "binary" in ran.err


def test_the_flags_reach_the_body(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    served(
        "ask", "-s", "be brief", "--temperature", "0", "--max-tokens", "7", "--top-p", "0.5",
        "--seed", "3", "--stop", "END", "-m", "other", "--option", "top_k=40",
        "--option", 'nested={"a":1}', "hi",
    )  # fmt: skip
    body = server.requests[0].json
    assert body["messages"][0] == {"role": "system", "content": "be brief"}
    picked = {k: body[k] for k in ("temperature", "max_tokens", "top_p", "seed", "model", "top_k")}
    assert picked == {
        "temperature": 0, "max_tokens": 7, "top_p": 0.5, "seed": 3, "model": "other", "top_k": 40,
    }  # fmt: skip
    assert (body["stop"], body["nested"]) == (["END"], {"a": 1})


# --- what comes out -------------------------------------------------------------------------------
def test_json_is_one_object_with_the_contracts_keys(served: Kit, server: Server) -> None:
    server.script(chat_stream("ok"))
    result = served("ask", "--json", "hi").object
    assert list(result) == [
        "run", "pattern", "status", "exit", "answer", "profiles", "models", "usage", "elapsed_s",
        "error", "detail",
    ]  # fmt: skip
    assert result["usage"] == {
        "calls": 1, "input_tokens": 10, "output_tokens": 5, "reasoning_tokens": None,
        "cached_tokens": None, "cost_usd": None,
    }  # fmt: skip
    assert (result["profiles"], result["models"]) == (["m"], ["m", "m-1"])
    assert result["detail"] == {"finish": "stop", "profile": "m", "fallbacks": []}


def test_json_is_printed_on_failure_too(served: Kit, server: Server) -> None:
    server.script(refusal(404, "no such model"))
    ran = served("ask", "--json", "hi")
    assert ran.code == ran.object["exit"] == 4
    assert ran.object["status"] == "rejected"
    assert "no such model" in ran.object["error"]["message"]


def test_json_is_printed_when_no_key_is_found(kit: Kit, server: Server) -> None:
    kit.configure(f'[profiles.m]\napi="openai-chat"\nmodel="m"\nbase_url="{server.url}"\n'
                  'key="env:NOT_SET"\n')  # fmt: skip
    ran = kit("ask", "--json", "hi")
    assert (ran.code, ran.object["status"], server.requests) == (3, "auth", [])
    assert "NOT_SET" in ran.object["error"]["message"]


def test_a_field_is_printed_alone(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    assert served("ask", "--field", "answer", "hi").out == "ok\n"
    assert served("ask", "--field", "usage.calls", "hi").out == "1\n"
    assert served("ask", "--field", "detail.finish", "hi").out == "stop\n"
    before = len(server.requests)
    assert served("ask", "--field", "nonsense", "hi").code == 2
    assert len(server.requests) == before


def test_events_are_the_lines_of_the_trace(served: Kit, server: Server) -> None:
    server.script(chat_stream("ok"))
    ran = served("ask", "--events", "hi")
    assert ran.out == served.runs()[-1].read_text()
    lines = [json.loads(line) for line in ran.out.splitlines()]
    assert all({"seq", "t", "kind", "call"} <= set(line) for line in lines)
    assert [line["seq"] for line in lines] == list(range(lines[0]["seq"], lines[-1]["seq"] + 1))
    assert lines[0]["kind"] == "run.started"
    assert {"schema", "kit"} <= set(lines[0])
    assert (lines[-1]["kind"], lines[-1]["result"]["answer"]) == ("run.finished", "ok")


def test_output_writes_the_answer_whole_with_the_users_umask(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = chat_stream("the answer")
    target = tmp_path / "answer.md"
    ran = served("ask", "-o", str(target), "hi")
    assert (ran.code, ran.out, target.read_text()) == (0, "", "the answer\n")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(target.stat().st_mode) == 0o666 & ~mask
    target.chmod(0o640)
    served("ask", "-o", str(target), "hi")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["answer.md"]


def test_an_output_that_cannot_be_written_is_2_before_anything_is_paid(
    served: Kit, server: Server, tmp_path: Path
) -> None:
    assert served("ask", "-o", str(tmp_path), "hi").code == 2
    assert served("ask", "-o", str(tmp_path / "no" / "file"), "hi").code == 2
    assert server.requests == []


def test_dry_run_prints_the_request_without_the_key_and_sends_nothing(
    served: Kit, server: Server
) -> None:
    ran = served("ask", "--dry-run", "hi")
    assert (ran.code, server.requests) == (0, [])
    (request,) = ran.object["requests"]
    assert request["url"] == f"{server.url}/v1/chat/completions"
    assert request["body"]["messages"][-1]["content"] == "hi"
    assert KEY not in ran.out


def test_continue_sends_the_earlier_conversation(served: Kit, server: Server) -> None:
    server.default = chat_stream("Both.")
    server.script(chat_stream("Paris."), chat_stream("2 million."))
    served("ask", "-s", "brief", "Capital of France?")
    served("ask", "-c", "How many people?")
    messages = server.requests[-1].json["messages"]
    assert [(each["role"], each["content"]) for each in messages] == [
        ("system", "brief"),
        ("user", "Capital of France?"),
        ("assistant", "Paris."),
        ("user", "How many people?"),
    ]
    served("ask", "-c", "-s", "long", "In words?")  # what is said now holds
    assert [each["role"] for each in server.requests[-1].json["messages"]].count("system") == 1
    assert server.requests[-1].json["messages"][0]["content"] == "long"
    first = served.runs()[0].stem
    served("ask", "-c", first[:20], "Again?")
    assert len(server.requests[-1].json["messages"]) == 4
    assert served("ask", "-c", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "x").code == 2


def test_a_fallback_answers_when_the_first_is_unavailable(kit: Kit, server: Server) -> None:
    kit.serve(server.url, "one", retries=0).serve(server.url, "two")
    server.script(refusal(503, "down"), chat_stream("from two"))
    ran = kit("ask", "-p", "one", "--fallback", "two", "--json", "hi")
    assert (ran.code, ran.object["answer"]) == (0, "from two")
    assert ran.object["detail"]["fallbacks"] == ["two"]
    assert ran.object["profiles"] == ["one", "two"]


def test_a_deadline_ends_it_with_8_and_what_there_is(served: Kit, server: Server) -> None:
    """T07."""
    server.script(lambda seen: [*cut("part")[:2], *([chunk(b": alive\n\n"), 0.05] * 500)])
    ran = served("ask", "--deadline", "1.5", "hi")
    assert (ran.code, ran.out) == (8, "part\n")
    assert server.requests[0].closed.wait(5)


def test_a_silent_server_is_5_after_the_timeout(served: Kit, server: Server) -> None:
    """T05."""
    server.default = hang()
    ran = served("ask", "--timeout", "0.3", "--retries", "0", "hi")
    assert ran.code == 5
    assert server.requests[0].closed.wait(5)


def test_a_stall_in_the_middle_is_6_with_the_text(served: Kit, server: Server) -> None:
    """T06."""
    server.default = cut("part", how="hang")
    ran = served("ask", "--timeout", "0.3", "hi")
    assert (ran.code, ran.out, len(server.requests)) == (6, "part\n", 1)


def test_max_calls_counts_retries(served: Kit, server: Server) -> None:
    server.default = refusal(500, "oops")
    ran = served("ask", "--max-calls", "2", "--json", "hi")
    assert (ran.code, len(server.requests)) == (8, 2)
    assert ran.object["usage"]["calls"] == 2


def test_a_connection_refused_is_5(kit: Kit) -> None:
    """T11."""
    kit.serve("http://127.0.0.1:9/v1", retries=0)
    ran = kit("ask", "hi")
    assert ran.code == 5
    assert "refused" in ran.err


def test_a_web_page_and_an_error_inside_a_200_are_no_answers(served: Kit, server: Server) -> None:
    """P11, P12, P13."""
    html = response(b"<html><title>Login</title></html>", headers={"Content-Type": "text/html"})
    inside = response({"error": {"message": "overloaded", "code": 502}})
    server.script(html, inside)
    assert served("ask", "--retries", "0", "hi").code in (4, 5)
    ran = served("ask", "--retries", "0", "hi")
    assert (ran.code, ran.out) == (5, "")
    assert "overloaded" in ran.err


# --- where nothing must go wrong ------------------------------------------------------------------
def test_an_ascii_locale_prints_any_text(served: Kit, server: Server) -> None:
    """F20, P22."""
    server.script(chat_stream("naïve ☃ ", "\ud83d", "\ude00", " \udfff"))
    ran = served("ask", "hi", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert (ran.code, ran.out) == (0, "naïve ☃ 😀 �\n")


def test_a_read_only_home_costs_one_warning(served: Kit, server: Server, tmp_path: Path) -> None:
    """F08."""
    server.script(chat_stream("ok"))
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    ran = served("ask", "hi", XDG_STATE_HOME=str(blocked))
    assert (ran.code, ran.out) == (0, "ok\n")
    assert ran.err.count("\n") == 1
    ran = served("ask", "--no-trace", "hi", XDG_STATE_HOME=str(blocked))
    assert ran.err == "" or ran.code != 0


def test_no_trace_leaves_none(served: Kit, server: Server) -> None:
    server.default = chat_stream("ok")
    served("ask", "--no-trace", "hi")
    served("ask", "hi", KIT_TRACE="off")
    assert served.runs() == []


def test_what_is_written_is_private_whatever_the_umask(served: Kit, server: Server) -> None:
    """S05."""
    server.script(chat_stream("ok"))
    process = served.start("ask", "hi", umask=0)
    process.communicate(timeout=30)
    state = served.home / "state"
    for path in [state, *state.rglob("*")]:
        if path != state:
            expected = 0o700 if path.is_dir() else 0o600
            assert stat.S_IMODE(path.stat().st_mode) == expected, path
    assert len(served.runs()) == 1


def test_no_key_is_written_anywhere(served: Kit, server: Server) -> None:
    server.default = lambda seen: error(500, {"error": {"message": f"dump: {seen.headers}"}})
    ran = served("ask", "-v", "--retries", "1", f"my key is {KEY}", KIT_DEBUG="1")
    assert ran.code == 5
    for text in (ran.out.encode(), ran.err.encode(), served.written()):
        assert KEY.encode() not in text


def test_the_key_is_not_in_the_process_list(served: Kit, server: Server) -> None:
    """S01."""
    server.default = hang()
    process = served.start("ask", "hi")
    until(lambda: bool(server.requests))
    assert KEY.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def test_a_killed_run_keeps_its_partial_text(served: Kit, server: Server) -> None:
    """F10."""
    server.script([*cut("paid for")[:2], 30.0])
    process = served.start("ask", "hi")
    assert process.stdout is not None
    process.stdout.read(8)
    until(lambda: b"paid for" in served.written())
    process.kill()
    process.wait(10)
    listed = json.loads(served("trace", "list", "--json").out)
    assert [run["status"] for run in listed] == ["interrupted"]
    assert "paid for" in served("trace", "show", "last").out


def test_nothing_hides_an_internal_error(served: Kit, server: Server, tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text(
        "class Broken:\n"
        "    async def stream(self, request):\n"
        "        raise RuntimeError('a bug')\n"
        "        yield\n"
    )
    ran = served("ask", "--api", f"{broken}:Broken", "hi")
    assert ran.code == 1
    assert "Traceback" not in ran.err
    assert "KIT_DEBUG=1" in ran.err
    assert (
        "RuntimeError: a bug" in served("ask", "--api", f"{broken}:Broken", "hi", KIT_DEBUG="1").err
    )


def test_it_ends_soon_after_its_answer(served: Kit, server: Server) -> None:
    """A connection that stays open does not keep the command."""
    server.script([*chat_stream("ok")[:-1], 20.0])
    began = time.monotonic()
    assert served("ask", "hi").out == "ok\n"
    assert time.monotonic() - began < 15
