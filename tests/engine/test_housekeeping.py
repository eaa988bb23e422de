"""Housekeeping: what is kept for a time only is forgotten, once an hour."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from engine import idempotency
from engine.housekeeping import EVERY, Housekeeping
from engine.idempotency import Call, Stored
from store import tables
from store.database import Database
from tests.engine.rows import NOW, OFFICE, an_office
from tests.support.clock import GivenClock


def keep(db: Database, key: str, days_ago: int) -> None:
    call = Call("account:1", key, idempotency.hash_request("POST", "/", b""), OFFICE)
    with db.transaction() as tx:
        idempotency.keep(tx, call, Stored(201), NOW - timedelta(days=days_ago))


def kept(db: Database) -> int:
    with db.transaction(read_only=True) as tx:
        return tx.scalar(select(func.count()).select_from(tables.idempotency_keys)) or 0


def test_old_answers_are_forgotten_and_young_ones_kept(db: Database) -> None:
    with db.transaction() as tx:
        an_office(tx)
    keep(db, "old", days_ago=8)
    keep(db, "young", days_ago=1)
    housekeeping = Housekeeping(GivenClock(NOW))

    while housekeeping.run(db, NOW):
        pass

    assert kept(db) == 1


def test_it_looks_again_only_after_an_hour(db: Database) -> None:
    with db.transaction() as tx:
        an_office(tx)
    clock = GivenClock(NOW)
    housekeeping = Housekeeping(clock)
    housekeeping.run(db, NOW)
    keep(db, "old", days_ago=8)

    housekeeping.run(db, NOW)
    assert kept(db) == 1

    clock.move(EVERY)
    housekeeping.run(db, NOW)
    assert kept(db) == 0
