"""What the desk counts is what it lists, in any office: tabs, strip, menu, page by page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, update

from engine.actors import Actor
from engine.clock import legal_day
from sla import overdue, overdue_desk, overdue_views
from sla.overdue_desk import Page
from sla.overdue_views import Place, View
from store import tables
from tests.support.factories import OFFICE
from tests.support.office import Office

HOUR = timedelta(hours=1)
# Status, whose, hours until it ends: around now, today's midnight and seven days from now.
limits = st.tuples(
    st.sampled_from(["running", "running", "running", "paused", "met"]),
    st.sampled_from(["office", "applicant"]),
    st.sampled_from([-200, -30, -1, 0, 1, 6, 30, 167, 168, 169, 400]),
)
AWAY, OURS, BOTH = "counter Away", "counter Ours", "counter Both"
"""Who may have a case's work: somebody on leave, of the chief's section, or both; or nobody."""
held = st.tuples(
    st.sampled_from([None, AWAY, OURS, BOTH]), st.lists(limits, min_size=1, max_size=4)
)
offices = st.lists(held, max_size=7)


class _Undo(Exception):
    """Leave the transaction without keeping anything."""


@pytest.fixture
def pattern(office: Office) -> tuple[Any, ...]:
    """Rows to copy: a case, its clock, the ledger's first entry and a task. The case itself is
    under no limit any more. Two of the staff are on leave, two are of the chief's section."""
    case = office.file("CLOCKED")
    row = dict(office.rows(tables.cases)[0]._mapping)
    clock, entry = dict(office.clock_of(case)._mapping), dict(office.ledger(case)[0]._mapping)
    office.claim(case, "check", by=OURS)
    task = dict(office.task(case, "check")._mapping)
    day = legal_day(office.clock.now())
    away = [office.person(name).person_id for name in (AWAY, BOTH)]
    section = [office.person(name).person_id for name in (OURS, BOTH, "chief Wu")]
    with office.db.transaction() as tx:
        for table in (tables.rungs, tables.clock_entries, tables.clocks):
            tx.execute(delete(table))
        ours = update(tables.persons).where(tables.persons.c.id.in_(section))
        tx.execute(ours.values(section="戶籍課"))
        for person_id in away:
            leave = {"id": uuid4(), "office_id": OFFICE, "person_id": person_id}
            days = {"first_day": day, "last_day": day}
            tx.execute(insert(tables.absences), {**leave, **days})
    return office, row, clock, entry, task


def _fill(tx: Connection, pattern: Any, drawn: Any, now: datetime) -> None:
    office, case, clock, entry, task = pattern
    for number, (holder, of_case) in enumerate(drawn):
        case_id = uuid4()
        new = {"id": case_id, "number": f"X-{number}", "status_code_hash": None}
        tx.execute(insert(tables.cases), {**case, **new})
        if holder is not None:
            person_id = office.person(holder).person_id
            work = {"id": uuid4(), "case_id": case_id, "assignee_id": person_id}
            tx.execute(insert(tables.user_tasks), {**task, **work})
        for at, (status, party, hours) in enumerate(of_case):
            due_at = None if status == "paused" else now + hours * HOUR
            row = {
                "id": uuid4(),
                "case_id": case_id,
                "name": f"limit{at}",
                "status": status,
                "party": party if status != "paused" else "office",
                "due_at": due_at,
                "due_on": None if due_at is None else (due_at + 7 * HOUR).date(),
                "met_at": now if status == "met" else None,
            }
            tx.execute(insert(tables.clocks), {**clock, **row})
            tx.execute(insert(tables.clock_entries), {**entry, "clock_id": row["id"]})


def _listed(tx: Connection, actor: Actor, now: datetime, view: View) -> list[UUID]:
    seen: list[UUID] = []
    place: Place | None = None
    while True:
        page = overdue_desk.desk(tx, actor, now, view, Page(place, limit=2))
        seen += [line.case_id for line in page.lines]
        place = page.next_place
        if place is None:
            return seen


def _agrees(tx: Connection, actor: Actor, now: datetime) -> None:
    lists = {view: _listed(tx, actor, now, view) for view in View}
    tabs = overdue_views.tab_counts(tx, actor, now)
    strip = overdue_views.strip(tx, actor, now, tabs)

    for view, listed in lists.items():
        assert len(listed) == len(set(listed)), view
        assert (tabs[view].number, tabs[view].is_least) == (len(listed), False), view
    assert set(lists[View.OFFICE]) | set(lists[View.APPLICANT]) == set(lists[View.OVERDUE])
    assert not set(lists[View.OFFICE]) & set(lists[View.APPLICANT])
    assert lists[View.OVERDUE] == lists[View.OFFICE] + lists[View.APPLICANT]
    assert strip == overdue.counts(tx, actor, now)
    late = {view: set(lists[view]) for view in (View.OVERDUE, View.SECTION, View.LEAVE)}
    assert late[View.SECTION] | late[View.LEAVE] <= late[View.OVERDUE]
    assert overdue.overdue_count(tx, actor, now) == tabs[View.OFFICE].number


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=offices)
def test_every_figure_is_the_length_of_its_list(pattern: Any, drawn: Any) -> None:
    office: Office = pattern[0]
    chief, now = office.person("chief Wu"), office.clock.now()

    def fill_and_look(tx: Connection) -> None:
        _fill(tx, pattern, drawn, now)
        _agrees(tx, chief, now)
        raise _Undo

    with pytest.raises(_Undo), office.db.transaction() as tx:
        fill_and_look(tx)
