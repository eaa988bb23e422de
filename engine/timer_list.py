"""Timers as operations see them: planned, fired, how late; and how late over the last day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, literal, select, tuple_

from engine.actors import Actor
from engine.confidence import seen_by
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import Rejected
from store.tables import cases, timers

VIEWS = ("waiting", "resting", "fired")
STEPS = (1, 5, 30, 120, 600)  # seconds: the borders of the histogram
LAST = timedelta(hours=24)
MOST_COUNTED = 20_000
_WAITING = Order("timers.waiting", ("instant", "uuid"))
_FIRED = Order("timers.fired", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class TimerRow:
    """One timer. `late` is how long after its time it fired, or is by now; None: not yet due.

    `rests` says why it stands still: `clock` (waits for a legal clock that does not run) or `case`
    (its case is suspended).
    """

    id: UUID
    case_id: UUID
    case_number: str
    process_id: str
    element_id: str
    clock: str | None
    due_at: datetime | None
    fired_at: datetime | None
    late: timedelta | None
    attempts: int
    last_error: str | None
    rests: str | None


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the timers of the last 24 hours fired: a count per border in `STEPS`, one beyond."""

    counts: tuple[int, ...]
    total: int
    worst: timedelta
    is_whole: bool  # False: more than 20,000 fired, the newest of them are counted


def timers_page(
    tx: Connection, actor: Actor, view: str, cursor: str | None, limit: int, now: datetime
) -> Page[TimerRow]:
    """One page of the office's timers: `waiting` by due time, `fired` newest first, `resting`."""
    if view not in VIEWS:
        raise Rejected("timers.view", f"Expected one of {', '.join(VIEWS)}, got {view}")
    order = _FIRED if view == "fired" else _WAITING
    key = {"waiting": timers.c.due_at, "fired": timers.c.fired_at}.get(view, timers.c.created_at)
    rows = tx.execute(_wanted(actor, view, key, order, cursor, checked_limit(limit))).all()
    return page_of(rows, limit, order, lambda row: _row(row, now))


def _wanted(actor: Actor, view: str, key: Any, order: Order, cursor: str | None, limit: int) -> Any:
    wanted = (
        select(
            timers,
            cases.c.number,
            cases.c.status.label("case_status"),
            key.label("key_0"),
            timers.c.id.label("key_1"),
        )
        .join(cases, cases.c.id == timers.c.case_id)
        .where(timers.c.office_id == actor.office_id, seen_by(actor))
        .limit(limit + 1)
    )
    seen = order.decode(cursor) if cursor is not None else None
    place = None
    if seen is not None:
        place = tuple_(literal(seen[0], key.type), literal(seen[1], timers.c.id.type))
    if view == "fired":
        wanted = wanted.where(timers.c.status == "fired").order_by(key.desc(), timers.c.id.desc())
        return wanted if place is None else wanted.where(tuple_(key, timers.c.id) < place)
    is_due = timers.c.due_at.is_not(None) if view == "waiting" else timers.c.due_at.is_(None)
    wanted = wanted.where(timers.c.status == "waiting", is_due).order_by(key, timers.c.id)
    return wanted if place is None else wanted.where(tuple_(key, timers.c.id) > place)


def lateness(tx: Connection, actor: Actor, now: datetime) -> Lateness:
    """How late the office's timers fired in the last 24 hours."""
    rows = tx.execute(
        select(timers.c.due_at, timers.c.fired_at)
        .where(
            timers.c.office_id == actor.office_id,
            timers.c.status == "fired",
            timers.c.fired_at > now - LAST,
        )
        .order_by(timers.c.fired_at.desc(), timers.c.id.desc())
        .limit(MOST_COUNTED)
    ).all()
    counts = [0] * (len(STEPS) + 1)
    worst = timedelta()
    for row in rows:
        late = max(timedelta(), row.fired_at - row.due_at) if row.due_at else timedelta()
        worst = max(worst, late)
        counts[_place(late.total_seconds())] += 1
    return Lateness(tuple(counts), len(rows), worst, len(rows) < MOST_COUNTED)


def _place(seconds: float) -> int:
    return next((at for at, border in enumerate(STEPS) if seconds < border), len(STEPS))


def _row(row: Any, now: datetime) -> TimerRow:
    until = row.fired_at or now
    is_late = row.due_at is not None and until > row.due_at
    return TimerRow(
        id=row.id,
        case_id=row.case_id,
        case_number=row.number,
        process_id=row.process_id,
        element_id=row.element_id,
        clock=row.clock,
        due_at=row.due_at,
        fired_at=row.fired_at,
        late=until - row.due_at if is_late else None,
        attempts=row.attempts,
        last_error=row.last_error,
        rests=_rests(row),
    )


def _rests(row: Any) -> str | None:
    if row.status != "waiting":
        return None
    if row.case_status == "suspended":
        return "case"
    return "clock" if row.due_at is None else None
