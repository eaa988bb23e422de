"""The demo clock goes forward only, for all processes at once, and wakes what became due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import insert, update

from engine.clock import SystemClock
from engine.demo_clock import FARTHEST, KINDS, LOOK_AGAIN, DemoClock
from engine.errors import Conflict, Rejected
from store.database import Database, open_database
from store.tables import installation
from tests.support.races import at_once

DAY = timedelta(days=1)


@pytest.fixture
def demo(db: Database) -> Database:
    with db.transaction() as tx:
        row = {"id": 1, "mode": "demo", "created_at": SystemClock().now()}
        tx.execute(insert(installation), row)
    return db


@pytest.fixture
def other(demo: Database, db_url: str) -> Iterator[Database]:
    """Another process's view of the same database."""
    database = open_database(db_url)
    yield database
    database.close()


def move(db: Database, to: datetime) -> datetime:
    clock = DemoClock(db)
    with db.transaction() as tx:
        clock.move_to(tx, to)
    clock.forget()
    return clock.now()


def test_it_begins_at_real_time(demo: Database) -> None:
    real = SystemClock().now()

    assert abs(DemoClock(demo).now() - real) < timedelta(seconds=5)


def test_it_goes_on_from_where_it_was_put(demo: Database) -> None:
    goal = SystemClock().now() + 3 * DAY

    first = move(demo, goal)
    second = DemoClock(demo).now()

    assert goal <= first <= second < goal + timedelta(seconds=30)


def test_it_never_goes_back_and_not_too_far(demo: Database) -> None:
    now = move(demo, SystemClock().now() + 3 * DAY)

    for wrong in (now - timedelta(seconds=1), SystemClock().now(), now + FARTHEST + DAY):
        with pytest.raises(Rejected):
            move(demo, wrong)
    assert DemoClock(demo).now() >= now


def test_all_processes_agree_within_a_moment(demo: Database, other: Database) -> None:
    there = DemoClock(other)
    there.now()
    here = move(demo, SystemClock().now() + 3 * DAY)
    threading.Event().wait(LOOK_AGAIN.total_seconds() * 1.2)

    assert abs(there.now() - here) < timedelta(seconds=5)


def test_of_two_visitors_the_later_one_cannot_put_it_back(demo: Database) -> None:
    now = SystemClock().now()

    at_once(*(partial(move, demo, now + n * DAY) for n in (1, 9, 5, 2)))

    assert DemoClock(demo).now() >= now + 9 * DAY


def test_moving_it_wakes_every_beat(demo: Database) -> None:
    waiters = [demo.waiter(kind) for kind in KINDS]

    move(demo, SystemClock().now() + DAY)

    assert all(waiter.wait(2) for waiter in waiters)


def test_a_real_office_has_no_hand_to_move(demo: Database) -> None:
    with demo.transaction() as tx:
        tx.execute(update(installation).values(mode="production"))

    with pytest.raises(Conflict):
        move(demo, SystemClock().now() + DAY)
