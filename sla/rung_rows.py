"""The rows of rungs: which is next, and of the one that fires all it needs; statements compiled
once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, exists, func, null, or_, select, update

from engine.due import MOST_ATTEMPTS, Earliest
from sla.audiences import Firing
from store.prepared import Prepared
from store.tables import cases, clocks, rungs


def last_fired(tx: Connection, rung_id: UUID) -> datetime | None:
    """When a rung of the same clock fired last, aware UTC."""
    at: datetime | None = _LAST_FIRED.first(tx, {"rung": rung_id}).at
    return at


def mark_fired(tx: Connection, rung_id: UUID, now: datetime) -> bool:
    """False where another node was first, or the clock has moved."""
    return _FIRED.run(tx, {"rung": rung_id, "now": now}) == 1


def note_told(tx: Connection, rung_id: UUID, people: Sequence[UUID]) -> None:
    """Keep whom the rung told."""
    _TOLD.run(tx, {"rung": rung_id, "told": {"told": [str(person_id) for person_id in people]}})


def firing(tx: Connection, rung_id: UUID) -> Firing:
    """The rung with its clock and its case."""
    rung = _RUNG.first(tx, {"rung": rung_id})
    clock = _CLOCK.first(tx, {"clock": rung.clock_id})
    return Firing(rung, clock, _CASE.first(tx, {"case": rung.case_id}))


def take(tx: Connection, now: datetime) -> Any:
    """The earliest rung that is due, its case locked; None if none is."""
    return _NEXT.first(tx, {"now": now})


_lower = rungs.alias("lower")
_IS_NEXT = (
    rungs.c.status == "waiting",
    rungs.c.due_at.is_not(None),
    rungs.c.attempts < MOST_ATTEMPTS,
    ~exists().where(  # rungs of one clock fire in their order
        _lower.c.clock_id == rungs.c.clock_id,
        _lower.c.level < rungs.c.level,
        _lower.c.status == "waiting",
        _lower.c.attempts < MOST_ATTEMPTS,
    ),
)
_NEXT = Prepared(
    select(
        rungs.c.id.label("row_id"),
        rungs.c.office_id.label("row_office_id"),
        rungs.c.case_id,
        rungs.c.attempts,
        null().label("element_id"),
    )
    .join(cases, cases.c.id == rungs.c.case_id)
    .where(
        *_IS_NEXT,
        rungs.c.due_at <= bindparam("now"),
        or_(rungs.c.not_before.is_(None), rungs.c.not_before <= bindparam("now")),
    )
    .order_by(rungs.c.due_at, rungs.c.level, rungs.c.id)
    .limit(1)
    .with_for_update(key_share=True, skip_locked=True, of=cases)
)
_LIVE = select(rungs).where(*_IS_NEXT)
EARLIEST = Earliest(rungs, _LIVE)
"""When the next rung wants to fire, aware UTC; None if none waits."""
_of_clock = rungs.alias("of_clock")
_LAST_FIRED = Prepared(
    select(func.max(_of_clock.c.fired_at).label("at")).where(
        _of_clock.c.clock_id
        == select(rungs.c.clock_id).where(rungs.c.id == bindparam("rung")).scalar_subquery()
    )
)
_FIRED = Prepared(
    update(rungs)
    .where(
        rungs.c.id == bindparam("rung"),
        rungs.c.status == "waiting",
        rungs.c.due_at <= bindparam("now"),
    )
    .values(status="fired", fired_at=bindparam("now"), last_error=None)
)
_TOLD = Prepared(
    update(rungs).where(rungs.c.id == bindparam("rung")).values(result=bindparam("told"))
)
_RUNG = Prepared(select(rungs).where(rungs.c.id == bindparam("rung")))
_CLOCK = Prepared(select(clocks).where(clocks.c.id == bindparam("clock")))
_CASE = Prepared(select(cases).where(cases.c.id == bindparam("case")))
