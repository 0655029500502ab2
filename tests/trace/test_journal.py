"""The journal writes what happened, at once, privately, and never costs the answer."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kit import events as ev
from kit.providers.credentials.redact import Redactor
from kit.trace.appender import Appender
from kit.trace.calls import calls
from kit.trace.journal import Journal
from kit.trace.runs import listed, read, records
from kit.trace.ulid import is_ulid

Clock = Any  # the fixture in conftest.py
Open = Callable[..., Journal]
RUN = "01KAMC4V6R0123456789ABCDEF"  # made 2025-11-22


def question(text: str, profile: str = "groq") -> ev.Request:
    return ev.Request((ev.Message("user", (ev.Text(text),)),), profile=profile, model="llama")


def said(text: str) -> ev.Message:
    return ev.Message("assistant", (ev.Text(text),))


def written(journal: Journal) -> list[dict[str, Any]]:
    assert journal.path
    return list(records(journal.path))


def test_a_record_has_its_number_its_time_its_kind_and_its_call(opened: Open) -> None:
    journal = opened()
    journal(ev.RunStarted(kit="0.1.0", run=RUN, pattern="ask"))
    journal(ev.CallStarted("1", question("hi")))
    assert journal.path
    assert journal.path.parts[-4:] == ("runs", "2025", "11", f"{RUN}.jsonl")
    first, second = written(journal)
    assert first == {
        "seq": 1, "t": "2026-11-22T01:13:20.500Z", "kind": "run.started", "call": "",
        "schema": 1, "kit": "0.1.0", "run": RUN, "pattern": "ask", "pid": os.getpid(),
    }  # fmt: skip
    assert list(second)[:4] == ["seq", "t", "kind", "call"]
    assert (second["seq"], second["kind"], second["call"]) == (2, "call.started", "1")


def test_deltas_are_written_250_ms_after_the_first_one(opened: Open, clock: Clock) -> None:
    journal = opened()
    journal(ev.TextDelta("1", "a"))
    clock.advance(0.125)
    journal(ev.TextDelta("1", "b"))
    assert written(journal) == []
    clock.advance(0.125)
    [record] = written(journal)
    assert record == {
        "seq": 1, "t": "2026-11-22T01:13:20.500Z", "kind": "text", "call": "1", "text": "ab",
    }  # fmt: skip


def test_deltas_are_written_at_once_when_they_are_4_kib(opened: Open) -> None:
    journal = opened()
    journal(ev.TextDelta("1", "é" * 2047))
    assert written(journal) == []
    journal(ev.TextDelta("1", "é"))
    assert [each["text"] for each in written(journal)] == ["é" * 2048]


def test_deltas_come_before_any_other_record_of_their_call(opened: Open) -> None:
    journal = opened()
    journal(ev.ReasoningDelta("1", "hm"))
    journal(ev.TextDelta("2", "other"))
    journal(ev.TextDelta("1", "4"))
    journal(ev.Replied("1", said("4")))
    assert [(each["kind"], each["call"]) for each in written(journal)] == [
        ("reasoning", "1"),
        ("text", "1"),
        ("call.replied", "1"),
    ]
    journal(ev.RunFinished())
    assert [each["kind"] for each in written(journal)][3:] == ["text", "run.finished"]


def test_the_timer_starts_again_after_it_rang(opened: Open, clock: Clock) -> None:
    journal = opened()
    for text in "ab":
        journal(ev.TextDelta("1", text))
        clock.advance(0.25)
    assert [each["text"] for each in written(journal)] == ["a", "b"]


def test_close_writes_what_is_left_and_may_be_called_twice(opened: Open) -> None:
    journal = opened()
    journal(ev.TextDelta("1", "left"))
    journal.close()
    journal.close()
    assert [each["text"] for each in written(journal)] == ["left"]


def test_events_get_the_same_lines_as_the_file(opened: Open) -> None:
    lines: list[bytes] = []
    journal = opened(also=lines.append)
    journal(ev.TextDelta("1", "a\nb"))
    journal(ev.Replied("1", said("a\nb")))
    journal.close()
    assert journal.path
    assert journal.path.read_bytes() == b"".join(lines)
    assert [line.count(b"\n") for line in lines] == [1, 1]


def test_without_a_folder_there_is_no_file_but_events(opened: Open, tmp_path: Path) -> None:
    lines: list[bytes] = []
    journal = opened(None, also=lines.append)
    journal(ev.Noted("1", "hi"))
    journal.close()
    assert (journal.path, len(lines), list(tmp_path.iterdir())) == (None, 1, [])


def test_s04_no_string_is_written_before_it_was_redacted(opened: Open) -> None:
    journal = opened(redact=lambda text: text.replace("sk-secret", "sk-…"))
    for piece in ("my key is sk-", "secret"):
        journal(ev.TextDelta("1", piece))
    journal(ev.CallStarted("2", question("sk-secret")))
    journal.close()
    assert journal.path
    assert "sk-secret" not in journal.path.read_text()
    assert "my key is sk-…" in journal.path.read_text()


KEY = "sk-secret-4cZk9wQx7Lr2Vb8N"


@pytest.mark.parametrize("size", range(1, len(KEY)))
def test_s04_a_key_that_two_records_cut_in_two_is_masked(
    size: int, opened: Open, clock: Clock
) -> None:
    """Each piece comes alone into its quarter of a second."""
    redactor = Redactor([KEY])
    journal = opened(redact=redactor.clean, veil=redactor.stream)
    text = f"so: {KEY}, and more"
    for at in range(0, len(text), size):
        journal(ev.TextDelta("1", text[at : at + size]))
        clock.advance(0.25)
    journal(ev.Replied("1", said(text)))
    told = "".join(each["text"] for each in written(journal) if each["kind"] == "text")
    told_before = (KEY[:n] for n in range(5))  # as much as was written to be in time
    assert told in {f"so: {each}[redacted], and more" for each in told_before}


def test_s04_a_key_across_4_kib_is_masked(opened: Open) -> None:
    redactor = Redactor([KEY])
    journal = opened(redact=redactor.clean, veil=redactor.stream)
    for piece in ("x" * 4086 + " " + KEY[:9], KEY[9:] + " end"):
        journal(ev.TextDelta("1", piece))
    journal.close()
    assert [each["text"] for each in written(journal)] == ["x" * 4086 + " ", "[redacted] end"]


def test_what_may_begin_a_key_is_written_in_time_while_it_tells_nothing(
    opened: Open, clock: Clock
) -> None:
    journal = opened(veil=Redactor([KEY]).stream)
    for piece, there in (
        ("is it", "is it"),
        ("?", "is it?"),
        (" a", "is it? a"),
        ("sk-secret-", "is it? a"),
        ("ary?", "is it? ask-secret-ary?"),
    ):
        journal(ev.TextDelta("1", piece))
        clock.advance(0.25)
        assert "".join(each["text"] for each in written(journal)) == there


def test_what_was_held_back_is_written_when_the_call_ends_or_thinks_on(opened: Open) -> None:
    journal = opened(veil=Redactor([KEY]).stream)
    journal(ev.TextDelta("1", f"a {KEY[:12]}"))
    journal(ev.ReasoningDelta("1", "hm"))
    journal(ev.TextDelta("2", f"b {KEY[:12]}"))
    journal.close()
    assert [(each["call"], each["text"]) for each in written(journal)] == [
        ("1", f"a {KEY[:12]}"),
        ("1", "hm"),
        ("2", f"b {KEY[:12]}"),
    ]


def test_p22_lone_surrogates_never_reach_the_file(opened: Open) -> None:
    journal = opened()
    for half in ("\ud83d", "\ude00", "\ud83d"):
        journal(ev.TextDelta("1", half))
    journal.close()
    assert [each["text"] for each in written(journal)] == ["😀\ufffd"]


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_s05_trace_mode(umask: int, opened: Open, tmp_path: Path) -> None:
    before = os.umask(umask)
    try:
        opened(tmp_path / "state" / "kit" / "runs").close()
    finally:
        os.umask(before)
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").rglob("*")
    }
    folders = dict.fromkeys(("kit", "runs", "2025", "11"), 0o700)
    assert modes == {**folders, f"{RUN}.jsonl": 0o600}


def test_f07_a_file_or_link_that_is_already_there_is_never_written(
    opened: Open, tmp_path: Path
) -> None:
    target, place = tmp_path / "target", tmp_path / "runs" / "2025" / "11"
    place.mkdir(parents=True)
    (place / f"{RUN}.jsonl").symlink_to(target)
    warnings: list[str] = []
    journal = opened(warn=warnings.append)
    journal(ev.Noted("1", "hi"))
    assert (len(warnings), target.exists(), journal.path) == (1, False, None)


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root can give away")
def test_f07_a_folder_of_another_user_is_refused(opened: Open, tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    warnings: list[str] = []
    opened(warn=warnings.append)
    assert len(warnings) == 1
    assert "belongs to another user" in warnings[0]
    assert list(folder.iterdir()) == []


def test_f08_a_place_that_cannot_be_made_costs_one_warning(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    warnings: list[str] = []
    lines: list[bytes] = []
    journal = opened(tmp_path / "file" / "runs", warn=warnings.append, also=lines.append)
    for _ in range(3):
        journal(ev.Noted("1", "hi"))
    journal.close()
    assert (len(warnings), len(lines)) == (1, 3)


FULL = """
import resource, sys
from pathlib import Path
from kit import events as ev
from kit.trace.journal import Journal

resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
lines, warnings = [], []
journal = Journal.open(
    Path(sys.argv[1]), sys.argv[2],
    also=lines.append, later=lambda s, act: None, warn=warnings.append,
)
for n in range(5):
    journal(ev.Noted(str(n), "x" * 300))
journal(ev.RunFinished(result={"status": "ok"}))
journal.close()
print(len(lines), len(warnings), warnings[0])
"""


def test_f09_disk_full(tmp_path: Path) -> None:
    """The kernel first takes a part of a line and then refuses: a real short write."""
    told = python(FULL, tmp_path / "runs", RUN).stdout
    assert told.startswith("6 1 this run is not recorded to its end: ")
    assert "file too large; the answer is not affected" in told
    run = read(next(tmp_path.rglob("*.jsonl")))
    assert (run.path.stat().st_size, run.records, run.skipped) == (1000, 2, 1)
    assert run.status == "interrupted"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_f09_a_device_that_is_full_raises_no_more_than_a_warning(opened: Open) -> None:
    warnings: list[str] = []
    full = os.open("/dev/full", os.O_WRONLY)
    journal = opened(warn=warnings.append)
    assert journal._file
    os.dup2(full, journal._file._file)
    os.close(full)
    journal(ev.Noted("1", "hi"))
    journal(ev.Noted("1", "hi"))
    assert len(warnings) == 1
    assert "no space left on device" in warnings[0]


def test_a_short_write_is_carried_on(tmp_path: Path) -> None:
    file = Appender(tmp_path / "f", write=lambda fd, data: os.write(fd, data[:3]))
    file.append(b'{"a":1}\n')
    file.close()
    assert (tmp_path / "f").read_bytes() == b'{"a":1}\n'


def test_a_torn_line_never_runs_into_the_next(tmp_path: Path) -> None:
    """A signal between the two halves of a short write raises in the midst of a line."""
    rooms = iter([3, KeyboardInterrupt(), 100])

    def write(file: int, data: bytes) -> int:
        room = next(rooms)
        if isinstance(room, KeyboardInterrupt):
            raise room
        return os.write(file, data[:room])

    file = Appender(tmp_path / "f", write=write)
    with pytest.raises(KeyboardInterrupt):
        file.append(b"torn\n")
    file.append(b"next\n")
    file.close()
    assert (tmp_path / "f").read_bytes() == b"tor\nnext\n"


KILLED = """
import os, signal, sys, time
from pathlib import Path
from kit import events as ev
from kit.trace.journal import Journal

timers = []
journal = Journal.open(Path(sys.argv[1]), sys.argv[2], later=lambda s, act: timers.append(act))
request = ev.Request((ev.Message("user", (ev.Text("count"),)),))
journal(ev.RunStarted(run=sys.argv[2], pattern="ask"))
journal(ev.CallStarted("1", request))
journal(ev.CallSent("1", model="llama"))
for word in ("one ", "two ", "three "):
    journal(ev.TextDelta("1", word))
    for act in timers: act()
    timers.clear()
print("written", flush=True)
sys.stdin.read()
"""


def test_f10_kill_9_midstream(tmp_path: Path) -> None:
    with started(KILLED, tmp_path, RUN) as child:
        assert child.stdout
        assert child.stdout.readline() == "written\n"
        [alive] = listed(tmp_path)
        child.send_signal(signal.SIGKILL)
        child.wait()
        [dead] = listed(tmp_path)
    assert (alive.status, dead.status) == ("running", "interrupted")
    assert (dead.prompt, dead.answer, dead.skipped) == ("count", "one two three ", 0)


WRITER = """
import sys
from pathlib import Path
from kit import events as ev
from kit.trace.journal import Journal
from kit.trace.ulid import ulid

journal = Journal.open(Path(sys.argv[1]), ulid(), later=lambda s, act: None)
for n in range(50):
    journal(ev.Noted(str(n), "x" * (1 << n % 16)))
journal(ev.RunFinished(result={"status": "ok"}))
"""


def test_f13_8_writers(tmp_path: Path) -> None:
    children = [started(WRITER, tmp_path) for _ in range(8)]
    assert [child.wait() for child in children] == [0] * 8
    runs = list(listed(tmp_path))
    assert [(run.status, run.records, run.skipped) for run in runs] == [("ok", 51, 0)] * 8
    assert all(is_ulid(run.id) for run in runs)


def test_recording_imports_nothing_heavy() -> None:
    code = "import sys, kit.trace.journal as j; print(*sys.modules)"
    loaded = set(python(code).stdout.split())
    assert not loaded & {"sqlite3", "asyncio", "platformdirs", "typer", "rich", "httpx2"}


def test_a_sync_is_asked_for_at_milestones_only(opened: Open, clock: Clock) -> None:
    journal = opened()
    journal(ev.TextDelta("1", "a"))
    journal(ev.CallStarted("1", question("hi")))
    due = len(clock.due)
    for _ in range(2):
        journal(ev.CallSent("1"))
    assert [at for at, _ in clock.due[due:]] == [clock.now]
    clock.advance(0)
    assert not journal._syncing


def python(code: str, *args: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.run(argv, capture_output=True, text=True, check=True)


def started(code: str, *args: object) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", code, *map(str, args)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_every_line_is_json_of_its_own(opened: Open) -> None:
    journal = opened()
    journal(ev.Noted("1", "\u2028\r\n\x00\x1b[2J"))
    assert journal.path
    assert json.loads(journal.path.read_bytes())["text"] == "\u2028\r\n\x00\x1b[2J"


def test_nine_equal_prompts_are_stored_once(opened: Open) -> None:
    prompt, journal = "é" * 2049, opened()
    for call in range(1, 10):
        journal(ev.CallStarted(str(call), question(prompt)))
    journal.close()
    assert journal.path
    assert journal.path.read_text().count(prompt) == 1
    assert journal.path.stat().st_size < 4098 + 9 * 400
    lines = [json.loads(each) for each in journal.path.read_bytes().splitlines()]
    name = hashlib.sha256(prompt.encode()).hexdigest()
    assert lines[0] == {"seq": 1, "t": lines[0]["t"], "kind": "blob", "call": "",
                        "sha256": name, "text": prompt}  # fmt: skip
    assert lines[1]["request"]["messages"][0]["parts"] == [
        {"type": "text", "text": {"$blob": name}}
    ]
    assert [call.request for call in calls(written(journal))] == [question(prompt)] * 9


def test_a_text_of_4_kib_stays_where_it_is(opened: Open) -> None:
    journal = opened()
    journal(ev.CallStarted("1", question("x" * 4096)))
    assert journal.path
    assert journal.path.read_bytes().count(b"\n") == 1


def test_an_answer_stays_where_it_is_however_long(opened: Open) -> None:
    journal = opened()
    journal(ev.Replied("1", said("x" * 5000)))
    journal(ev.RunFinished(result={"answer": "x" * 5000}))
    assert [each["kind"] for each in written(journal)] == ["call.replied", "run.finished"]
    assert journal.path
    assert b"$blob" not in journal.path.read_bytes()


def test_nobodys_own_object_is_taken_for_a_stored_text(opened: Open) -> None:
    prompt, journal = "x" * 5000, opened()
    name = hashlib.sha256(prompt.encode()).hexdigest()
    options = {"a": {"$blob": name}, "b": [{"$$blob": prompt}], "c": {"$blob": name, "d": 1}}
    asked = replace(question(prompt), options=options)
    journal(ev.CallStarted("1", asked))
    [call] = calls(written(journal))
    assert call.request == asked


def test_s04_a_stored_text_is_redacted_and_named_by_what_is_stored(opened: Open) -> None:
    journal = opened(redact=Redactor([KEY]).clean)
    journal(ev.CallStarted("1", question(KEY + " " + "x" * 5000)))
    assert journal.path
    told = journal.path.read_text()
    kept = "[redacted] " + "x" * 5000
    assert KEY not in told
    assert hashlib.sha256(kept.encode()).hexdigest() in told
    assert calls(written(journal))[0].request == question(kept)


def test_f15_a_text_whose_line_is_damaged_is_said_to_be_lost(opened: Open) -> None:
    journal = opened()
    journal(ev.CallStarted("1", question("x" * 5000)))
    assert journal.path
    journal.path.write_bytes(journal.path.read_bytes().replace(b'"kind":"blob"', b'"kind":blob'))
    [call] = calls(written(journal))
    assert call.request.messages[0].text.startswith("[this text is lost with its line: sha256 ")


@pytest.mark.parametrize(
    ("event", "at_once"),
    [(ev.ToolStarted("1", "t1", "shell"), 1), (ev.ToolUsed("1", "t1", "shell"), 0)],
)
def test_a_tool_that_begins_is_on_disk_before_it_does(
    event: ev.Event, at_once: int, opened: Open, clock: Clock
) -> None:
    """A pipe cannot be synced and so tells when it was tried; what came of a tool may wait."""
    warnings: list[str] = []
    journal = opened(warn=warnings.append)
    reader, writer = os.pipe()
    assert journal._file
    os.dup2(writer, journal._file._file)
    journal(event)
    assert len(warnings) == at_once
    clock.advance(0)
    assert len(warnings) == 1
    journal.close()
    os.close(reader)
    os.close(writer)


def test_the_settings_name_the_text_that_the_requests_name(opened: Open) -> None:
    """``run.started`` is the first record all the same; the text is the line behind it."""
    prompt, journal = "x" * 5000, opened()
    settings = {"requests": {"a": {"text": prompt}, "b": {"text": prompt}}, "own": {"$blob": "1"}}
    journal(ev.RunStarted(run=RUN, settings=settings))
    journal(ev.CallStarted("1", question(prompt)))
    journal.close()
    assert journal.path
    lines = [json.loads(each) for each in journal.path.read_bytes().splitlines()]
    assert [each["kind"] for each in lines] == ["run.started", "blob", "call.started"]
    assert journal.path.read_text().count(prompt) == 1
    begun, started = written(journal)
    assert begun["settings"] == settings
    assert started["request"]["messages"][0]["parts"][0]["text"] == prompt


def test_a_run_that_was_killed_at_its_beginning_says_what_is_lost(opened: Open) -> None:
    journal = opened()
    journal(ev.RunStarted(run=RUN, settings={"prompt": "x" * 5000}))
    assert journal.path
    journal.path.write_bytes(journal.path.read_bytes().splitlines(keepends=True)[0])
    [begun] = written(journal)
    assert begun["settings"]["prompt"].startswith("[this text is lost with its line: sha256 ")
