"""The examples of docs/library.md, run as they stand there."""

import contextlib
import io
import re
import textwrap
from pathlib import Path

import pytest
from command import KEY
from loopback import chat_stream

PAGE = Path(__file__).parent.parent / "docs" / "library.md"
BLOCK = re.compile(r"```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<out>.*?)```)?", re.DOTALL)
EXAMPLES = [(each["code"], each["out"] or "") for each in BLOCK.finditer(PAGE.read_text("utf-8"))]


def test_the_page_has_examples():
    assert len(EXAMPLES) == PAGE.read_text("utf-8").count("```python") >= 7


@pytest.mark.parametrize(
    ("code", "out"), EXAMPLES, ids=[f"example-{n}" for n in range(1, len(EXAMPLES) + 1)]
)
def test_an_example_prints_what_the_page_says(code, out, server, monkeypatch):
    monkeypatch.setenv("GROQ_API_KEY", KEY)
    server.default = chat_stream("42")
    code = code.replace("https://api.groq.com/openai/v1", server.base)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(textwrap.dedent(code), str(PAGE), "exec"), {"__name__": "__main__"})
    assert said.getvalue().strip() == out.strip()
