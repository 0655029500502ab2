from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from votes import (
    agreement_of,
    binomial_tail,
    older_table,
    recorded,
    shuffled,
    stopped,
)

from kit.errors import UsageError
from kit.patterns import stopping
from kit.patterns.betting import Bet, further
from kit.patterns.stopping import (
    AdaptiveConsistency,
    Decided,
    Never,
    Poll,
    Risk,
    Window,
    futile,
    need,
    parse,
    risked,
    verdict,
    winner,
)

RULES = [Risk(0.05), Risk(0.01), Decided(), Never(), AdaptiveConsistency(), Window(3)]
BALLOTS = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=20)


def poll(plan, ballots):
    return Poll(plan, [None if ballot == "-" else ballot for ballot in ballots])


# --- the poll -----------------------------------------------------------------------------------
def test_a_poll_counts_votes_and_abstentions():
    seen = poll(9, "ab-ba")
    assert (seen.votes, seen.counts) == ({"a": 2.0, "b": 2.0}, {"a": 2, "b": 2})
    assert (seen.planned, seen.left, seen.rest) == (9, 4, 4.0)
    assert (seen.leader, seen.top, seen.tied, seen.agreement) == ("a", (2.0, 2.0), True, 0.5)


def test_an_empty_poll_has_no_leader():
    seen = Poll(3)
    assert (seen.leader, seen.top, seen.tied, seen.agreement) == (None, (0.0, 0.0), False, 0.0)


def test_weights_belong_to_slots():
    seen = poll([2.0, 0.5, 0.5, 1.0], "abb")
    assert (seen.votes, seen.leader, seen.rest) == ({"a": 2.0, "b": 1.0}, "a", 1.0)


# --- the rules ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("plan", "ballots", "why"),
    [
        (9, "aaa", "risk"),
        (9, "aa", ""),
        (9, "aaab", ""),  # one rival: five are needed, and then it is decided anyway
        (9, "aaaab", ""),
        (9, "aaaaab", "decided"),
        (9, "---aaa", "risk"),
        (9, "-----aaa", "decided"),
        (3, "aa", "decided"),
        (1, "a", "all"),
        (9, "ababababa", "all"),
        (9, "---------", "all"),
        (9, "", ""),
    ],
)
def test_a_vote_ends_when_its_risk_is_small_enough(plan, ballots, why):
    assert verdict(Risk(0.05), poll(plan, ballots)) == why


def test_decided_needs_a_lead_that_not_even_a_tie_can_reach():
    assert verdict(Decided(), poll(4, "aa")) == ""
    assert verdict(Decided(), poll(4, "aaa")) == "decided"
    assert verdict(Decided(), poll([3.0, 1.0, 1.0], "a")) == "decided"


def test_never_asks_the_whole_plan():
    assert [verdict(Never(), poll(3, "aaa"[:n])) for n in range(4)] == ["", "", "", "all"]


def test_adaptive_consistency_is_the_beta_rule():
    rule = AdaptiveConsistency(0.95)
    ends = {
        f: next(s for s in range(f, 99) if rule.verdict(poll(99, "a" * s + "b" * f)))
        for f in range(5)
    }
    assert ends == {
        f: next(s for s in range(f, 99) if binomial_tail(s, f) >= 0.95) for f in range(5)
    }
    assert (ends[0], ends[1]) == (4, 6)


def test_early_stopping_wants_a_whole_window_to_agree():
    rule = Window(5)
    assert rule.verdict(poll(40, "aaaaa")) == "esc"
    assert rule.verdict(poll(40, "baaaaa")) == ""
    assert rule.verdict(poll(40, "bbbbabbbb-")) == ""
    assert rule.verdict(poll(40, "abbabaaaaa")) == "esc"


def test_early_stopping_elects_its_last_window():
    seen = poll(40, "bbbba" * 3 + "aaaaa")
    assert (seen.leader, winner(Window(5), seen)) == ("b", "a")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("risk", Risk(0.02)),
        ("risk:0.1", Risk(0.1)),
        ("decided", Decided()),
        ("none", Never()),
        ("ac", AdaptiveConsistency(0.95)),
        ("AC:0.9", AdaptiveConsistency(0.9)),
        ("esc", Window(5)),
        ("esc:8", Window(8)),
    ],
)
def test_a_rule_is_named_in_a_word(text, rule):
    assert parse(text, risk=0.02) == rule


@pytest.mark.parametrize(
    "text", ["", "risky", "ac:2", "ac:x", "esc:1", "esc:x", "none:3", "risk:0"]
)
def test_a_rule_that_does_not_exist_is_the_users_mistake(text):
    with pytest.raises(UsageError, match="no stopping rule"):
        parse(text)


def test_a_risk_outside_its_range_is_the_users_mistake():
    with pytest.raises(UsageError):
        parse("risk", risk=1.5)


def test_the_risk_of_a_stop_is_what_was_proven():
    seen = poll(9, "aaa")
    assert risked(Risk(0.05), seen, "risk") == 0.04762
    assert risked(Risk(0.05), seen, "decided") == 0.0
    assert risked(AdaptiveConsistency(), seen, "ac") is None
    assert risked(Risk(0.05), poll(100, "a" * 7), "risk") == 0.05


@pytest.mark.parametrize(
    ("ballots", "asked", "why"),
    [
        ("ab", {"unanimous": True}, "unanimous"),
        ("aa-", {"unanimous": True}, ""),
        ("---", {"quorum": 3}, "quorum"),
        ("--", {"quorum": 3}, ""),
        ("abc", {"agreement": 0.7}, "agreement"),  # at best 3 of 5
        ("abc", {"agreement": 0.6}, ""),
        ("abab", {}, ""),
    ],
)
def test_a_vote_is_futile_once_no_outcome_meets_the_demand(ballots, asked, why):
    assert futile(poll(5, ballots), **asked) == why


# --- need ---------------------------------------------------------------------------------------
@given(BALLOTS, st.sampled_from(RULES), st.integers(0, 6))
def test_need_is_the_fewest_ballots_that_end_the_vote(ballots, rule, left):
    seen = Poll(len(ballots) + left, ballots)
    wanted = need(rule, seen)
    if verdict(rule, seen):
        assert wanted == 0
        return
    assert 1 <= wanted <= seen.left
    assert verdict(rule, seen.ahead(wanted))
    assert not any(verdict(rule, seen.ahead(fewer)) for fewer in range(wanted))


@settings(max_examples=40)
@given(
    st.lists(st.sampled_from(["a", "a", "b", None]), max_size=40),
    st.sampled_from([1.0, 0.5, 3.0]),
)
def test_need_holds_where_rules_bet(ballots, weight):
    seen = Poll([1.0] * 30 + [weight] * 50, ballots)
    wanted = need(Risk(0.05), seen)
    if wanted:
        assert verdict(Risk(0.05), seen.ahead(wanted))
        assert not verdict(Risk(0.05), seen.ahead(wanted - 1))


def test_a_first_wave_is_as_small_as_the_boundary_allows():
    waves = {plan: need(Risk(0.05), Poll(plan)) for plan in (1, 2, 3, 5, 9, 16, 20, 40, 100)}
    assert waves == {1: 1, 2: 2, 3: 2, 5: 3, 9: 3, 16: 4, 20: 4, 40: 5, 100: 8}


# --- guarantees ---------------------------------------------------------------------------------
@pytest.mark.parametrize("planned", [16, 24, 40, 64])
@pytest.mark.parametrize("risk", [0.05, 0.01])
def test_near_ties_err_within_the_risk(planned, risk):
    half = (planned - 1) // 2
    third = planned // 3
    for tally in ([half + 1, half], [third + 1, third, third - 1], [half, half - 1, 1]):
        ballots = [str(at) for at, count in enumerate(tally) for _ in range(count)]
        ballots += [None] * (planned - len(ballots))
        wrong = sum(
            stopped(Risk(risk), order)[0] != "0" for order in shuffled(ballots, 400, planned)
        )
        assert wrong / 400 <= risk + 3 * (risk * (1 - risk) / 400) ** 0.5


def test_bets_err_within_the_risk_at_a_near_tie():
    wrong = 0
    for order in shuffled(["a"] * 34 + ["b"] * 33 + ["c"] * 3, 150, seed=7):
        wrong += stopped(Risk(0.1), order)[0] != "a"
    assert wrong / 150 <= 0.1


def test_weighted_bets_err_within_the_risk_at_a_near_tie():
    dice, wrong = random.Random(11), 0
    slots = [("a", 1.0)] * 10 + [("b", 0.5)] * 19 + [("c", 0.25)] * 4
    for _ in range(300):
        dice.shuffle(slots)
        seen = Poll([weight for _, weight in slots])
        for vote, _ in slots:
            seen.cast(vote)
            if verdict(Risk(0.1), seen):
                break
        wrong += seen.leader != "a"
    assert wrong / 300 <= 0.1


def test_a_bet_never_gains_on_average_when_the_leader_does_not_win():
    """The capital after a random order of a tie has a mean of at most 1 (a supermartingale)."""
    capitals = []
    for order in shuffled(["a"] * 20 + ["b"] * 20, 2000, seed=3):
        bet = Bet("a", "b", [1.0] * 40)
        for ballot in order[:25]:
            bet.see(ballot)
        capitals.append(bet.capital)
    assert sum(capitals) / len(capitals) <= 1.1


def test_a_unanimous_vote_of_forty_wins_its_bets_at_seven():
    assert further(["a"] * 6, [1.0] * 40, 0.05) is None
    assert further(["a"] * 7, [1.0] * 40, 0.05) == 0


def test_a_later_candidate_has_less_of_the_risk():
    first = need(Risk(0.05), Poll(100, ["a"]))
    later = need(Risk(0.05), Poll(100, ["b", "a", "a"]))
    assert (first, later) == (7, 10)


# --- recorded votes (Epoch AI, CC-BY 4.0) -------------------------------------------------------
class Older:
    """The reference rule: its own table, decided first."""

    def __init__(self, b):
        self.b = b

    def verdict(self, seen):
        lead, rival = (int(count) for count in seen.top)
        if lead - rival > seen.left:
            return "decided"
        return "risk" if rival < len(self.b) and lead >= self.b[rival] else ""


@pytest.mark.parametrize("task", ["aime", "gpqa"])
def test_recorded_votes_cost_as_little_as_the_reference_and_agree_with_the_whole_vote(
    reference, task
):
    cells = recorded(reference, task, 8)[::4]
    older = Older(older_table(reference)["0.05"]["8"]["b"])
    ours, theirs, pairs = 0, 0, []
    for at, (ballots, _) in enumerate(cells):
        full = Counter(ballot for ballot in ballots if ballot).most_common()
        best = {vote for vote, count in full if count == full[0][1]}
        for order in shuffled(ballots, 2, at):
            elected, calls, _ = stopped(Risk(0.05), order)
            ours, theirs = ours + calls, theirs + stopped(older, order)[1]
            pairs.append((None, None) if elected in best or not best else (elected, "another"))
    assert ours <= theirs * 1.03
    assert agreement_of(pairs) >= 0.997


@pytest.mark.parametrize("name", ["risk:0.05", "risk:0.001", "decided", "none", "ac:0.95", "esc:7"])
def test_a_rule_is_spelt_as_it_is_parsed(name: str) -> None:
    assert stopping.spelt(stopping.parse(name)) == name
