"""The outbox as operations see it: what was promised to whom, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, literal, select, tuple_

from engine.actors import Actor
from engine.confidence import seen_or_none
from engine.cursors import Order, Page, checked_limit, page_of
from engine.permissions import Refusal, may_mend
from store.tables import cases, outbox

_ORDER = Order("outbox", ("instant", "uuid"))


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One promise: which fields go, never their values. `may_replay` is None for yes."""

    id: UUID
    case_id: UUID | None
    case_number: str | None
    operation: str
    peer: str
    kind: str
    basis: str | None
    field_names: tuple[str, ...]
    status: str
    attempts: int
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    answered_at: datetime | None
    reference: str | None
    last_error: str | None
    may_replay: Refusal | None


def of_office(
    tx: Connection, actor: Actor, status: str | None, cursor: str | None, limit: int
) -> Page[OutboxRow]:
    """One page of what the actor's office has promised to send, the newest first."""
    wanted = (
        select(
            outbox,
            cases.c.number.label("case_number"),
            outbox.c.created_at.label("key_0"),
            outbox.c.id.label("key_1"),
        )
        .outerjoin(cases, cases.c.id == outbox.c.case_id)
        .where(outbox.c.office_id == actor.office_id, seen_or_none(actor))
        .order_by(outbox.c.created_at.desc(), outbox.c.id.desc())
        .limit(checked_limit(limit) + 1)
    )
    if status is not None:
        wanted = wanted.where(outbox.c.status == status)
    if cursor is not None:
        created_at, row_id = _ORDER.decode(cursor)
        seen = tuple_(
            literal(created_at, outbox.c.created_at.type), literal(row_id, outbox.c.id.type)
        )
        wanted = wanted.where(tuple_(outbox.c.created_at, outbox.c.id) < seen)
    rows = tx.execute(wanted).all()
    return page_of(rows, limit, _ORDER, lambda row: _row(row, actor))


def _row(row: Any, actor: Actor) -> OutboxRow:
    return OutboxRow(
        id=row.id,
        case_id=row.case_id,
        case_number=row.case_number,
        operation=row.operation,
        peer=row.peer,
        kind=row.kind,
        basis=row.basis,
        field_names=tuple(row.field_names),
        status=row.status,
        attempts=row.attempts,
        created_at=row.created_at,
        next_attempt_at=row.next_attempt_at,
        sent_at=row.sent_at,
        answered_at=row.answered_at,
        reference=(row.answer or {}).get("reference"),
        last_error=row.last_error,
        may_replay=may_mend(row.office_id, actor),
    )
