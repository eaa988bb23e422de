"""Appointments: two who want one place, who comes, who does not, what is open when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection

from engine import notice_reads, user_tasks
from engine.actors import system
from engine.cases import Filed
from engine.errors import Conflict, EngineError, Rejected
from engine.user_tasks import Completion
from sla import booking_list, bookings
from sla.booking_places import months_on
from sla.bookings import Wish
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office

DAY = date(2026, 3, 12)
"""A Thursday; the clock stands on Monday the second."""


@pytest.fixture
def desk(office: Office) -> Office:
    """An office that takes appointments."""
    office.deploy_real("P51")
    office.person("counter Lin")
    return office


def a_wish(
    at: str = "10:30", day: date = DAY, service: str = "P01", phone: str = "0912-345-678"
) -> Wish:
    who = {"applicant": {"name": "林書豪", "id_number": None}}
    return Wish(service, day, at, "sms", {**who, "contact": {"phone": phone, "email": None}})


def book(desk: Office, wish: Wish | None = None, channel: str = "phone") -> Filed:
    clerk = desk.person("counter Lin")
    with desk.db.transaction() as tx:
        return bookings.book(tx, wish or a_wish(), channel, clerk, desk.clock.now())


def move(desk: Office, booked: Filed, at: str, day: date = DAY) -> None:
    clerk = desk.person("counter Lin")
    with desk.db.transaction() as tx:
        bookings.move(tx, booked.id, (day, at), clerk, desk.clock.now())


def cancel(desk: Office, booked: Filed) -> None:
    clerk = desk.person("counter Lin")
    with desk.db.transaction() as tx:
        bookings.cancel(tx, booked.id, "另擇他日", clerk, desk.clock.now())


def arrive(desk: Office, booked: Filed) -> UUID:
    clerk = desk.person("counter Lin")
    with desk.db.transaction() as tx:
        return bookings.arrive(tx, booked.id, clerk, desk.clock.now())


def place(desk: Office, booked: Filed) -> Any:
    (row,) = desk.rows(tables.bookings, booked)
    return row


def left(desk: Office, day: date = DAY, service: str = "P01") -> dict[str, int]:
    """The places left, by time."""
    with desk.db.transaction(read_only=True) as tx:
        found = bookings.free(tx, OFFICE, service, day, day, desk.clock.now())
    return {each.slot.at: each.left for each in found}


def refused(desk: Office, wish: Wish, channel: str = "phone") -> str:
    with pytest.raises(EngineError) as told:
        book(desk, wish, channel)
    return told.value.code


# --- places -------------------------------------------------------------------------------------


def test_of_those_who_want_the_last_place_at_once_one_has_it(desk: Office) -> None:
    clerk, now = desk.person("counter Lin"), desk.clock.now()
    book(desk)  # of two places at half past ten one is left
    together = Barrier(4)

    def one(number: int) -> str:
        wish = a_wish(phone=f"0912-000-00{number}")

        def work(tx: Connection) -> Filed:
            return bookings.book(tx, wish, "phone", clerk, now)

        together.wait(timeout=10)
        try:
            return desk.db.run(work).number
        except Conflict as told:
            return told.code

    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(one, range(4)))

    assert told.count("booking.full") == 3
    seats = [(row.seat, row.status) for row in desk.rows(tables.bookings)]
    assert sorted(seats) == [(1, "booked"), (2, "booked")]
    assert len([row for row in desk.rows(tables.cases) if row.package_id == "P51"]) == 2
    assert left(desk)["10:30"] == 0


def test_a_full_turn_is_refused_and_nothing_is_filed(desk: Office) -> None:
    book(desk, a_wish("12:00"))  # at noon there is one place

    assert refused(desk, a_wish("12:00", phone="0922-000-000")) == "booking.full"
    assert len(desk.rows(tables.bookings)) == 1


def test_moving_takes_the_new_place_and_frees_the_old(desk: Office) -> None:
    booked = book(desk, a_wish("12:00"))

    move(desk, booked, "12:30")

    assert (left(desk)["12:00"], left(desk)["12:30"]) == (1, 0)
    assert desk.variables(booked)["booking_at"] == "12:30"


def test_who_cannot_be_moved_keeps_the_place(desk: Office) -> None:
    booked = book(desk, a_wish("12:00"))
    book(desk, a_wish("12:30", phone="0922-000-000"))

    with pytest.raises(Conflict, match="last place"):
        move(desk, booked, "12:30")

    assert place(desk, booked).at == "12:00"


def test_what_is_cancelled_is_free_and_its_person_is_told(desk: Office) -> None:
    booked = book(desk, a_wish("12:00"))

    cancel(desk, booked)

    assert desk.status(booked) == "withdrawn"
    assert (place(desk, booked).status, left(desk)["12:00"]) == ("cancelled", 1)
    assert [notice.kind for notice in desk.rows(tables.notices, booked)] == ["booking"] * 2
    with pytest.raises(Conflict):
        cancel(desk, booked)


# --- who comes ----------------------------------------------------------------------------------


def test_who_books_is_told_what_to_bring_and_reminded_the_working_day_before(desk: Office) -> None:
    desk.deploy_real("P01")
    who = {"applicant": {"name": "林書豪", "id_number": None}}
    reached = {"phone": "0912-345-678", "email": "lin@example.tw"}

    booked = book(desk, Wish("P01", DAY, "10:30", "email", {**who, "contact": reached}))
    desk.go_to("2026-03-11", "08:59")
    assert [notice.kind for notice in desk.rows(tables.notices, booked)] == ["booking"]
    desk.go_to("2026-03-11", "09:00")

    sent = {notice.kind: notice for notice in desk.rows(tables.notices, booked)}
    assert sorted(sent) == ["booking", "reminder"]
    for notice in sent.values():
        with desk.db.transaction(read_only=True) as tx:
            sheet = notice_reads.paper(tx, notice.id, system(OFFICE), "zh-TW", str)
        words = " ".join(text for block in sheet.blocks for text, _ in block.runs)
        assert "出生證明書" in words
        assert "10:30" in words
    assert [row.operation for row in desk.promises(booked)] == ["mail.send", "mail.send"]


def test_who_does_not_come_is_counted_and_the_place_is_free(desk: Office) -> None:
    booked = book(desk, a_wish("12:00"))

    desk.go_to(DAY.isoformat(), "12:14")
    assert desk.status(booked) == "active"
    desk.go_to(DAY.isoformat(), "12:15")

    assert desk.status(booked) == "closed"
    assert (place(desk, booked).status, place(desk, booked).seat) == ("no_show", None)
    with desk.db.transaction(read_only=True) as tx:
        (row,) = booking_list.of_day(tx, DAY, desk.person("counter Lin"))
        figures = booking_list.figures(tx, OFFICE, DAY + timedelta(days=1))
    assert (row.status, row.missed) == ("no_show", 1)
    assert (figures.booked, figures.missed) == (1, 1)


def test_three_missed_appointments_close_online_booking_and_not_the_telephone(
    desk: Office,
) -> None:
    for at in ("09:00", "09:30", "10:00"):
        book(desk, a_wish(at))
    desk.go_to(DAY.isoformat(), "10:15")
    later = a_wish(day=date(2026, 3, 20))

    assert refused(desk, later, "online") == "booking.blocked"
    assert place(desk, book(desk, later)).status == "booked"
    desk.go_to("2026-09-13", "09:00")
    assert place(desk, book(desk, a_wish(day=date(2026, 9, 16)), "online")).channel == "online"


def test_who_has_come_is_served_by_whom_they_stand_before(desk: Office) -> None:
    booked = book(desk)
    desk.go_to(DAY.isoformat(), "10:40")

    task_id = arrive(desk, booked)

    task = desk.task(booked, "start_booked_case")
    assert (task.id, task.assignee_id) == (task_id, desk.person("counter Lin").person_id)
    with desk.db.transaction() as tx:
        done = Completion({"case_number": None}, {}, "without_case")
        clerk = desk.person("counter Lin")
        user_tasks.complete(tx, task_id, done, clerk, desk.clock.now())
    assert (place(desk, booked).status, desk.status(booked)) == ("served", "closed")


def test_who_comes_on_another_day_is_told_so(desk: Office) -> None:
    booked = book(desk)

    with pytest.raises(Rejected) as told:
        arrive(desk, booked)

    assert told.value.code == "booking.other_day"


def test_an_online_booking_is_answered_within_a_working_day(desk: Office) -> None:
    booked = book(desk, a_wish("12:00"), "online")
    with desk.db.transaction(read_only=True) as tx:
        (waiting,) = booking_list.to_answer(tx, desk.person("counter Lin"))
    assert waiting.number == booked.number
    assert desk.due(booked, "answer") is not None

    desk.claim(booked, "answer_booking", by="counter Lin")
    desk.complete(booked, "answer_booking", "counter Lin", "decline", {"answer_note": "設備維護"})

    assert (place(desk, booked).status, left(desk)["12:00"]) == ("cancelled", 1)


# --- when it is open ----------------------------------------------------------------------------


def test_closed_days_the_past_and_unknown_matters_are_refused(desk: Office) -> None:
    assert refused(desk, a_wish(day=date(2026, 3, 8))) == "booking.closed"  # a Sunday
    assert refused(desk, a_wish(day=date(2026, 3, 2))) == "booking.closed"  # today
    assert refused(desk, a_wish(day=date(2026, 4, 20))) == "booking.closed"  # too far ahead
    assert refused(desk, a_wish("10:15")) == "booking.closed"
    assert refused(desk, a_wish(service="P15")) == "booking.service"


def test_a_closure_by_disaster_closes_its_half_or_all_of_the_day(desk: Office) -> None:
    desk.close_on("2026-03-12", "afternoon")
    desk.close_on("2026-03-13")

    assert "11:30" in left(desk)
    assert "13:30" not in left(desk)
    assert left(desk, date(2026, 3, 13)) == {}


def test_special_openings_are_for_the_matters_they_are_for(desk: Office) -> None:
    saturday, evening = date(2026, 3, 7), date(2026, 3, 11)

    assert list(left(desk, saturday, "P11")) == list(left(desk, saturday, "P03"))
    assert left(desk, saturday, "P11")["09:00"] == 2
    assert left(desk, saturday, "P03")["09:00"] == 1  # a marriage, five days ahead
    assert "18:30" in left(desk, evening)
    assert "18:30" not in left(desk, evening, "P03")
    assert left(desk, date(2026, 3, 14), "P03") == {}  # more than ten days ahead


def test_no_marriage_is_booked_on_a_closed_last_day_of_the_month(desk: Office) -> None:
    desk.go_to("2026-05-25", "09:00")

    assert left(desk, date(2026, 5, 30), "P03")  # a Saturday
    assert left(desk, date(2026, 5, 31), "P03") == {}  # a Sunday: statistics are made


def test_a_month_later_is_the_last_of_a_shorter_month() -> None:
    assert months_on(date(2026, 8, 31), 6) == date(2027, 2, 28)
    assert months_on(date(2026, 3, 12), -3) == date(2025, 12, 12)


def test_a_disaster_finds_the_places_that_were_booked(desk: Office) -> None:
    desk.deploy_real("A3")
    booked = book(desk)

    desk.close_on("2026-03-12")

    (work,) = [row for row in desk.rows(tables.cases) if row.package_id == "A3"]
    found = desk.variables(Filed(work.id, work.number, ""))["affected"]
    assert [(one["matter"], one["at"]) for one in found] == [(f"P01 {booked.number}", "10:30")]
