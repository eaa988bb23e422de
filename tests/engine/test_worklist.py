"""The worklist: whose turn it is, in order, a page at a time, one query each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, event, insert, text

from engine import queries
from engine.actors import Actor
from engine.errors import Rejected
from engine.queries import Tab, WorklistFilter
from store import tables
from store.database import Database
from tests.engine.rows import (
    NOW,
    OFFICE,
    a_case,
    a_definition,
    a_task,
    an_office,
    an_officer,
)

HOUR = timedelta(hours=1)


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    with db.transaction() as connection:
        an_office(connection)
        yield connection


@pytest.fixture
def lin(tx: Connection) -> Actor:
    return an_officer(tx, "林示範", ("counter", "reviewer"))


@pytest.fixture
def case_id(tx: Connection) -> UUID:
    return a_case(tx, a_definition(tx), "KHFS-115-00001")


def listed(tx: Connection, actor: Actor, tab: Tab = Tab.GROUP, **wanted: Any) -> list[UUID]:
    page = queries.worklist(tx, actor, WorklistFilter(tab, **wanted), None, 100, NOW)
    assert page.next_cursor is None
    return [row.task_id for row in page.rows]


def claimed(actor: Actor, **columns: Any) -> dict[str, Any]:
    return {
        "status": "claimed",
        "assignee_id": actor.person_id,
        "claimed_at": NOW,
        **columns,
    }


# --- tabs ---------------------------------------------------------------------------------------


def test_each_tab_shows_what_it_says(tx: Connection, lin: Actor, case_id: UUID) -> None:
    chen = an_officer(tx, "陳示範", ("counter",))
    mine = a_task(tx, case_id, **claimed(lin))
    a_task(tx, case_id, **claimed(chen))
    free = a_task(tx, case_id, ("reviewer",))
    a_task(tx, case_id, ("director",))
    a_task(tx, case_id, status="cancelled")
    waiting = a_task(tx, case_id, wait=True)
    waiting_mine = a_task(tx, case_id, wait=True, priority=60, **claimed(lin))
    a_task(tx, case_id, ("director",), wait=True)
    returned = a_task(tx, case_id, returned=True, **claimed(lin, priority=40))

    assert listed(tx, lin, Tab.MINE) == [mine, returned]
    assert listed(tx, lin, Tab.GROUP) == [free]
    assert listed(tx, lin, Tab.WAITING) == [waiting_mine, waiting]
    assert listed(tx, lin, Tab.RETURNED) == [returned]


def test_the_figures_on_the_tabs_are_those_of_the_lists(
    tx: Connection, lin: Actor, case_id: UUID
) -> None:
    for at in range(7):
        a_task(tx, case_id, wait=at % 2 == 0, returned=at % 3 == 0)
        a_task(tx, case_id, wait=at % 3 == 0, **claimed(lin))
    tx.execute(
        insert(tables.person_notices).values(
            id=case_id,
            office_id=OFFICE,
            person_id=lin.person_id,
            kind="overdue",
            detail={},
            created_at=NOW,
        )
    )

    figures = queries.counts(tx, lin)

    tabs = (Tab.MINE, Tab.GROUP, Tab.WAITING, Tab.RETURNED)
    lengths = [len(listed(tx, lin, tab)) for tab in tabs]
    assert [figures.mine, figures.group, figures.waiting, figures.returned] == lengths
    assert all(lengths)
    assert figures.unread == 1


def test_another_office_sees_nothing(tx: Connection, case_id: UUID) -> None:
    an_office(tx, "kh-lingya")
    stranger = an_officer(tx, "外所", ("counter", "reviewer"), "kh-lingya")
    a_task(tx, case_id, **claimed(stranger))
    a_task(tx, case_id)
    a_task(tx, case_id, wait=True)
    a_task(tx, case_id, returned=True)

    assert [row for tab in Tab for row in listed(tx, stranger, tab)] == []
    assert queries.counts(tx, stranger) == queries.Counts(0, 0, 0, 0, 0)


def test_the_list_can_be_narrowed(tx: Connection, lin: Actor, case_id: UUID) -> None:
    other = a_case(tx, a_definition(tx, version=2), "KHFS-115-00_2", package_id="P08")
    one = a_task(tx, case_id, element_id="enter")
    two = a_task(tx, other)

    assert listed(tx, lin, package_id="P08") == [two]
    assert listed(tx, lin, element_id="enter") == [one]
    assert listed(tx, lin, number="KHFS-115-00001") == [one]
    assert listed(tx, lin, number="KHFS-115-00_") == [two]  # signs of patterns are plain text
    assert listed(tx, lin, number="%") == []


# --- order and pages ----------------------------------------------------------------------------


def test_the_most_urgent_comes_first(tx: Connection, lin: Actor, case_id: UUID) -> None:
    late = a_task(tx, case_id, urgent_at=NOW - HOUR)
    soon = a_task(tx, case_id, urgent_at=NOW + HOUR)
    never = a_task(tx, case_id, urgent_at=None)
    never_younger = a_task(tx, case_id, urgent_at=None, created_at=NOW + HOUR)
    first = a_task(tx, case_id, priority=90, urgent_at=None)
    last = a_task(tx, case_id, priority=10, urgent_at=NOW - 9 * HOUR)

    assert listed(tx, lin) == [first, late, soon, never, never_younger, last]


def test_pages_follow_each_other_without_gap_or_double(
    tx: Connection, lin: Actor, case_id: UUID
) -> None:
    for at in range(23):
        urgent = None if at % 3 == 0 else NOW + HOUR * (at % 4)
        a_task(tx, case_id, urgent_at=urgent, priority=50 + at % 2)
    whole = listed(tx, lin)

    found: list[UUID] = []
    cursor = None
    for _ in range(10):
        page = queries.worklist(tx, lin, WorklistFilter(Tab.GROUP), cursor, 5, NOW)
        found += [row.task_id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == whole
    assert len(set(found)) == 23


def test_what_was_claimed_meanwhile_moves_no_page(
    tx: Connection, lin: Actor, case_id: UUID
) -> None:
    tasks = [a_task(tx, case_id, urgent_at=NOW + HOUR * at) for at in range(6)]
    first = queries.worklist(tx, lin, WorklistFilter(Tab.GROUP), None, 3, NOW)

    tx.execute(
        tables.user_tasks.update()
        .where(tables.user_tasks.c.id.in_(tasks[:2]))
        .values(**claimed(lin))
    )

    second = queries.worklist(tx, lin, WorklistFilter(Tab.GROUP), first.next_cursor, 3, NOW)
    assert [row.task_id for row in second.rows] == tasks[3:]


@pytest.mark.parametrize("cursor", ["", "x", "WyJjYXNlcyJd", "é", "A" * 600, "bnVsbA", "W10"])
def test_a_cursor_of_another_list_is_refused(tx: Connection, lin: Actor, cursor: str) -> None:
    with pytest.raises(Rejected) as refused:
        queries.worklist(tx, lin, WorklistFilter(), cursor, 10, NOW)

    assert refused.value.code == "cursor.invalid"


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_a_page_has_a_bounded_size(tx: Connection, lin: Actor, limit: int) -> None:
    with pytest.raises(Rejected):
        queries.worklist(tx, lin, WorklistFilter(), None, limit, NOW)


# --- rows ---------------------------------------------------------------------------------------


def test_a_row_tells_what_a_list_shows(tx: Connection, lin: Actor, case_id: UUID) -> None:
    chen = an_officer(tx, "陳示範")
    a_task(
        tx,
        case_id,
        ("reviewer", "counter"),
        returned=True,
        outcomes=["approve", "return"],
        urgent_at=NOW,
        **claimed(lin),
    )

    [row] = queries.worklist(tx, lin, WorklistFilter(Tab.MINE), None, 10, NOW).rows

    assert (row.case_number, row.title.zh, row.subject_label) == (
        "KHFS-115-00001",
        "出生登記",
        "陳○安",
    )
    assert (row.name, row.assignee_name, row.returned) == ("後線複核", "林示範", True)
    assert row.groups == ("counter", "reviewer")
    assert row.outcomes == ("approve", "return")
    assert row.may_claim is not None
    assert row.may_claim.code == "user_task.already_yours"
    assert chen.name not in str(row)


def test_overdue_begins_at_the_due_instant(tx: Connection, lin: Actor, case_id: UUID) -> None:
    a_task(tx, case_id, urgent_at=NOW)

    def is_overdue(now: Any) -> bool:
        return queries.worklist(tx, lin, WorklistFilter(Tab.GROUP), None, 1, now).rows[0].overdue

    assert is_overdue(NOW)
    assert not is_overdue(NOW - timedelta(microseconds=1))


def test_who_recorded_sees_why_they_may_not_review(
    tx: Connection, lin: Actor, case_id: UUID
) -> None:
    a_task(tx, case_id, ("reviewer",), duty="review")
    a_task(tx, case_id, ("counter",), duty=None)
    tx.execute(
        insert(tables.case_duties).values(
            case_id=case_id, person_id=lin.person_id, duty="record", office_id=OFFICE, since=NOW
        )
    )

    rows = queries.worklist(tx, lin, WorklistFilter(Tab.GROUP), None, 10, NOW).rows

    refusals = {row.duty: row.may_claim for row in rows}
    assert refusals[None] is None
    assert refusals["review"] is not None
    assert refusals["review"].code == "duty.conflict"


# --- cost ---------------------------------------------------------------------------------------


@pytest.fixture
def statements(db: Database) -> list[str]:
    seen: list[str] = []
    event.listen(
        db.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: seen.append(statement),
    )
    return seen


@pytest.mark.parametrize("size", [1, 60])
def test_a_list_is_one_query_however_long(
    tx: Connection, lin: Actor, case_id: UUID, statements: list[str], size: int
) -> None:
    for _ in range(size):
        a_task(tx, case_id)

    for work in (
        lambda: queries.worklist(tx, lin, WorklistFilter(Tab.GROUP), None, 100, NOW),
        lambda: queries.counts(tx, lin),
        lambda: queries.cases(tx, lin, queries.CaseFilter(), None, 100, NOW),
        lambda: queries.incidents(tx, lin, queries.IncidentFilter(), None, 100),
        lambda: queries.definitions(tx, lin),
    ):
        statements.clear()
        work()
        assert len(statements) == 1


@pytest.mark.parametrize(
    "read",
    [
        *(
            pytest.param(
                lambda tx, actor, tab=tab: queries.worklist(
                    tx, actor, WorklistFilter(tab), None, 50, NOW
                ),
                id=tab,
            )
            for tab in Tab
        ),
        pytest.param(
            lambda tx, actor: queries.cases(
                tx, actor, queries.CaseFilter(status="active"), None, 50, NOW
            ),
            id="cases",
        ),
        pytest.param(
            lambda tx, actor: queries.incidents(tx, actor, queries.IncidentFilter(), None, 50),
            id="incidents",
        ),
    ],
)
def test_lists_read_their_tables_by_index(
    sqlite_url: str, read: Callable[[Connection, Actor], object]
) -> None:
    from store.database import open_database

    database = open_database(sqlite_url)
    seen: list[tuple[str, Any]] = []
    event.listen(
        database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, parameters, *_rest: seen.append((statement, parameters)),
    )
    with database.transaction() as tx:
        an_office(tx)
        actor = an_officer(tx)
        seen.clear()
        read(tx, actor)
        [(statement, parameters)] = seen
        plan = tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        assert tx.execute(text("SELECT 1")).scalar_one() == 1
    database.close()

    steps = [row[3] for row in plan]
    scans = [step for step in steps if step.startswith("SCAN") and step != "SCAN page"]
    assert scans == []
    first = next(step for step in steps if step.startswith("SEARCH"))
    assert "USING INDEX" in first or "USING COVERING INDEX" in first
