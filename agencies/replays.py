"""A failed promise sent again by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from agencies.answers import PROMISE
from agencies.outbox import place_of, queue_again
from engine import incidents
from engine.actors import Actor
from engine.errors import Conflict, NotFound
from engine.history import Entry, append
from engine.permissions import demand, may_mend
from store.database import wake
from store.tables import incidents as incident_rows


def replay(tx: Connection, outbox_id: UUID, actor: Actor, now: datetime) -> None:
    """Send a failed promise again, by hand. Raises NotFound, Forbidden; Conflict if it is not
    failed.

    Where the process holds an incident for it, that is retried: the service task then asks anew,
    for the same row and with the same idempotency key.
    """
    row = PROMISE.first(tx, {"promise": outbox_id})
    if row is None or row.office_id != actor.office_id:
        raise NotFound("outbox.not_found", "There is no such notification in your office")
    demand(may_mend(row.office_id, actor))
    incident = _incident_of(tx, row)
    if incident is not None:
        incidents.retry(tx, incident, {}, actor, now)
    elif not queue_again(tx, outbox_id, now):
        raise Conflict(
            "outbox.not_failed", f"Expected a notification that failed, but it is {row.status}"
        )
    append(
        tx,
        Entry(
            "notification.retried",
            actor,
            now,
            case_id=row.case_id,
            object_id=str(outbox_id),
            detail={"agency": row.peer},
        ),
    )
    wake(tx, "outbox")


def _incident_of(tx: Connection, row: Any) -> UUID | None:
    """The open incident that a failed promise has become."""
    if row.status != "failed":
        return None
    told = incident_rows
    about = (told.c.source == "outbox") & (told.c.source_id == str(row.id))
    of_process = (told.c.source == "engine") & (told.c.case_id == row.case_id)
    found = tx.execute(
        select(told.c.id, told.c.key)
        .where(told.c.status == "open", about | of_process)
        .order_by(told.c.raised_at)
    ).all()
    mine = [each for each in found if each.key is None or place_of(each.key) == place_of(row.key)]
    # Of several at one place (items of a multi-instance) the one with the very key, if it has one.
    mine.sort(key=lambda each: each.key != row.key)
    return mine[0].id if mine else None
