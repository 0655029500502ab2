"""The live view: its own lines and no others, and plain lines where nothing can be redrawn."""

import fcntl
import re
import struct
import termios

import pyte
import pytest
from screens import Pty, escapes, seen

from kit.cli.screen.live import Live
from kit.cli.screen.terminal import Terminal
from kit.events import (
    CallCancelled,
    CallFailed,
    CallRetried,
    CallSent,
    CallStarted,
    Message,
    Noted,
    Replied,
    Request,
    Text,
    TextDelta,
    Usage,
    VoteCast,
    VoteClosed,
)

UTF = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}


class Stage:
    """A live view on a real pseudo-terminal of a known size, with a clock moved by hand."""

    def __init__(self, columns=60, rows=24, **environ) -> None:
        self.pty = Pty()
        self.now = 0.0
        self.resize(columns, rows)
        terminal = Terminal.detect({**UTF, **environ}, self.pty.stream, self.pty.stream)
        self.live = Live(self.pty.stream, terminal, clock=lambda: self.now)

    def resize(self, columns, rows):
        size = struct.pack("HHHH", rows, columns, 0, 0)
        fcntl.ioctl(self.pty.stream.fileno(), termios.TIOCSWINSZ, size)

    def hear(self, *events, after=1.0):
        for event in events:
            self.now += after
            self.live(event)


def replied(call, text, tokens=None):
    usage = Usage(output_tokens=tokens) if tokens is not None else None
    return Replied(call, Message("assistant", (Text(text),)), usage=usage)


def started(call, profile="groq", model="llama"):
    return CallStarted(call, Request((), profile=profile, model=model))


RUN = (
    started("1"), started("2", "openai", "gpt"), started("3", "bad", ""), started("4"),
    CallSent("1", model="llama-3.3"), TextDelta("1", "4"), TextDelta("1", "2"),
    CallRetried("2", "HTTP 429", 1.0), replied("1", "42", 7), VoteCast("1", 0, "42"),
    CallFailed("3", "AuthError", "no key for bad"), VoteCast("3", 2, None, "failed"),
    replied("2", "42"), VoteCast("2", 1, "42"), CallCancelled("4", "no longer needed"),
    VoteClosed("", "42", {"42": 2.0}, "decided"),
)  # fmt: skip
STANDS = [
    "✓ 1 groq/llama-3.3  done        8.0 s  7 tokens  → 42",
    "✓ 2 openai/gpt      done       11.0 s            → 42",
    "✗ 3 bad             failed      8.0 s            no key fo…",
    "– 4 groq/llama      cancelled  11.0 s",
    "42 ×2 · 1 abstained",
]


def test_a_run_stands_as_history_when_it_ends():
    stage = Stage()
    stage.hear(*RUN)
    stage.live.close()
    data = stage.pty.text()
    assert seen("above\n" + data + "below\n", 60) == ["above", *STANDS, "below"]
    assert escapes(data) <= {"m", "K", "J", "A"}


def test_the_verdict_takes_the_place_of_the_tally():
    stage = Stage()
    stage.hear(*RUN)
    stage.live.close("42 · 2/2 agree")
    assert seen(stage.pty.text(), 60) == [*STANDS[:4], "42 · 2/2 agree"]


def test_while_it_runs_every_state_is_shown():
    stage = Stage()
    stage.hear(*RUN[:8])
    assert seen(stage.pty.text(), 60) == [
        "  1 groq/llama-3.3  streaming  7.0 s  ~2 tokens",
        "↻ 2 openai/gpt      retrying   6.0 s             HTTP 429",
        "  3 bad             waiting    5.0 s",
        "  4 groq/llama      waiting    4.0 s",
    ]


def test_at_most_ten_drawings_a_second():
    stage = Stage()
    stage.hear(started("1"))
    stage.hear(*[TextDelta("1", "x")] * 1000, after=0.002)
    assert 15 <= stage.pty.text().count("\n") <= 22


def test_it_never_moves_above_its_own_lines():
    stage = Stage(rows=8)
    stage.hear(*(started(str(n)) for n in range(1, 31)))
    stage.hear(*(replied(str(n), "x") for n in range(1, 29)))
    stage.live.close()
    data = stage.pty.text()
    screen = pyte.HistoryScreen(60, 8, history=1000)
    stream = pyte.Stream(screen)
    stream.feed("".join(f"before {n}\r\n" for n in range(20)) + data.replace("\n", "\r\n"))
    history = ["".join(line[x].data for x in range(60)).rstrip() for line in screen.history.top]
    everything = [line for line in [*history, *(row.rstrip() for row in screen.display)] if line]
    assert everything[:20] == [f"before {n}" for n in range(20)]
    assert len(everything) <= 20 + 8
    assert everything[-1] == "28 done · 2 waiting"


def test_the_closing_line_is_whole_however_narrow_the_terminal():
    stage = Stage(columns=20)
    stage.hear(*RUN)
    stage.live.close("yes · 3/3 agree · stopped at 3 of 9 · $0.0004, 67% saved")
    lines = seen(stage.pty.text(), 20)
    assert lines[-3:] == ["yes · 3/3 agree ·", "stopped at 3 of 9 ·", "$0.0004, 67% saved"]


@pytest.mark.parametrize("columns", [10, 20, 200])
def test_lines_are_never_wider_than_the_terminal(columns):
    stage = Stage(columns=columns)
    stage.hear(started("1", "漢字漢字漢字漢字", "m" * 50), started("2", "é" * 40), *RUN[4:])
    stage.live.close()
    rows = re.sub(r"\x1b\[[\d;]*[A-Za-z]|\r", "", stage.pty.text()).split("\n")
    assert max(sum(2 if c in "漢字" else 1 for c in row) for row in rows) < columns


def test_a_terminal_made_narrower_gets_a_new_view_below():
    stage = Stage(columns=60)
    stage.hear(*RUN[:6])
    stage.resize(20, 24)
    stage.hear(*RUN[6:])
    stage.live.close()
    lines = seen(stage.pty.text(), 60)
    assert lines[4:] == ["✓ 1 groq/llama-3.3…", "✓ 2 openai/gpt    …", "✗ 3 bad           …",
                         "– 4 groq/llama    …", "42 ×2 · 1 abstained"]  # fmt: skip


def test_a_note_stands_above_the_view():
    stage = Stage()
    stage.hear(*RUN[:2], Noted("", "a service\x1b[2J was\nretired"), *RUN[2:])
    stage.live.close()
    assert seen(stage.pty.text(), 60)[0] == "a service was retired"


def test_without_redrawing_each_finished_member_is_one_line():
    stage = Stage(TERM="dumb")
    stage.hear(*RUN)
    stage.live.close()
    assert stage.pty.text().split("\n") == [
        "✓ 1 groq/llama-3.3  done  8.0 s  7 tokens  → 42",
        "✗ 3 bad  failed  8.0 s  no key for bad",
        "✓ 2 openai/gpt  done  11.0 s  → 42",
        "– 4 groq/llama  cancelled  11.0 s",
        "42 ×2 · 1 abstained",
        "",
    ]


def test_X08_escapes_in_names_and_votes_are_shown_and_not_obeyed():
    stage = Stage(columns=120)
    stage.hear(
        started("1", "p", "m\x1b[2J\u202e"),
        CallFailed("1", "RejectedError", "no\x1b]0;t\x07\r\nmore"),
        VoteCast("1", 0, "4\n2\x9b"),
    )
    stage.live.close()
    data = stage.pty.text()
    assert escapes(data) <= {"m", "K", "A", "J"}
    assert seen(data, 120) == [
        r"✗ 1 p/m\u{1b}[2J\u{202e}  failed  1.0 s  → 4\n2\u{9b}",
        r"4\n2\u{9b} ×1",
    ]


def test_a_view_of_nothing_writes_nothing():
    stage = Stage()
    stage.live.tick()
    stage.live.close()
    assert stage.pty.text() == ""


def test_a_terminal_that_went_away_does_not_end_the_run():
    stage = Stage()
    stage.pty.text()
    stage.hear(*RUN)
    stage.live.close()
