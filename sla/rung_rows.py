"""The rows of a rung that fires, read and marked in a handful of statements compiled once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, bindparam, func, select, update

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
