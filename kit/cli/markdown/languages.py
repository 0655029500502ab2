"""What is coloured in which language: words, comments, strings. Data for highlight.py."""

from __future__ import annotations

from typing import NamedTuple


class Grammar(NamedTuple):
    """What opens and what closes comments and strings; "" is the end of the line. What several
    characters close, and what backquotes open, may go on over lines."""

    words: frozenset[str]
    comments: tuple[tuple[str, str], ...] = ()
    strings: tuple[tuple[str, str], ...] = ()
    caseless: bool = False  # of its words
    tags: bool = False  # <words in="brackets">
    prose: bool = False  # an apostrophe within a word opens no string


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_QUOTES = (('"', '"'), ("'", "'"))
_SLASHES = (("//", ""), ("/*", "*/"))
_HASH = (("#", ""),)

_PYTHON = Grammar(
    _words(
        "False None True and as assert async await break case class continue def del elif else"
        " except finally for from global if import in is lambda match nonlocal not or pass raise"
        " return self try type while with yield"
    ),
    _HASH,
    (('"""', '"""'), ("'''", "'''"), *_QUOTES),
)
_C = Grammar(
    _words(
        "abstract any as async auto await bool boolean break byte case catch chan char class const"
        " continue constructor data def default defer delete do double else enum export extends"
        " extern false final finally float for foreach from func fun function get go goto if"
        " implements import in include inline instanceof int interface internal is let long map"
        " match mod mut namespace new nil not null nullptr number object of open operator override"
        " package private protected protocol pub public range record return sealed select self set"
        " short signed sizeof static string struct super switch template this throw throws trait"
        " true try type typedef typeof undefined union unsigned use using val var virtual void"
        " volatile when where while yield"
    ),
    _SLASHES,
    _QUOTES,
)
_SCRIPT = _C._replace(strings=(*_QUOTES, ("`", "`")))
_RUST = Grammar(
    _words(
        "Self as async await bool break char const continue crate dyn else enum extern f32 f64"
        " false fn for i32 i64 i8 if impl in let loop match mod move mut pub ref return self static"
        " str struct super trait true type u32 u64 u8 unsafe use usize where while"
    ),
    _SLASHES,
    (('"', '"'),),  # 'a is a lifetime
)
_SHELL = Grammar(
    _words(
        "alias and begin break case cd continue def do done echo elif else elsif end ensure esac"
        " eval exec exit export false fi for foreach function if in local module next nil not or"
        " read readonly require rescue return select self set shift source then trap true unless"
        " unset until while"
    ),
    _HASH,
    _QUOTES,
    prose=True,
)
_SETTINGS = Grammar(_words("true false null yes no on off"), _HASH, _QUOTES, prose=True)
_BUILD = Grammar(
    _words(
        "ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL RUN SHELL USER VOLUME"
        " WORKDIR define else endef endif export ifdef ifeq ifndef ifneq include"
    ),
    _HASH,
    _QUOTES,
    prose=True,
)
_JSON = Grammar(_words("true false null"), _SLASHES, (('"', '"'),))
_SQL = Grammar(
    _words(
        "add all alter and as asc begin between by case check column commit constraint create"
        " cross default delete desc distinct drop else end exists false foreign from full group"
        " having if in index inner insert into is join key left like limit not null offset on or"
        " order outer over partition primary references returning right rollback select set table"
        " then true union unique update using values view when where with"
    ),
    (("--", ""), ("/*", "*/")),
    _QUOTES,
    caseless=True,
)
_DASHED = Grammar(
    _words(
        "and case class data deriving do else elseif end false for function if import in instance"
        " let local module newtype nil not of or repeat return then true type until where while"
    ),
    (("--", ""),),
    (('"', '"'),),
)
_MARKUP = Grammar(frozenset(), (("<!--", "-->"),), (('"', '"'),), tags=True)
_STYLE = Grammar(_words("important media import keyframes supports"), (("/*", "*/"),), _QUOTES)

LANGUAGES: dict[str, Grammar] = {
    name: grammar
    for names, grammar in (
        ("python py python3 pycon ipython", _PYTHON),
        ("c cpp c++ h hpp objc java kotlin kt cs csharp c# swift dart scala zig proto php", _C),
        ("js javascript ts typescript jsx tsx mjs node go golang", _SCRIPT),
        ("rust rs", _RUST),
        ("sh bash zsh shell fish console shell-session ruby rb perl r elixir powershell", _SHELL),
        ("yaml yml toml ini cfg conf properties env dotenv nginx hcl terraform", _SETTINGS),
        ("dockerfile docker makefile make", _BUILD),
        ("json json5 jsonc jsonl", _JSON),
        ("sql postgresql mysql sqlite", _SQL),
        ("lua haskell hs elm", _DASHED),
        ("html xml svg xhtml vue", _MARKUP),
        ("css scss less", _STYLE),
    )
    for name in names.split()
}
"""By the first word after a fence, in lower case. Of "diff" and "patch" see highlight.py."""
