"""llmock fails on purpose and judges its client: it finds nothing against ``kit``.

It groups attempts by their body, and knows four faults (a Retry-After ignored, what can never
succeed tried again, a storm, a truncated stream accepted) and some doubts.
"""

from __future__ import annotations

from typing import Any

import needs
import pytest
from command import Kit

DIALECTS = {"openai-chat": "openai", "openai-responses": "openai", "anthropic": "anthropic"}

BREAKS = [*((dialect, "truncate") for dialect in DIALECTS)]
BREAKS += [("openai-chat", "disconnect"), ("openai-chat", "corrupt")]


@pytest.fixture
def judge(request: pytest.FixtureRequest) -> Any:
    """Its pytest fixture: a real server on loopback, new for each test."""
    needs.module("llmock")
    return request.getfixturevalue("llmock")


@pytest.fixture(params=DIALECTS)
def asked(request: pytest.FixtureRequest, judge: Any, kit: Kit) -> Kit:
    """kit with one profile, in each dialect."""
    return speaking(request.param, judge, kit)


def speaking(dialect: str, judge: Any, kit: Kit) -> Kit:
    base = judge.base_url(DIALECTS[dialect])
    kit.configure(
        f'[profiles.m]\napi = "{dialect}"\nbase_url = "{base}"\nmodel = "m-1"\nkey = "none"\n'
    )
    return kit


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


@pytest.mark.parametrize("status", [408, 500, 529])
def test_what_may_pass_is_tried_again(judge: Any, kit: Kit, status: int) -> None:
    kit.serve(judge.base_url())
    judge.fail(status).reply("fine")
    assert kit("ask", "hello").out == "fine\n"
    judge.assert_resilient(strict=True)


def test_an_outage_makes_no_storm(judge: Any, kit: Kit) -> None:
    judge.outage()
    ran = kit.serve(judge.base_url())("ask", "hello")
    assert (ran.code, ran.out) == (5, "")
    assert len(judge.requests) == 4
    judge.assert_resilient(strict=True)


@pytest.mark.parametrize(("status", "code"), [(400, 4), (401, 3), (404, 4), (422, 4)])
def test_what_can_never_succeed_is_not_tried_again(
    judge: Any, kit: Kit, status: int, code: int
) -> None:
    kit.serve(judge.base_url())
    judge.fail(status, times=None)
    assert kit("ask", "hello").code == code
    assert len(judge.requests) == 1
    judge.assert_resilient(strict=True)


@pytest.mark.parametrize(("dialect", "fault"), BREAKS)
def test_a_stream_that_breaks_before_its_first_word_is_asked_again(
    judge: Any, kit: Kit, dialect: str, fault: str
) -> None:
    getattr(judge, fault)(after_chunks=1)
    judge.reply("All is well.", times=2)
    ran = speaking(dialect, judge, kit)("ask", "hello")
    assert (ran.code, ran.out) == (0, "All is well.\n")
    assert len(judge.requests) == 2
    judge.assert_resilient()


def test_a_stream_that_never_gets_to_a_word_is_no_answer(judge: Any, kit: Kit) -> None:
    judge.disconnect(after_chunks=1, times=None)
    ran = speaking("anthropic", judge, kit)("ask", "hello")
    assert (ran.code, ran.out) == (6, "")
    assert len(judge.requests) == 4
    judge.assert_resilient()


def test_a_stalled_stream_is_left(asked: Kit, judge: Any) -> None:
    judge.stall(after_chunks=1, seconds=20).reply("All is well.", times=2)
    ran = asked("ask", "--timeout", "0.5", "hello")
    assert ran.code == 5
    assert "0.5 s" in ran.err
    judge.assert_resilient(strict=True)


def test_a_quota_of_one_request_is_waited_for(judge: Any, kit: Kit) -> None:
    """The server's own arithmetic: 120 a minute are one in half a second."""
    kit.serve(judge.base_url())
    judge.limits(rpm=120)
    ran = kit("consensus", "-n", "4", "--stop", "none", "--choices", "yes,no", "Is it?")
    assert ran.code in {0, 7}
    judge.assert_resilient(strict=True)


@pytest.mark.parametrize(("dialect", "fault"), BREAKS)
def test_what_breaks_after_a_word_was_shown_is_said_aloud_and_never_repeated(
    judge: Any, kit: Kit, dialect: str, fault: str
) -> None:
    """The judge sees no exit code: to it, whoever does not ask again may have taken the part for
    the whole. A second answer below the first half would be worse, so this one finding stands."""
    getattr(judge, fault)(after_chunks=7)
    judge.reply("one two three four five six seven eight nine ten", times=2)
    ran = speaking(dialect, judge, kit)("ask", "hello")
    assert ran.code == 6
    assert ran.out.startswith("one two")
    assert "ten" not in ran.out
    assert ran.err.startswith("kit: ")
    assert len(judge.requests) == 1
    expected = {"truncate": "truncated_stream_accepted", "disconnect": "gave_up"}
    codes = [finding.code for finding in judge.verdict().findings]
    assert codes == [expected.get(fault, "malformed_chunk_ignored")]
