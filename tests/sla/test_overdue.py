"""The overdue desk: few statements however many rows, by index, and only one's own office."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, insert, text

from sla import overdue
from store import tables
from store.database import Database
from tests.support.factories import an_office, an_officer
from tests.support.office import Office, taipei


def queue(office: Office, which: str = "overdue", **more: Any) -> list[overdue.OverdueRow]:
    chief = office.person("chief Wu")
    with office.db.transaction(read_only=True) as tx:
        return overdue.queue(tx, chief, office.clock.now(), which=which, **more)


def counted(office: Office) -> overdue.Counts:
    chief = office.person("chief Wu")
    with office.db.transaction(read_only=True) as tx:
        return overdue.counts(tx, chief, office.clock.now())


def test_a_row_says_why_where_and_what_may_still_be_done(office: Office) -> None:
    case = office.file("CLOCKED")
    office.claim(case, "check", by="counter Lin")
    office.go_to("2026-03-09", "10:00")

    (row,) = queue(office)

    assert (row.case_number, row.clock, row.overdue) == (case.number, "processing", True)
    assert row.late_days == 2  # Friday and Monday
    assert [(task.name, task.assignee) for task in row.tasks] == [("Task check", "counter Lin")]
    assert [rung.at_point for rung in row.rungs] == ["0.5", "0.8", "due", "due+1wd"]
    assert row.may_extend == "clock.expired"


def test_the_three_views_and_their_counts(office: Office) -> None:
    late = office.file("CLOCKED")
    office.clock.move(timedelta(days=4))
    soon, resting = office.file("CLOCKED"), office.file("CLOCKED")
    office.complete(resting, "check", by="counter Lin", outcome="missing")

    assert [row.case_id for row in queue(office)] == [late.id]
    assert queue(office, "upcoming") == []  # it ends in five days, but its aim is ahead
    assert [row.case_id for row in queue(office, "paused")] == [resting.id]
    assert counted(office) == overdue.Counts(1, 1, 0, due_today=0, soon=0, paused=1)
    office.go_to("2026-03-11", "16:00")
    assert [row.case_id for row in queue(office, "upcoming")] == [soon.id]
    assert counted(office) == overdue.Counts(1, 1, 0, due_today=1, soon=1, paused=1)


def test_pages_follow_one_another_without_gap_or_repeat(office: Office) -> None:
    filed = {office.file("CLOCKED").id for _ in range(7)}
    office.clock.move(timedelta(days=10))

    seen, after = [], None
    while page := queue(office, limit=3, after=after):
        seen += [row.case_id for row in page]
        after = (page[-1].due_at, page[-1].clock_id)

    assert len(seen) == 7
    assert set(seen) == filed


def test_another_office_sees_none_of_it(office: Office) -> None:
    office.file("CLOCKED")
    office.clock.move(timedelta(days=10))
    with office.db.transaction() as tx:
        an_office(tx, "kh-zuoying")
        stranger = an_officer(tx, "chief Ho", ("chief",), "kh-zuoying")

    with office.db.transaction(read_only=True) as tx:
        assert overdue.queue(tx, stranger, office.clock.now()) == []
        assert overdue.counts(tx, stranger, office.clock.now()).overdue == 0


def test_the_statements_do_not_grow_with_the_rows(office: Office) -> None:
    for _ in range(30):
        office.file("CLOCKED")
    office.clock.move(timedelta(days=10))
    queue(office)
    statements: list[str] = []
    event.listen(
        office.db.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )

    assert len(queue(office)) == 30

    reads = [each for each in statements if each.lstrip().startswith(("SELECT", "WITH"))]
    assert len(reads) <= 9, reads


@pytest.fixture
def many(office: Office) -> Office:
    """Ten thousand clocks, one in a hundred of them overdue."""
    case = office.file("CLOCKED")
    clock = office.clock_of(case)._mapping
    soon, late = taipei("2026-12-01"), taipei("2026-03-06")
    rows = [
        {
            **clock,
            "id": uuid4(),
            "name": f"clock {number}",
            "due_at": late if number % 100 == 0 else soon,
            "due_on": date(2026, 3, 5),
        }
        for number in range(10_000)
    ]
    entry = office.ledger(case)[0]._mapping
    entries = [{**entry, "clock_id": row["id"]} for row in rows]
    with office.db.transaction() as tx:
        tx.execute(insert(tables.clocks), rows)
        tx.execute(insert(tables.clock_entries), entries)
    with office.db.transaction() as tx:
        tx.execute(text("ANALYZE"))
    office.clock.move_to(taipei("2026-03-10"))
    return office


def test_the_queue_is_read_by_index_among_ten_thousand(many: Office) -> None:
    plans: list[str] = []

    def explained(connection: Any, cursor: Any, statement: str, given: Any, *_more: Any) -> None:
        if "FROM clocks JOIN cases" in statement.replace("\n", " "):
            plans.append(_plan(many.db, statement, given))

    event.listen(many.db.engine, "before_cursor_execute", explained)
    rows = queue(many, limit=50)

    assert len(rows) == 50
    assert plans
    assert "ix_clocks_running" in plans[0], plans[0]


def _plan(db: Database, statement: str, given: Any) -> str:
    explain = "EXPLAIN " if db.is_postgresql else "EXPLAIN QUERY PLAN "
    raw = db.engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(explain + statement, given)
        return "\n".join(str(row) for row in cursor.fetchall())
    finally:
        raw.rollback()
        raw.close()
