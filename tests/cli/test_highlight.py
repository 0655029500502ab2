"""Colours of code: the same however it arrives, and never a character more or less."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kit.cli.markdown.highlight import painter
from kit.cli.markdown.inline import Piece
from kit.cli.markdown.languages import LANGUAGES
from kit.cli.markdown.openline import sgr
from kit.cli.markdown.wrap import merged

BITS = st.sampled_from(
    ['"""', "'''", '"', "'", "\\", "#", "//", "/*", "*/", "<!--", "-->", "<", "</", "div", ">",
     "--", "def", "x", "if", "1", "0x1f", "é", "_", " ", "\n", "`", "don", "t", "a" * 59, "b" * 61,
     "1" * 70, "-", "/", "*", "!", "+", "@"]
)  # fmt: skip


def painted(language, code, cuts=()):
    """The pieces of this code, arriving in pieces of these lengths, then the rest."""
    paint, out, held = painter(language).paint, [], ""
    at = 0
    for length in [*cuts, len(code)]:
        *lines, last = (held + code[at : at + length]).split("\n")
        at += length
        for line in lines:
            out += [*paint(line, ended=True)[0], Piece("\n")]
        pieces, used = paint(last, ended=False)
        out, held = out + pieces, last[used:]
    return merged(out, paint(held, ended=True)[0])


@settings(max_examples=200)
@given(
    st.lists(BITS, max_size=30).map("".join),
    st.sampled_from([*LANGUAGES, "diff", "nonsense", ""]),
    st.lists(st.integers(1, 5), max_size=60),
)
def test_code_is_coloured_alike_however_it_is_cut(code, language, cuts):
    pieces = painted(language, code, cuts)
    assert pieces == painted(language, code)
    assert "".join(piece.text for piece in pieces) == code


@pytest.mark.parametrize(
    ("language", "code", "shown"),
    [
        ("python", 'def f(x): return f"a\\"b" + 1  # it\'s', "<35 def> f(x): <35 return> f"
         '<32 "a\\"b"> + <36 1>  <2 # it\'s>'),
        ("py", '"""one\ntwo""" if x', '<32 """one>\n<32 two"""> <35 if> x'),
        ("js", "const a = `x\ny`; // z\n/* b\n */ c", "<35 const> a = <32 `x>\n<32 y`>; <2 // z>\n"
         "<2 /* b>\n<2  */> c"),
        ("rust", "fn f<'a>(x: &'a str)", "<35 fn> f<'a>(x: &'a <35 str>)"),
        ("sh", "echo don't \"$x\" # 'c", "<35 echo> don't <32 \"$x\"> <2 # 'c>"),
        ("SQL", "select a FROM b -- c", "<35 select> a <35 FROM> b <2 -- c>"),
        ("html", '<a href="x">it\'s</a><!-- c -->', '<35 <a> href=<32 "x"><35 >>it\'s<35 </a>>'
         "<2 <!-- c -->>"),
        ("diff", "-a\n+b\n c\n@@ 1", "<31 -a>\n<32 +b>\n c\n<36 @@ 1>"),
        ("c", '"open\nint x;', '<32 "open>\n<35 int> x;'),
        ("", "if x", "<36 if x>"),
    ],
)  # fmt: skip
def test_what_is_coloured(language, code, shown):
    pieces = painted(language, code)
    lines = [
        [Piece(part, style) for part in text.split("\n")] for text, style in pieces
    ]  # a span over lines is one piece
    parts = []
    for line in lines:
        for index, (text, style) in enumerate(line):
            parts.append("\n" * (index > 0) + (f"<{style} {text}>" if style and text else text))
    assert "".join(parts) == shown


def test_a_word_waits_for_its_end_and_a_comment_does_not():
    paint = painter("python").paint
    assert paint("re", ended=False) == ([], 0)
    assert paint("return", ended=False) == ([], 0)
    assert sgr(paint("return x", ended=False)[0]) == "\x1b[35mreturn\x1b[0m "
    assert paint("# a com", ended=False)[1] == 7
    assert paint("x" * 5000, ended=False)[1] > 4900
