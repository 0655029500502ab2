"""Any file can be read: of every release, torn, damaged, or of a later one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kit import events as ev
from kit.errors import UsageError
from kit.trace.calls import calls
from kit.trace.folders import runs_folder
from kit.trace.journal import Journal
from kit.trace.runs import Run, events, listed, messages, read, records

OLD = (
    Path(__file__).parent / "fixtures" / "schema1.jsonl"
)  # written by release 0.1.0: keep as it is
NAME = "01KAN1V5C0SCHEMA1F1XTVRE00"
Open = Callable[..., Journal]


def test_f14_a_trace_of_release_0_1_0_is_read_whole() -> None:
    assert read(OLD) == Run(
        id="schema1",
        path=OLD,
        started="2025-11-22T08:26:40.000Z",
        pattern="consensus",
        status="ok",
        exit=0,
        prompt="What is 6 × 7?\nAnswer in one line.",
        answer="42",
        profiles=("groq", "openai"),
        models=("llama-3.3-70b", "gpt-5.2"),
        usage={
            "calls": 4,
            "input_tokens": 42,
            "output_tokens": 23,
            "reasoning_tokens": 8,
            "cached_tokens": None,
            "cost_usd": 0.000213,
        },
        elapsed_s=1.37,
        records=25,
    )
    assert len(list(events(OLD))) == 25


def test_the_calls_of_a_trace_are_put_together() -> None:
    made = calls(records(OLD))
    assert [(call.id, call.status, call.words, call.model) for call in made] == [
        ("1", "ok", "The answer is 42.\nANSWER: 42", "llama-3.3-70b"),
        ("2", "unavailable", "", "gpt-5.2"),
        ("3", "ok", "ANSWER: 42", "llama-3.3-70b"),
        ("4", "cancelled", "Let me ", "llama-3.3-70b"),
    ]
    first = made[0]
    assert (first.began, first.sent, first.first, first.ended) == pytest.approx(
        (1763800000.01, 1763800000.05, 1763800000.21, 1763800001.06)
    )
    assert (first.reasoning, first.usage.cost_usd) == ("Six sevens are 42.", 0.000123)
    assert made[1].remarks == ["again after 0.5 s: HTTP 503 from openai"]


@pytest.mark.parametrize("cut", range(0, 4600, 293))
def test_a_torn_file_is_interrupted_wherever_it_was_cut(cut: int, tmp_path: Path) -> None:
    whole = OLD.read_bytes()
    torn = tmp_path / f"{NAME}.jsonl"
    torn.write_bytes(whole[: -cut - 2])
    run = read(torn)
    assert run.status == "interrupted"
    assert run.records + run.skipped == torn.read_bytes().rstrip(b"\n").count(b"\n") + 1


def test_an_interrupted_run_adds_up_to_what_was_recorded(tmp_path: Path) -> None:
    torn = tmp_path / f"{NAME}.jsonl"
    torn.write_bytes(b"".join(OLD.read_bytes().splitlines(keepends=True)[:13]))
    run = read(torn)
    assert (run.status, run.exit, run.usage) == ("interrupted", None, None)
    assert run.answer == "The answer is 42.\nANSWER: 42"
    assert run.profiles == ("groq", "openai")
    assert run.elapsed_s == 1.01


def test_f14_a_newer_schema_and_unknown_kinds_are_read(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.jsonl"
    newer = OLD.read_bytes().replace(b'"schema":1', b'"schema":99')
    path.write_bytes(newer + b'{"seq":26,"t":"x","kind":"run.dreamt","call":"1","of":[1]}\n')
    run = read(path)
    assert (run.status, run.answer, run.records, run.skipped) == ("ok", "42", 26, 0)
    assert len(list(events(path))) == 25


DAMAGE = [
    b"{not json}",
    b"\xff\xfe\x00",
    b"[1,2]",
    b'{"seq":1}',
    b'{"kind":7}',
    b"[" * 100_000,
    b'{"kind":"text","n":' + b"9" * 5000 + b"}",
    b"\x00" * 64,
]


def test_f15_corrupt_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.jsonl"
    lines = OLD.read_bytes().splitlines()
    for at, damage in enumerate(DAMAGE):
        lines.insert(3 * at, damage)
    path.write_bytes(b"\n".join(lines) + b"\n\n")
    run = read(path)
    assert (run.status, run.answer, run.records, run.skipped) == ("ok", "42", 25, len(DAMAGE))


def test_f15_misshapen_records_break_no_reader(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.jsonl"
    path.write_text(
        '{"kind":"run.started","t":5,"pattern":[1],"pid":"x"}\n'
        '{"kind":"call.started","call":"1","t":"soon","request":{"messages":7}}\n'
        '{"kind":"call.started","call":["2"]}\n'
        '{"kind":"run.finished","result":{"status":3,"usage":[],"answer":{},"error":"x"}}\n'
    )
    run = read(path)
    assert (run.status, run.answer, run.prompt, run.usage) == ("ok", "", "", None)


def test_an_empty_file_is_an_interrupted_run(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.jsonl"
    path.touch()
    assert read(path) == Run(NAME, path, status="interrupted")


def test_f15_what_cannot_be_read_never_aborts_the_list(tmp_path: Path) -> None:
    month = tmp_path / "2025" / "11"
    month.mkdir(parents=True)
    shutil.copy(OLD, month / f"{NAME}.jsonl")
    (month / f"{NAME[:-1]}1.jsonl").mkdir()
    (month / f"{NAME[:-1]}2.jsonl").symlink_to(tmp_path / "nowhere")
    (month / "notes.txt").write_text("mine")
    assert [run.id for run in listed(tmp_path)] == [NAME]


def test_the_list_opens_no_more_files_than_it_shows(tmp_path: Path) -> None:
    month = tmp_path / "2025" / "11"
    month.mkdir(parents=True)
    for n in range(9):
        shutil.copy(OLD, month / f"{NAME[:-1]}{n}.jsonl")
    runs = listed(tmp_path, 2)
    assert next(runs).id.endswith("8")
    shutil.rmtree(tmp_path)  # the second one can no longer be opened, and nobody minds
    assert list(runs) == []


def ask_run(opened: Open, *events: ev.Event) -> Path:
    journal = opened()
    for event in (ev.RunStarted(pattern="ask"), *events):
        journal(event)
    journal.close()
    assert journal.path
    return journal.path


ASKED = ev.Message("user", (ev.Text("Name a moon"),))
ANSWER = ev.Message("assistant", (ev.Reasoning("hm", {"signature": "s"}), ev.Text("Io")))


def test_the_messages_of_an_ask_are_its_last_good_call_and_the_reply(opened: Open) -> None:
    system = ev.Message("system", (ev.Text("Be brief"),))
    path = ask_run(
        opened,
        ev.CallStarted("1", ev.Request((ASKED,))),
        ev.CallFailed("1", "UnavailableError", "down", "unavailable"),
        ev.CallStarted("2", ev.Request((system, ASKED), "other")),
        ev.Replied("2", ANSWER),
    )
    assert messages(path) == (system, ASKED, ANSWER)


def test_a_run_without_a_whole_reply_cannot_be_continued(opened: Open) -> None:
    path = ask_run(opened, ev.CallStarted("1", ev.Request((ASKED,))), ev.TextDelta("1", "I"))
    with pytest.raises(UsageError, match="has no whole reply"):
        messages(path)


def test_a_run_of_another_pattern_cannot_be_continued() -> None:
    with pytest.raises(UsageError, match="its pattern is consensus"):
        messages(OLD)


def test_a_continued_run_is_listed_by_its_latest_question(opened: Open) -> None:
    again = ev.Message("user", (ev.Text("And another?"),))
    path = ask_run(opened, ev.CallStarted("1", ev.Request((ASKED, ANSWER, again))))
    assert read(path).prompt == "And another?"


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"KIT_STATE_DIR": "/s", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/s/runs"),
        ({"KIT_STATE_DIR": "", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/kit/runs"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/h"}, "/h/.local/state/kit/runs"),
        ({"HOME": "/h"}, "/h/.local/state/kit/runs"),
    ],
)
@pytest.mark.skipif("sys.platform in ('darwin', 'win32')", reason="their own folders")
def test_where_runs_are_kept(environ: dict[str, str], folder: str) -> None:
    assert runs_folder(environ) == Path(folder)


def test_an_interrupted_refinement_adds_up_to_its_best_draft(opened: Open) -> None:
    """And not to what its judge said last."""
    journal = opened()
    journal(ev.RunStarted(pattern="refine"))
    for number, score in ((1, 0.8), (2, 0.3)):
        journal(ev.Drafted("1", number, 0, 0, f"draft {number}"))
        journal(ev.Scored("1", number, 0, score, best=number == 1))
    journal(ev.TextDelta("2", '{"score": 3}'))
    journal.close()
    assert journal.path
    assert read(journal.path).answer == "draft 1"
