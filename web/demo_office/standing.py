"""How a case that is played stands: what is open, what it waits for, when it is due."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, Connection, bindparam, select

from agencies.answers import PROMISE
from store.partial import among
from store.prepared import Prepared
from store.tables import cases, clocks, incidents, outbox, timers, user_tasks


def status(tx: Connection, case_id: UUID) -> str | None:
    """The status of the case."""
    row = _STATUS.first(tx, {"case": case_id})
    return None if row is None else row.status


def open_tasks(tx: Connection, case_id: UUID, element_id: str) -> list[Any]:
    """The open user tasks of an element, the oldest first: their ids and statuses."""
    return _OPEN_TASKS.all(tx, {"case": case_id, "element": element_id})


def unanswered(tx: Connection, case_id: UUID) -> list[Any]:
    """What was promised to agencies and waits for their answer, the oldest first."""
    return _UNANSWERED.all(tx, {"case": case_id})


def case_of(tx: Connection, promise_id: UUID) -> UUID | None:
    """The case that a promise is about."""
    row = PROMISE.first(tx, {"promise": promise_id})
    return None if row is None else row.case_id


def clock_due(tx: Connection, case_id: UUID, clock: str, point: str) -> datetime | None:
    """When the case's clock comes to the point (aware UTC); None if it is not running."""
    named = {"case": case_id, "clock": clock}
    row = _ARMED.first(tx, {**named, "point": point}) or _DUE.first(tx, named)
    return None if row is None else row.due_at


def open_incident(tx: Connection, case_id: UUID, element_id: str | None) -> UUID | None:
    """The oldest open incident of the case, or of one element of it."""
    found = _INCIDENTS.all(tx, {"case": case_id})
    mine = (row.id for row in found if element_id in (None, row.element_id))
    return next(mine, None)


_OF_CASE: BindParameter[UUID] = bindparam("case")
_STATUS = Prepared(select(cases.c.status).where(cases.c.id == _OF_CASE))
_OPEN_TASKS = Prepared(
    select(user_tasks.c.id, user_tasks.c.status)
    .where(
        user_tasks.c.case_id == _OF_CASE,
        user_tasks.c.element_id == bindparam("element"),
        among(user_tasks.c.status, "unclaimed", "claimed"),
    )
    .order_by(user_tasks.c.created_at, user_tasks.c.key)
)
_UNANSWERED = Prepared(
    select(outbox)
    .where(
        outbox.c.case_id == _OF_CASE,
        outbox.c.key.is_not(None),
        among(outbox.c.status, "queued", "sending", "sent"),
    )
    .order_by(outbox.c.created_at, outbox.c.peer)
)
_ARMED = Prepared(
    select(timers.c.due_at).where(
        timers.c.case_id == _OF_CASE,
        timers.c.clock == bindparam("clock"),
        timers.c.point == bindparam("point"),
        timers.c.status == "waiting",
        timers.c.due_at.is_not(None),
    )
)
_DUE = Prepared(
    select(clocks.c.due_at).where(clocks.c.case_id == _OF_CASE, clocks.c.name == bindparam("clock"))
)
_INCIDENTS = Prepared(
    select(incidents.c.id, incidents.c.element_id)
    .where(incidents.c.case_id == _OF_CASE, incidents.c.status == "open")
    .order_by(incidents.c.raised_at)
)
