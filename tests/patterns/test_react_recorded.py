"""The loop driven by recorded models: tau-bench conversations of gpt-4o, through benchmarks/."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tau(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks._tau")


def test_the_loop_makes_the_calls_that_the_model_made(tau: Any, reference: Path) -> None:
    talks = tau.recorded(reference)[:25]
    tally = tau.played(talks)
    assert (tally.talks, tally.same) == (25, 25)
    assert tally.made == tally.calls > 100
    assert tally.paired == tally.requests


def test_the_only_talk_that_is_cut_short_goes_in_circles(tau: Any, reference: Path) -> None:
    """The same booking with the same error three times, and the same thought before it."""
    (circles,) = tau.recorded(reference)[109:110]
    tally = tau.played([circles])
    assert (tally.calls, tally.made) == (23, 21)
    assert sys.modules["benchmarks._tau"] is tau
