"""A step of a case that somebody else has changed is refused as that, whatever it collides with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from store.database import Database
from store.step import StaleVersion, Step, write_step
from store.tables import cases, user_task_groups
from tests.support.driver import CaseDriver


@pytest.fixture
def filed(driver: CaseDriver) -> tuple[Any, dict[str, Any]]:
    """A case with an open task, and the row of a group that the task has already."""
    driver.deploy("REVIEW")
    case = driver.file("REVIEW")
    driver.task(case, "record")
    return driver.row(case), dict(driver.rows(user_task_groups)[0]._mapping)


def step_of(case: Any, version: int, **more: Any) -> Step:
    return Step(
        case_id=case.id,
        version=version,
        status=case.status,
        at=case.filed_at,
        state=b"another",
        new_status=case.status,
        **more,
    )


def write(db: Database, step: Step) -> None:
    with db.transaction() as tx:
        write_step(tx, step)


def state_of(db: Database, case: Any) -> tuple[int, bytes]:
    with db.transaction(read_only=True) as tx:
        row = tx.execute(select(cases).where(cases.c.id == case.id)).one()
    return row.version, row.state


def test_what_a_stale_case_makes_collide_is_its_change(filed: Any, db: Database) -> None:
    case, group = filed

    with pytest.raises(StaleVersion, match=str(case.id)):
        write(db, step_of(case, case.version - 1, groups=[group]))

    assert state_of(db, case) == (case.version, case.state)


def test_what_collides_in_a_case_as_it_was_read_is_a_fault_of_ours(
    filed: Any, db: Database
) -> None:
    case, group = filed

    with pytest.raises(IntegrityError):
        write(db, step_of(case, case.version, groups=[group]))

    assert state_of(db, case) == (case.version, case.state)


def test_stale_data_keep_the_whole_step_back(filed: Any, db: Database) -> None:
    case, _ = filed

    with pytest.raises(StaleVersion, match="the data of case"):
        write(db, step_of(case, case.version, data=(b"sealed", 99)))

    assert state_of(db, case) == (case.version, case.state)


def test_a_task_that_was_taken_meanwhile_keeps_the_step_back(filed: Any, db: Database) -> None:
    case, group = filed
    completed = {"task": group["task_id"], "seen_version": 99, "person": None, "outcome": None}

    with pytest.raises(StaleVersion, match="user task"):
        write(db, step_of(case, case.version, completed=completed))

    assert state_of(db, case) == (case.version, case.state)
