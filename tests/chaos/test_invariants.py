"""Every invariant notices what it is for: a sound database is spoiled in one way at a time."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, insert, select, update

from engine.clock import SystemClock
from store.database import Database, open_database
from store.tables import (
    cases,
    history,
    outbox,
    person_notices,
    persons,
    rungs,
    timers,
    user_tasks,
)
from tests.chaos.invariants import CHECKS, Evidence, check
from tests.chaos.ledger import Ledger, Line
from tests.chaos.system import System
from tests.support import databases

NOW = SystemClock().now


@pytest.fixture(scope="module")
def sound(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a database with an office and a few open cases."""
    folder = tmp_path_factory.mktemp("sound")
    url = databases.sqlite_copy(sqlite_template, folder)
    System(folder, url).prepare("--clerks", "1", "--alarms", "1", "--streams", "2")
    db = open_database(url)
    with db.transaction() as tx:  # no worker has run; so let nothing be due yet
        for table in (rungs, timers):
            tx.execute(update(table).values(due_at=NOW() + timedelta(days=1)))
    db.close()
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def db(sound: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "spoiled.db"
    shutil.copyfile(sound, file)
    database = open_database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    kept = Ledger(tmp_path / "ledger.jsonl")
    yield kept
    kept.close()


def _spoiled(db: Database, spoil: Callable[[Connection], object], **more: Any) -> set[str]:
    """Which invariants do not hold any more."""
    with db.transaction() as tx:
        spoil(tx)
        found = check(Evidence(tx, NOW(), **more))
    return {finding.split(":")[0] for finding in found}


def _tell(tx: Connection, action: str, thing: str, **detail: Any) -> None:
    case = tx.execute(select(cases).order_by(cases.c.number)).first()
    assert case is not None
    row = {"office_id": case.office_id, "case_id": case.id, "at": NOW(), "action": action}
    tx.execute(insert(history).values(**row, object_id=thing, detail=detail))


def test_a_sound_database_has_nothing_to_be_found(db: Database) -> None:
    assert _spoiled(db, lambda tx: None) == set()


def test_a_case_that_was_acknowledged_and_is_gone(db: Database, ledger: Ledger) -> None:
    ledger.write(Line("k", "file", "counter.0", 1, "ok", 201, thing=str(uuid4())))

    found = _spoiled(db, lambda tx: None, ledger=ledger)

    assert {"INV-01 acknowledged", "INV-02 once", "INV-11 answered once"} <= found


def test_an_effect_that_happened_twice(db: Database) -> None:
    def spoil(tx: Connection) -> None:
        _tell(tx, "timer.fired", "alarm#1")
        _tell(tx, "timer.fired", "alarm#1")

    assert "INV-02 once" in _spoiled(db, spoil)


def test_a_timer_that_fired_early(db: Database) -> None:
    early = update(timers).values(status="fired", fired_at=timers.c.created_at)

    assert "INV-02 once" in _spoiled(db, lambda tx: tx.execute(early))


def test_work_that_is_left_lying(db: Database) -> None:
    late = update(timers).values(due_at=NOW() - timedelta(hours=1))

    assert "INV-03 drained" in _spoiled(db, lambda tx: tx.execute(late))


def test_a_case_that_nothing_will_move(db: Database) -> None:
    stop = update(timers).values(status="cancelled")

    assert _spoiled(db, lambda tx: tx.execute(stop)) == {"INV-04 alive"}


def test_a_task_that_two_have_claimed(db: Database, ledger: Ledger) -> None:
    def spoil(tx: Connection) -> None:
        _tell(tx, "user_task.claimed", "t")
        _tell(tx, "user_task.claimed", "t")

    assert _spoiled(db, spoil) == {"INV-05 one claimant"}


def test_a_task_that_was_claimed_and_nobody_told(db: Database, ledger: Ledger) -> None:
    found = _spoiled(db, lambda tx: _tell(tx, "user_task.claimed", "t"), ledger=ledger)

    assert "INV-05 one claimant" in found


def test_a_step_without_its_history(db: Database) -> None:
    ahead = update(cases).values(version=cases.c.version + 1)

    assert _spoiled(db, lambda tx: tx.execute(ahead)) == {"INV-06 versions"}


def test_a_promise_that_was_never_written(db: Database) -> None:
    def spoil(tx: Connection) -> None:
        _tell(tx, "service_task.requested", "notify#1", operation="agency.notify")

    assert _spoiled(db, spoil) == {"INV-07 promises"}


def test_a_promise_that_nobody_received(db: Database) -> None:
    def spoil(tx: Connection) -> None:
        _tell(tx, "service_task.requested", "notify#1", operation="agency.notify")
        _promise(tx, status="sent")

    assert _spoiled(db, spoil) == {"INV-07 promises"}


def test_history_that_was_changed(db: Database) -> None:
    assert _spoiled(db, lambda tx: None) == set()  # seals what is there

    changed = update(history).where(history.c.action == "case.filed").values(detail={})

    assert "INV-09 chain" in _spoiled(db, lambda tx: tx.execute(changed))


def test_one_person_with_two_duties(db: Database) -> None:
    with db.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        tasks = connection.execute(select(user_tasks)).all()
        person = connection.scalar(select(persons.c.id).limit(1))
        for task, duty in zip(tasks, ("record", "review"), strict=True):
            connection.execute(
                update(user_tasks)
                .where(user_tasks.c.id == task.id)
                .values(
                    status="completed", completed_by=person, duty=duty, case_id=tasks[0].case_id
                )
            )
        connection.commit()

    assert "INV-10 four eyes" in _spoiled(db, lambda tx: None)


def test_an_answer_that_was_not_kept(db: Database, ledger: Ledger) -> None:
    ledger.write(Line("k", "take", "counter.0", 1, "ok", 204))

    assert "INV-11 answered once" in _spoiled(db, lambda tx: None, ledger=ledger)


def test_a_lease_that_nobody_holds(db: Database) -> None:
    assert "INV-14 leases" in _spoiled(db, lambda tx: _promise(tx, status="sending"))


def test_a_rung_that_fired_before_the_one_below(db: Database) -> None:
    highest = update(rungs).where(rungs.c.at_point == "due").values(status="fired", fired_at=NOW())

    assert "INV-15 ladders" in _spoiled(db, lambda tx: tx.execute(highest))


def test_a_rung_that_its_ladder_does_not_have(db: Database) -> None:
    other = update(rungs).where(rungs.c.at_point == "due").values(to="director")

    assert _spoiled(db, lambda tx: tx.execute(other)) == {"INV-15 ladders"}


def test_somebody_who_was_told_twice(db: Database) -> None:
    def spoil(tx: Connection) -> None:
        person = tx.execute(select(persons).limit(1)).one()
        row = {"id": uuid4(), "office_id": person.office_id, "person_id": person.id}
        tx.execute(
            insert(person_notices).values(**row, kind="clock.warned", detail={}, created_at=NOW())
        )

    assert _spoiled(db, spoil) == {"INV-15 ladders"}


def test_every_invariant_has_its_test() -> None:
    text = Path(__file__).read_text()

    assert [name for name in CHECKS if f'"{name}"' not in text] == []


def _promise(tx: Connection, status: str) -> None:
    case = tx.execute(select(cases).order_by(cases.c.number)).first()
    assert case is not None
    tx.execute(
        insert(outbox).values(
            id=uuid4(),
            office_id=case.office_id,
            case_id=case.id,
            key="notify#1",
            number=1,
            operation="agency.notify",
            peer="tax",
            kind="address_changed",
            field_names=[],
            ciphertext=b"",
            status=status,
            next_attempt_at=NOW(),
            created_at=NOW(),
            fence=1,
            attempts=1,
        )
    )
