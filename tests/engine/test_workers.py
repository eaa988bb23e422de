"""Who is alive, by the database's clock."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from engine.clock import SystemClock
from engine.workers import FORGOTTEN_AFTER, LOST_AFTER, Pulse, Worker, alive
from store.database import Database
from store.tables import workers


def _alive(db: Database) -> list[Worker]:
    with db.transaction(read_only=True) as tx:
        return alive(tx, db.now(tx))


def _age(db: Database, by: timedelta) -> None:
    with db.transaction() as tx:
        tx.execute(update(workers).values(seen_at=db.now(tx) - by))


def test_a_worker_is_alive_from_its_first_beat(db: Database) -> None:
    assert _alive(db) == []

    assert Pulse("host:1:worker", "worker", lambda now: None).tell(db, SystemClock().now()) is False

    (worker,) = _alive(db)
    assert (worker.name, worker.kind) == ("host:1:worker", "worker")
    assert worker.started_at == worker.seen_at


def test_it_is_told_every_few_seconds_and_not_at_every_beat(db: Database) -> None:
    told: list[datetime] = []
    pulse = Pulse("host:1:worker", "worker", told.append)
    for _ in range(50):
        pulse.tell(db, SystemClock().now())

    assert len(told) == 1


def test_one_that_was_not_heard_of_is_lost_and_comes_back_by_speaking(db: Database) -> None:
    Pulse("a", "worker", lambda now: None).tell(db, SystemClock().now())
    _age(db, LOST_AFTER + timedelta(seconds=1))
    assert _alive(db) == []

    Pulse("a", "worker", lambda now: None).tell(db, SystemClock().now())
    assert [worker.name for worker in _alive(db)] == ["a"]


def test_one_that_stops_in_good_order_is_gone_at_once(db: Database) -> None:
    pulse = Pulse("a", "worker", lambda now: None)
    pulse.tell(db, SystemClock().now())

    pulse.end(db)

    assert _alive(db) == []


def test_the_dead_are_forgotten_after_a_day(db: Database) -> None:
    Pulse("old", "worker", lambda now: None).tell(db, SystemClock().now())
    _age(db, FORGOTTEN_AFTER + timedelta(seconds=1))

    Pulse("new", "worker", lambda now: None).tell(db, SystemClock().now())

    with db.transaction(read_only=True) as tx:
        names = [row.id for row in tx.execute(workers.select())]
    assert names == ["new"]


def test_the_clock_of_a_worker_follows_the_databases(db: Database) -> None:
    clock = SystemClock()
    clock.discipline(clock.now() + timedelta(hours=1))

    Pulse("a", "worker", clock.discipline).tell(db, clock.now())

    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=2)
