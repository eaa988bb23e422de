"""A confidential case is seen by who filed it, the chief and the director, and by nobody else."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest

from engine import case_links, case_rows, citizen_status, diagrams, queries, timer_list
from engine.cases import Filed
from engine.errors import Forbidden, NotFound
from engine.packages import load_library
from engine.queries import CaseFilter, Tab, WorklistFilter
from sla import chase, closure_previews, overdue, overdue_desk
from sla.calendar_edits import Change
from store import tables
from tests.support.agencies import RecordingTransport
from tests.support.factories import OFFICE
from tests.support.office import LIBRARY, Office

CHILD = {
    "child": {"name": "王小測", "id_number": "A123456789", "address": "示範市東區示範路7號"},
    "report": {"facts": "臂部多處瘀傷", "noticed_at": "櫃檯"},
}
ABUSE = {"risk_kind": "protection", "in_danger": True}
SEES, DOES_NOT = (
    ("counter Lin", "chief Wang", "director Wu"),
    ("counter Ho", "reviewer Chen", "secretary Mo"),
)


@pytest.fixture
def report(office: Office) -> Filed:
    office.deploy_real("A1")
    for name in (*SEES, *DOES_NOT):
        office.person(name)
    return office.file("A1", "counter Lin", ABUSE, CHILD)


@pytest.mark.parametrize("name", SEES)
def test_who_filed_it_and_who_is_in_charge_see_it(office: Office, report: Filed, name: str) -> None:
    actor, now = office.person(name), office.clock.now()
    with office.db.transaction() as tx:
        assert queries.case_view(tx, report.id, actor, now).row.number == report.number
        assert diagrams.diagram_state(tx, report.id, actor).process_id == "A1"
    assert listed(office, name, now) == [report.number]


@pytest.mark.parametrize("name", DOES_NOT)
def test_for_everybody_else_there_is_no_such_case(office: Office, report: Filed, name: str) -> None:
    actor, now = office.person(name), office.clock.now()
    with office.db.transaction() as tx:
        with pytest.raises(NotFound):
            queries.case_view(tx, report.id, actor, now)
        with pytest.raises(NotFound):
            diagrams.diagram_state(tx, report.id, actor)
        with pytest.raises(NotFound):
            case_rows.load(tx, report.id, actor)
    assert listed(office, name, now) == []
    assert listed(office, name, now, number=report.number) == []
    assert listed(office, name, now, name="王小測") == []
    assert listed(office, name, now, id_number="A123456789") == []


def listed(office: Office, reader: str, now: datetime, **wanted: str) -> list[str]:
    with office.db.transaction() as tx:
        page = queries.cases(tx, office.person(reader), CaseFilter(**wanted), None, 50, now)
    return [row.number for row in page.rows]


def test_its_status_code_tells_the_public_nothing(office: Office, report: Filed) -> None:
    with office.db.transaction() as tx:
        assert citizen_status.standing(tx, report.status_code, "6789") is None


def test_a_case_of_the_same_child_does_not_tell_of_it(office: Office, report: Filed) -> None:
    again = office.file("A1", "chief Wang", ABUSE, CHILD)
    now = office.clock.now()
    with office.db.transaction() as tx:
        seen = [
            [row.case_id for row in case_links.of_same_person(tx, again.id, actor, now)]
            for actor in (office.person("director Wu"), office.person("counter Ho"))
        ]

    assert seen == [[report.id], []]


def test_neither_the_overdue_desk_nor_the_timers_tell_of_it(office: Office, report: Filed) -> None:
    office.go_to("2026-03-05", "12:00")
    now = office.clock.now()
    with office.db.transaction() as tx:
        late = [
            [row.case_id for row in overdue.queue(tx, office.person(name), now)]
            for name in ("chief Wang", "reviewer Chen")
        ]
        line = overdue_desk.one(tx, office.person("reviewer Chen"), report.id, now)
        timers = timer_list.timers_page(
            tx, office.person("reviewer Chen"), "waiting", None, 50, now
        )

    assert late == [[report.id], []]
    assert line is None
    assert timers.rows == ()


def test_an_edit_of_the_calendar_moves_its_limits_and_shows_them_to_nobody(
    office: Office, report: Filed
) -> None:
    office.send()
    office.answer(office.promises(report, "social_affairs")[0], "rejected", reason="格式")
    office.do_due()
    closed = Change(date(2026, 3, 3), "all", "颱風", "市府公告")
    before = office.due(report, "report_by_hand")

    with office.db.transaction(read_only=True) as tx:
        shown = closure_previews.preview(tx, OFFICE, closed, office.clock.now())
    office.close_on("2026-03-03")

    assert (shown.candidates, shown.moved) == (0, [])
    assert before is not None
    assert (office.due(report, "report_by_hand") or before) > before


def test_a_chase_of_it_is_as_confidential(office: Office, report: Filed) -> None:
    office.deploy_real("C13")
    office.go_to("2026-03-05", "12:00")
    with office.db.transaction() as tx:
        asked = chase.ask(tx, report.id, "何時？", office.person("chief Wang"), office.clock.now())
        office.person("reviewer Chen")
        with pytest.raises(NotFound):
            case_rows.load(tx, asked, office.person("reviewer Chen"))
        with pytest.raises(NotFound):
            chase.slip(tx, asked, office.person("secretary Mo"))
        assert chase.slip(tx, asked, office.person("chief Wang")).overdue_number == report.number

    assert offered(office, "counter Ho") == []
    told = {row.person_id for row in office.rows(tables.person_notices)}
    assert told <= {office.person(name).person_id for name in SEES}


def test_its_tasks_are_offered_to_the_chief_and_the_director_only(
    office: Office, report: Filed
) -> None:
    office.send()
    office.answer(office.promises(report, "social_affairs")[0])

    assert offered(office, "chief Wang") == [report.id]
    assert offered(office, "counter Ho") == []
    with pytest.raises((NotFound, Forbidden)):
        office.claim(report, "follow_up", "counter Ho")


def offered(office: Office, name: str) -> list[UUID]:
    with office.db.transaction() as tx:
        page = queries.worklist(
            tx,
            office.person(name),
            WorklistFilter(tab=Tab.WAITING),
            None,
            50,
            office.clock.now(),
        )
    return [row.case_id for row in page.rows]


def test_social_affairs_hears_of_the_child_and_not_who_reported_it(
    office: Office, report: Filed
) -> None:
    office.send()

    told = sent(office)

    assert "王小測" in str(told)
    assert "臂部多處瘀傷" in str(told)
    assert "counter Lin" not in str(told)


def sent(office: Office) -> Any:
    assert isinstance(office.transport, RecordingTransport)
    return office.transport.parcels[-1].body


def test_every_task_of_a_confidential_package_is_for_who_may_see_it() -> None:
    library = load_library(LIBRARY)
    kept = [each for each in library.packages.values() if each.manifest.confidential]

    assert [package.id for package in kept] == ["A1"]
    for package in kept:
        tasks = [each for each in library.definition(package).elements.values() if each.user]
        for task in tasks:
            assert task.user is not None
            assert set(task.user.candidate_groups) <= {"chief", "director"}, task.id
