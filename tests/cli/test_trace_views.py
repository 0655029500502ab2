"""The views of runs of every pattern: votes, drafts, tools and checks, for pipes and terminals."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import recorded
from command import Kit
from loopback import Server
from recorded import Moment
from typer.testing import CliRunner

from kit import events as ev
from kit.cli.screen.terminal import Terminal
from kit.cli.trace import app
from kit.cli.trace_views.overview import overview
from kit.cli.trace_views.steps import steps
from kit.cli.trace_views.timeline import timeline
from kit.trace.report.page import report
from kit.trace.runs import Run, read, records
from kit.trace.story import Story, story

RUNS = [recorded.a_vote, recorded.a_refinement, recorded.with_tools, recorded.hostile]
Show = Callable[..., list[str]]


def tty(width: int = 100, *, colour: bool = False) -> Terminal:
    return Terminal(True, True, colour, colour, False, False, width, True)


PIPE = Terminal(False, False, False, False, False, False, 20, True)


def told(folder: Path, moments: Iterable[Moment]) -> tuple[Run, Story]:
    path = recorded.recorded(folder, moments)
    return read(path), story(records(path))


def test_the_timeline_of_a_vote_tells_queue_retries_first_token_and_stream(tmp_path: Path) -> None:
    lines = list(timeline(*told(tmp_path, recorded.a_vote()), tty(88)))
    assert lines == [
        "#1  llama-3.3-70b  ▒▒▒▒▒████████                  0.9 s  40→16  =0.05",
        "#2  gpt-5.2        ░▒▒▒▒▒▒████████                1.1 s  40→16  =0.10",
        "#3  qwen3-1.7b     ××······×········▒▒▒▒▒▒▒▒      1.8 s         abstains: local answe...",
        "#4  llama-3.3-70b  ░░▒▒▒▒▒▒▒▒██████████           1.4 s  40→16  =0.05",
        "#5  gpt-5.2         ▒▒▒▒▒▒▒▒▒▒▒███████████        1.6 s  40→16  =0.05",
        "#6  qwen3-1.7b      ▒▒▒▒▒▒▒▒▒▒▒▒▒                 0.9 s  40→16  =0.05",
        "#7  llama-3.3-70b   ░▒▒▒▒▒▒▒▒▒▒▒▒▒█               1.1 s  40→16  =0.10",
        "#8  gpt-5.2         ░░░░░░▒▒▒▒▒▒▒▒▒▒▒███████████  2.0 s         cancelled",
        "#9  qwen3-1.7b       ░░░░░▒▒▒▒▒▒▒▒▒▒▒▒██████████  1.9 s         cancelled",
        "2.0 s in all; ░ waits for its turn; × an attempt that failed; · waits before it tries",
        "again; ▒ sent, no words yet; █ answers",
    ]


def test_a_terminal_leaves_out_the_middle_of_a_thousand_rows_and_a_pipe_does_not(
    tmp_path: Path,
) -> None:
    run = told(tmp_path, recorded.a_vote(1000))
    lines = list(timeline(*run, tty(100)))
    assert len(lines) == 40 + 1 + 2
    assert lines[30] == "960 more, which a pipe shows: kit trace show … | less"
    assert len(list(timeline(*run, PIPE))) == 1001


@pytest.mark.parametrize("width", [60, 80, 132])
@pytest.mark.parametrize("run", RUNS)
def test_no_row_is_wider_than_the_terminal(
    run: Callable[[], Iterable[Moment]], width: int, tmp_path: Path
) -> None:
    whole = told(tmp_path, run())
    tables = list(overview(*whole, tty(width)))
    first = tables.index("") if "" in tables else len(tables)
    assert max(map(len, tables[:first])) <= width


def test_the_table_of_a_refinement_tells_drafts_scores_and_checks(tmp_path: Path) -> None:
    lines = list(overview(*told(tmp_path, recorded.a_refinement()), PIPE))
    assert lines[13].split() == ["3", "ok", "groq", "llama-3.3-70b", "1.1", "s", "40→29",
                                 "$0.0001", "draft", "2"]  # fmt: skip
    assert lines[20:28] == [
        "1      0            fails  Says nothing that a reader can use: name the figures. "
        "Names no feature.",
        "2      1      1     0.62   Says nothing that a reader can use: name the figures. "
        "Names no feature.",
        "3 *    2      2     0.93   Good.",
        "",
        "check                          result",
        "vale --minAlertLevel error {}  failed (exit 1)",
        "vale --minAlertLevel error {}  ok",
        "vale --minAlertLevel error {}  ok",
    ]


def test_the_steps_of_a_run_with_tools_tell_who_allowed_what(tmp_path: Path) -> None:
    told_steps = "\n".join(steps(*told(tmp_path, recorded.with_tools()), PIPE))
    assert '  tool read  ok  0.2 s  (readonly)\n    {"path": "docs/plan.txt"}\n' in told_steps
    assert "    error: nobody is here to allow it; --allow shell does\n" in told_steps
    assert told_steps.count("Owner: Ada") == 1


def test_the_steps_of_a_refinement_tell_what_was_made_of_each_draft(tmp_path: Path) -> None:
    told_steps = "\n".join(steps(*told(tmp_path, recorded.a_refinement()), PIPE))
    assert (
        "  check  failed (exit 1)  vale --minAlertLevel error {}\n    line 3: 'very' is forbidden\n"
        "  draft 1, round 0, score 0.35, fails its check\n    Says nothing" in told_steps
    )
    assert "draft 3, round 2, from draft 2, score 0.93, best\n" in told_steps


@pytest.mark.parametrize("form", ["table", "timeline", "steps"])
@pytest.mark.parametrize("run", RUNS)
def test_a_pipe_gets_the_same_clean_text_at_any_width(
    form: str,
    run: Callable[[], Iterable[Moment]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    recorded.recorded(tmp_path / "runs", run())
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path))
    seen = []
    for width in ("20", "300"):
        monkeypatch.setenv("COLUMNS", width)
        result = CliRunner().invoke(app, ["show", "--format", form], catch_exceptions=False)
        seen.append(result.stdout)
    assert seen[0] == seen[1]
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", seen[0])


@pytest.mark.parametrize("form", ["table", "timeline", "steps", "html"])
def test_x08_a_hostile_run_moves_no_cursor(form: str, tmp_path: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    recorded.recorded(tmp_path / "runs", recorded.hostile())
    seen, code = pexpect.run(
        f"{sys.executable} -m kit trace show last --format {form}",
        env={**os.environ, "NO_COLOR": "1", "TERM": "xterm", "KIT_STATE_DIR": str(tmp_path)},
        withexitstatus=True,
    )
    assert code == 0
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", seen.decode())


def test_a_run_of_the_command_becomes_a_report(kit: Kit, server: Server, tmp_path: Path) -> None:
    words = {"choices": [{"delta": {"content": "It is 4.\nANSWER: 4 </script>"}}]}
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    body = "".join(f"data: {json.dumps(each)}\n\n" for each in (words, end)) + "data: [DONE]\n\n"
    server.default = [head, body.encode(), "close"]
    kit.serve(server.base)
    assert kit("consensus", "-q", "-n", "5", "2 + 2 <b>?").code == 0
    shown = kit("trace", "show", "last", "--format", "html")
    exported = kit("trace", "export", "last", "--format", "html", "-o", str(tmp_path / "r.html"))
    assert (shown.code, exported.code) == (0, 0)
    assert (tmp_path / "r.html").read_text(encoding="utf-8") == shown.out
    assert shown.out.startswith('<!doctype html>\n<html lang="en"><head><meta charset="utf-8">')
    assert "2 + 2 &lt;b&gt;?" in shown.out
    assert shown.out.count("</script") == 0


def test_what_a_resumed_run_took_from_a_record_is_told_apart(tmp_path: Path) -> None:
    before = "01KAMC4V6R0123456789ABCDE0"
    begun = ev.RunStarted(run=recorded.RUN, pattern="consensus", resumed_from=before)
    given = ev.Replied("1", recorded.said("4"), usage=ev.Usage(1, 2, cost_usd=0.5), recorded=before)
    moments = [(0.0, begun), (0.0, ev.CallStarted("1", recorded.asked("2 + 2?"))), (0.1, given)]
    run, made = told(tmp_path, moments)
    table = "\n".join(overview(run, made, PIPE))
    assert f"goes on   {before}\n" in table
    assert re.search(r"1     recorded  groq     llama-3.3-70b  0.1 s  1→2\n", table)
    assert "recorded" in "\n".join(timeline(run, made, PIPE))
    assert f"from the record of run {before}, nothing sent" in "\n".join(steps(run, made, PIPE))
    page = report(run, records(run.path))
    assert f"From the record of run {before}: nothing was sent and nothing paid." in page
    assert "$0.50" not in page
