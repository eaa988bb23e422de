"""A queue too long for the counter, and somebody away: the work goes to whoever may do it (A4)."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine import absences
from engine.cases import Filed
from engine.errors import Forbidden
from sla.queues import Watch
from store import tables
from tests.support.office import Office
from tests.support.packages import diagram, flows, service_task, user_task, write_package

STEPS = '<startEvent id="start"/>{steps}<endEvent id="end"/>' + flows("start>enter", "enter>end")


@pytest.fixture
def busy(office: Office, packages: Path) -> Office:
    """An office that is open, has deployed A4, and takes two tasks at the counter for many."""
    steps = STEPS.format(steps=user_task("enter", duty="record"))
    write_package(packages, "ENTRY", diagram("ENTRY", steps))
    office.deploy("ENTRY")
    office.deploy_real("A4")
    office.choose("queue.counter_most", 2)
    office.go_to("2026-03-03", "10:00")
    return office


def reassignments(office: Office) -> list[Filed]:
    """The cases of A4, the first filed first."""
    found = [row for row in office.rows(tables.cases) if row.package_id == "A4"]
    found.sort(key=lambda row: row.filed_at)
    return [Filed(row.id, row.number, "") for row in found]


def watch(office: Office) -> None:
    """Look at the queues as the beat does when a minute has gone by."""
    Watch().run(office.db, office.clock.now())


def groups_of(office: Office, case: Filed, element_id: str) -> set[str]:
    task = office.task(case, element_id)
    rows = office.rows(tables.user_task_groups)
    return {row.group_name for row in rows if row.task_id == task.id}


def test_a_queue_over_the_offices_number_asks_a_supervisor_once(busy: Office) -> None:
    for _ in range(2):
        busy.file("ENTRY")
    watch(busy)
    assert reassignments(busy) == []

    busy.file("ENTRY")
    watch(busy)
    watch(busy)

    (case,) = reassignments(busy)
    assert busy.open_tasks(case) == ["decide_support"]
    told = busy.variables(case)
    assert (told["queue_length"], told["queue_most"]) == (3, 2)


def test_the_back_office_takes_what_the_supervisor_opened_until_the_queue_fell(
    busy: Office,
) -> None:
    waiting = [busy.file("ENTRY") for _ in range(3)]
    with pytest.raises(Forbidden, match="is for counter"):
        busy.claim(waiting[0], "enter", "reviewer Wu")
    watch(busy)
    (case,) = reassignments(busy)

    busy.complete(case, "decide_support", "chief Wang", outcome="open")

    assert busy.variables(case)["opened"] == 3
    assert groups_of(busy, waiting[0], "enter") == {"counter", "reviewer", "records", "data"}
    for each in waiting[:2]:
        busy.complete(each, "enter", "reviewer Wu")
    watch(busy)
    busy.do_due()
    assert busy.open_tasks(case) == []
    assert busy.variables(case)["result"] == "supported"
    (opened,) = [
        row for row in busy.rows(tables.history, waiting[2]) if row.action == "user_task.opened"
    ]
    assert opened.detail["number"] == case.number


def test_nobody_is_asked_at_night(busy: Office) -> None:
    for _ in range(3):
        busy.file("ENTRY")

    busy.go_to("2026-03-03", "21:00")
    watch(busy)

    assert reassignments(busy) == []


def test_an_office_without_a_number_is_never_asked(office: Office) -> None:
    office.deploy_real("A4")
    office.choose("queue.counter_most", 0)
    for _ in range(3):
        office.file("CLOCKED")

    watch(office)

    assert reassignments(office) == []


def test_leave_hands_what_was_claimed_to_the_deputy_and_the_rest_to_a_supervisor(
    busy: Office, packages: Path
) -> None:
    steps = STEPS.format(steps=user_task("enter", groups="records"))
    write_package(packages, "FILES", diagram("FILES", steps))
    busy.deploy("FILES")
    away, deputy = busy.join("counter Lin", "records"), busy.person("counter Xu")
    for_deputy, for_records = busy.file("ENTRY"), busy.file("FILES")
    for each in (for_deputy, for_records):
        busy.claim(each, "enter", "counter Lin")

    set_leave(busy, date(2026, 3, 4), date(2026, 3, 5), deputy.person_id)
    assert busy.task(for_deputy, "enter").assignee_id == away.person_id
    busy.go_to("2026-03-04", "08:00")

    assert busy.task(for_deputy, "enter").assignee_id == deputy.person_id
    assert busy.task(for_records, "enter").assignee_id == away.person_id
    (case,) = reassignments(busy)
    assert busy.open_tasks(case) == ["assign_left"]
    told = busy.variables(case)
    assert (told["handed"], told["left"]) == (1, 1)
    busy.complete(case, "assign_left", "chief Wang", values={"rest_note": "改由檔案課"})
    busy.claim(busy.file("ENTRY"), "enter", "counter Lin")
    busy.go_to("2026-03-05", "08:00")
    assert busy.variables(case)["handed"] == 1


def test_leave_that_was_taken_back_moves_nothing(busy: Office) -> None:
    case_of_lin = busy.file("ENTRY")
    busy.claim(case_of_lin, "enter", "counter Lin")
    absence = set_leave(
        busy, date(2026, 3, 4), date(2026, 3, 4), busy.person("counter Xu").person_id
    )
    with busy.db.transaction() as tx:
        absences.end_absence(tx, absence, busy.person("counter Lin"), busy.clock.now())

    busy.go_to("2026-03-04", "08:00")

    assert busy.task(case_of_lin, "enter").assignee_id == busy.person("counter Lin").person_id
    assert busy.variables(reassignments(busy)[0])["result"] == "deputised"


def test_a_deputy_is_not_given_what_duties_keep_apart(busy: Office, packages: Path) -> None:
    steps = (
        '<startEvent id="start"/>'
        + user_task("enter", duty="record")
        + user_task("check", groups="reviewer", duty="review")
        + '<endEvent id="end"/>'
        + flows("start>enter", "enter>check", "check>end")
    )
    write_package(packages, "APART", diagram("APART", steps))
    busy.deploy("APART")
    deputy = busy.join("counter Xu", "reviewer")
    case = busy.file("APART")
    busy.complete(case, "enter", "counter Xu")
    busy.claim(case, "check", "reviewer Wu")

    set_leave(busy, date(2026, 3, 3), date(2026, 3, 3), deputy.person_id, "reviewer Wu")
    busy.do_due()

    assert busy.task(case, "check").assignee_id == busy.person("reviewer Wu").person_id
    assert busy.open_tasks(reassignments(busy)[0]) == ["assign_left"]


def test_a_name_that_nobody_has_is_an_incident_that_says_so(busy: Office) -> None:
    days = {"first_day": "2026-03-03", "last_day": "2026-03-03"}
    case = busy.file("A4", values={"matter": "absence", "absent_name": "無此人", **days}, data={})
    busy.do_due()

    (incident,) = busy.rows(tables.incidents, case)
    assert "0 are called “無此人”" in incident.message


def test_a_group_that_works_on_no_cases_is_no_help(office: Office, packages: Path) -> None:
    given = {"group": "&quot;counter&quot;", "to": "[&quot;analyst&quot;]"}
    asked = service_task("open", "queue.open", **given)
    steps = '<startEvent id="start"/>' + asked + '<endEvent id="end"/>'
    write_package(packages, "ASKS", diagram("ASKS", steps + flows("start>open", "open>end")))
    office.deploy("ASKS")

    case = office.file("ASKS")

    (incident,) = office.rows(tables.incidents, case)
    assert "Expected a group as the input 'group' of open" in incident.message


def set_leave(
    office: Office, first: date, last: date, deputy: Any, who: str = "counter Lin"
) -> Any:
    actor = office.person(who)
    absence = absences.Absence(actor.person_id, first, last, deputy)  # type: ignore[arg-type]  # a person
    with office.db.transaction() as tx:
        return absences.set_absence(tx, absence, actor, office.clock.now())
