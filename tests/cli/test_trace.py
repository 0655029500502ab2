"""``kit trace`` lists, shows, locates runs: for people and pipes, unharmed by their text."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kit.cli.screen.terminal import Terminal
from kit.cli.trace import app
from kit.cli.trace_views.overview import overview
from kit.cli.trace_views.steps import steps
from kit.cli.trace_views.table import listing
from kit.cli.trace_views.timeline import timeline
from kit.errors import UsageError
from kit.trace.folders import place
from kit.trace.runs import read, records
from kit.trace.story import story

FIXTURE = Path(__file__).parents[1] / "trace" / "fixtures" / "schema1.jsonl"
RUN = "01KAN1V5C0SCHEMA1F1XTVRE00"
EVIL = "\x1b[2J\x1b]52;c;ZXZpbA==\x07\x9b31m\rover"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path))
    path = place(tmp_path / "runs", RUN)
    path.parent.mkdir(parents=True)
    shutil.copy(FIXTURE, path)
    return tmp_path


def kit(*args: str) -> str:
    result = CliRunner().invoke(app, args, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


ROW = (
    f"{RUN}\t2025-11-22T08:26:40.000Z\tok\tconsensus\tllama-3.3-70b,gpt-5.2\t1.370\t0.000213\t"
    "What is 6 × 7? Answer in one line.\n"
)


@pytest.mark.parametrize("args", [(), ("list",), ("-n", "1"), ("list", "--limit", "5")])
def test_a_pipe_gets_a_line_a_run_between_tabs(args: tuple[str, ...], state: Path) -> None:
    assert kit(*args) == ROW


def test_no_width_changes_what_a_pipe_gets(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wide = [kit("list"), kit("show"), kit("show", "--format", "timeline")]
    monkeypatch.setenv("COLUMNS", "20")
    assert [kit("list"), kit("show"), kit("show", "--format", "timeline")] == wide


@pytest.mark.parametrize("args", [("list", "--json"), ("--json",)])
def test_list_json_is_an_array_of_objects(args: tuple[str, ...], state: Path) -> None:
    [run] = json.loads(kit(*args))
    assert run == {
        "run": RUN,
        "started": "2025-11-22T08:26:40.000Z",
        "pattern": "consensus",
        "status": "ok",
        "exit": 0,
        "prompt": "What is 6 × 7?\nAnswer in one line.",
        "answer": "42",
        "profiles": ["groq", "openai"],
        "models": ["llama-3.3-70b", "gpt-5.2"],
        "usage": {
            "calls": 4,
            "input_tokens": 42,
            "output_tokens": 23,
            "reasoning_tokens": 8,
            "cached_tokens": None,
            "cost_usd": 0.000213,
        },
        "elapsed_s": 1.37,
        "error": None,
        "skipped": 0,
    }


@pytest.mark.parametrize(
    "args", [("last",), ("-1",), (RUN,), ("show",), ("show", "-1"), ("show", RUN[:8].lower())]
)
def test_every_name_shows_the_run(args: tuple[str, ...], state: Path) -> None:
    shown = kit(*args)
    assert shown == kit("show", "--format", "table")
    assert shown == (
        f"run       {RUN}\n"
        "status    ok\n"
        "pattern   consensus\n"
        "started   2025-11-22T08:26:40.000Z\n"
        "time      1.4 s\n"
        "cost      $0.00021\n"
        "profiles  groq, openai\n"
        "models    llama-3.3-70b, gpt-5.2\n"
        "prompt    What is 6 × 7? Answer in one line.\n"
        "\n"
        "call  status       profile  model          time   tokens  cost       vote\n"
        "1     ok           groq     llama-3.3-70b  1.0 s  21→18   $0.00012   =42\n"
        "2     unavailable  openai   gpt-5.2        1.3 s                     "
        "abstains: openai answered 503 three times\n"
        "3     ok           groq     llama-3.3-70b  1.2 s  21→5    $0.000090  =42\n"
        "4     cancelled    groq     llama-3.3-70b  1.4 s\n"
        "\n"
        "answer  votes\n"
        "42      2\n"
        "\n"
        "42\n"
    ).replace("→", "→" if "→" in shown else ">")  # by the locale of whoever runs this


@pytest.mark.parametrize("args", [("show", "--json"), ("-1", "--json"), ("--format=json", "-1")])
def test_show_json_holds_the_records(args: tuple[str, ...], state: Path) -> None:
    if args[0].startswith("--"):
        args = ("show", *args)
    shown = json.loads(kit(*args))
    assert (shown["run"], shown["status"], len(shown["records"])) == (RUN, "ok", 25)
    assert shown["records"] == list(records(FIXTURE))


def test_show_raw_is_the_file(state: Path) -> None:
    assert kit("show", "--format", "raw") == FIXTURE.read_text()


def test_path_prints_the_folder_or_the_file(state: Path) -> None:
    assert kit("path") == f"{state / 'runs'}\n"
    assert kit("path", "-1") == f"{place(state / 'runs', RUN)}\n"


@pytest.mark.parametrize("args", [("show", "../x"), ("path", "/etc/passwd"), ("-2",), ("01ZZZZ",)])
def test_f06_what_names_no_run_is_a_usage_error(args: tuple[str, ...], state: Path) -> None:
    with pytest.raises(UsageError):
        CliRunner().invoke(app, args, catch_exceptions=False)


@pytest.mark.parametrize(
    "args", [("lits",), ("../x",), ("show", "--fromat", "raw"), ("list", "-n0")]
)
def test_a_mistyped_command_or_flag_is_exit_2(args: tuple[str, ...], state: Path) -> None:
    assert CliRunner().invoke(app, args).exit_code == 2


def test_nothing_recorded_yet_is_said_on_stderr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path))
    result = CliRunner().invoke(app, [], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (0, "")
    assert "no runs are recorded" in result.stderr
    assert json.loads(kit("list", "--json")) == []
    assert list(tmp_path.iterdir()) == []


def test_f15_lines_that_were_passed_over_are_reported(state: Path) -> None:
    with place(state / "runs", RUN).open("ab") as file:
        file.write(b'torn{"kind"')
    result = CliRunner().invoke(app, ["show"], catch_exceptions=False)
    assert result.exit_code == 0
    assert result.stderr == "kit: passed over 1 line that is not a record\n"


def tty(width: int = 100, *, unicode: bool = True, colour: bool = False) -> Terminal:
    return Terminal(True, True, colour, colour, False, False, width, unicode)


def test_a_terminal_gets_columns_that_fit_it() -> None:
    lines = list(listing([read(FIXTURE)], tty(72)))
    assert lines[0].split() == ["run", "started", "status", "pattern", "time", "prompt"]
    assert [len(line) <= 72 for line in lines] == [True] * 2
    assert lines[1].endswith("…")


def test_colours_take_no_room() -> None:
    run, told = read(FIXTURE), story(records(FIXTURE))
    plain, painted = (
        list(overview(run, told, tty(100, colour=colour))) for colour in (False, True)
    )
    assert plain != painted
    assert [re.sub("\x1b\\[[0-9]+m", "", line).rstrip() for line in painted] == plain


def test_the_timeline_draws_a_row_a_call() -> None:
    run, told = read(FIXTURE), story(records(FIXTURE))
    lines = list(timeline(run, told, tty(80, unicode=False)))
    assert lines == [
        "#1  llama-3.3-70b  .--#############       1.0 s  21>18  =42",
        "#2  gpt-5.2        .x~~~~~~~~~~~~~-----   1.3 s         abstains: openai answ...",
        "#3  llama-3.3-70b  .-----------------     1.2 s  21>5   =42",
        "#4  llama-3.3-70b  ....................#  1.4 s         cancelled",
        "1.4 s in all; . waits for its turn; x an attempt that failed; ~ waits before it",
        "tries again; - sent, no words yet; # answers",
    ]


@pytest.mark.parametrize("width", [80, 100, 130])
def test_no_line_of_a_view_is_wider_than_the_terminal(width: int) -> None:
    run, told = read(FIXTURE), story(records(FIXTURE))
    for lines in (timeline(run, told, tty(width)), listing([run], tty(width))):
        assert max(map(len, lines)) <= width


def test_the_steps_of_a_run_say_each_message_once() -> None:
    told = "\n".join(steps(read(FIXTURE), story(records(FIXTURE)), tty()))
    assert told.count("Be brief.") == 1
    assert told.count("(earlier messages as above)") == 3
    assert (
        "  assistant, thinking\n    Six sevens are 42.\n  assistant\n    The answer is 42.\n"
        in told
    )


def evil(state: Path) -> None:
    """Every text of the run, and its numbers where they can be texts, try to escape."""
    path = place(state / "runs", RUN)
    bad = json.dumps(EVIL, ensure_ascii=False)[1:-1]
    words = ("42", "llama-3.3-70b", "gpt-5.2", "groq", "consensus", "Be brief.", "unavailable",
             "ok", "Let me", "stop", "user", "Six sevens", "no longer", "HTTP 503")  # fmt: skip
    text = path.read_text()
    for word in words:
        text = text.replace(f'"{word}', f'"{bad}{word}')
    path.write_text(text)


@pytest.mark.parametrize("form", ["table", "timeline", "steps", "json", "raw", "list"])
def test_x08_nothing_in_a_trace_reaches_the_terminal_as_a_command(form: str, state: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    evil(state)
    args = ["list"] if form == "list" else ["show", "--format", form]
    seen, code = pexpect.run(
        f"{sys.executable} -m kit trace {' '.join(args)}",
        env={**os.environ, "NO_COLOR": "1", "TERM": "xterm"},
        withexitstatus=True,
    )
    assert code == 0
    assert b"over" in seen
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", seen.decode())
    assert b"\r" not in seen.replace(b"\r\n", b"")


def test_x08_a_pipe_gets_no_escapes_in_tables(state: Path) -> None:
    evil(state)
    for args in (
        ["list"],
        ["show"],
        ["show", "--format", "steps"],
        ["show", "--format", "timeline"],
    ):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", kit(*args))
