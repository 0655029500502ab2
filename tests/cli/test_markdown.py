"""Streaming Markdown: what is on the screen, whatever the cuts, and what it took to get there."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from screens import Reflowing, clock_of, escapes, seen

from kit.cli.markdown.blocks import START, place
from kit.cli.markdown.inline import parse
from kit.cli.markdown.markdown import Markdown

DOCUMENT = """# Title **bold** #

Some *text* with `code`, a [link](https://x.org/a_b) and a row that goes on until it must wrap.
second line of it

- one
- two is a long item that must be wrapped since it does not fit
  - nested
1. first
2. second

```python
def f(x):
    return x * 2  \n
# done
```
| a | b |
|---|--:|
| 1 | 22 |
| **x** | y |

Setext
======

> quote me
> again

a | b
--- | ---
1 | 2

---
2*3 = 6 and 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 end <br> done &amp; \\( x \\)

<div>
 raw
</div>
"""
SCREEN = """Title bold

Some text with code, a link
(https://x.org/a_b) and a row that goes
on until it must wrap.
second line of it

• one
• two is a long item that must be
  wrapped since it does not fit
  • nested
1. first
2. second

def f(x):
    return x * 2

# done

a │  b
──┼───
1 │ 22
x │  y

Setext

│ quote me
│ again

a │ b
──┼──
1 │ 2

────────────────────────────────

2*3 = 6 and 漢字漢字漢字漢字漢字漢字漢
字漢字漢字漢字漢字漢字漢字漢字 end
done & \\( x \\)

<div>
 raw
</div>"""
SEEN = SCREEN.split("\n")


def written(text, size=10**9, columns=40, *, live=True, step=1.0, unicode=True):
    """All that is written for the text in pieces of ``size``; a frame is drawn every time."""
    out = []
    answer = Markdown(
        out.append, columns=lambda: columns, clock=clock_of(step), live=live, unicode=unicode
    )
    for at in range(0, len(text), size):
        answer.write(text[at : at + size])
    answer.close()
    return "".join(out)


def shown(text, columns=40, **settings):
    return seen(written(text, columns=columns, **settings), columns)


def test_a_document_looks_as_it_should():
    assert shown(DOCUMENT) == SEEN


@pytest.mark.parametrize("live", [True, False])
def test_the_screen_is_the_same_at_every_cut(live):
    assert {tuple(shown(DOCUMENT, size=n, live=live)) for n in (1, 2, 3, 5, 7, 11, 50)} == {
        tuple(SEEN)
    }


@pytest.mark.parametrize("columns", [12, 20, 80, 200])
def test_the_screen_is_the_same_at_every_width(columns):
    whole = shown(DOCUMENT, columns=columns, live=False)
    assert {tuple(shown(DOCUMENT, size=n, columns=columns)) for n in (1, 3, 7)} == {tuple(whole)}


BITS = st.sampled_from(
    ["*", "**", "_", "__", "`", "``", "```", "```\n", "~~", "[", "](", "]", "(", ")", "!", "<",
     "> ", "- ", "1. ", "# ", "\n", "\n\n", "    ", "  ", "|", "| a | b |\n", "|---|---|\n",
     "a|b\n", "---\n", "===\n", "-", "=", "word ", "x", "http", "https://a.b/_c_ ", "&amp;",
     "&", "\\", "漢字", "🚀", "é", '"t"', "<br>", "\t", "javascript:", "<https://q.r>",
     "words that wrap ", "2*3", "\x1b[31m", "\r"]
)  # fmt: skip
DOCUMENTS = st.lists(BITS, max_size=40).map("".join)


@settings(max_examples=80, deadline=None)
@given(DOCUMENTS, st.integers(1, 12), st.sampled_from([20, 60]), st.sampled_from([0.0, 0.03, 1.0]))
def test_any_text_cut_anywhere_is_shown_as_if_it_were_whole(text, size, columns, step):
    data = written(text, size, columns, step=step)
    whole = written(text, columns=columns, live=False)
    assert seen(data, columns, 150) == seen(whole, columns, 150)
    assert escapes(data) <= {"m", "K"}
    assert all(line == line.rstrip(" ") for line in re.sub(r"\x1b\[\d*m", "", data).split("\n"))


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.integers(0, 60))
def test_what_is_sure_of_a_text_stays_whatever_follows(text, at):
    start = parse(text[:at], final=False)
    sure = "".join(piece.text for piece in start.sure)
    rest = parse(text[start.used :], before=text[start.used - 1 : start.used], final=True)
    whole = "".join(piece.text for piece in parse(text, final=True).sure)
    assert whole == sure + "".join(piece.text for piece in rest.sure)


def styled(text):
    return [tuple(piece) for piece in parse(text, final=True).sure]


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        ("a **b** c", [("a ", ""), ("b", "1"), (" c", "")]),
        ("***x***", [("x", "1;3")]),
        ("**a *b* c**", [("a ", "1"), ("b", "1;3"), (" c", "1")]),
        ("snake_case_name", [("snake", ""), ("_", ""), ("case", ""), ("_", ""), ("name", "")]),
        ("~~old~~", [("old", "9")]),
        ("`` a`b ``", [("a`b", "36")]),
        ("`a", [("`", ""), ("a", "")]),
        ("\\*no\\*", [("*", ""), ("no", ""), ("*", "")]),
        ("[t](https://x.y/(z) 'title')", [("t", "4"), (" (https://x.y/(z))", "2")]),
        ("<https://x.y>", [("https://x.y", "4")]),
        ("![cat](https://x.y/c.png)", [("cat", "4"), (" (https://x.y/c.png)", "2")]),
        ("&lt;b&gt; &#27;", [("<", ""), ("b", ""), (">", ""), (" ", ""), ("&", ""), ("#27;", "")]),
        ("https://x.y/_a_/b", [("https://x.y/_a_/b", "")]),
    ],
)
def test_markup_inside_a_line(source, pieces):
    assert styled(source) == pieces


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JAVASCRIPT:x", "file:///etc/passwd", "data:x"]
)
def test_X03_links_are_shown_with_their_address_and_scripts_are_no_links(address):
    assert shown(f"[t]({address})") == [f"[t]({address})"]
    assert shown("[t](https://x.y)") == ["t (https://x.y)"]
    assert escapes(written("[t](https://x.y)", 1)) <= {"m", "K"}


@pytest.mark.parametrize(
    "attack", ["\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b2J", "\x1bP1$q\x1b\\", "\x1b]0;t\x07", "\b"]
)
def test_X01_X02_X07_escapes_of_a_model_never_arrive(attack):
    text = f"a{attack}b\n```\nc{attack}d\n```\n| e{attack} |\n|--|\n[f{attack}](https://g{attack})"
    for size in (1, 2, 1000):
        data = written(text, size)
        assert escapes(data) <= {"m", "K"}
        assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]", data)
        assert shown(text, size=size)[:3] == ["ab", "", "cd"]


def test_X06_rich_markup():
    text = "[red]no[/red] [/] [bold]x [link=http://x.y]z[/link] :smile:"
    assert shown(text, columns=100) == [text]


def test_P22_halves_of_a_character_are_joined_and_lone_ones_replaced():
    out = []
    answer = Markdown(out.append, columns=lambda: 40, clock=clock_of(1.0))
    for piece in ("a\ud83d", "\ude80b ", "\udc00", "c\ud83d"):
        answer.write(piece)
    answer.close()
    assert seen("".join(out)) == ["a🚀b �c�"]


def test_code_can_be_copied():
    data = written("```\n\tx = 1   \n" + "y" * 100 + "\n\n  z\n```\n", 3, columns=20)
    plain = re.sub(r"\x1b\[\d*m", "", data)
    assert plain == "\tx = 1\n" + "y" * 100 + "\n\n  z\n"


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_code_without_a_fence_keeps_its_indentation(size):
    code = ["def f(x):", "    if x:", "        return 1", "  return *x, 2"]
    assert shown("\n".join(code), size=size) == code
    assert shown("\n".join(code), size=size, columns=13) == [
        "def f(x):", "    if x:", "return 1", "  return *x,", "2",
    ]  # fmt: skip


def test_a_row_is_printed_while_its_paragraph_is_still_open():
    out = []
    answer = Markdown(out.append, columns=lambda: 20, clock=clock_of(1.0))
    for word in ("one", "two", "three", "four", "five", "six", "seven", "eight"):
        answer.write(word + " ")
    assert seen("".join(out), 20)[:2] == ["one two three four", "five six seven"]
    assert "".join(out).count("\n") == 2


def test_no_more_frames_than_allowed_and_tick_shows_the_rest():
    now = [0.0]
    out = []
    answer = Markdown(out.append, columns=lambda: 80, clock=lambda: now[0])
    for step in range(100):  # 100 pieces in one second
        now[0] = step / 100
        answer.write("x")
    assert 10 <= len(out) <= 16
    answer.write("last")
    answer.tick()
    assert "last" not in "".join(out)
    now[0] += 1
    answer.tick()
    assert "".join(out).endswith("last")


@pytest.mark.parametrize("opened", ["", "**", "*", "`", "- ", "> ", "[", "~~"])
@pytest.mark.parametrize(("before", "after"), [(80, 30), (30, 80), (40, 12), (200, 20)])
def test_a_resize_gives_no_duplicate_lines(before, after, opened):
    """Also in the middle of what is not sure yet, as it may turn out to be bold."""
    words = [f"{opened if n == 2 else ''}word{n}" for n in range(60)]
    terminal = Reflowing(before)
    answer = Markdown(terminal.write, columns=lambda: terminal.columns, clock=clock_of(1.0))
    for index, word in enumerate(words):
        if index == 33:
            terminal.columns = after
        answer.write(word + " ")
    answer.close()
    shown = re.findall(r"word\d+", "\n".join(terminal.lines))
    assert shown == [f"word{n}" for n in range(60)]


@pytest.mark.parametrize("columns", [8, 12, 20])
def test_the_deepest_list_leaves_room_for_its_text(columns):
    text = f"- a\n{' ' * 9}123. a word``and more\n\n> > > > > > a quote\n"
    data = written(text, 1, columns)
    assert seen(data, columns) == shown(text, columns=columns, live=False)
    rows = re.sub(r"\x1b\[\d*m|\r\x1b\[K", "\n", data).split("\n")
    assert max(map(len, rows)) <= columns


def test_what_is_not_sure_yet_never_takes_shown_words_away():
    """A bold that goes on over rows: the first stays where it is until all of them are sure."""
    out = []
    answer = Markdown(out.append, columns=lambda: 30, clock=clock_of(1.0))
    for piece in re.findall(r"\S+ ", "one **two three four five six seven eight nine ten "):
        answer.write(piece)
        screen = seen("".join(out), 30)
        assert screen[0].startswith("one")
    answer.write("eleven** twelve")
    answer.close()
    assert seen("".join(out), 30)[1] == "seven eight nine ten eleven"


def test_few_bytes_and_no_moving_up():
    data = written(DOCUMENT * 5, 4, columns=80)
    assert len(data.encode()) <= 3 * len((DOCUMENT * 5).encode())
    assert escapes(data) <= {"m", "K"}


def test_nothing_is_padded_to_the_width_of_the_terminal():
    assert (
        max(map(len, written("short\n\n- item\n\n| a |\n|---|\n| b |\n", columns=200).split("\n")))
        < 40
    )


def test_a_long_table_is_printed_before_its_end():
    rows = "".join(f"| {n} | x |\n" for n in range(300))
    out = []
    answer = Markdown(out.append, columns=lambda: 80, clock=clock_of(1.0))
    answer.write("| n | v |\n|---|---|\n" + rows)
    assert "290" in "".join(out)
    answer.close()
    assert len(seen("".join(out), rows=500)) == 302


def test_a_table_with_too_many_columns_is_shown_as_text():
    row = "|" + "|".join("abcdefgh") + "|"
    assert shown(f"{row}\n|{'---|' * 8}\n{row}\n", columns=20) == [row, row]


def test_without_unicode_only_ascii_is_added():
    text = "- a\n\n> q\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n"
    assert written(text, unicode=False).isascii()


def test_a_cut_fence_and_a_cut_emphasis_are_shown_to_their_end():
    assert shown("```\ncode") == ["code"]
    assert shown("half **bold", size=1) == ["half **bold"]


def test_an_empty_answer_writes_nothing():
    assert written("") == ""
    assert written("\x1b[2J") == ""


@pytest.mark.parametrize(
    "line",
    ["- [ ] todo", "1) x", "## h", "> q", "***b***", "~~~sh", "<div>", "| a", "--", "2024. x"],
)
def test_the_start_of_a_line_never_changes_its_mind(line):
    whole = place(line, ended=True, before=START)
    early = {place(line[:n], ended=False, before=START) for n in range(len(line) + 1)}
    assert early <= {None, whole}
