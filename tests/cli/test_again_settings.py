"""What a run is started with comes back from its record as the same values."""

from __future__ import annotations

import json

import pytest

from kit.cli.again import asked, keeping, refined, voted
from kit.cli.again.rebuilding import rebuilt
from kit.errors import UsageError
from kit.events import Attachment, Message, Request, Text, Tool
from kit.patterns.ballots import Reading, Terms
from kit.patterns.judging import Judge
from kit.patterns.plan import Member
from kit.patterns.refining.rubric import BUILT_IN
from kit.patterns.refining.terms import Terms as Aims
from kit.patterns.stopping import AdaptiveConsistency
from kit.trace.records import plain, valued

REQUEST = Request(
    (
        Message("system", (Text("be short"),)),
        Message("user", (Text("a \u2028 b"), Attachment("image/png", "aGk=", name="x"))),
    ),
    profile="m/x", model="x", temperature=0.3, max_tokens=7, seed=1, stop=("a", "b"),
    schema={"type": "object"}, tools=(Tool("t", "does", {"type": "object"}),),
    tool_choice="required", options={"top_k": 4, "deep": {"list": [1, None, 0.5]}},
)  # fmt: skip


def recorded(settings: dict[str, object]) -> dict[str, object]:
    """Through JSON, as a journal writes it."""
    whole = json.loads(json.dumps(keeping.kept(settings)))
    assert keeping.whole(whole)
    return keeping.told(whole, "RUN")


def test_a_request_comes_back_whole() -> None:
    assert valued(Request, json.loads(json.dumps(plain(REQUEST)))) == REQUEST


def test_a_vote_comes_back_with_all_its_terms() -> None:
    terms = Terms(
        rule=AdaptiveConsistency(0.9), reading=Reading("choice", ("yes", "no"), "a.b"),
        unanimous=True, min_agreement=0.7, need=3, on_tie="extend", spare=2, at_once=5, full=True,
        judge=Judge(REQUEST, "why?"), picker=Judge(REQUEST, "which?"), check="grep 1",
        escalate=REQUEST, curve=((0.5, 0.4), (1.0, 0.9)), seed=7,
    )  # fmt: skip
    slots = (Member("m", None, 2.0), Member("n"), Member("m", None, 2.0))
    kept = recorded(voted.settings({"m": REQUEST, "n": REQUEST}, slots, terms, 60.0))
    assert (voted.read_terms(kept), voted.plan(kept)) == (terms, slots)


def test_a_refinement_comes_back_with_all_its_terms() -> None:
    terms = Aims(("grep 1",), {"type": "object"}, BUILT_IN, (REQUEST,), 3, 0.8, 4, 2, 5, "d", False)
    kept = recorded(refined.settings(REQUEST, terms, 60.0, None))
    assert valued(Aims, kept["terms"]) == terms


def test_what_was_masked_or_changed_is_known() -> None:
    kept = keeping.kept(asked.settings((REQUEST,), None, 2))
    assert keeping.whole(kept)
    assert not keeping.whole({**kept, "repairs": 3})


@pytest.mark.parametrize(
    "settings", [{}, {"requests": 3, "schema": None, "repairs": 1}, {"requests": [7]}]
)
def test_settings_that_cannot_be_read_are_one_sentence(settings: dict[str, object]) -> None:
    for pattern in ("ask", "consensus", "refine", "react", "debate", ""):
        with pytest.raises(UsageError):
            rebuilt(pattern, settings)


def test_a_newer_form_is_refused() -> None:
    with pytest.raises(UsageError, match="newer kit"):
        keeping.told({"form": keeping.FORM + 1}, "RUN")
