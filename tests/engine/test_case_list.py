"""Lists of cases: scoped, found by hashes, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, update

from engine import keys, queries, search_terms, subjects
from engine.actors import Actor, system
from engine.case_list import DueBy
from engine.errors import Rejected
from engine.keyring import Keyring
from engine.manifests import Manifest, Text
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


def a_clock(tx: Connection, case_id: UUID, due_at: datetime, name: str = "processing") -> None:
    tx.execute(
        insert(tables.clocks).values(
            id=uuid4(),
            office_id=OFFICE,
            case_id=case_id,
            name=name,
            rule_id="PROC_WORKDAY",
            ladder={},
            status="running",
            started_at=NOW,
            started_on=NOW.date(),
            due_at=due_at,
            calendar_known=NOW,
            explanation={},
            version=1,
        )
    )


def known_as(tx: Connection, case_id: UUID, office_id: str, **data: Any) -> None:
    """Make a case findable by an applicant."""
    package = Manifest("P01", "P01", "registration", Text("", ""), Text("", ""), (), (), None, None,
                       "data.applicant.name", "data.applicant.id_number")  # fmt: skip
    subjects.enter(tx, office_id, case_id, package, {"applicant": data})


def test_a_person_is_found_by_id_number_birth_date_and_any_two_characters_of_the_name(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    chen = {"name": "陳大安", "id_number": "A123456789", "birth_date": date(1996, 3, 12)}
    known_as(tx, a_case(tx, version, "A-1"), OFFICE, **chen)
    known_as(tx, a_case(tx, version, "A-2"), OFFICE, name="Maria Lopez")
    known_as(tx, a_case(tx, version, "B-1", OTHER), OTHER, **chen)

    assert numbers(tx, lin, id_number=" a123456789") == ["A-1"]
    assert numbers(tx, lin, birth_date=date(1996, 3, 12)) == ["A-1"]
    for part in ("陳大安 ", "陳大", "大安"):
        assert numbers(tx, lin, name=part) == ["A-1"]
    for part in ("maria", "LOPEZ", "ope"):
        assert numbers(tx, lin, name=part) == ["A-2"]
    for part in ("陳", "陳安", "陳大文", "lo"):
        assert numbers(tx, lin, name=part) == []
    assert numbers(tx, lin, name="大安", birth_date=date(1996, 3, 13)) == []
    assert numbers(tx, lin, name="大安", status="closed") == []
    assert numbers(tx, lin, id_number="A123456788") == []


def test_terms_of_two_offices_have_nothing_in_common() -> None:
    keys.use(Keyring.for_demo())

    ours, theirs = (set(search_terms.terms_for_name(each, "陳大安")) for each in (OFFICE, OTHER))

    assert len(ours) == len(theirs) == 2
    assert not ours & theirs


def test_found_cases_come_page_by_page_the_newest_first(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    for day in range(5):
        case_id = a_case(tx, version, f"A-{day}", filed_at=NOW + timedelta(days=day))
        known_as(tx, case_id, OFFICE, name="陳大安")

    wanted, cursor, seen = CaseFilter(name="大安"), None, []
    for _ in range(3):
        page = queries.cases(tx, lin, wanted, cursor, 2, NOW)
        seen.append([row.number for row in page.rows])
        cursor = page.next_cursor

    assert seen == [["A-4", "A-3"], ["A-2", "A-1"], ["A-0"]]
    assert cursor is None


def test_cases_are_listed_by_how_near_they_are_due(
    tx: Connection, lin: Actor, version: UUID
) -> None:
    for number, days in (("late", -2), ("later", -5), ("today", 0), ("soon", 3), ("far", 30)):
        a_clock(tx, a_case(tx, version, number), NOW + timedelta(days=days, hours=2))
    both = a_case(tx, version, "both")
    a_clock(tx, both, NOW - timedelta(days=9), name="statutory")
    a_clock(tx, both, NOW - timedelta(days=3))

    assert numbers(tx, lin, due_by=DueBy.OVERDUE) == ["both", "later", "late"]
    assert numbers(tx, lin, due_by=DueBy.TODAY) == ["today"]
    assert numbers(tx, lin, due_by=DueBy.WEEK) == ["today", "soon"]
    first = queries.cases(tx, lin, CaseFilter(due_by=DueBy.OVERDUE), None, 2, NOW)
    rest = queries.cases(tx, lin, CaseFilter(due_by=DueBy.OVERDUE), first.next_cursor, 2, NOW)
    assert [row.number for row in rest.rows] == ["late"]


def test_only_offices_below_are_searched_and_only_by_those_who_may(
    tx: Connection, version: UUID
) -> None:
    tx.execute(update(tables.offices).where(tables.offices.c.id == OTHER).values(parent_id=OFFICE))
    a_case(tx, version, "B-1", OTHER)
    auditor = an_officer(tx, groups=frozenset({"auditor"}))
    clerk = an_officer(tx)
    stranger = an_officer(tx, office_id=OTHER, groups=frozenset({"auditor"}))

    assert numbers(tx, auditor, office_id=OTHER) == ["B-1"]
    for who, office in ((clerk, OTHER), (stranger, OFFICE)):
        with pytest.raises(Rejected, match="no such office below"):
            numbers(tx, who, office_id=office)


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

    rows = queries.definitions(tx, system(OFFICE))

    assert [row.id for row in rows] == [city, newer, version]
    assert [row.running for row in rows] == [0, 1, 0]
    assert queries.definitions(tx, system("kaohsiung"))[0].id == city
