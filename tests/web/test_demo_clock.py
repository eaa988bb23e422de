"""The demo clock moves on by a button, and only in a demonstration."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.demo_clock import DemoClock
from tests.web.house import COUNTER, House
from tests.web.visitor import Visitor
from web.demo_office.office import PASSWORD

TAIPEI = ZoneInfo("Asia/Taipei")
A_MINUTE = timedelta(minutes=1)


@pytest.fixture
def moving(house: House) -> tuple[House, DemoClock]:
    clock = DemoClock(house.db)
    return House(house.db, clock=clock), clock


def signed_in(house: House) -> Visitor:
    return Visitor(house.app).sign_in(COUNTER, PASSWORD)


def test_an_hour_goes_by(moving: tuple[House, DemoClock]) -> None:
    house, clock = moving
    before = clock.now()

    visitor = signed_in(house).open("/cases").press("往後 1 小時")

    assert visitor.path == "/cases"
    assert "示範時鐘已往後撥" in visitor.text
    assert timedelta(hours=1) <= clock.now() - before < timedelta(hours=1) + A_MINUTE


def test_the_next_working_day_begins_when_the_office_opens(
    moving: tuple[House, DemoClock],
) -> None:
    house, clock = moving
    before = clock.now()

    signed_in(house).press("下一個工作日")

    local = clock.now().astimezone(TAIPEI)
    assert local.date() > before.astimezone(TAIPEI).date()
    assert local.weekday() < 5
    opening = datetime(local.year, local.month, local.day, 8, tzinfo=TAIPEI)
    assert timedelta() <= local - opening < A_MINUTE


def test_moving_the_demo_clock_signs_nobody_out(moving: tuple[House, DemoClock]) -> None:
    visitor = signed_in(moving[0]).press("往後 5 個工作日")

    assert visitor.open("/worklist").path == "/worklist"


def test_a_real_clock_cannot_be_moved(house: House) -> None:
    visitor = house.sign_in(COUNTER)  # the office's clock of this house is no demo clock

    visitor.press("往後 1 小時")

    assert visitor.status == 404
