"""Appointments over the API."""

from __future__ import annotations

import pytest

from engine import deployments
from engine.actors import system
from engine.packages import load_library
from tests.api.caller import refusal
from tests.api.house import HERE, LIBRARY, House

DAY = "2026-03-12"
WHO = {"name": "林書豪", "phone": "0912-345-678", "id_number": "A123456789", "channel": "phone"}


@pytest.fixture
def desk(house: House) -> House:
    """P51 is in force."""
    library = load_library(LIBRARY)
    deployments.prepare(library, "P51")
    with house.db.transaction() as tx:
        deployments.deploy(tx, library, "P51", system(HERE), house.clock.now())
    return house


def test_a_place_is_booked_moved_and_cancelled(desk: House) -> None:
    lin = desk.sign_in("counter.lin")
    noon = {"service": "P20", "day": DAY, "at": "12:00", **WHO}
    asked = f"/booking-turns?service=P20&first={DAY}&last={DAY}"
    before = {one["at"]: one["left"] for one in lin.get(asked).get_json()["items"]}

    booked = lin.post("/bookings", noon).get_json()
    again = lin.post("/bookings", {**noon, "phone": "0922-000-000"})
    moved = lin.post(f"/bookings/{booked['case_id']}/move", {"day": DAY, "at": "12:30"}).get_json()
    listed = lin.get(f"/bookings?day={DAY}").get_json()["items"]
    gone = lin.post(f"/bookings/{booked['case_id']}/cancel", {"reason": "另擇他日"}).get_json()

    assert before["12:00"] == 1
    assert refusal(again) == (409, "booking.full")
    assert (moved["at"], moved["to_answer"], moved["channel"]) == ("12:30", False, "phone")
    assert [one["number"] for one in listed] == [booked["number"]]
    assert listed[0]["subject_label"] == "林○豪"
    assert gone["status"] == "cancelled"


def test_turns_of_too_many_days_at_once_are_refused(desk: House) -> None:
    lin = desk.sign_in("counter.lin")

    asked = "/booking-turns?service=P20&first=2026-03-12&last=2026-05-12"

    assert refusal(lin.get(asked)) == (422, "booking.days")


def test_an_office_without_the_process_takes_no_appointments(house: House) -> None:
    lin = house.sign_in("counter.lin")

    answer = lin.post("/bookings", {"service": "P20", "day": DAY, "at": "12:00", **WHO})

    assert refusal(answer) == (422, "booking.service")
