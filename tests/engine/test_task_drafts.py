"""What is typed into a task: sealed, the assignee's own, versioned, gone when the task ends."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from engine import cases, task_drafts, user_tasks
from engine.errors import Conflict, EngineError, Forbidden, Rejected
from engine.task_drafts import Moved, TaskDraft
from engine.user_tasks import Completion
from store.database import Database
from store.tables import task_drafts as rows
from tests.support.driver import CaseDriver, Filed

TYPED = {"data.applicant.name": ["王小明"], "note": ["未寫完"]}
BY, OTHER = "counter Lin", "counter Gao"


@pytest.fixture
def case(driver: CaseDriver) -> Filed:
    driver.deploy("REVIEW")
    for name in (BY, OTHER, "chief Wang"):
        driver.person(name)
    return driver.file("REVIEW")


@pytest.fixture
def task_id(driver: CaseDriver, case: Filed) -> UUID:
    return driver.claim(case, "record", by=BY)


def save(
    driver: CaseDriver, task_id: UUID, version: int = 0, by: str = BY, fields: Any = TYPED
) -> TaskDraft:
    now = driver.clock.now()
    with driver.db.transaction() as tx:
        return task_drafts.save(
            tx, TaskDraft(task_id, version, now, fields), driver.person(by), now
        )


def find(driver: CaseDriver, task_id: UUID, by: str = BY) -> TaskDraft | None:
    with driver.db.transaction(read_only=True) as tx:
        return task_drafts.find(tx, task_id, driver.person(by))


def stored(driver: CaseDriver) -> list[Any]:
    with driver.db.transaction(read_only=True) as tx:
        return list(tx.execute(select(rows)))


def test_what_was_typed_comes_back_as_it_was_and_lies_sealed(
    driver: CaseDriver, task_id: UUID
) -> None:
    saved = save(driver, task_id)

    assert find(driver, task_id) == saved
    assert (saved.version, saved.fields) == (1, TYPED)
    (row,) = stored(driver)
    assert "王小明".encode() not in row.ciphertext
    assert "未寫完".encode() not in row.ciphertext
    assert find(driver, task_id, by=OTHER) is None


def test_only_who_has_the_task_keeps_anything(driver: CaseDriver, case: Filed) -> None:
    task_id = driver.task(case, "record").id
    with pytest.raises((Conflict, Forbidden)):
        save(driver, task_id)  # nobody has claimed it
    driver.claim(case, "record", by=BY)

    with pytest.raises((Conflict, Forbidden)):
        save(driver, task_id, by=OTHER)


def test_a_window_that_saw_an_older_version_overwrites_nothing(
    driver: CaseDriver, task_id: UUID
) -> None:
    save(driver, task_id)
    newer = save(driver, task_id, 1, fields={"note": ["較新"]})

    for late in (0, 1):
        with pytest.raises(Moved) as moved:
            save(driver, task_id, late)
        assert moved.value.saved == newer
    assert find(driver, task_id) == newer


def test_completing_deletes_it_in_the_same_transaction(
    driver: CaseDriver, case: Filed, task_id: UUID
) -> None:
    save(driver, task_id)

    driver.complete(case, "record", by=BY)

    assert stored(driver) == []
    with pytest.raises((Conflict, Forbidden)):
        save(driver, task_id, 1)
    assert stored(driver) == []


def meanwhile(first: Any, second: Any, db: Database) -> list[Exception]:
    """Begin `second` while `first` is done and not committed; what refused it, if anything did."""
    refused: list[Exception] = []

    def run() -> None:
        try:
            db.run(second)
        except EngineError as error:
            refused.append(error)

    other = threading.Thread(target=run)
    with db.transaction() as tx:
        first(tx)
        other.start()
        other.join(0.5)  # it waits for the case that we hold
        assert other.is_alive()
    other.join(10)
    return refused


def test_what_is_kept_while_the_task_is_being_completed_goes_with_it(
    driver: CaseDriver, task_id: UUID
) -> None:
    who, now = driver.person(BY), driver.clock.now()

    refused = meanwhile(
        lambda tx: task_drafts.save(tx, TaskDraft(task_id, 0, now, TYPED), who, now),
        lambda tx: user_tasks.complete(tx, task_id, Completion(), who, now),
        driver.db,
    )

    assert refused == []
    assert stored(driver) == []


def test_nothing_is_kept_of_a_task_that_is_completed_meanwhile(
    driver: CaseDriver, task_id: UUID
) -> None:
    who, now = driver.person(BY), driver.clock.now()

    (refused,) = meanwhile(
        lambda tx: user_tasks.complete(tx, task_id, Completion(), who, now),
        lambda tx: task_drafts.save(tx, TaskDraft(task_id, 0, now, TYPED), who, now),
        driver.db,
    )

    assert isinstance(refused, Conflict)
    assert stored(driver) == []


def test_returning_deletes_it_too(driver: CaseDriver, case: Filed, task_id: UUID) -> None:
    driver.complete(case, "record", by=BY)
    review = driver.claim(case, "review", by="reviewer Wu")
    save(driver, review, by="reviewer Wu")
    with driver.db.transaction() as tx:
        actor = driver.person("reviewer Wu")
        user_tasks.return_to_recorder(tx, review, "缺件", "typing", actor, driver.clock.now())

    assert stored(driver) == []


def test_a_withdrawn_case_leaves_nothing_typed(
    driver: CaseDriver, case: Filed, task_id: UUID
) -> None:
    save(driver, task_id)
    with driver.db.transaction() as tx:
        cases.withdraw(tx, case.id, "申請人撤回", driver.person(BY), driver.clock.now())

    assert stored(driver) == []


def test_whoever_gets_the_task_next_begins_anew(driver: CaseDriver, task_id: UUID) -> None:
    save(driver, task_id)
    with driver.db.transaction() as tx:
        user_tasks.assign(
            tx,
            task_id,
            driver.person(OTHER).person_id,
            "請假",
            driver.person("chief Wang"),
            driver.clock.now(),
        )

    assert find(driver, task_id, by=OTHER) is None
    assert save(driver, task_id, by=OTHER, fields={"note": ["接手"]}).version == 1
    assert find(driver, task_id) is None  # what the one before had typed is gone
    assert len(stored(driver)) == 1


def test_it_has_a_size_and_is_forgotten_in_the_end(driver: CaseDriver, task_id: UUID) -> None:
    with pytest.raises(Rejected, match="too large"):
        save(driver, task_id, fields={"note": ["長" * 100_000]})
    save(driver, task_id)
    driver.clock.move(timedelta(days=31))

    with driver.db.transaction() as tx:
        assert task_drafts.prune(tx, driver.clock.now()) == 1

    assert find(driver, task_id) is None
