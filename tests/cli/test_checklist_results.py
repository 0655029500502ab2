"""The shell checklist, points 21 to 33: exit codes, forms of output, files, colours, terminals.

The numbers are those of the list that kit was held against; other files test the same in depth.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import Kit
from lines import ASKING
from loopback import Server, chat_stream, cut, refusal
from screens import Pty, escapes, seen


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    server.default = chat_stream("fine")
    return kit.serve(server.url, retries=0)


def on_a_terminal(kit: Kit, *args: str, **environ: str) -> str:
    """What arrives at a terminal that stands for stdout."""
    terminal = Pty()
    kit.environ |= environ
    kit.start(*args, stdout=terminal.stream).communicate(timeout=60)
    return terminal.text()


def test_21_each_end_has_its_own_code(served: Kit, server: Server) -> None:
    documented = kit_codes(served)
    server.script(refusal(401, "no"), refusal(400, "no"), refusal(503, "no"), cut("half"))
    codes = [served("ask", "hi").code for _ in range(4)]
    codes += [served("ask", "--max-calls", "0", "hi").code, served("ask", "").code]
    codes += [served("consensus", "-n", "1", "--choices", "yes,no", "hi").code]
    assert codes == [3, 4, 5, 6, 8, 2, 7]
    assert set(codes) <= documented


def kit_codes(kit: Kit) -> set[int]:
    words = kit("help", "exit-codes").out.split("\n")
    return {
        int(line.split()[0]) for line in words if line.split()[:1] and line.split()[0].isdigit()
    }


def test_22_23_24_what_is_not_whole_is_no_success(served: Kit, server: Server) -> None:
    server.script(cut("half "), chat_stream("long", finish="length"), chat_stream(""))
    half, length, empty = (served("ask", "hi") for _ in range(3))
    assert (half.code, half.out) == (6, "half \n")
    assert (length.code, length.out) == (6, "long\n")
    assert (empty.code != 0, empty.out) == (True, "")
    assert all(ran.err.startswith("kit: ") for ran in (half, length, empty))


@pytest.mark.parametrize("words", [ASKING[each] for each in ("consensus", "refine", "react")])
def test_22_23_24_nor_is_it_for_the_others(words: list[str], served: Kit, server: Server) -> None:
    whole = chat_stream("long", finish="length")
    for script, code in ((cut("half "), 6), (whole, 6), (chat_stream(""), 4)):
        server.default = script
        ran = served(*words)
        assert ran.code == (7 if words[0] == "consensus" else code), ran.err
        assert ran.err.startswith("kit: ")


def test_25_26_json_is_one_object_and_events_are_lines(served: Kit, server: Server) -> None:
    server.script(chat_stream("fine"), refusal(400, "bad"), chat_stream("fine"))
    good, bad, events = served("ask", "--json", "x"), served("ask", "--json", "x"), None
    assert (good.object["status"], good.object["error"]) == ("ok", None)
    assert bad.object["status"] == "rejected"
    assert "bad" in json.dumps(bad.object["error"])
    events = [json.loads(line) for line in served("ask", "--events", "x").out.splitlines()]
    assert events[0]["schema"] == 1
    assert events[-1]["kind"] == "run.finished"


def test_27_a_schema_that_is_not_met_is_no_success(served: Kit, server: Server) -> None:
    schema = '{"type": "object", "required": ["a"]}'
    server.script(chat_stream('{"a": 1}'), chat_stream('{"b": 1}'))
    assert served("ask", "--schema", schema, "x").out == '{"a": 1}\n'
    assert served("ask", "--schema", schema, "--repairs", "0", "x").code == 7


def test_28_an_output_file_is_whole_or_not_there(served: Kit, tmp_path: Path) -> None:
    assert served("ask", "-o", str(tmp_path / "new"), "x").out == ""
    assert (tmp_path / "new").read_text() == "fine\n"
    assert served("ask", "-o", str(tmp_path), "x").code == 2
    assert served("ask", "-o", "-", "x").out == "fine\n"


def test_29_a_field_needs_no_jq(served: Kit, server: Server) -> None:
    vote = ["consensus", "-n", "1", "--no-marker", "x", "--field"]
    assert served(*vote, "usage.calls").out == "1\n"
    assert served(*vote, "detail.samples[0].vote").out == "fine\n"
    assert served(*vote, "detail.votes").out == '[{"answer": "fine", "count": 1, "weight": 1.0}]\n'
    missing, unknown = served(*vote, "detail.samples[7].vote"), served(*vote, "cost")
    assert (missing.code, missing.out, unknown.code, unknown.out) == (2, "", 2, "")
    assert "--field takes one of run" in unknown.err
    server.default = refusal(400, "bad")
    ran = served("ask", "x", "--field", "error.http_status")
    assert (ran.code, ran.out) == (4, "400\n")


@pytest.mark.parametrize("flags", [["--json", "--events"], ["--field", "answer", "--json"]])
def test_25_29_stdout_takes_one_form(flags: list[str], served: Kit, server: Server) -> None:
    ran = served("ask", "x", *flags)
    assert (ran.code, ran.out, server.requests) == (2, "", [])
    assert "stdout takes one of --json, " in ran.err


def test_30_colour_is_the_users_choice(served: Kit, server: Server) -> None:
    server.default = chat_stream("**bold**")
    assert "m" in escapes(on_a_terminal(served, "ask", "x", TERM="xterm"))
    assert escapes(on_a_terminal(served, "ask", "--color", "never", "x")) == set()
    assert "\x1b" not in served("ask", "x", NO_COLOR="1").out
    assert "m" in escapes(served("ask", "--color", "always", "x").out)
    assert "\x1b" not in on_a_terminal(served, "ask", "x", TERM="dumb")
    assert "m" in escapes(on_a_terminal(served, "ask", "x", NO_COLOR="", TERM="")), "not set"
    assert "\x1b" not in on_a_terminal(served, "ask", "x", NO_COLOR="", CLICOLOR="0")


def test_31_escapes_of_others_are_inert_on_a_terminal_and_whole_in_a_pipe(
    served: Kit, server: Server
) -> None:
    evil = "\x1b]0;x\x07 \x1b[2J end"
    server.default = chat_stream(evil)
    assert served("ask", "x").out == evil + "\n"
    assert "\x1b]0" not in (shown := on_a_terminal(served, "ask", "x"))
    assert "\x1b[2J" not in shown


@pytest.mark.parametrize("columns", [20, 80, 200])
def test_32_few_bytes_and_no_way_up(served: Kit, server: Server, columns: int) -> None:
    text = "".join(f"word{number} and\n\n* item {number}\n\n" for number in range(40))
    server.default = chat_stream(*[text[at : at + 7] for at in range(0, len(text), 7)])
    said = on_a_terminal(served, "ask", "x", COLUMNS=str(columns), TERM="xterm")
    assert len(said.encode()) <= 10 * len(text)
    assert "A" not in escapes(said)
    assert sum("item 7" in line for line in seen(said, columns, 400)) == 1


def test_33_any_letter_in_any_locale(served: Kit, server: Server) -> None:
    server.default = chat_stream("日本 👩‍👩‍👧 é")
    assert served("ask", "x").out == "日本 👩‍👩‍👧 é\n"
    assert served("ask", "x", LC_ALL="C", PYTHONUTF8="0").code == 0
