"""The demo clock over the API: forward only, and in a demonstration only."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from engine.clock import SystemClock
from engine.demo_clock import DemoClock
from sla.calendars import seed_national_days
from store import tables
from tests.api.caller import Caller, refusal
from tests.api.house import COUNTRY, House


@pytest.fixture
def lin(house: House) -> Caller:
    """A caller of a demonstration: real time until the clock is moved."""
    now = SystemClock().now()
    with house.db.transaction() as tx:
        row = {"id": 1, "mode": "demo", "created_at": now}
        tx.execute(insert(tables.installation), row)
        seed_national_days(tx, COUNTRY, now.year, now.year + 1, now)
    object.__setattr__(house.context, "clock", DemoClock(house.db))
    object.__setattr__(house.context, "demo", True)
    return house.sign_in("counter.lin")


def _now(caller: Caller) -> datetime:
    return datetime.fromisoformat(caller.get("/demo/clock").get_json()["now"])


def test_the_clock_is_moved_on_by_hours(lin: Caller) -> None:
    before = _now(lin)

    answer = lin.post("/demo/clock", {"hours": 30})

    assert answer.status_code == 200
    assert timedelta(hours=30) <= _now(lin) - before < timedelta(hours=31)


def test_the_clock_is_moved_to_the_opening_of_a_working_day(lin: Caller) -> None:
    before = _now(lin)

    lin.post("/demo/clock", {"working_days": 1})

    after = _now(lin)
    assert after > before
    assert (after.hour, after.minute) == (0, 0)  # 08:00 in Taipei


def test_moving_the_clock_signs_nobody_out(lin: Caller) -> None:
    lin.post("/demo/clock", {"hours": 240})

    assert lin.get("/persons").status_code == 200


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"to": "2020-01-01T00:00:00Z"}, (422, "demo.clock")),
        ({"to": "2190-01-01T00:00:00Z"}, (422, "demo.clock")),
        ({"to": "2026-03-02T09:00:00"}, (422, "request.invalid")),
        ({"hours": 0}, (422, "request.invalid")),
        ({"hours": 1, "working_days": 1}, (422, "request.invalid")),
        ({}, (422, "request.invalid")),
    ],
)
def test_a_move_that_is_none_is_refused(
    lin: Caller, body: dict[str, object], expected: tuple[int, str]
) -> None:
    assert refusal(lin.post("/demo/clock", body)) == expected


def test_outside_a_demonstration_there_is_no_such_clock(house: House) -> None:
    lin = house.sign_in("counter.lin")

    assert refusal(lin.get("/demo/clock")) == (404, "demo.none")
    assert refusal(lin.post("/demo/clock", {"hours": 1})) == (404, "demo.none")
