"""The monthly list on its page: who reads it, what it says, and where the notice leads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from sla.monthly_lists import make_next
from store import tables
from tests.web.house import CHIEF, COUNTER, MOVE, House


@pytest.fixture
def late(house: House) -> str:
    """The number of a case that was overdue when the month ended; the list is made."""
    case = house.file("P08", values=MOVE)
    with house.db.transaction() as tx:
        of_case = tables.clocks.c.case_id == case.id, tables.clocks.c.name == "processing"
        long_ago = datetime(2025, 1, 6, 16, tzinfo=UTC)
        row = {"started_at": long_ago, "due_at": long_ago, "due_on": long_ago.date()}
        tx.execute(update(tables.clocks).where(*of_case).values(**row))
    while make_next(house.db, house.clock.now()):
        pass
    return case.number


def test_the_chief_is_led_from_the_notice_to_the_list(house: House, late: str) -> None:
    chief = house.sign_in(CHIEF).open("/notifications")
    assert "每月逾期案件清單" in chief.main

    chief.follow("開啟清單")

    assert "底逾期案件清單" in chief.main
    assert late in chief.main
    assert chief.open("/overdue/monthly").status == 200
    assert "1" in chief.main


def test_the_list_is_for_supervisors(house: House, late: str) -> None:
    counter = house.sign_in(COUNTER)

    assert counter.open("/overdue/monthly").status == 403
    assert late


def test_a_month_without_a_list_is_not_there(house: House) -> None:
    chief = house.sign_in(CHIEF)

    assert chief.open("/overdue/monthly/2020-01").status == 404
    assert chief.open("/overdue/monthly/never").status == 404
