"""llmock fails on purpose and judges its client: it finds nothing against ``kit``.

It groups attempts by their body, and knows four faults (a Retry-After ignored, what can never
succeed tried again, a storm, a truncated stream accepted) and some doubts.
"""

from __future__ import annotations

from typing import Any

import pytest
from command import Kit
from needs import missing

DIALECTS = {"openai-chat": "openai", "openai-responses": "openai", "anthropic": "anthropic"}
VERSIONS = {"openai-chat": 3, "openai-responses": 5, "anthropic": 3}
"""How many events of each dialect come before the first text."""


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Any:
    """Its pytest fixture: a real server on loopback, new for each test."""
    try:
        import llmock  # noqa: F401  # whether it is there
    except ImportError:
        missing("llmock is not installed: pip install 'kit-llm[dev]'")
    return request.getfixturevalue("llmock")


@pytest.fixture(params=DIALECTS)
def asked(request: pytest.FixtureRequest, judge: Any, kit: Kit) -> Kit:
    """kit with one profile, in each dialect."""
    base = judge.base_url(DIALECTS[request.param])
    kit.configure(
        f'[profiles.m]\napi = "{request.param}"\nbase_url = "{base}"\nmodel = "m-1"\nkey = "none"\n'
    )
    return kit


def silent(dialect_events: int, judge: Any) -> None:
    raise NotImplementedError


def test_a_good_answer(asked: Kit, judge: Any) -> None:
    judge.reply("All is well.")
    ran = asked("ask", "hello")
    assert (ran.code, ran.out, ran.err) == (0, "All is well.\n", "")
    judge.assert_resilient(strict=True)


def test_a_rate_limit_is_waited_for(asked: Kit, judge: Any) -> None:
    judge.rate_limit(times=2, retry_after=0.3).reply("fine")
    assert asked("ask", "hello").out == "fine\n"
    assert len(judge.requests) == 3
    judge.assert_resilient(strict=True)


@pytest.mark.parametrize("status", [408, 409, 500, 503, 529])
def test_what_may_pass_is_tried_again(judge: Any, kit: Kit, status: int) -> None:
    kit.serve(judge.base_url())
    judge.fail(status).reply("fine")
    assert kit("ask", "hello").out == "fine\n"
    judge.assert_resilient(strict=True)


def test_an_outage_makes_no_storm(asked: Kit, judge: Any) -> None:
    judge.outage()
    ran = asked("ask", "hello")
    assert (ran.code, ran.out) == (5, "")
    assert len(judge.requests) == 4
    judge.assert_resilient()


@pytest.mark.parametrize(("status", "code"), [(400, 4), (401, 3), (403, 3), (404, 4), (422, 4)])
def test_what_can_never_succeed_is_not_tried_again(
    judge: Any, kit: Kit, status: int, code: int
) -> None:
    kit.serve(judge.base_url())
    judge.fail(status, times=None)
    assert kit("ask", "hello").code == code
    assert len(judge.requests) == 1
    judge.assert_resilient(strict=True)
