"""Real models, real checks: what ``kit refine`` prints with exit 0 has passed them, whatever was
written on the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import embedded
import pytest
from command import Kit, Ran

pytestmark = pytest.mark.model

PEOPLE = "Ada is 36 and lives in Paris. Write this as JSON with the keys name, age and city."
SQUARE = "Write a Python function that returns the square of a number. Code only."
KEYS = """\
import json, sys
missing = [key for key in ("name", "age", "city") if key not in json.load(sys.stdin)]
print("missing keys:", ", ".join(missing) or "none")
sys.exit(bool(missing))
"""


@pytest.fixture(params=["embedded", "llama.cpp server"])
def asked(request: pytest.FixtureRequest, kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Kit:
    """kit with the model in its own process, or behind a server in another one."""
    embedded.wanted()
    if request.param == "embedded":
        from kit.providers.local import weights_path

        place = json.dumps(str(weights_path(os.environ)))
        kit.configure(f'[profiles.m]\napi = "local"\nmodel_path = {place}\n')
        return kit
    url = request.getfixturevalue("llama_server")
    kit.configure(
        f'[profiles.m]\nprovider = "llama-cpp"\nbase_url = "{url}"\nmodel = "m"\nkey = "none"\n'
    )
    return kit


def refined(asked: Kit, check: str, prompt: str, passes: Callable[[str], bool]) -> Ran:
    """A refinement by this check. With 0 the answer passes it; with 7 no whole draft did, with 6 no
    draft was whole, and there is one all the same."""
    flags = ("--max-tokens", "90", "--rounds", "2", "--seed", "2", "--check", check)
    ran = asked("refine", *flags, "--json", prompt)
    assert ran.code in {0, 6, 7}, ran.err
    result = ran.object
    assert ran.code or passes(result["answer"]), ran.out
    assert result["answer"]
    records = asked.records()
    drafts = [record for record in records if record["kind"] == "draft.made"]
    scored = [record for record in records if record["kind"] == "draft.scored"]
    assert len(drafts) == len(scored) == len(result["detail"]["drafts"])
    assert result["detail"]["stopped"] == "check" if ran.code == 0 else ran.err
    return ran


def test_json_with_these_keys(asked: Kit, tmp_path: Path) -> None:
    script = tmp_path / "keys.py"
    script.write_text(KEYS)
    command = [sys.executable, str(script)]

    def passes(text: str) -> bool:
        return subprocess.run(command, input=text.encode(), capture_output=True).returncode == 0

    refined(asked, " ".join(command), PEOPLE, passes)


def test_python_that_compiles(asked: Kit) -> None:
    def passes(text: str) -> bool:
        try:
            compile(text, "answer", "exec")
        except (SyntaxError, ValueError):
            return False
        return True

    refined(asked, f"{sys.executable} -m py_compile {{}}", SQUARE, passes)
