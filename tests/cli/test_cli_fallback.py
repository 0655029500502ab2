"""``--fallback``: who answers instead, and when nobody does."""

from __future__ import annotations

import pytest
from command import Kit
from loopback import RESET, Answer, Server, chat_stream, cut, refusal, response


@pytest.fixture
def three(kit: Kit, server: Server) -> Kit:
    """Three profiles at one server, told apart by their model."""
    return kit.serve(server.url, "a", retries=0).serve(server.url, "b", retries=0).serve(
        server.url, "c", retries=0
    )  # fmt: skip


ASKED = ("ask", "-p", "a", "--fallback", "b", "--fallback", "c", "--json", "hi")


def models(server: Server) -> list[str]:
    return [seen.json["model"] for seen in server.requests]


@pytest.mark.parametrize(
    "failing", [refusal(503, "down"), refusal(429, "slow down"), [RESET], cut(how=RESET)]
)
def test_the_next_is_asked_while_nothing_came(three: Kit, server: Server, failing: Answer) -> None:
    server.script(failing, failing, chat_stream("from c"))
    ran = three(*ASKED)
    assert (ran.code, ran.object["answer"]) == (0, "from c")
    assert models(server) == ["a", "b", "c"]
    detail = ran.object["detail"]
    assert (detail["profile"], detail["fallbacks"]) == ("c", ["b", "c"])


def test_the_last_error_counts_when_all_are_down(three: Kit, server: Server) -> None:
    server.default = refusal(503, "down")
    ran = three(*ASKED)
    assert (ran.code, ran.object["status"], models(server)) == (5, "unavailable", ["a", "b", "c"])
    assert ran.object["detail"] == {"finish": None, "profile": None, "fallbacks": ["b", "c"]}


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refusal(400, "bad prompt"), 4),
        (refusal(401, "bad key"), 3),
        (refusal(429, "no money", code="insufficient_quota"), 4),
        (cut("half"), 6),
        (response({"choices": []}), 4),
    ],
)
def test_a_fault_that_is_not_the_networks_is_told_at_once(
    three: Kit, server: Server, answer: Answer, code: int
) -> None:
    server.script(answer)
    ran = three(*ASKED)
    assert (ran.code, len(server.requests)) == (code, 1)


def test_repeats_come_before_fallbacks(kit: Kit, server: Server) -> None:
    kit.serve(server.url, "a", retries=1).serve(server.url, "b")
    server.script(refusal(500, "x"), refusal(500, "x"), chat_stream("b"))
    ran = kit("ask", "-p", "a", "--fallback", "b", "--json", "hi")
    assert (ran.code, models(server)) == (0, ["a", "a", "b"])
    assert ran.object["usage"]["calls"] == 3


def test_a_fallback_that_does_not_exist_is_2_before_anything_is_sent(
    three: Kit, server: Server
) -> None:
    ran = three("ask", "-p", "a", "--fallback", "nobody", "hi")
    assert (ran.code, server.requests) == (2, [])


def test_what_no_fallback_can_be_paid_from_stays_within_the_limit(
    three: Kit, server: Server
) -> None:
    server.default = refusal(503, "down")
    ran = three(*ASKED, "--max-calls", "2")
    assert (ran.code, len(server.requests)) == (8, 2)
