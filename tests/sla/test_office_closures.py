"""A closure by decree is entered: the work of it begins in the office, and ends with it."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from engine.cases import Filed
from sla.calendars import DayEntry
from sla.closures import enter_working_day
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office
from tests.support.packages import diagram, flows, service_task, user_task, write_package

DAY = "2026-03-04"
VISIT = """<callActivity id="remind" calledElement="C14"><extensionElements>
  <hz:input source="&quot;citizen_certificate&quot;" target="matter"/>
  <hz:input source="&quot;{day}&quot;" target="appointment_on"/>
  <hz:input source="&quot;{at}&quot;" target="appointment_at"/>
  <hz:input source="&quot;desk 3&quot;" target="place"/>
  <hz:input source="[]" target="papers"/>
  <hz:input source="&quot;counter&quot;" target="contact"/>
  <hz:output source="result" target="reminded"/>
  <hz:output source="appointment_on" target="day"/>
</extensionElements></callActivity>"""


def works(office: Office) -> list[Any]:
    """The cases of A3, the first filed first."""
    found = [row for row in office.rows(tables.cases) if row.package_id == "A3"]
    return sorted(found, key=lambda row: row.filed_at)


def work(office: Office) -> Filed:
    (row,) = works(office)
    return Filed(row.id, row.number, "")


def work_again(office: Office, day: str = DAY) -> None:
    """The calendar says that the office works on the day after all."""
    chief = office.person(f"chief {OFFICE}", OFFICE)
    entry = DayEntry(OFFICE, date.fromisoformat(day), True, "取消停班", "市府公告")
    with office.db.transaction() as tx:
        enter_working_day(tx, entry, chief, office.clock.now())


def start(office: Office) -> Filed:
    values = {"closed_on": DAY, "part": "all", "reason": "颱風", "announcement": "市府公告"}
    return office.file("A3", values=values, data={})


def visit(packages: Path, day: str, at: str, name: str = "VISIT") -> None:
    """A package of one visit, reminded of as every visit is."""
    reminder = Path(__file__).resolve().parents[2] / "bpmn/shared"
    for part in ("reminder", "applicant-notice"):
        if not (packages / part).exists():
            shutil.copytree(reminder / part, packages / part)
    steps = '<startEvent id="start"/>' + VISIT.format(day=day, at=at) + user_task("see")
    process = diagram(
        name, steps + '<endEvent id="end"/>' + flows("start>remind", "remind>see", "see>end")
    )
    write_package(packages, name, process)


def test_the_calendar_files_the_work_and_tells_it_what_moved(office: Office) -> None:
    office.deploy_real("A3")
    office.file("CLOCKED")

    office.close_on(DAY)
    office.do_due()

    case = work(office)
    assert office.row(case).channel == "message"
    assert set(office.open_tasks(case)) == {"list_appointments", "post_notice", "review_moved"}
    told = office.variables(case)
    assert (told["closed_on"], told["part"]) == (date(2026, 3, 4), "all")
    assert (told["looked_at"], told["moved"]) == (1, 1)


def test_a_closure_that_moves_nothing_has_no_limits_to_look_through(office: Office) -> None:
    office.deploy_real("A3")

    office.close_on(DAY)
    office.do_due()

    assert set(office.open_tasks(work(office))) == {"list_appointments", "post_notice"}


def test_an_office_without_the_process_is_closed_all_the_same(office: Office) -> None:
    office.file("CLOCKED")

    moved = office.close_on(DAY)

    assert len(moved) == 1
    assert works(office) == []


def test_a_day_that_is_past_makes_no_work(office: Office) -> None:
    office.deploy_real("A3")
    office.go_to("2026-03-06", "10:00")

    office.close_on(DAY)

    assert works(office) == []


def test_what_a_clerk_began_goes_on_and_is_not_begun_twice(office: Office) -> None:
    office.deploy_real("A3")
    case = start(office)
    assert office.open_tasks(case) == ["enter_closure"]

    office.close_on(DAY)
    office.do_due()

    assert work(office).id == case.id
    assert set(office.open_tasks(case)) == {"list_appointments", "post_notice"}


def test_a_closure_that_is_lifted_ends_its_work_and_may_come_again(office: Office) -> None:
    office.deploy_real("A3")
    office.close_on(DAY)
    office.do_due()
    first = work(office)

    work_again(office)
    office.do_due()

    assert office.open_tasks(first) == ["tell_lifted"]
    office.close_on(DAY)
    office.do_due()
    assert len(works(office)) == 2


def test_the_day_appointments_are_found_and_moving_one_tells_its_case(
    office: Office, packages: Path
) -> None:
    visit(packages, DAY, "10:30")
    visit(packages, "2026-03-05", "09:00", "LATER")
    office.deploy("VISIT")
    office.deploy("LATER")
    mine = office.file("VISIT")
    later = office.file("LATER")
    office.deploy_real("A3")
    office.close_on(DAY, "morning")
    office.do_due()
    case = work(office)

    (found,) = office.variables(case)["affected"]
    assert (found["number"], found["at"], found["place"]) == (mine.number, "10:30", "desk 3")
    office.complete(case, "list_appointments", "counter Lin", values={"paper_bookings": 0})
    moved = {"new_on": "2026-03-10", "new_at": "14:00"}
    office.complete(case, "call_visitor", "counter Lin", outcome="moved", values=moved)
    office.do_due()
    office.go_to("2026-03-09", "08:59")
    assert office.open_tasks(mine) == []
    office.go_to("2026-03-09", "09:01")

    assert office.open_tasks(mine) == ["see"]
    assert office.variables(mine)["day"] == date(2026, 3, 10)
    assert office.variables(later)["day"] == "2026-03-05"


def test_an_appointment_of_the_other_half_of_the_day_stands(office: Office, packages: Path) -> None:
    visit(packages, DAY, "10:30")
    office.deploy("VISIT")
    office.file("VISIT")
    office.deploy_real("A3")

    office.close_on(DAY, "afternoon")

    assert office.variables(work(office))["affected"] == []


def test_a_diagram_that_asks_for_no_day_is_told_what_to_mend(
    office: Office, packages: Path
) -> None:
    steps = '<startEvent id="start"/>' + service_task(
        "find", "appointment.find", day="&quot;soon&quot;"
    )
    process = diagram("ASKS", steps + '<endEvent id="end"/>' + flows("start>find", "find>end"))
    write_package(packages, "ASKS", process)
    office.deploy("ASKS")

    case = office.file("ASKS")

    (incident,) = office.rows(tables.incidents, case)
    assert "mend the task find" in incident.message
