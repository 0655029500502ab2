"""A pattern on its own record: pure, with no network and no loop but that of the first run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import pytest

from kit.errors import BudgetError, IncompleteError, KitError, UnavailableError, UnmetError
from kit.events import (
    CallCancelled,
    CallFailed,
    CallSent,
    CallStarted,
    Event,
    Message,
    Noted,
    Replied,
    Request,
    RunFinished,
    Text,
    TextDelta,
    Usage,
    VoteCast,
)
from kit.patterns.ask import ask
from kit.patterns.ballots import Reading, Terms
from kit.patterns.budget import Budget
from kit.patterns.consensus import consensus
from kit.patterns.imagine import imagined
from kit.patterns.plan import Member
from kit.patterns.recall import Recall
from kit.patterns.recorded import Past
from kit.patterns.replay import replayed
from kit.patterns.run import run
from kit.patterns.steps import Outcome, Steps
from kit.patterns.stopping import Never, Risk
from kit.providers.fake import FakeProvider, Scripted

ASKED = Request((Message("user", (Text("how many?"),)),), profile="m", temperature=0.2)
TERMS = Terms(rule=Risk(0.05), reading=Reading("number"))


class Server:
    """Answers in the order of asking; ``delays`` says how late each of them comes."""

    def __init__(self, *replies: str | KitError | Scripted, delays: tuple[float, ...] = ()) -> None:
        self.fake = FakeProvider(replies)
        self.delays = list(delays)

    @property
    def asked(self) -> int:
        return len(self.fake.requests)

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        delay = self.delays.pop(0) if self.delays else 0.0
        events = [event async for event in _gathered(self.fake.stream(request))]
        await asyncio.sleep(delay)
        for event in events:
            if isinstance(event, KitError):
                raise event
            yield event


async def _gathered(events: AsyncIterator[Event]) -> AsyncIterator[Event | KitError]:
    try:
        async for event in events:
            yield event
    except KitError as error:
        yield error


def vote(n: int = 9, terms: Terms = TERMS, request: Request = ASKED) -> Steps[Outcome]:
    return consensus(lambda _: request, [Member("m")] * n, terms)


def recorded(
    steps: Steps[Outcome],
    server: Server,
    *,
    recall: Recall | None = None,
    budget: Budget | None = None,
) -> tuple[Outcome, list[Event]]:
    """A live run and its record."""
    events: list[Event] = []
    stream = recall.stream(server.stream) if recall else server.stream
    outcome = asyncio.run(run(steps, stream, tap=events.append, budget=budget))
    result = {
        "answer": outcome.answer,
        "detail": dict(outcome.detail),
        "status": outcome.error.status if outcome.error else "ok",
    }
    return outcome, [*events, RunFinished(result=result)]


def test_a_vote_replays_in_the_order_in_which_its_replies_came() -> None:
    late_first = Server("41", "42", "42", "41", "42", "42", "42", delays=(0.05, 0.01, 0.03))
    outcome, log = recorded(vote(7, replace(TERMS, rule=Never())), late_first)
    ends = [event.call for event in log if isinstance(event, Replied)]
    assert ends != sorted(ends)
    assert replayed(vote(7, replace(TERMS, rule=Never())), Past.of(log)) == outcome


def test_a_vote_with_a_failed_member_replays() -> None:
    server = Server("42", UnavailableError("away", hint="later"), "42", "42", "42")
    outcome, log = recorded(vote(), server)
    assert replayed(vote(), Past.of(log)) == outcome


def test_a_vote_that_a_limit_ended_replays() -> None:
    outcome, log = recorded(vote(), Server("1", "2", "3", "4"), budget=Budget(max_calls=2))
    assert isinstance(outcome.error, BudgetError)
    assert replayed(vote(), Past.of(log)).answer == outcome.answer


@pytest.mark.parametrize(
    ("now", "named"),
    [
        (replace(ASKED, temperature=0.9), "at call 1: parameter temperature: was '0.2' and is"),
        (
            replace(ASKED, messages=(Message("user", (Text("how few?"),)),)),
            "at call 1: prompt: message 1 was 'how many?' and is now 'how few?'",
        ),
        (replace(ASKED, model="other"), "parameter model: was 'null' and is now 'other'"),
    ],
)
def test_the_first_divergence_is_named(now: Request, named: str) -> None:
    _, log = recorded(vote(), Server(*["42"] * 9))
    with pytest.raises(UnmetError) as caught:
        replayed(vote(request=now), Past.of(log))
    assert named in caught.value.message


def test_a_pattern_that_now_wants_more_or_less_differs() -> None:
    _, log = recorded(vote(), Server(*["42"] * 9))
    with pytest.raises(UnmetError, match="call 4, which was never made, is wanted now"):
        replayed(vote(terms=replace(TERMS, rule=Never())), Past.of(log))
    with pytest.raises(UnmetError, match="it waits for call 1, 2 where call 3 was started"):
        replayed(vote(3), Past.of(log))


def test_another_vote_read_out_of_the_same_reply_differs() -> None:
    _, log = recorded(vote(), Server(*["it is 42"] * 9))
    changed = [replace(e, vote="41") if isinstance(e, VoteCast) else e for e in log]
    with pytest.raises(UnmetError, match=r"vote of vote.cast was '41' and is now '42'"):
        replayed(vote(), Past.of(changed))


def test_the_record_of_a_killed_run_is_the_same_as_far_as_it_goes() -> None:
    _, log = recorded(vote(), Server(*["42"] * 9))
    for length in range(len(log) - 1):
        with pytest.raises(IncompleteError, match="up to there its record replays the same"):
            replayed(vote(), Past.of(log[:length]))


# --- resuming -----------------------------------------------------------------------------------
@pytest.mark.parametrize("length", range(0, 30, 2))
def test_wherever_it_was_killed_a_vote_goes_on_to_the_same_answer(length: int) -> None:
    replies = ["42", "41", "42", "42", "42", "42", "42", "42", "42"]
    server = Server(*replies)
    whole, log = recorded(vote(), server)
    cut = [event for event in log[:length] if not isinstance(event, RunFinished)]
    had = sum(isinstance(event, Replied) for event in cut)
    rest = Server(*replies[had:])
    again, log = recorded(vote(), rest, recall=Recall(Past.of(cut), "THEN"))
    assert (again.answer, again.detail["votes"]) == (whole.answer, whole.detail["votes"])
    assert rest.asked == server.asked - had
    assert sum(isinstance(event, CallSent) for event in log) == rest.asked
    marks = [event.recorded for event in log if isinstance(event, Replied)]
    assert marks.count("THEN") == had


def test_what_was_recorded_is_not_counted_against_a_limit() -> None:
    used = Usage(10, 5)
    first = Server(*(Scripted(text, usage=used) for text in "123"))
    _, log = recorded(vote(), first, budget=Budget(max_calls=3))
    budget = Budget(max_calls=4, max_tokens=1000)
    recall = Recall(Past.of(log), "THEN")
    rest = Server(*(Scripted("1", usage=used) for _ in range(6)))
    outcome, _ = recorded(vote(), rest, recall=recall, budget=budget)
    assert (outcome.error, budget.calls, budget.tokens) == (None, 4, 4 * 15)


def test_a_failure_is_kept_where_the_run_was_stopped_and_asked_again_where_it_was_its_end() -> None:
    away = UnavailableError("away")
    _, log = recorded(ask(ASKED), Server(away))
    assert Past.of(log).status == "unavailable"
    again, _ = recorded(ask(ASKED), Server("here"), recall=Recall(Past.of(log), "THEN"))
    assert (again.answer, again.error) == ("here", None)

    other = replace(ASKED, profile="other")
    _, log = recorded(ask(ASKED, [other]), Server(away, "there"))
    killed = [event for event in log[:-1] if not isinstance(event, Replied)]
    server = Server("there again")
    again, log = recorded(ask(ASKED, [other]), server, recall=Recall(Past.of(killed), "THEN"))
    assert (again.answer, again.detail["fallbacks"]) == ("there again", ["other"])
    assert [e.recorded for e in log if isinstance(e, CallFailed)] == ["THEN"]
    assert [e for e in log if isinstance(e, Noted)]
    assert server.asked == 1


def test_what_a_resumed_run_recorded_can_be_resumed_again() -> None:
    replies = ["41", "42", "41", "42", "42", "42", "42", "42", "42"]
    first, log = recorded(vote(), Server(*replies))
    cut = _until_reply(log, 2)
    _, log = recorded(vote(), Server(*replies[2:]), recall=Recall(Past.of(cut), "ONE"))
    cut = _until_reply(log, 4)
    rest = Server(*replies[4:])
    again, log = recorded(vote(), rest, recall=Recall(Past.of(cut), "TWO"))
    assert again.answer == first.answer
    marks = [event.recorded for event in log if isinstance(event, Replied)]
    assert marks[:4] == ["ONE", "ONE", "TWO", "TWO"]


def test_a_call_that_is_made_after_all_ends_with_its_stream_closed() -> None:
    past = Past.of([CallStarted("1", ASKED), CallCancelled("1", "no longer needed")])
    closed: list[Request] = []

    async def live(request: Request) -> AsyncGenerator[Event, None]:
        try:
            yield TextDelta(text="a")
            yield TextDelta(text="b")
        finally:
            closed.append(request)

    async def cut_short() -> list[Request]:
        events = Recall(past, "THEN").stream(live)(ASKED)
        assert await anext(events) == TextDelta(text="a")
        await events.aclose()  # type: ignore[attr-defined]  # a generator, as kit's own all are
        return list(closed)

    assert asyncio.run(cut_short()) == [ASKED]


def _until_reply(log: list[Event], count: int) -> list[Event]:
    places = [at for at, event in enumerate(log) if isinstance(event, Replied)]
    return log[: places[count - 1] + 1]


# --- what if ------------------------------------------------------------------------------------
def test_other_terms_are_answered_from_the_same_ballots() -> None:
    _, log = recorded(vote(terms=replace(TERMS, rule=Never())), Server(*["42"] * 9))
    found = imagined(vote(), Past.of(log))
    assert (found.outcome.answer, len(found.used), found.missing) == ("42", 3, 0)


def test_ballots_that_were_never_recorded_are_counted_as_missing() -> None:
    _, log = recorded(vote(), Server(*["42"] * 9))
    started = sum(isinstance(event, CallStarted) for event in log)
    found = imagined(vote(terms=replace(TERMS, rule=Never())), Past.of(log))
    assert (found.outcome.answer, len(found.used)) == ("42", started)
    assert found.missing == 9 - started
