"""A streamed answer on a real terminal: printed once, nothing moves, whatever its size becomes."""

from __future__ import annotations

import os
import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

import pyte
import pytest
from command import Kit
from loopback import EVENTS, LAST, Seen, Server, chat_events, chat_stream, chunk, delta, head
from screens import escapes
from terminals import on_terminal, watched

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pseudo-terminals of POSIX")

ANSWER = """# A *title*

Some **bold** text with `code`, a [link](https://example.org/page) and words that go
and on until
the row is full, then a second row; WIDE end.
Combined: e\u0301 n\u0303.

1. first
2. second item that is long enough to be wrapped, so that its second row begins below its text
   - nested

```python
def long_name(argument: int) -> str:
    return "a string in a line of code that is far longer than the eighty columns of this terminal"
```

| name | count |
|:-----|------:|
| 漢字 | 1 |
| **b** | 22 |

> quoted

The last words.
""".replace("WIDE", "漢字" * 20)

SHOWN = """\
A title

Some bold text with code, a link (https://example.org/page) and words that go
and on until
the row is full, then a second row; 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢
字漢字漢字漢字漢字漢字漢字漢字漢字漢字 end.
Combined: é ñ.

1. first
2. second item that is long enough to be wrapped, so that its second row begins
   below its text
   • nested

def long_name(argument: int) -> str:
    return "a string in a line of code that is far longer than the eighty column
s of this terminal"

name │ count
─────┼──────
漢字 │     1
b    │    22

│ quoted

The last words.
"""


@pytest.fixture
def served(kit: Kit, server: Server) -> Kit:
    return kit.serve(server.url, retries=0)


def test_what_is_finished_is_never_touched_again(served: Kit, server: Server) -> None:
    """Byte by byte: all rows above the cursor stay, and it only goes down. Code and tables come out
    in colour, wide and combined characters in their columns."""
    parts = [ANSWER[at : at + 4] for at in range(0, len(ANSWER), 4)]
    server.default = chat_stream(*parts, delay=0.003)
    seen = watched(served, "ask", "hi")
    screen = pyte.HistoryScreen(80, 24, history=1000)
    stream = pyte.ByteStream(screen)
    above: list[str] = []
    for byte in seen.raw:
        before = screen.cursor.y + len(screen.history.top)
        stream.feed(bytes([byte]))
        row = screen.cursor.y + len(screen.history.top)
        assert row >= before, "the cursor went up"
        if row > before:
            now = seen.rows(screen)[:row]
            assert now[: len(above)] == above
            above = now
    assert escapes(seen.text.replace("\r\n", "\n")) <= {"m", "K"}
    assert len(seen.raw) <= 10 * len(ANSWER.encode())
    assert unicodedata.normalize("NFC", "\n".join(seen.lines) + "\n") == SHOWN
    for coloured in ("\x1b[35mdef\x1b[0m", "\x1b[35mreturn\x1b[0m", "\x1b[1m"):
        assert coloured in seen.text


def test_a_resize_in_the_middle_gives_no_line_twice(served: Kit, server: Server) -> None:
    """To 20 and to 200 columns and back, in running text, in a list, in code, in a bold."""
    go = [threading.Event() for _ in range(5)]
    blocks = ("", "- ", "```\n", "**", "> ")
    words = iter(range(10_000))

    def answer(_: Seen) -> Iterator[Any]:
        yield head(200, EVENTS | {"Transfer-Encoding": "chunked"})
        for block, resized in zip(blocks, go, strict=True):
            for part in (block, *(f"w{next(words)} " for _ in range(40)), "here"):
                yield chunk(delta(part))
            while not resized.is_set():
                yield 0.01
            closed = "\n```\n\n" if "`" in block else f"{block.strip('- >')}\n\n"
            yield chunk(delta("".join(f"w{next(words)} " for _ in range(40)) + closed))
        yield b"".join(chunk(each) for each in chat_events()) + LAST

    server.default = answer  # type: ignore[assignment]  # a script that is made while it is said
    with on_terminal(served, "ask", "hi") as terminal:
        for columns, resized in zip((20, 200, 120, 33, 20), go, strict=True):
            terminal.wait_for("here" if columns != 33 else "w252")  # the bold waits for its end
            terminal.resize(columns)
            resized.set()
        assert terminal.end() == 0
    assert escapes(terminal.text.replace("\r\n", "\n")) <= {"m", "K"}
    shown = "".join(terminal.reflowed).replace(" ", "")
    assert "".join(re.findall(r"w\d+", shown)) == "".join(f"w{n}" for n in range(next(words)))
