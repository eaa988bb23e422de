"""Messages that found no case: early ones that still wait, set aside, or out of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, literal, select, tuple_

from engine.actors import Actor
from engine.confidence import open_to
from engine.cursors import Order, Page, checked_limit, page_of
from engine.errors import Rejected
from store.tables import inbox, incidents

VIEWS = ("early", "quarantined", "expired")
AT_MOST = 1_000
_ORDER = Order("inbox", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message, without its content. `incident_id` is the open incident that it became."""

    id: UUID
    peer: str
    message_id: str
    name: str
    status: str
    received_at: datetime
    expires_at: datetime
    reason: str | None
    incident_id: UUID | None


def messages_page(
    tx: Connection, actor: Actor, view: str, cursor: str | None, limit: int
) -> Page[MessageRow]:
    """One page of the office's messages of a status, the newest first."""
    if view not in VIEWS:
        raise Rejected("inbox.view", f"Expected one of {', '.join(VIEWS)}, got {view}")
    wanted = (
        select(inbox, inbox.c.received_at.label("key_0"), inbox.c.id.label("key_1"))
        .where(*_here(actor), inbox.c.status == view)
        .order_by(inbox.c.received_at.desc(), inbox.c.id.desc())
        .limit(checked_limit(limit) + 1)
    )
    if cursor is not None:
        at, row_id = _ORDER.decode(cursor)
        seen = tuple_(literal(at, inbox.c.received_at.type), literal(row_id, inbox.c.id.type))
        wanted = wanted.where(tuple_(inbox.c.received_at, inbox.c.id) < seen)
    rows = tx.execute(wanted).all()
    open_ones = _incidents(tx, actor, [row.id for row in rows])
    return page_of(rows, limit, _ORDER, lambda row: _row(row, open_ones))


def counts(tx: Connection, actor: Actor) -> dict[str, int]:
    """How many there are of each view, counted no further than a thousand."""
    found = {}
    for view in VIEWS:
        some = (
            select(inbox.c.id)
            .where(*_here(actor), inbox.c.status == view)
            .limit(AT_MOST)
            .subquery()
        )
        found[view] = tx.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def _here(actor: Actor) -> tuple[ColumnElement[bool], ...]:
    return inbox.c.office_id == actor.office_id, open_to(actor, inbox.c.case_id)


def _incidents(tx: Connection, actor: Actor, ids: list[UUID]) -> dict[str, UUID]:
    if not ids:
        return {}
    rows = tx.execute(
        select(incidents.c.source_id, incidents.c.id).where(
            incidents.c.office_id == actor.office_id,
            incidents.c.status == "open",
            incidents.c.source == "message",
            incidents.c.source_id.in_([str(each) for each in ids]),
        )
    )
    return {row.source_id: row.id for row in rows}


def _row(row: Any, open_ones: dict[str, UUID]) -> MessageRow:
    return MessageRow(
        id=row.id,
        peer=row.peer,
        message_id=row.message_id,
        name=row.name,
        status=row.status,
        received_at=row.received_at,
        expires_at=row.expires_at,
        reason=row.reason,
        incident_id=open_ones.get(str(row.id)),
    )
