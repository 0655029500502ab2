"""Where the answer goes: real pipes, a real pseudo-terminal, a full disk, a reader that left."""

import contextlib
import io
import os
import subprocess
import sys

import pytest
from screens import Pty, escapes, seen

from kit.cli.screen.render import answer_to, err
from kit.cli.screen.terminal import Terminal

UTF = {"LANG": "C.UTF-8", "TERM": "xterm-256color"}
MARKDOWN = "# Title\n\nsome **bold** text\n"


def given(stream, pieces, environ=UTF, **flags):
    answer = answer_to(Terminal.detect(environ, stream, stream, **flags), stream)
    for piece in pieces:
        answer.write(piece)
        answer.tick()
    answer.close()


def piped(*pieces, **settings):
    """What arrives at the other end of a pipe whose Python side believes in ASCII."""
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w", encoding="ascii") as stream:
        given(stream, pieces, **settings)
    with os.fdopen(ours, "rb") as data:
        return data.read()


def on_terminal(*pieces, **settings):
    terminal = Pty()
    given(terminal.stream, pieces, **settings)
    return terminal.text()


def test_a_pipe_gets_the_text_as_it_is():
    assert (
        piped("# T\n\n**b** ", "\x1b[31mraw\x1b[0m\r\n", "end")
        == b"# T\n\n**b** \x1b[31mraw\x1b[0m\r\nend\n"
    )


@pytest.mark.parametrize("pieces", [["a"], ["a\n"], ["a\n\n\n"], ["a", "\n", "\n"], ["a\n", "\n"]])
def test_an_answer_ends_with_exactly_one_newline(pieces):
    assert piped(*pieces) == b"a\n"


def test_empty_lines_inside_an_answer_stay():
    assert piped("\n\na\n", "\n", "\n", "b") == b"\n\na\n\n\nb\n"


@pytest.mark.parametrize("pieces", [[], [""], ["\n", "\n"]])
def test_an_empty_answer_writes_nothing(pieces):
    assert piped(*pieces) == b""


def test_every_piece_is_there_at_once():
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "w") as stream:
        answer = answer_to(Terminal.detect({}, stream, stream), stream)
        for piece in ("one", " two\n", "three"):
            answer.write(piece)
            assert os.read(ours, 100) == piece.encode()
        answer.close()
    os.close(ours)


def test_F20_locale_C_ASCII_stdout():
    assert piped("naïve 漢字 🚀", environ={"LC_ALL": "C"}) == "naïve 漢字 🚀\n".encode()


def test_F20_in_a_process_with_an_ascii_locale():
    program = (
        "import sys, os; from kit.cli.screen.render import answer_to, err\n"
        "from kit.cli.screen.terminal import Terminal\n"
        "t = Terminal.detect(os.environ, sys.stdout, sys.stderr)\n"
        r"a = answer_to(t, sys.stdout); a.write('\u00e9\u6f22'); a.close(); err('\u00e9\u6f22')"
    )
    environ = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "é漢\n".encode(), "é漢\n".encode())


def test_P22_lone_surrogate_escape():
    assert piped("a\ud83d", "\ude80b\udc00", "c\ud83d") == "a🚀b\ufffdc\ufffd\n".encode()


def test_X09_broken_pipe():
    ours, theirs = os.pipe()
    os.close(ours)
    stream = os.fdopen(theirs, "w")
    with pytest.raises(BrokenPipeError):
        given(stream, ["text"])
    stream.close()  # nothing is left in a buffer that would fail again


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full disk here")
def test_a_full_disk_is_an_error():
    with open("/dev/full", "w") as stream, pytest.raises(OSError, match="No space left"):
        given(stream, ["text"])


def test_a_slow_reader_of_a_non_blocking_pipe_loses_nothing():
    ours, theirs = os.pipe()
    os.set_blocking(theirs, False)
    reader = subprocess.Popen(["wc", "-c"], stdin=ours, stdout=subprocess.PIPE)
    os.close(ours)
    with os.fdopen(theirs, "w") as stream:
        given(stream, ["x" * 500_000])
    data, _ = reader.communicate(timeout=30)
    assert int(data) == 500_001


def test_a_terminal_shows_markdown():
    data = on_terminal("# Ti", "tle\n\nsome **bo", "ld** text\n")
    assert seen(data) == ["Title", "", "some bold text"]
    assert "\x1b[1m" in data
    assert escapes(data) <= {"m", "K"}


@pytest.mark.parametrize(
    "settings",
    [
        {"environ": {**UTF, "NO_COLOR": "1"}},
        {"environ": {**UTF, "TERM": "dumb"}},
        {"plain": True},
        {"color": "never"},
    ],
)
def test_X10_no_escape_bytes_at_all(settings):
    assert on_terminal(MARKDOWN, "\x1b[31mred\x07\r", **settings) == MARKDOWN + "red\n"


@pytest.mark.parametrize("settings", [{}, {"plain": True}])
def test_X02_osc52_never_reaches_a_terminal(settings):
    data = on_terminal("a\x1b]52", ";c;aGVsbG8=", "\x07b", **settings)
    assert seen(data) == ["ab"]
    assert "52" not in data
    assert "\x07" not in data


def test_colour_can_be_forced_on_a_pipe_and_nothing_is_redrawn():
    data = piped(MARKDOWN, environ={**UTF, "FORCE_COLOR": "1"}).decode()
    assert data == "\x1b[1mTitle\x1b[0m\n\nsome \x1b[1mbold\x1b[0m text\n"


def test_a_stream_without_a_file_works_too():
    stream = io.StringIO()
    given(stream, ["é"])
    assert stream.getvalue() == "é\n"


def test_X08_escape_in_error_message(monkeypatch):
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        err("model \x1b]0;x\x07 \x1b[31mnope\x1b[0m said\r\n\x9b2Jno\udc00 \b!\n")
    assert stream.getvalue() == "model  nope said no� !\n"


@pytest.mark.parametrize("place", [None, os.devnull, "/dev/full"])
def test_a_note_that_cannot_be_written_is_no_error(place, monkeypatch):
    with open(place or os.devnull, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream if place else None)
        if place == os.devnull:
            stream.close()
        err("nobody hears this")


def test_a_pipe_needs_no_markdown():
    program = (
        "import sys, os; from kit.cli.screen.render import answer_to, err\n"
        "from kit.cli.screen.terminal import Terminal\n"
        "a = answer_to(Terminal.detect({}, sys.stdout, sys.stderr), sys.stdout)\n"
        "a.write('x'); a.close()\n"
        "print(sorted(m for m in sys.modules if m.startswith(('rich', 'kit.cli.'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True
    )
    assert done.stdout == (
        "x\n['kit.cli.screen', 'kit.cli.screen.render', 'kit.cli.screen.sanitise',"
        " 'kit.cli.screen.surrogates', 'kit.cli.screen.terminal', 'kit.cli.signals']\n"
    )
