"""The route sheet of a day: whom it lists, how clear, and that a look at it is on record."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from engine import deployments, timers
from engine.cases import Filed
from engine.packages import load_library
from store import tables
from tests.web.house import ANALYST, CHIEF, LIBRARY, House
from tests.web.visitor import Visitor

FIELD = "counter.gao"
VISIT: Mapping[str, Any] = {
    "service": "id_card_renewal",
    "ground": "elderly",
    "in_district": "true",
    "place_kind": "home",
    "requested_by": "self",
    "renewal_cause": "damaged",
    "contact": "sms",
    "data.applicant.name": "簡文青",
    "data.applicant.id_number": "A123456789",
    "data.applicant.birth_date": "35/2/20",
    "data.visit.address": "示範市南區乙路 2 號 3 樓",
    "data.contact.phone": "0912345678",
}


@pytest.fixture
def house(house: House) -> House:
    with house.db.transaction() as tx:
        deployments.deploy(
            tx, load_library(LIBRARY), "P42", house.actor(ANALYST), house.clock.now()
        )
    return house


def agreed(house: House, visit_on: str, visit_at: str = "10:30") -> Filed:
    case = house.file("P42", by=FIELD, values=VISIT)
    house.complete(case, FIELD, "complete", missing=[])
    day = {"visit_on": visit_on, "visit_at": visit_at, "visit_with": "高示範、林示範"}
    house.complete(case, FIELD, "agreed", **day)
    while timers.fire_next(house.db, house.clock.now()):  # the reminder, if its time has come
        pass
    return case


def written(sheet: Visitor) -> str:
    with zipfile.ZipFile(io.BytesIO(sheet.response.data)) as file:
        return file.read("content.xml").decode()


def test_a_visit_of_the_day_is_masked_for_everybody_but_who_has_its_task(house: House) -> None:
    case = agreed(house, "2026-03-02")

    somebody = house.sign_in("counter.lin").open("/route-sheet?day=2026-03-02")

    assert case.number in somebody.main
    assert "10:30" in somebody.main
    assert "印台（指印）" in somebody.main
    assert "簡文青" not in somebody.main
    assert "乙路 2 號" not in somebody.main


def test_who_has_the_task_reads_it_in_clear_and_that_is_on_record(house: House) -> None:
    case = agreed(house, "2026-03-02")
    house.claim(case, FIELD)

    officer = house.sign_in(FIELD).open("/worklist").follow("外勤路線單")

    assert "簡文青" in officer.main
    assert "示範市南區乙路 2 號 3 樓" in officer.main
    with house.reading() as tx:
        looks = tx.scalars(
            select(tables.history.c.purpose).where(
                tables.history.c.case_id == case.id, tables.history.c.action == "case.data_read"
            )
        ).all()
    assert looks == ["call"]


def test_the_spreadsheet_lists_the_visits_by_time(house: House) -> None:
    later, earlier = agreed(house, "2026-03-02", "15:00"), agreed(house, "2026-03-02", "09:30")

    told = written(house.sign_in(FIELD).open("/route-sheet.ods?day=2026-03-02"))

    assert told.index(earlier.number) < told.index(later.number)
    assert "相機及背景布" in told


def test_a_visit_agreed_on_for_later_is_listed_without_its_person(house: House) -> None:
    case = agreed(house, "2026-03-12")

    chief = house.sign_in(CHIEF).open("/route-sheet?day=2026-03-12")

    assert "已約定，尚未到準備之日" in chief.main
    assert case.number in chief.main
    assert "簡" not in chief.main


def test_a_day_without_visits_says_so(house: House) -> None:
    assert "這一天沒有到府" in house.sign_in(FIELD).open("/route-sheet?day=2026-03-03").main
