"""The clock, at a moment that is given."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from tooled import fault, use

from kit.patterns.tools.clock import clock
from kit.patterns.tools.fixed import Fixed

MOMENT = datetime(2026, 7, 1, 12, 30, 5, tzinfo=UTC)
CLOCK = Fixed((clock(lambda: MOMENT),))


@pytest.fixture(autouse=True)
def _in_new_york(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "EST5EDT,M3.2.0,M11.1.0")  # a rule: no zone file is needed
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_it_tells_the_time_in_utc_and_here() -> None:
    assert use(CLOCK) == (
        "UTC: 2026-07-01 12:30:05+00:00 (Wednesday, UTC)\n"
        "here: 2026-07-01 08:30:05-04:00 (Wednesday, EDT)"
    )


def test_it_tells_the_time_elsewhere() -> None:
    zoneinfo = pytest.importorskip("zoneinfo")
    if "Asia/Tokyo" not in zoneinfo.available_timezones():
        pytest.skip("this machine has no zones")
    said = use(CLOCK, zone="Asia/Tokyo").splitlines()
    assert said[2] == "Asia/Tokyo: 2026-07-01 21:30:05+09:00 (Wednesday, JST)"
    near = fault(CLOCK, zone="Asia/Tokio")
    assert near.startswith("there is no zone Asia/Tokio; did you mean Asia/Tokyo")


@pytest.mark.parametrize("zone", ["Nowhere/Atall", "../../etc/passwd", "/etc/passwd", "\0", "."])
def test_a_zone_that_is_none_says_so(zone: str) -> None:
    assert fault(CLOCK, zone=zone).startswith("there is no zone ")


def test_now_is_now() -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    said = use(Fixed((clock(),))).splitlines()[0]
    told = datetime.fromisoformat(said.removeprefix("UTC: ").partition(" (")[0])
    assert before <= told <= datetime.now(UTC)
