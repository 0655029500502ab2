"""How much of a check a draft passes, read from what the check wrote. Pure.

Three of four tests passed is nearer to the goal than none: without this a search that fails has no
direction. What a check wrote is never more than its exit code allows: only 0 passes.
"""

from __future__ import annotations

import re

from kit.events import Checked

ALMOST = 0.99
"""The most that a check which fails can be worth."""

_LAST = re.compile(r"(?:score\s*[:=]\s*)?(\d*\.\d+|\d+(?:\.\d+)?\s*%|\d+\s*/\s*\d+)", re.IGNORECASE)
_NAMED = re.compile(r"score\s*[:=]\s*(\d+(?:\.\d+)?)", re.IGNORECASE)
_COUNT = re.compile(r"(\d+) (passed|failed|errors?)\b", re.IGNORECASE)
_UNITTEST = re.compile(r"^Ran (\d+) tests? in .*\n\s*\n(?:OK|FAILED(?: \((.*)\))?)", re.MULTILINE)
_TAP = re.compile(r"^(not )?ok\b[^\n#]*(?:#\s*(todo|skip)?)?", re.MULTILINE | re.IGNORECASE)
_TAP_PLAN = re.compile(r"^1\.\.(\d+)", re.MULTILINE)
_SUITE = re.compile(r"<(testsuites?)\b([^>]*)>")
_ATTRIBUTE = re.compile(r'\b(tests|failures|errors|skipped)="(\d+)"')


def score(check: Checked) -> float:
    """From 0 to 1; a check that passes and tells no figure is worth 1, one that fails 0."""
    told = figure(check.output)
    if told is None:
        return 1.0 if check.passed else 0.0
    return told if check.passed else min(told, ALMOST)


def figure(output: str) -> float | None:
    """The share that the output tells: a number on its last line (``0.75``, ``75 %``, ``3/4``,
    ``score: 0.75``), else the counts of tests of JUnit, TAP, unittest, pytest and their kin."""
    for read in (_last_line, _junit, _tap, _unittest, _counts):
        share = read(output)
        if share is not None:
            return share
    return None


def _last_line(output: str) -> float | None:
    """A bare integer is a count of something, not a score."""
    line = output.rstrip().rpartition("\n")[2].strip()
    if named := _NAMED.fullmatch(line):
        return _within(float(named[1]))
    found = _LAST.fullmatch(line)
    if not found:
        return None
    text = found[1]
    if text.endswith("%"):
        return _within(float(text[:-1]) / 100)
    passed, slash, total = text.partition("/")
    return _share(int(passed), int(total)) if slash else _within(float(text))


def _junit(output: str) -> float | None:
    """The counts of the outermost element; nested suites are in it."""
    suites = [
        (kind, {name: int(count) for name, count in _ATTRIBUTE.findall(attributes)})
        for kind, attributes in _SUITE.findall(output)
    ]
    counted = [(kind, counts) for kind, counts in suites if "tests" in counts]
    if not counted:
        return None
    whole = [counts for kind, counts in counted if kind == "testsuites"][:1]
    sums = whole or [counts for _, counts in counted]
    tests, skipped, bad = (
        sum(counts.get(name, 0) for counts in sums for name in names)
        for names in (("tests",), ("skipped",), ("failures", "errors"))
    )
    return _share(tests - skipped - bad, tests - skipped)


def _tap(output: str) -> float | None:
    """What is to do or skipped does not fail; a test that was planned and never ran does."""
    plan = _TAP_PLAN.search(output)
    results = _TAP.findall(output)
    if not plan or not results:
        return None
    good = sum(not failed or bool(excused) for failed, excused in results)
    return _share(good, max(int(plan[1]), len(results)))


def _unittest(output: str) -> float | None:
    found = _UNITTEST.search(output)
    if not found:
        return None
    counts = dict(re.findall(r"(\w+)=(\d+)", found[2] or ""))
    bad = sum(int(counts.get(name, 0)) for name in ("failures", "errors"))
    total = int(found[1]) - int(counts.get("skipped", 0))
    return _share(total - bad, total)


def _counts(output: str) -> float | None:
    """ "3 passed, 1 failed" on the last line that counts (pytest, cargo, jest …)."""
    for line in reversed(output.splitlines()):
        counts = _COUNT.findall(line)
        if counts:
            good = sum(int(count) for count, what in counts if what.lower() == "passed")
            bad = sum(int(count) for count, what in counts if what.lower() != "passed")
            return _share(good, good + bad)
    return None


def _share(part: int, whole: int) -> float | None:
    return _within(part / whole) if whole > 0 else None


def _within(number: float) -> float | None:
    return number if 0 <= number <= 1 else None
