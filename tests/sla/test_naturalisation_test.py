"""The naturalisation test: booked, held and scored; who fails has a place for a resit."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine import notice_reads
from engine.actors import system
from engine.cases import Filed
from store import tables
from tests.sla.test_bookings import a_wish, arrive, book
from tests.support.factories import OFFICE
from tests.support.office import Office

WHO = {
    "applicant": {"name": "阮示範", "id_number": "A800000014", "birth_date": "1990-05-06"},
    "contact": {"phone": "0912-345-678", "email": None},
}
DAY = "2026-03-12"


@pytest.fixture
def desk(office: Office) -> Office:
    """An office that takes appointments and holds the test."""
    for package_id in ("P51", "P15T"):
        office.deploy_real(package_id)
    return office


def came(desk: Office) -> tuple[Filed, Filed]:
    """The booking, and the case of the test whose person has come for it and has paid."""
    booked = book(desk, a_wish(service="P15T"))
    desk.go_to(DAY, "10:25")
    arrive(desk, booked)
    case = desk.file("P15T", values={"test_ground": "general", "contact": "sms"}, data=WHO)
    given = {"case_number": case.number}
    desk.complete(booked, "start_booked_case", "counter Lin", "filed", given)
    desk.complete(case, "check_papers", "counter Lin", "complete", {"missing": []})
    paper = {"id_paper": "residence_permit"}
    desk.complete(case, "check_identity", "counter Lin", "confirmed", paper)
    fee = {"payment_means": "cash", "paid_on": DAY, "receipt_channel": "counter"}
    desk.complete(case, "collect_fee", "counter Lin", "paid", fee)
    test = {"test_kind": "oral", "test_language": "hakka", "test_on": DAY, "test_at": "10:30"}
    desk.complete(case, "arrange_test", "counter Lin", values={**test, "place": "二樓會議室"})
    return booked, case


def scored(desk: Office, case: Filed, score: int) -> dict[str, Any]:
    desk.complete(case, "take_test", "counter Lin", "taken", {"score": score})
    reference = {"score_reference": "NT-1"}
    desk.complete(case, "check_score", "reviewer Chen", "confirm", reference)
    return desk.variables(case)


def test_who_booked_is_tested_on_that_day_and_told_the_score(desk: Office) -> None:
    booked, case = came(desk)

    state = scored(desk, case, 70)

    assert desk.variables(booked)["case_number"] == case.number
    assert state["fee_result"] == "paid"
    assert (state["passed"], state["mark"]["pass_mark"], state["place"]) == (True, 70, "二樓會議室")
    with desk.db.transaction(read_only=True) as tx:
        told = [notice for notice in notice_reads.of_case(tx, case.id) if notice.kind == "result"]
        sheet = notice_reads.paper(tx, told[0].id, system(OFFICE), "zh-TW", str)
    assert "70／70" in str(sheet)
    assert "合格" in str(sheet)


def test_who_fails_has_a_place_for_a_resit_in_a_case_linked_to_this(desk: Office) -> None:
    _, case = came(desk)
    assert scored(desk, case, 69)["passed"] is False

    resit = {"resit_on": "2026-03-26", "resit_at": "10:30"}
    desk.complete(case, "offer_resit", "counter Lin", "resit", resit)

    (place,) = [row for row in desk.rows(tables.bookings) if row.day == date(2026, 3, 26)]
    assert (place.service, place.at, place.office_id) == ("P15T", "10:30", OFFICE)
    (again,) = [row for row in desk.rows(tables.cases) if row.id == place.case_id]
    assert (again.package_id, again.parent_case_id) == ("P51", case.id)
    assert desk.variables(case)["resit_number"] == again.number
