from __future__ import annotations

import json
from fractions import Fraction
from importlib.resources import files
from importlib.util import module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from votes import error_chance, older_table, pair_error, tallies

from kit.patterns.boundaries import LARGEST, bound, boundary, crossing, within

STORED = json.loads(files("kit.patterns").joinpath("boundaries.json").read_text(encoding="utf-8"))
RISKS = [float(risk) for risk in STORED]


def test_every_plan_of_the_table_is_stored_for_every_risk():
    assert RISKS == [0.001, 0.01, 0.02, 0.05, 0.1, 0.2]
    assert all([int(n) for n in rows] == [*range(2, LARGEST + 1)] for rows in STORED.values())


@pytest.mark.parametrize("risk", STORED)
def test_every_stored_bound_is_proven_and_within_its_risk(risk):
    for planned, (b, stored) in STORED[risk].items():
        exact = bound(b, int(planned))
        assert exact <= Fraction(risk)
        assert within(Fraction(risk), b, int(planned))
        assert 0 <= stored - exact <= Fraction(1, 10**6)


@pytest.mark.parametrize("risk", STORED)
def test_every_stored_boundary_rises_strictly_and_stops_no_loser_at_once(risk):
    for b, _ in STORED[risk].values():
        assert all(votes > f for f, votes in enumerate(b))
        assert all(one < other for one, other in pairwise(b))


def test_a_boundary_cannot_be_lowered_within_its_risk():
    for planned in (9, 16, 20, 33):
        b, _ = boundary(0.05, planned)
        for f in range(len(b)):
            lower = [*b[:f], b[f] - 1, *b[f + 1 :]]
            if all(one < other for one, other in pairwise(lower)):
                assert not within(Fraction("0.05"), lower, planned)


def test_the_default_plan_stops_after_three_of_nine_alike():
    assert boundary(0.05, 9) == ((3,), 0.04762)


def test_a_risk_between_two_levels_takes_the_smaller_one():
    assert boundary(0.07, 20) == boundary(0.05, 20)
    assert boundary(0.5, 20) == boundary(0.2, 20)
    assert boundary(0.0005, 20) == ((), 0.0)
    assert boundary(0.05, LARGEST + 1) == ((), 0.0)


def test_a_crossing_is_counted_right():
    assert crossing([3, 5, 6], 5, 4) == Fraction(4 * 3 * 2, 9 * 8 * 7)
    assert crossing([1], 1, 1) == Fraction(1, 2)


@pytest.mark.parametrize("risk", STORED)
def test_no_tally_of_up_to_twelve_ballots_errs_more_than_its_bound(risk):
    for planned in range(2, 11 if risk != "0.05" else 13):
        b, proven = boundary(float(risk), planned)
        for votes in range(planned + 1):
            for tally in tallies(votes):
                if len(tally) > 1:
                    assert error_chance(b, tally, planned) <= proven


@pytest.mark.parametrize("risk", STORED)
@pytest.mark.parametrize("planned", range(13, LARGEST + 1, 10))
def test_no_tally_of_two_answers_errs_more_than_its_bound(risk, planned):
    b, proven = boundary(float(risk), planned)
    least = planned // 2 + 1
    for most in range(least, min(least + 4, planned)):
        assert pair_error(b, most, planned - most) <= proven + 1e-12


def test_the_worst_tally_is_nearly_as_bad_as_the_bound_says():
    b, proven = boundary(0.05, 9)
    assert error_chance(b, (5, 4), 9) == pytest.approx(proven, abs=1e-5)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = Path(__file__).parents[2] / "scripts" / "boundaries.py"
    spec = spec_from_file_location("scripts_boundaries", path)
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_still_finds_what_is_stored(script):
    for planned in (2, 5, 9, 16, 20, 28):
        assert script.search(Fraction("0.05"), planned) == boundary(0.05, planned)[0]


def test_the_table_is_at_least_as_early_as_the_older_one(reference, script):
    """A first wave never waits for more, and votes between two answers need no more calls."""
    for risk, rows in older_table(reference).items():
        for planned in range(3, LARGEST + 1, 4):
            ours, older = boundary(float(risk), planned)[0], tuple(rows[str(planned)]["b"])
            half = planned // 2 + 1  # decided from there on
            assert (*ours, half)[0] <= min(older[0], half)
            assert script.calls(ours, planned) <= script.calls(older, planned) + 1e-9
