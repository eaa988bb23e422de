"""Appointments at the counter's pages, on the public page, and with the receipt's code."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import deployments, status_codes
from engine.packages import load_library
from store.tables import bookings, cases
from tests.web.house import ANALYST, BIRTH, COUNTER, LIBRARY, House
from web import citizen_status

TOMORROW = date(2026, 3, 3)
WHO = {
    "turn": f"{TOMORROW} 10:30",
    "name": "陳文青",
    "phone": "0912-345-678",
    "id_number": "A123456789",
    "contact": "sms",
    "channel": "phone",
}


@pytest.fixture(autouse=True)
def nobody_has_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(citizen_status, "_tries", citizen_status.Tries(citizen_status.TRIES))


@pytest.fixture
def desk(house: House) -> House:
    """The office takes appointments."""
    library, analyst = load_library(LIBRARY), house.actor(ANALYST)
    deployments.prepare(library, "P51")
    with house.db.transaction() as tx:
        deployments.deploy(tx, library, "P51", analyst, house.clock.now())
    return house


def places(house: House) -> list[Any]:
    with house.reading() as tx:
        return list(tx.execute(select(bookings).order_by(bookings.c.booked_at)))


def test_who_calls_is_booked_comes_and_has_a_case_with_what_is_known(desk: House) -> None:
    clerk = desk.sign_in(COUNTER).open("/bookings/new?service=P01")

    clerk.press("預約", **WHO)
    assert "已預約" in clerk.main
    assert "出生證明書" in clerk.main
    desk.clock.move(timedelta(hours=25, minutes=25))
    clerk.open("/bookings").press("到場立案 10:30 陳○青")
    assert clerk.value_of("data.applicant.name") == "陳文青"
    assert clerk.value_of("data.contact.phone") == "0912-345-678"
    clerk.press("收件", **BIRTH, papers_all="true")

    (place,) = places(desk)
    with desk.reading() as tx:
        started = tx.execute(select(cases).where(cases.c.package_id == "P01")).one()
    assert (place.status, place.started_number) == ("started", started.number)
    assert started.parent_case_id == place.case_id


def test_a_wrong_field_and_a_full_turn_are_told_and_what_was_typed_stays(desk: House) -> None:
    clerk = desk.sign_in(COUNTER).open("/bookings/new?service=P01")

    clerk.press("預約", **{**WHO, "id_number": "A123456780"})
    assert clerk.status == 422
    assert clerk.value_of("name") == "陳文青"
    clerk.press("預約", **{**WHO, "turn": f"{TOMORROW} 12:00"})
    clerk.open("/bookings/new?service=P01")
    clerk.press("預約", **{**WHO, "turn": f"{TOMORROW} 12:00", "phone": "0922-000-000"})

    assert clerk.status == 409
    assert "最後一個名額" in clerk.main
    assert len(places(desk)) == 1


def test_an_appointment_is_moved_and_cancelled_on_its_page(desk: House) -> None:
    clerk = desk.sign_in(COUNTER).open("/bookings/new?service=P01")
    clerk.press("預約", **WHO)

    clerk.press("改到這個時段", turn=f"{TOMORROW} 11:00")
    assert places(desk)[0].at == "11:00"
    clerk.press("取消並通知", reason="另擇他日")

    assert places(desk)[0].status == "cancelled"


def test_anybody_sees_what_can_be_booked_and_when(desk: House) -> None:
    stranger = desk.visitor().open("/appointments?lang=en")

    assert "Birth registration" in stranger.main
    assert "Morning 09:00–12:00" in stranger.main
    assert "First free turns of the next days" in stranger.main


def test_who_booked_cancels_with_the_code_and_the_proof(desk: House) -> None:
    clerk = desk.sign_in(COUNTER).open("/bookings/new?service=P01")
    clerk.press("預約", **WHO)
    with desk.reading() as tx:
        code = status_codes.of_case(tx, places(desk)[0].case_id, desk.actor(COUNTER))
    stranger = desk.visitor()

    stranger.open(f"/status/{code}").press("查詢", code=code, proof="0000")
    assert stranger.status == 422
    stranger.press("查詢", code=code, proof="6789")
    assert "10:30" in stranger.main
    stranger.press("取消這個預約")

    assert "預約已取消" in stranger.main
    assert places(desk)[0].status == "cancelled"


def test_the_counter_begins_an_appointment_with_a_turn(desk: House) -> None:
    clerk = desk.sign_in(COUNTER).open("/counter/P51")

    assert "新增預約" in clerk.main
