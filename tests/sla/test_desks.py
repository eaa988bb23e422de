"""Special counters: whose people get a case's work first, and that nothing waits for them long."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine import absences, cases, desks, user_tasks, worklist, worklist_facets
from engine.absences import Absence
from engine.case_service import Wish
from engine.cases import FileCase, Filed
from engine.desks import Kept
from engine.errors import Forbidden, NotFound, Rejected
from engine.worklist import Tab, WorklistFilter
from sla import bookings, notice_values
from store import tables
from tests.support.office import Office
from tests.support.packages import diagram, flows, user_task, write_package

STEPS = '<startEvent id="start"/>{steps}<endEvent id="end"/>' + flows("start>enter", "enter>end")
LIN, MEI = "counter Lin", "counter Mei"


@pytest.fixture
def counter(office: Office, packages: Path) -> Office:
    """An office on a Tuesday morning whose matter ENTRY is a task of the counter, VISIT of the
    field."""
    for name, groups in (("ENTRY", "counter"), ("VISIT", "field")):
        steps = STEPS.format(steps=user_task("enter", groups=groups))
        write_package(packages, name, diagram(name, steps))
        office.deploy(name)
    for name in (LIN, MEI, "chief Wang", "field Ye", "analyst Ho"):
        office.person(name)
    office.go_to("2026-03-03", "10:00")
    return office


def keep(office: Office, name: str, *who: str, by: str = "chief Wang", **criteria: Any) -> UUID:
    seated = [office.person(each).person_id for each in who]
    given = Kept(name, name, people=[each for each in seated if each], **criteria)
    with office.db.transaction() as tx:
        return desks.keep(tx, None, given, office.person(by), office.clock.now())


def file(office: Office, package: str = "ENTRY", **wish: Any) -> Filed:
    command = FileCase(package, "counter", data={"applicant": {"name": "王"}}, wish=Wish(**wish))
    with office.db.transaction() as tx:
        return cases.file(tx, command, office.person(LIN), office.clock.now())


def next_of(office: Office, who: str) -> UUID | None:
    """The case whose task somebody takes next."""
    with office.db.transaction() as tx:
        task_id = user_tasks.take_next(tx, office.person(who), office.clock.now())
    return next((r.case_id for r in office.rows(tables.user_tasks) if r.id == task_id), None)


def test_the_people_of_a_desk_take_its_cases_first_and_others_pass_them_over(
    counter: Office,
) -> None:
    keep(counter, "English", MEI, languages=("en",))
    older = file(counter)
    english = file(counter, language="en")

    assert next_of(counter, MEI) == english.id
    again = file(counter, language="en")
    assert next_of(counter, LIN) == older.id
    assert next_of(counter, LIN) is None
    assert next_of(counter, MEI) == again.id
    told = [row.action for row in counter.told(english)]
    assert "case.desk_chosen" in told


def test_after_the_offices_minutes_whoever_is_free_takes_it(counter: Office) -> None:
    keep(counter, "Care", MEI, needs=("pregnant",))
    counter.go_to("2026-03-03", "16:50")
    case = file(counter, needs=("pregnant",))

    counter.go_to("2026-03-04", "08:04")  # ten minutes of yesterday, four of today
    assert next_of(counter, LIN) is None
    counter.go_to("2026-03-04", "08:05")

    assert next_of(counter, LIN) == case.id


def test_nobody_waits_for_a_desk_whose_people_are_away(counter: Office) -> None:
    keep(counter, "Care", MEI, needs=("elderly",))
    case = file(counter, needs=("elderly",))
    away = counter.person(MEI).person_id
    assert away is not None
    with counter.db.transaction() as tx:
        today = date(2026, 3, 3)
        leave = Absence(away, today, today)
        absences.set_absence(tx, leave, counter.person("chief Wang"), counter.clock.now())

    assert next_of(counter, LIN) == case.id


def test_work_of_another_group_than_the_desks_is_not_held(counter: Office) -> None:
    keep(counter, "Plates", MEI, packages=("VISIT",))
    case = file(counter, "VISIT")

    assert counter.rows(tables.task_holds) == []
    assert next_of(counter, "field Ye") == case.id


def test_an_office_may_hold_nothing_and_a_hold_forbids_no_claim(counter: Office) -> None:
    keep(counter, "English", MEI, languages=("en",))
    held = file(counter, language="en")
    counter.claim(held, "enter", LIN)  # somebody knows better

    counter.choose("desk.hold_minutes", 0)
    case = file(counter, language="en")

    assert next_of(counter, LIN) == case.id


def test_the_worklist_says_at_which_desk_and_filters_by_it(counter: Office) -> None:
    desk_id = keep(counter, "English", MEI, languages=("en",))
    file(counter)
    english = file(counter, language="en")
    lin, now = counter.person(LIN), counter.clock.now()

    with counter.db.transaction(read_only=True) as tx:
        facets = worklist_facets.facets(tx, lin, Tab.GROUP, now)
        wanted = WorklistFilter(Tab.GROUP, desk=desk_id)
        (row,) = worklist.worklist(tx, lin, wanted, None, 50, now).rows

    assert [(each.id, each.count) for each in facets.desks] == [(desk_id, 1)]
    assert row.case_id == english.id
    assert row.desk is not None
    assert row.desk.en == "English"
    assert row.held_until is not None


def test_a_branch_shares_the_cases_of_its_office_and_papers_say_where(counter: Office) -> None:
    where = {"address_zh": "埔頂路 1 號", "open_zh": "每週二、四 9 時至 16 時"}
    branch = keep(counter, "埔頂便民工作站", MEI, contact=where)
    case = file(counter, collect_id=branch)

    assert next_of(counter, LIN) == case.id  # nobody waits for a branch: it is the office's case
    with counter.db.transaction(read_only=True) as tx:
        told = notice_values.collecting(tx, case.id)["zh-TW"]
        assert told["collect_at"] == "埔頂便民工作站 埔頂路 1 號"
        assert told["collect_hours"] == "每週二、四 9 時至 16 時"
    at_office = file(counter)
    with counter.db.transaction(read_only=True) as tx:
        elsewhere = notice_values.collecting(tx, at_office.id)["zh-TW"]
    assert "埔頂" not in str(elsewhere["collect_at"])


def test_an_appointment_at_a_branch_says_so_in_its_confirmation(counter: Office) -> None:
    counter.deploy_real("P51")
    branch = keep(counter, "埔頂便民工作站", MEI, contact={"address_zh": "埔頂路 1 號"})
    who = {"applicant": {"name": "林書豪", "id_number": None}}
    contact = {"phone": "0912-345-678", "email": None}
    wish = bookings.Wish(
        "P01",
        date(2026, 3, 12),
        "10:30",
        "sms",
        {**who, "contact": contact},
        Wish(collect_id=branch),
    )
    with counter.db.transaction() as tx:
        booked = bookings.book(tx, wish, "phone", counter.person(LIN), counter.clock.now())

    assert counter.variables(booked)["place"] == "埔頂便民工作站（埔頂路 1 號）"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Kept("", "Care", needs=("elderly",)), "desk.name"),
        (Kept("愛心", "Care"), "desk.nothing"),
        (Kept("愛心", "Care", needs=("rich",)), "desk.criterion"),
        (Kept("愛心", "Care", packages=("P99",)), "desk.criterion"),
        (Kept("英語", "English", languages=("en",), contact={"open_zh": "上午"}), "desk.address"),
    ],
)
def test_a_desk_that_serves_nobody_is_refused(counter: Office, given: Kept, code: str) -> None:
    with pytest.raises(Rejected) as refused, counter.db.transaction() as tx:
        desks.keep(tx, None, given, counter.person("chief Wang"), counter.clock.now())

    assert refused.value.code == code


def test_desks_are_kept_by_supervisors_for_their_own_office_and_people(counter: Office) -> None:
    desk_id = keep(counter, "English", MEI, languages=("en",))
    given = Kept("英語", "English", languages=("en",), is_open=False)

    with pytest.raises(Forbidden), counter.db.transaction() as tx:
        desks.keep(tx, desk_id, given, counter.person(LIN), counter.clock.now())
    with pytest.raises(Rejected, match="work on cases"):
        keep(counter, "Odd", "analyst Ho", languages=("hak",))
    with counter.db.transaction() as tx:
        desks.keep(tx, desk_id, given, counter.person("chief Wang"), counter.clock.now())
    with pytest.raises(NotFound), counter.db.transaction(read_only=True) as tx:
        desks.named(tx, desk_id, counter.person(LIN).office_id)

    assert file(counter, language="en")  # a language no desk serves any more is still kept
    (kept,) = counter.rows(tables.case_service)
    assert (kept.language, kept.desk_id) == ("en", None)
