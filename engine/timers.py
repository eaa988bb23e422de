"""Timers: durable due times that elements wait for.

A timer fires when `now` has reached its due time, never before; after a downtime in the order of
their due times. The timers of suspended cases wait until the case is resumed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, or_, select, update
from sqlalchemy.sql.dml import Update

from engine import case_rows, runtime
from engine.actors import system
from engine.bpmn.triggers import FireTimer
from engine.due import MOST_ATTEMPTS, Earliest, Kind, do_next, waiting
from engine.errors import Conflict
from engine.runtime import Deed
from store.database import Database, wake
from store.partial import unindexed
from store.prepared import Prepared
from store.tables import case_data, cases, timers


def fire_next(db: Database, now: datetime) -> bool:
    """Fire the timer that has been due longest. False if none is due.

    A timer whose effect fails is put off 1 s, 30 s and 5 min, then it is an incident; the others
    go on meanwhile.
    """
    return do_next(db, _KIND, now)


def next_due(tx: Connection) -> datetime | None:
    """When the next timer is to be fired, aware UTC; None if none waits."""
    return _EARLIEST(tx)


def arm(tx: Connection, timer_id: UUID, due_at: datetime | None) -> None:
    """Set when a timer that waits for a clock is due; None while the clock does not run.

    Raises Conflict if the timer has fired or was cancelled.
    """
    armed = tx.execute(_ARM, {"timer": timer_id, "due": due_at})
    if armed.rowcount != 1:
        raise Conflict("timer.ended", f"Expected timer {timer_id} to wait, but it has ended")
    wake(tx, "timers")


def _take(tx: Connection, now: datetime) -> Any:
    return _NEXT.first(tx, {"now": now})


def _fire(tx: Connection, row: Any, now: datetime) -> None:
    deed = Deed(system(row.case_office_id))
    runtime.step(tx, case_rows.of_row(row), [FireTimer(row.key)], deed, now)


def _put_off(timer_id: UUID, attempts: int, again: datetime | None) -> Update:
    return waiting(timers, timer_id, attempts).values(not_before=again)


_IS_LIVE = (
    timers.c.status == "waiting",
    timers.c.due_at.is_not(None),
    timers.c.attempts < MOST_ATTEMPTS,
    cases.c.status == "active",
)
_NEXT = Prepared(
    select(
        timers.c.id.label("row_id"),
        timers.c.office_id.label("row_office_id"),
        timers.c.key,
        timers.c.element_id,
        timers.c.attempts,
        *case_rows.COLUMNS,
    )
    .select_from(case_rows.JOINED.join(timers, timers.c.case_id == cases.c.id))
    .where(
        *_IS_LIVE,
        timers.c.due_at <= bindparam("now"),
        or_(timers.c.not_before.is_(None), timers.c.not_before <= bindparam("now")),
    )
    .order_by(timers.c.due_at, timers.c.id)
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True, of=(cases, case_data))
)
# From the timers to their cases, never the other way: few are put off, and cases are many.
_LIVE = select(timers).join(cases, cases.c.id == unindexed(timers.c.case_id)).where(*_IS_LIVE)
_EARLIEST = Earliest(timers, _LIVE)
_ARM = (
    update(timers)
    .where(timers.c.id == bindparam("timer"), timers.c.status == "waiting")
    .values(due_at=bindparam("due"))
)
_KIND = Kind("timer", timers, _put_off, _take, _fire)
