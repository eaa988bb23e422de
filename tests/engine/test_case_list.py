"""Lists of cases: scoped, found by hashes, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert

from engine import keys, queries
from engine.actors import Actor
from engine.keyring import Keyring
from engine.queries import CaseFilter
from store import tables
from store.database import Database
from tests.engine.rows import NOW, OFFICE, a_case, a_definition, a_task, an_office, an_officer

OTHER = "kh-lingya"


@pytest.fixture
def tx(db: Database) -> Iterator[Connection]:
    keys.use(Keyring.for_demo())
    with db.transaction() as connection:
        an_office(connection)
        an_office(connection, OTHER)
        yield connection


@pytest.fixture
def lin(tx: Connection) -> Actor:
    return an_officer(tx)


@pytest.fixture
def version(tx: Connection) -> UUID:
    return a_definition(tx)


def numbers(tx: Connection, actor: Actor, **wanted: Any) -> list[str]:
    page = queries.cases(tx, actor, CaseFilter(**wanted), None, 100, NOW)
    return [row.number for row in page.rows]


def test_the_newest_case_of_the_office_comes_first(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    for day in range(3):
        a_case(tx, version, f"A-{day}", filed_at=NOW + timedelta(days=day))
    a_case(tx, version, "B-0", OTHER)

    assert numbers(tx, lin) == ["A-2", "A-1", "A-0"]
    assert numbers(tx, an_officer(tx, office_id=OTHER)) == ["B-0"]


def test_cases_are_found_by_state_package_and_time(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    a_case(tx, version, "A-1")
    a_case(tx, version, "A-2", status="closed", closed_at=NOW, outcome="registered")
    a_case(tx, version, "A-3", package_id="P08", filed_at=NOW + timedelta(days=1))

    assert numbers(tx, lin, status="closed") == ["A-2"]
    assert numbers(tx, lin, package_id="P08") == ["A-3"]
    assert numbers(tx, lin, filed_from=NOW + timedelta(hours=1)) == ["A-3"]
    assert set(numbers(tx, lin, filed_before=NOW + timedelta(hours=1))) == {"A-1", "A-2"}


def test_a_person_is_found_by_id_number_and_by_whole_name(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    hashes = {
        "subject_hash": keys.keyed_hash("id_number", "A123456789"),
        "name_hash": keys.keyed_hash("name", "陳大安"),
    }
    a_case(tx, version, "A-1", **hashes)
    a_case(tx, version, "B-1", OTHER, **hashes)

    assert numbers(tx, lin, id_number=" a123456789") == ["A-1"]
    assert numbers(tx, lin, name="陳大安 ") == ["A-1"]
    assert numbers(tx, lin, name="陳") == []
    assert numbers(tx, lin, id_number="A123456788") == []


def test_a_number_is_also_found_by_the_offices_it_concerns(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    a_case(tx, version, "B-1", OTHER, household_office_id=OFFICE)
    a_case(tx, version, "B-2", OTHER)

    assert numbers(tx, lin, number="B-1") == ["B-1"]
    assert numbers(tx, lin, number="B-2") == []
    assert numbers(tx, lin) == []


def test_a_row_tells_the_due_time_and_what_is_open(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    case_id = a_case(tx, version, "A-1")
    a_task(tx, case_id, name="登錄")
    a_task(tx, case_id, name="複核", status="cancelled")
    for name, due in (("processing", 3), ("statutory", 1)):
        tx.execute(
            insert(tables.clocks).values(
                id=uuid4(),
                office_id=OFFICE,
                case_id=case_id,
                name=name,
                rule_id="R",
                ladder={},
                status="running",
                started_at=NOW,
                started_on=NOW.date(),
                due_at=NOW + timedelta(days=due),
                calendar_known=NOW,
                explanation={},
            )
        )

    [row] = queries.cases(tx, lin, CaseFilter(), None, 10, NOW + timedelta(days=2)).rows

    assert row.due_at == NOW + timedelta(days=1)
    assert row.overdue
    assert row.open_tasks == ("登錄",)
    assert row.open_incidents == 0
    assert row.title.en == "Birth registration"


def test_pages_follow_each_other(tx: Connection, lin: Actor, version: UUID) -> None:
    for at in range(11):
        a_case(tx, version, f"A-{at}", filed_at=NOW + timedelta(minutes=at // 3))
    whole = numbers(tx, lin)

    found: list[str] = []
    cursor: str | None = None
    while True:
        page = queries.cases(tx, lin, CaseFilter(), cursor, 4, NOW)
        found += [row.number for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == whole
    assert len(set(found)) == 11


def test_incidents_are_listed_for_the_office_with_who_may_mend(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    case_id = a_case(tx, version, "A-1")
    for office, code in ((OFFICE, "feel.unknown-name"), (OTHER, "gateway.no-flow")):
        tx.execute(
            insert(tables.incidents).values(
                id=uuid4(),
                office_id=office,
                case_id=case_id,
                source="engine",
                code=code,
                message="Expected the name x",
                status="open",
                raised_at=NOW,
            )
        )
    chief = an_officer(tx, "課長", ("chief",))

    [row] = queries.incidents(tx, lin, queries.IncidentFilter(), None, 10).rows
    assert (row.case_number, row.code) == ("A-1", "feel.unknown-name")
    assert row.may_mend is not None
    [row] = queries.incidents(tx, chief, queries.IncidentFilter(), None, 10).rows
    assert row.may_mend is None
    assert queries.incidents(tx, chief, queries.IncidentFilter("resolved"), None, 10).rows == ()


def test_versions_of_the_office_and_of_those_above_are_listed(
    tx: Connection, version: UUID
) -> None:
    an_office(tx, "kaohsiung")
    tx.execute(
        tables.offices.update().where(tables.offices.c.id == OFFICE).values(parent_id="kaohsiung")
    )
    city = a_definition(tx, "kaohsiung", package_id="C01", state="active", deployed_at=NOW)
    a_definition(tx, OTHER, package_id="P30")
    newer = a_definition(tx, version=2, state="active")
    a_case(tx, newer, "A-1")
    a_case(tx, newer, "A-2", status="closed")

    rows = queries.definitions(tx, OFFICE)

    assert [row.id for row in rows] == [city, newer, version]
    assert [row.running for row in rows] == [0, 1, 0]
    assert queries.definitions(tx, "kaohsiung")[0].id == city
