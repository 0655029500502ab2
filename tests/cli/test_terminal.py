"""What is decided about the streams, from the environment and the flags."""

import io
from dataclasses import replace

import pytest

from kit.cli.screen.terminal import Terminal, columns


class Stream(io.StringIO):
    def __init__(self, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


NOTHING = {"out_style": False, "out_live": False, "err_colour": False, "err_live": False}
UTF = {"LANG": "en_US.UTF-8"}


def detect(environ=UTF, *, out=True, error=True, **flags) -> Terminal:
    return Terminal.detect(environ, Stream(out), Stream(error), **flags)


def test_a_terminal_gets_colour_and_a_pipe_does_not():
    assert detect() == Terminal(True, True, True, True, True, True, 80, True)
    assert detect(out=False, error=False) == Terminal(
        False, False, False, False, False, False, 80, True
    )


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": "unknown"}])
def test_X10_no_tty_TERM_dumb_NO_COLOR(environ):
    terminal = detect(environ)
    assert terminal == replace(terminal, **NOTHING)


@pytest.mark.parametrize(
    "flags", [{"plain": True}, {"color": "never"}, {"plain": True, "color": "always"}]
)
def test_a_flag_turns_colour_off_whatever_the_environment_wants(flags):
    terminal = detect({"FORCE_COLOR": "1"}, **flags)
    assert terminal == replace(terminal, **NOTHING)


@pytest.mark.parametrize(
    "environ", [{"FORCE_COLOR": "1"}, {"CLICOLOR_FORCE": "1"}, {"FORCE_COLOR": "3"}]
)
def test_a_pipe_gets_colour_when_it_is_forced_and_is_never_redrawn(environ):
    terminal = detect(environ, out=False, error=False)
    assert (terminal.out_style, terminal.err_colour) == (True, True)
    assert (terminal.out_live, terminal.err_live) == (False, False)
    assert detect({}, out=False, color="always").out_style


def test_who_wins_when_they_disagree():
    assert not detect({"FORCE_COLOR": "1", "NO_COLOR": "1"}).out_style
    assert detect({"NO_COLOR": "1"}, color="always").out_style
    assert detect({"NO_COLOR": ""}).out_style
    assert not detect({"FORCE_COLOR": "0"}, out=False).out_style
    forced = detect({"FORCE_COLOR": "1", "TERM": "dumb"})
    assert (forced.out_style, forced.out_live) == (True, False)


def test_the_two_streams_are_told_apart():
    terminal = detect(out=False)
    assert (terminal.out_style, terminal.err_colour, terminal.err_live) == (False, True, True)


def test_F20_the_locale_decides_about_more_than_ascii():
    environs = (UTF, {}, {"LC_ALL": "C", **UTF}, {"LC_CTYPE": "C.UTF-8"})
    assert [detect(environ).unicode for environ in environs] == [True, False, False, True]


def test_an_old_windows_console_gets_no_escapes():
    assert not detect({"OS": "Windows_NT"}).out_style
    assert detect({"OS": "Windows_NT", "WT_SESSION": "1"}).out_style


def test_the_width_of_a_pipe_is_what_the_environment_says():
    assert detect({"COLUMNS": "120"}).width == 120
    assert detect({"COLUMNS": "x"}).width == 80
    assert columns(Stream(False), 33) == 33


def test_a_missing_stream_is_no_terminal():
    assert not Terminal.detect({}, None, None).out_tty
