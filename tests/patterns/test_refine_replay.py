"""Recorded attempts played through the pattern: what it returns, beside what a fixed count does."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.refine")


def test_best_so_far_with_patience_1_beats_the_last_attempt(bench, reference: Path) -> None:
    tasks = bench.attempts(reference / "refine" / "selfrefine_yelp_gpt4.jsonl.gz")
    rules = {name: bench.measured(tasks, rule) for name, rule in bench.RULES.items()}
    distance, revisions, _ = rules["best so far, patience 1"]
    assert distance <= 0.08
    assert revisions <= 1.5
    assert rules["last attempt"][0] >= 0.20
    distance, revisions, _ = rules["the same, until the target (kit)"]
    assert distance <= 0.08
    assert revisions <= 0.5


def test_a_revision_never_makes_it_worse_than_the_first_draft(bench, reference: Path) -> None:
    tasks = bench.attempts(reference / "refine" / "selfrefine_yelp_chatgpt.jsonl.gz")
    rule = bench.RULES["best so far, patience 2"]
    for task in tasks:
        best, _ = rule(task)
        if task[0].level is not None and best.level is not None:
            assert best.level >= task[0].level
    assert bench.measured(tasks, rule)[0] <= 0.05


def test_a_check_keeps_what_passes(bench, reference: Path) -> None:
    log = reference / "refine" / "reflexion_humaneval_py_gpt-4.jsonl.gz"
    found = bench._by_rounds(list(bench.rows(log)))
    assert [row[1] for row in found] == ["81.7%", "85.4%", "86.6%", "91.5%"]
    assert found[0][2] == 0
