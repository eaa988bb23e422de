"""Statements compiled once: they find what plain ones find, on both databases."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Connection, bindparam, insert, select, type_coerce, update

from store.column_types import PlainInstant, PlainUuid, plainly
from store.database import Database, open_database
from store.partial import among
from store.prepared import Listed, Prepared
from store.tables import history, jobs, offices, timers

AT = datetime(2026, 3, 2, 1, 0, 0, 7, tzinfo=UTC)
ONE, TWO, THREE = (UUID(int=number) for number in (1, 2, 3))


@pytest.fixture
def tx(db: Database) -> Any:
    with db.transaction() as tx:
        named = {"id": "o", "code": "O", "name_zh": "甲", "name_en": "A", "city": "x"}
        tx.execute(offices.insert(), {**named, "created_at": AT})
        rows = [(ONE, "waiting"), (TWO, "waiting"), (THREE, "done")]
        tx.execute(insert(jobs), [_job(*row) for row in rows])
        yield tx


def _job(job_id: UUID, status: str) -> dict[str, Any]:
    return {
        "id": job_id,
        "office_id": "o",
        "kind": "it's 100 % {odd}",
        "payload": {},
        "due_at": AT,
        "status": status,
        "created_at": AT,
        "fence": 0,
        "attempts": 0,
    }


def test_words_and_numbers_stand_in_the_text_and_what_is_given_does_not(tx: Connection) -> None:
    of_kind = (
        select(jobs.c.id)
        .where(
            jobs.c.kind == "it's 100 % {odd}",
            jobs.c.status == "waiting",
            jobs.c.attempts < 4,
            jobs.c.due_at <= bindparam("now"),
        )
        .order_by(jobs.c.id)
        .limit(1)
    )

    prepared = Prepared(of_kind)
    found = prepared.all(tx, {"now": AT})

    assert [row.id for row in found] == [ONE]
    (compiled,) = prepared._compiled.values()
    assert "status = 'waiting'" in compiled.sql
    assert "attempts < 4" in compiled.sql
    assert [name for name in compiled._names if name == "now"] == ["now"]
    assert not any("waiting" in str(given) for given in compiled._given)


def test_sqlite_takes_the_partial_index_without_looking_at_what_is_given(sqlite_url: str) -> None:
    earliest = Prepared(
        select(timers.c.due_at)
        .where(timers.c.status == "waiting")
        .order_by(timers.c.due_at)
        .limit(1)
    )
    with closing(open_database(sqlite_url)) as db, db.transaction(read_only=True) as tx:
        earliest.all(tx, {})
        (compiled,) = earliest._compiled.values()
        explain = f"EXPLAIN QUERY PLAN {compiled.sql}"
        plan = [row.detail for row in tx.exec_driver_sql(explain, compiled.parameters({}))]

    assert len(plan) == 1
    assert "ix_timers_due" in plan[0]


def test_an_update_changes_what_its_words_name(tx: Connection) -> None:
    end = Prepared(
        update(jobs)
        .where(jobs.c.id == bindparam("job"), jobs.c.status == "waiting")
        .values(status="failed", attempts=jobs.c.attempts + 1, ended_at=bindparam("now"))
    )

    assert end.run(tx, {"job": ONE, "now": AT}) == 1
    assert end.run(tx, {"job": ONE, "now": AT}) == 0
    row = tx.execute(select(jobs).where(jobs.c.id == ONE)).one()
    assert (row.status, row.attempts, row.ended_at) == ("failed", 1, AT)


@pytest.mark.parametrize(
    "listed",
    [
        [],
        [ONE],
        [ONE, TWO],
        [THREE, TWO, ONE],
        [ONE] * 9 + [TWO],
        [UUID(int=9)],
        [ONE, *(UUID(int=number) for number in range(10, 2_600)), TWO],  # in pieces
    ],
    ids=len,
)
def test_a_list_of_any_length_finds_what_is_in_it(tx: Connection, listed: list[UUID]) -> None:
    waiting = Listed(
        jobs.c.id, select(jobs.c.id).where(jobs.c.status == bindparam("status")).order_by(jobs.c.id)
    )

    found = [row.id for row in waiting.all(tx, listed, {"status": "waiting"})]

    assert found == sorted({ONE, TWO} & set(listed))


def test_words_of_the_program_are_no_place_for_signs(tx: Connection) -> None:
    with pytest.raises(ValueError, match="Expected words of letters"):
        among(jobs.c.status, "waiting", "x' OR 'a' = 'a")

    assert tx.execute(select(jobs.c.id).where(among(jobs.c.status))).all() == []


def test_plain_rows_say_what_objects_would(tx: Connection) -> None:
    plain = Prepared(select(*plainly(jobs)).where(jobs.c.id == bindparam("job")))
    row = plain.first(tx, {"job": TWO})
    told = select(type_coerce(jobs.c.id, PlainUuid), type_coerce(jobs.c.due_at, PlainInstant))

    assert (row.id, row.due_at) == (str(TWO), "2026-03-02T01:00:00.000007+00:00")
    assert row.case_id is None
    assert tx.execute(told.where(jobs.c.id == TWO)).one() == (row.id, row.due_at)
    assert [each.name for each in plainly(history)] == history.c.keys()
