"""Runs are found by id, prefix or age, and a name is never a path."""

from __future__ import annotations

from pathlib import Path

import pytest

from kit.errors import UsageError
from kit.trace.folders import place
from kit.trace.shelf import find, looks_like_a_run, paths
from kit.trace.ulid import is_ulid, made_at, ulid

OLDER, MIDDLE, NEWEST = (
    "01JZ0000000000000000000000",
    "01KAMC4V6R0123456789ABCDEF",
    "01KAMC4V6R0123456789ABCDEG",
)


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    for name in (MIDDLE, NEWEST, OLDER):
        path = place(tmp_path, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_paths_come_newest_first_over_months(shelf: Path) -> None:
    assert [path.stem for path in paths(shelf)] == [NEWEST, MIDDLE, OLDER]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("last", NEWEST),
        ("-1", NEWEST),
        ("-3", OLDER),
        (OLDER, OLDER),
        ("01JZ", OLDER),
        (MIDDLE.lower(), MIDDLE),
    ],
)
def test_a_run_is_found_by_every_kind_of_name(name: str, found: str, shelf: Path) -> None:
    assert find(shelf, name) == place(shelf, found)
    assert looks_like_a_run(name)


@pytest.mark.parametrize(
    "name",
    ["../x", "/etc/passwd", "01JZ/../..", "01JZ\n", "", "01J", "-0", "--1", "show", "01JZ\x00",
     "..", "٠1JZ", "8ZZZ", "last ", MIDDLE + "0"],
)  # fmt: skip
def test_f06_trace_id_traversal(name: str, shelf: Path) -> None:
    with pytest.raises(UsageError, match="is not the name of a run"):
        find(shelf, name)
    assert not looks_like_a_run(name)


def test_an_ambiguous_prefix_names_the_candidates(shelf: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find(shelf, "01KAMC4V6R")
    assert caught.value.message == "2 runs have names that start with 01KAMC4V6R"
    assert caught.value.hint == f"give more of it: {NEWEST}, {MIDDLE}"


@pytest.mark.parametrize("name", ["-4", "7ZZZ", "-999999999"])
def test_what_is_not_there_is_a_usage_error(name: str, shelf: Path) -> None:
    with pytest.raises(UsageError):
        find(shelf, name)


def test_nothing_recorded_yet_is_no_runs(tmp_path: Path) -> None:
    assert list(paths(tmp_path / "runs")) == []


def test_names_sort_in_the_order_in_which_they_were_made() -> None:
    names = [ulid() for _ in range(2000)]
    assert names == sorted(set(names))
    assert all(map(is_ulid, names))


def test_a_name_tells_when_it_was_made() -> None:
    assert made_at("01ARZ3NDEKTSV4RRFFQ69G5FAV") == 1469922850.259  # the specification's example
