"""``kit trace diff`` says what differs between two runs, and whether anything that matters does."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import pytest
import recorded
from typer.testing import CliRunner

from kit.cli.trace import app

ONE, OTHER = "01KAMC4V6R0123456789ABCDEF", "01KAMC4V6R0123456789ABCDEG"


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path))
    recorded.recorded(tmp_path / "runs", recorded.a_vote(), ONE)
    return tmp_path / "runs"


def diff(*args: str) -> tuple[int, str]:
    """In typer's own runner an exit code is the value that the command returned."""
    result = CliRunner().invoke(app, ["diff", *args], standalone_mode=False, catch_exceptions=False)
    return result.return_value or 0, result.stdout


def test_a_run_is_the_same_as_itself(state: Path) -> None:
    assert diff("-1", "last") == (
        0,
        f"               {ONE}  {ONE}\n"
        "elapsed_s      2.07                        2.07\n"
        "calls          9                           9\n"
        "input_tokens   1240                        1240\n"
        "output_tokens  2567                        2567\n"
        "cost_usd       0.00123                     0.00123\n"
        "the same was asked and answered\n",
    )


def test_other_times_and_sums_decide_nothing(state: Path) -> None:
    moments = [(at * 2, event) for at, event in recorded.a_vote() if event.kind != "run.finished"]
    recorded.recorded(
        state,
        [*moments, recorded.ended(4.14, "consensus", "0.05", detail={"stopped": "risk"})],
        OTHER,
    )
    code, told = diff("-2", "-1")
    assert code == 0
    assert re.search(r"elapsed_s +2.07 +4.14 +\+2.07 \(\+100%\)\n", told)


def test_what_was_asked_and_answered_otherwise_is_told(state: Path) -> None:
    recorded.recorded(state, recorded.a_vote(12, "Another question?\nIn two lines."), OTHER)
    code, told = diff("-2", "-1")
    assert code == 7
    assert f"\nprompt:\n@@ -1 +1,2 @@\n-{recorded.PROMPT}\n+Another question?\n+In two" in told
    assert re.search(r"settings.samples +9 +12\n", told)


def test_json_holds_the_values(state: Path) -> None:
    recorded.recorded(state, recorded.with_tools(), OTHER)
    code, told = diff("-2", "-1", "--json")
    found = json.loads(told)
    assert code == 7
    assert (found["a"], found["b"], found["same"]) == (ONE, OTHER, False)
    by_name = {each["what"]: (each["a"], each["b"]) for each in found["differences"]}
    assert by_name["pattern"] == ("consensus", "react")
    assert by_name["models"] == (["llama-3.3-70b", "gpt-5.2", "qwen3-1.7b"], ["llama-3.3-70b"])
    assert by_name["votes.0.05"] == (4.0, None)
    assert by_name["tools"] == (None, ["read ok", "clock ok", "shell failed"])
    assert by_name["failed"] == ({"unavailable": 1}, None)
    assert found["figures"]["elapsed_s"]["change"] == pytest.approx(0.83)


def test_the_seed_of_a_plan_is_no_difference_but_its_order_is(state: Path) -> None:
    settings = [{"plan": ["a", "b"], "plan_seed": 1}, {"plan": ["a", "b"], "plan_seed": 2},
                {"plan": ["b", "a"], "plan_seed": 3}]  # fmt: skip
    for at, each in enumerate(settings):
        recorded.recorded(state, [recorded.begun("consensus", **each)], f"{ONE[:-1]}{'GHJ'[at]}")
    assert diff("-3", "-2")[0] == 0
    code, told = diff("-2", "-1")
    assert code == 7
    assert 'settings.plan  ["a", "b"]' in told


def test_both_runs_must_be_named(state: Path) -> None:
    assert CliRunner().invoke(app, ["diff", "-1"]).exit_code == 2
    assert CliRunner().invoke(app, ["diff", "-1", "01ZZZZ"]).exit_code != 0


def test_x08_hostile_texts_stay_texts_on_a_terminal(state: Path) -> None:
    pexpect = pytest.importorskip("pexpect")
    recorded.recorded(state, recorded.hostile(), OTHER)
    seen, code = pexpect.run(
        f"{sys.executable} -m kit trace diff -2 -1",
        env={**os.environ, "NO_COLOR": "1", "TERM": "xterm"},
        withexitstatus=True,
    )
    assert code == 7
    assert b"end" in seen
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", seen.decode())
