"""One person from receipt to closing: who answers for a case that is handed over, whose owner is on
leave or gone, or that goes to another office."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from engine import absences, case_service, departures, ownership, transfers, worklist
from engine.absences import Absence
from engine.cases import Filed
from engine.errors import EngineError, Forbidden
from engine.transfers import Handover
from engine.worklist import Tab, WorklistFilter
from sla import bookings, overdue_desk
from sla.calendars import seed_national_days
from sla.overdue_desk import Page
from sla.overdue_views import View
from store import tables
from tests.support.factories import an_office
from tests.support.office import Office

LIN, MEI, CHIEF, OPERATOR = "counter Lin", "counter Mei", "chief Wu", "operator He"
OTHER = "kh-other"


@pytest.fixture
def owned(office: Office) -> Office:
    """An office whose cases of CLOCKED have an owner."""
    for name in (LIN, MEI, CHIEF, OPERATOR, "reviewer Chen"):
        office.person(name)
    want(office, "CLOCKED")
    return office


def want(office: Office, *packages: str) -> None:
    with office.db.transaction() as tx:
        chief, now = office.person(CHIEF), office.clock.now()
        ownership.want(tx, packages, ("CLOCKED", "P51", "P01"), chief, now)


def owner_of(office: Office, case: Filed) -> str | None:
    with office.db.transaction(read_only=True) as tx:
        return case_service.of_case(tx, case.id).owner


def id_of(office: Office, name: str) -> UUID:
    found = office.person(name).person_id
    assert found is not None
    return found


def give(office: Office, case: Filed, to: str, by: str = LIN, reason: str = "輪調") -> None:
    person_id, actor = id_of(office, to), office.person(by)
    with office.db.transaction() as tx:
        ownership.hand_over(tx, case.id, person_id, reason, actor, office.clock.now())


def leave(office: Office, name: str, deputy: str) -> None:
    days = (date(2026, 3, 2), date(2026, 3, 20))
    with office.db.transaction() as tx:
        absence = Absence(id_of(office, name), *days, id_of(office, deputy))
        absences.set_absence(tx, absence, office.person(CHIEF), office.clock.now())


def refused(office: Office, case: Filed, to: str, by: str = LIN, reason: str = "輪調") -> str:
    with pytest.raises(EngineError) as told:
        give(office, case, to, by, reason)
    return told.value.code


def test_who_takes_a_case_in_answers_for_it_whoever_has_its_work(owned: Office) -> None:
    case, before = owned.file("CLOCKED"), owned.told
    owned.complete(case, "check", by=MEI, outcome="complete")

    assert owner_of(owned, case) == LIN
    named = [row for row in before(case) if row.action == "case.owner_named"]
    assert [row.detail["owner"] for row in named] == [LIN]


def test_a_process_the_office_does_not_want_it_for_has_no_owner(owned: Office) -> None:
    want(owned, "P51")

    assert owner_of(owned, owned.file("CLOCKED")) is None


def test_it_is_handed_over_with_the_reason_and_the_new_owner_is_told(owned: Office) -> None:
    case = owned.file("CLOCKED")

    give(owned, case, MEI)

    assert owner_of(owned, case) == MEI
    detail = owned.told(case)[-1].detail
    assert (detail["former"], detail["owner"], detail["reason"]) == (LIN, MEI, "輪調")
    (news,) = [row for row in owned.rows(tables.person_notices) if row.kind == "case.given"]
    assert (news.person_id, news.case_id) == (id_of(owned, MEI), case.id)


def test_a_handover_that_is_none_is_refused(owned: Office) -> None:
    case = owned.file("CLOCKED")

    assert refused(owned, case, MEI, by=MEI) == "case.not_owner"
    assert refused(owned, case, MEI, reason=" ") == "case.owner_reason"
    assert refused(owned, case, LIN) == "case.owner_same"
    assert refused(owned, case, OPERATOR) == "case.owner_person"
    with pytest.raises(Forbidden), owned.db.transaction() as tx:
        ownership.want(tx, (), ("CLOCKED",), owned.person(LIN), owned.clock.now())
    give(owned, case, MEI, by=CHIEF)  # a supervisor may always


def test_who_stands_in_for_an_owner_finds_the_case_among_theirs_and_may_hand_it_over(
    owned: Office,
) -> None:
    case = owned.file("CLOCKED")
    mei, now = owned.person(MEI), owned.clock.now()

    def mine() -> list[UUID]:
        with owned.db.transaction(read_only=True) as tx:
            wanted = WorklistFilter(Tab.GROUP, owners=ownership.answers_as(tx, mei, now))
            return [row.case_id for row in worklist.worklist(tx, mei, wanted, None, 50, now).rows]

    assert mine() == []
    leave(owned, LIN, MEI)
    assert mine() == [case.id]
    give(owned, case, MEI, by=MEI, reason="長假")


def test_the_overdue_desk_says_whose_and_the_owner_is_told_of_others_lateness(
    owned: Office,
) -> None:
    case = owned.file("CLOCKED")
    owned.claim(case, "check", by=MEI)
    leave(owned, LIN, MEI)
    owned.go_to("2026-03-09", "10:00")

    chief = owned.person(CHIEF)
    with owned.db.transaction(read_only=True) as tx:
        (line,) = overdue_desk.desk(
            tx, chief, owned.clock.now(), View.OVERDUE, Page(None, 50)
        ).lines

    assert line.owner is not None
    assert (line.owner.name, line.owner.away, line.owner.deputy) == (LIN, True, MEI)
    warned = [row for row in owned.rows(tables.person_notices) if row.kind == "clock.warned"]
    assert id_of(owned, LIN) in {row.person_id for row in warned}


def test_nobody_answers_for_the_cases_of_who_has_left(owned: Office) -> None:
    case = owned.file("CLOCKED")
    operator, now = owned.person(OPERATOR), owned.clock.now()
    with owned.db.transaction() as tx:
        departures.end_service(tx, id_of(owned, LIN), date(2026, 3, 2), "調職", operator, now)

    assert owner_of(owned, case) is None
    assert owned.told(case)[-1].action == "case.owner_left"
    give(owned, case, MEI, by=MEI, reason="")  # what is nobody's anybody takes


def test_another_office_names_its_own(owned: Office) -> None:
    case = owned.file("CLOCKED")
    with owned.db.transaction() as tx:
        an_office(tx, OTHER)
        seed_national_days(tx, OTHER, 2025, 2027, owned.clock.now())
    owned.person("counter Far", OTHER)
    with owned.db.transaction() as tx:
        handed = Handover(OTHER, "戶籍在該所")
        transfers.transfer(tx, case.id, handed, owned.person(CHIEF), owned.clock.now())

    assert owner_of(owned, case) is None


def test_one_person_from_booking_to_closing_unless_they_are_away(owned: Office) -> None:
    owned.deploy_real("P51")
    want(owned, "P51", "P01")
    booked = [_book(owned, at) for at in ("10:30", "11:00")]
    assert [owner_of(owned, each) for each in booked] == [LIN, LIN]
    owned.clock.move(timedelta(days=1, hours=1))
    tasks = [_arrive(owned, each, MEI) for each in booked]

    with owned.db.transaction(read_only=True) as tx:
        now = owned.clock.now()
        assert ownership.present_owner(tx, booked[0].id, now) == id_of(owned, LIN)
    leave(owned, LIN, MEI)
    with owned.db.transaction(read_only=True) as tx:
        assert ownership.present_owner(tx, booked[1].id, now) is None
    assert len(set(tasks)) == 2


def _book(office: Office, at: str) -> Filed:
    who: dict[str, Any] = {"applicant": {"name": "林書豪", "id_number": None}}
    contact = {"phone": "0912-345-678", "email": None}
    wish = bookings.Wish("P01", date(2026, 3, 3), at, "sms", {**who, "contact": contact})
    with office.db.transaction() as tx:
        return bookings.book(tx, wish, "phone", office.person(LIN), office.clock.now())


def _arrive(office: Office, booked: Filed, by: str) -> UUID:
    with office.db.transaction() as tx:
        return bookings.arrive(tx, booked.id, office.person(by), office.clock.now())
